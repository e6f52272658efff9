"""The quiz questions of the last chapter."""

from __future__ import annotations

from helpers.lesson.questions import Question

QUESTIONS = [
    Question("15a.1", "audit() names no fault in your arrays. What do you know?", {
        "that they are in order": "It finds what can be counted. A column that is filled in after the answer is known looks like any other.",
        "that its questions found nothing": "When each number is known, and where it comes from, only you can ask.",
        "that the model will work": "It says nothing about a model; it looks at arrays.",
    }, right=1, before=True),
    Question("15a.2", "Which part do you open last, and once?", {
        "the training part": "It is used in every epoch.",
        "the validation part": "All choices are made on it, so it is opened often.",
        "the test part": "Each look at it that changes a choice makes its score a little too good.",
    }, right=2, before=True),
    Question("15a.3", "Each patient has twenty rows. How do you split?", {
        "by patient": "What will be new in use is a patient: so no patient stands on both sides.",
        "by row, at random": "Then nineteen rows of the same patient help with the twentieth, as they never will in use.",
        "by row, by class": "Equal shares of each class are good, but the patients are still on both sides.",
    }, right=0),
    Question("15a.4", "A network and a linear baseline differ by 2 points; the 95 % interval of the difference runs from −3 to 7. You say …", {
        "the network is better by 2 points": "The interval holds 0 and below: on other test examples the baseline may lead.",
        "the two are equally good": "Neither is that known: the network may lead by 7.",
        "these examples cannot tell": "More test examples would make the interval shorter; or take the simpler model.",
    }, right=2),
    Question("15a.5", "Where does a leak that is found in evaluation send you?", {
        "back to the split": "All that was fitted and chosen since then has seen what it should not: the loop begins there.",
        "to a larger model": "It would only use the leak better.",
        "on, with a lower score in the report": "By how much the score is too high, nobody knows without the honest split.",
    }, right=0),
    Question("15b.1", "Errors at 50, 100 and 200 digits lie on a line in a log-log plot. What does the line promise for 3,500?", {
        "the error that you will measure": "It cannot know what comes later: too few steps, too small a network, wrong labels.",
        "a guess, which was too good here": "Something bent the curve: the steps ran out. How far a line holds must be measured.",
        "nothing at all": "Within a factor of two or so it is a useful guess.",
    }, right=1, before=True),
    Question("15b.2", "Twenty models are equally good. You report the best test score of the twenty. It is …", {
        "fair: all were tested on the same part": "The part is the same, and the best score is the luckiest.",
        "too low": "The maximum of twenty lies above their mean, not below.",
        "too good": "By several points on a hundred test examples; choose on validation, and the test stays fair.",
    }, right=2, before=True),
    Question("15b.3", "The validation loss lies below the training loss. The likely reason?", {
        "dropout is on while training": "Measured again without it, the training loss falls below validation. (That the weights were worse earlier in the epoch adds a little.)",
        "the network has learnt the validation data": "Then it must have been trained on them; look at the split only after the harmless reason.",
        "the learning rate is too high": "That would raise both.",
    }, right=0),
    Question("15b.4", "A network's loss tells digits it has seen from new ones (AUC 0.7). What follows?", {
        "nothing, for it stores no picture": "Whoever holds a record can ask whether it was in the training part: for a clinic that is a secret told.",
        "with more data, or fewer steps, it would tell less": "With 3,500 digits in place of 300 the AUC is near 0.5.",
        "it should be trained longer": "That makes it tell more.",
    }, right=1),
    Question("15b.5", "Where does a CNN's lead over a plain network come from, on digits?", {
        "it has more parameters": "Both had about six thousand.",
        "it is the newer kind": "With its pixels put into another order, the same CNN loses its lead.",
        "neighbouring pixels belong together, and it knows that": "The order of pixels is what it uses: shuffle them, and the lead is gone.",
    }, right=2),
]
