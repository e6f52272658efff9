"""The quiz questions of the lessons on detection."""

from __future__ import annotations

from helpers.lesson.questions import Question

QUESTIONS = [
    Question("11a.1", "Two boxes touch along one side. What is their IoU?", {
        "0": "They share a line, and a line has no area.",
        "a little above 0": "A line has no area.",
        "it is not defined": "The union has an area, so the ratio is 0 over something.",
    }, right=0, before=True),
    Question("11a.2", "A guesser names one of ten digits: accuracy 0.1. A guesser draws boxes and names them. Its AP is about …", {
        "0.1": "The name alone has a chance of 0.1; place and size must fit as well.",
        "0.5": "That would need every second box right.",
        "0": "Place, size and name must fit at once, and each miss is a false alarm.",
    }, right=2, before=True),
    Question("11a.3", "Five boxes on one digit, all of the right name, each with an IoU above 0.5. How many hits?", {
        "five": "A true box is taken once; then it is gone.",
        "one, and four false alarms": "So a detector without suppression loses precision, while its recall is as high as ever.",
        "none": "The surest takes the true box.",
    }, right=1),
    Question("11a.4", "AP at IoU 0.5 is high, the mean over 0.5 to 0.95 half as high. What is weak?", {
        "the names": "A wrong name costs the same at each IoU.",
        "the edges of the boxes": "The digits are found, and their boxes are near, not exact.",
        "the suppression": "Spare boxes cost at 0.5 as well.",
    }, right=1),
    Question("11a.5", "Digits never touch, the ink is bright. Which detector would you take?", {
        "the network: it is the newer way": "Here the threshold's boxes are exact to the pixel, and its mAP is the higher one.",
        "a sliding window": "It tries thousands of windows a scene, and was the slowest.",
        "threshold, components, classifier": "Where its assumption holds, the plain pipeline has the better boxes. It breaks where digits touch.",
    }, right=2),
]
