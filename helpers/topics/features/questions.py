"""Chapter 06: the quiz questions of its two lessons."""

from helpers.lesson.questions import Question

QUESTIONS = [
    Question("06a.1", "A linear probe on a layer reaches 95 %. What does that show?", {
        "The network uses this information": "A probe shows that it can be read, not that the network reads it.",
        "The information can be read from this layer by a weighted sum": "This is all that a linear probe measures: what stands there ready to be read.",
        "The layer was trained for this task": "Random layers can be probed as well, with fair results: compare with them first.",
    }, right=1, before=True),
    Question("06a.2", "What best shows that a network's features owe their worth to the labels it was trained on?", {
        "A higher score than pixels": "The form of the network alone could have given that.",
        "A second network of the same kind with another seed": "That shows how far chance goes, not where the worth comes from.",
        "A larger network": "Size changes something else as well.",
        "The same training with the labels shuffled": "All else is kept, pictures, steps and form; only the meaning of the labels goes.",
    }, right=3),
    Question("06a.3", "You have 30 labelled pictures and a network trained on a related task. What do you try first?", {
        "Frozen features with a probe, or careful fine-tuning": "With few labels, what others have learnt is worth most; in the lesson both were far ahead.",
        "Training from random weights": "Thirty pictures were far too few for that in the lesson.",
        "More layers on top": "More weights to fit, and no more labels to fit them with.",
    }, right=0, before=True),
    Question("06a.4", "Eight kinds of features, one draw of ten labels each, and kind A is 4 points ahead. What now?", {
        "Choose A": "With ten labels the draws lay 20 points apart: this lead may be luck.",
        "Draw the labels several times, the same draws for all kinds": "Then the luck of the draw is shared, and its size is seen.",
        "Use a larger test set": "That helps against the luck of the test, not of the ten labels.",
    }, right=1),
    Question("06a.5", "A probe is perfect on held-out pictures and poor elsewhere. Which experiment finds a shortcut?", {
        "A larger held-out set from the same source": "It has the same cue, so the probe stays perfect.",
        "More training pictures from the same source": "They teach the cue even better.",
        "Remove or exchange the suspected cue, and keep all else": "If the answers follow the cue, the cue is what the probe reads.",
        "A stronger penalty": "The cue may be the strongest of all features: a penalty can even favour it.",
    }, right=2),
    Question("06b.1", "A t-SNE map of your data at perplexity 2 shows forty small clumps. What follows?", {
        "There are about forty groups, most of them too small to be seen in other maps": "At perplexity 2 noise shows as many: each point keeps a neighbour or two.",
        "Nothing yet: map the shuffled twin, and larger perplexities": "Believe what the twin does not show and what stays.",
        "The data are noise": "Real groups are cut into clumps at perplexity 2 as well.",
    }, right=1, before=True),
    Question("06b.2", "In a t-SNE map the island of 3s lies beside that of 8s, far from that of 1s. May you say that a 3 is more like an 8 than like a 1?", {
        "Not from this map: distances between islands change with the start": "In the lesson they hardly agreed with those in the features.",
        "Yes, that is what the map is for: like lies beside like": "It is made for neighbours; what is far has little say in it.",
        "Yes, if the perplexity is 30": "Thirty neighbours are still neighbours: most pairs of islands have no say.",
    }, right=0),
    Question("06b.3", "A regularised picture made for a unit of an untrained network fits the real patches that excite it. What does this mean?", {
        "The network was trained after all": "Its weights were random in the lesson, and the check came out much the same.",
        "Regularisation invents the likeness": "The picture fits its own unit's patches better than those of other units: that is not invented.",
        "Any unit wants something; a fitting picture is no sign of learning": "What training changed was how often the favourites show one digit.",
    }, right=2),
    Question("06b.4", "A linear probe on the pixels reads nothing of the strength of the noise (R² 0). So the pixels…", {
        "do not hold it, for the probe would have found it": "They do: after one ReLU a probe reads nearly all of it.",
        "hold it in a form that no weighted sum can read": "Noise goes up as often as down, so each weighted sum is zero on average.",
        "hold it, but the probe had too few labels": "With more labels a weighted sum would still be zero on average.",
    }, right=1, before=True),
    Question("06b.5", "Islands in a map stay at every perplexity, and the shuffled twin has none. They are…", {
        "classes of the kind that you look for, found without labels": "They may be cameras, days or hospitals just as well.",
        "invented by the method": "Then the twin would have shown them too.",
        "of use only with labels": "They are there without labels; what they are is the question.",
        "real groups, whose cause is not known yet": "Colour the map by whatever you know of how the data came about.",
    }, right=3),
]
