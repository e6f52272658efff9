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
    Question("11b.1", "Suppression deletes a box that overlaps a surer one. When is that wrong?", {
        "when the two boxes belong to two things": "In a heap the spare box of one thing and the only box of another look alike.",
        "never, if its threshold is chosen well": "In a heap no threshold keeps both things and deletes the spare boxes.",
        "when the scores are low": "Scores set the order; the overlap decides what goes.",
    }, right=0, before=True),
    Question("11b.2", "A loss is made of `cost.detach().numpy()` and has the right value. What does training with it do?", {
        "it learns, a little slower": "No gradient reaches the weights.",
        "nothing: no gradient reaches the weights": "Choosing pairs needs no gradient; the loss of the pairs does.",
        "it diverges": "Nothing moves at all.",
    }, right=1, before=True),
    Question("11b.3", "An LSTM with attention reads \"6, 6, 6, 4\" off a scene with one 6. Which measurement tells the cause?", {
        "its training loss": "It was low: each step by itself said something true.",
        "the accuracy of its names": "The names are right.",
        "how much of a step's attention lies where the last step looked": "It stays where it was: it does not know, or has lost, where it has looked.",
    }, right=2),
    Question("11b.4", "Switched off in the trained network, coverage costs many points of AP. Is it necessary?", {
        "yes: the measurement shows it": "It shows that this network leans on it.",
        "that is open until a network is trained without it": "One was, and lost only a few points: it keeps places in its state.",
        "no: NMS repairs it": "NMS gave a part back, not all.",
    }, right=1),
    Question("11b.5", "A detector finds all 12 coins on cloth. What must stand beside that number?", {
        "what a threshold finds there": "It finds all 12 as well, so the number praises nothing. The pasted pictures tell the two apart.",
        "the loss": "It says nothing about coins found.",
        "nothing: it has found every single coin": "A threshold finds all of them too.",
    }, right=0),
    Question("11c.1", "A face detector is right on 99 of 100 patches. One photograph has 16,200 windows and one face. Most of its boxes are …", {
        "faces": "One window in a hundred is wrong: some 160 false alarms beside one face.",
        "false alarms": "Where faces are rare, even a small rate makes more false alarms than there are faces.",
        "half of each": "That needs about one false alarm in 16,200 windows.",
    }, right=1, before=True),
    Question("11c.2", "What are hard negatives?", {
        "windows without a face that the network takes for one": "They tell it more than thousands of easy windows.",
        "faces that are hard to find": "Those would be hard *positives*.",
        "photographs of poor quality": "What counts is what the network says of a window.",
    }, right=0),
    Question("11c.3", "For whom does our face detector work well?", {
        "for everybody: it found both faces": "Two portraits say nothing about groups.",
        "for nobody": "It found two faces; more was not measured.",
        "nobody has measured that": "Hits and false alarms must be counted for each group apart.",
    }, right=2),
    Question("11c.4", "A network reads gestures at 0.99. Which test shows that it has learnt the way of drawing?", {
        "more strokes of the same kind": "They are drawn the same way, so it stays at 0.99.",
        "the same strokes from end to beginning": "They look the same, and it fell to nearly nothing.",
        "a lower learning rate": "That is no test of what is learnt.",
    }, right=1, before=True),
    Question("11c.5", "Fixed order, few examples, the answer wanted at the end of the stroke. What do you take?", {
        "the GRU": "It was level there, and had to be trained.",
        "templates, as $1": "Five a shape did as well as 800 strokes and a training.",
        "a CNN on pixels": "That was not measured here; templates are enough.",
    }, right=1),
]
