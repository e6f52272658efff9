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
]
