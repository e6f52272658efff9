"""The quiz questions of the lessons on evaluation."""

from __future__ import annotations

from helpers.lesson.questions import Question

QUESTIONS = [
    Question("09a.1", "All scores are halved. What cannot change?", {
        "the log loss": "It depends on the sizes of the probabilities, and they have changed.",
        "the accuracy at 0.5": "No score lies above 0.5 any more.",
        "the AUC": "It counts pairs in the right order, and the order is the same.",
    }, right=2, before=True),
    Question("09a.2", "100 of 100 test pictures are right. The usual interval, share ± 1.96 errors, is …", {
        "1 ± 0": "The estimated error is 0, so the interval claims certainty. That is why it fails for good models.",
        "about 1 ± 0.04": "Wilson's interval reaches down to about 0.96; the usual one has no width.",
        "not defined": "The formula gives a number: 0.",
    }, right=0, before=True),
    Question("09a.3", "Two models have intervals that overlap, on the same test pictures. Do they differ?", {
        "no": "Overlap proves nothing: what both find hard cancels in a paired comparison.",
        "that cannot be said from the intervals": "Compare picture by picture: McNemar, or a paired bootstrap.",
        "yes": "They may; the two intervals do not tell.",
    }, right=1),
    Question("09a.4", "McNemar says p = 0.001 for two trained networks. What is shown?", {
        "that one recipe is better than the other": "Twins of one recipe are often told apart too. Train each recipe with several seeds.",
        "that these two networks differ on pictures of this kind": "Pictures vary in this test, and nothing else.",
        "nothing, for seeds are missing": "Something is shown: of these two networks, not of their recipes.",
    }, right=1),
    Question("09a.5", "A reader has an ECE of 0.01 on 1,000 pictures. What do you know?", {
        "that it is good": "Always the base rate has a low ECE as well.",
        "that it will stay calibrated in fog": "A temperature found on clean pictures does not know fog.",
        "that its gaps are no larger than chance makes them": "A perfectly calibrated reader has about 0.015 on 1,000 pictures.",
    }, right=2),
    Question("09b.1", "Training 0.35, validation 0.34, and both lines are flat. What helps?", {
        "more data": "The two have met: the model cannot say more, whatever it sees.",
        "a larger model": "It is stiff, not short of examples.",
        "more seeds": "They would confirm the same height.",
    }, right=1, before=True),
    Question("09b.2", "One of 40 slices has twice the usual error rate. What first?", {
        "collect more of it": "Perhaps. But the worst of 40 is high by chance alone.",
        "nothing, slices are too small": "Some differences are real, and a control shows it.",
        "deal the errors by chance, and look at the worst slice then": "If chance makes slices as bad, there is nothing to explain.",
    }, right=2),
    Question("09b.3", "A map looks the same for random weights as for trained ones. What does it show?", {
        "what the network has learnt": "Random weights have learnt nothing.",
        "mostly the picture itself": "So it convinces, and tells nothing of the training.",
        "that the network is honest": "It would look the same for one that cheats.",
    }, right=1, before=True),
    Question("09b.4", "All maps lie on the object. Does the model read it honestly?", {
        "yes": "The model that read the strength of the ink had such maps too.",
        "no": "It may; maps on the object are what an honest model has as well.",
        "that needs an experiment: change one thing and leave the object alone": "Maps say where, not what is read there.",
    }, right=2),
    Question("09b.5", "The best of 100 settings has 93 % on validation data. What will it have on new data?", {
        "93 %": "A maximum of noisy numbers is too high.",
        "less, on average": "Measure it once more, on data that took no part in the choice.",
        "more, for it is the best": "Part of its lead is luck, and luck does not come again.",
    }, right=1),
]
