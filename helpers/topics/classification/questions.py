"""The quiz questions of the lessons on classification."""

from __future__ import annotations

from helpers.lesson.questions import Question

QUESTIONS = [
    Question("10a.1", "A network reads 98 % of test digits. On a photographed page it reads 12 %. Where do you look first?", {
        "at the network: it needs more layers": "It reads 98 % where it gets what it knows. What it gets has changed.",
        "at what reaches the network": "Look at the crops. A step before the network has gone wrong, or is missing.",
        "at the learning rate": "Training is over, and it went well: 98 %.",
    }, right=1, before=True),
    Question("10a.2", "What does one threshold for the whole sheet do under a lamp?", {
        "it loses faint ink in the light, or takes dark paper for ink": "Paper in the shade can be darker than ink in the light, so no single number parts them.",
        "nothing: ink is always darker than paper": "Under the lamp of this lesson, paper in the shade is darker than much of the ink.",
        "it makes the digits bold": "Somewhat, in the shade; but there whole cells go black.",
    }, right=0, before=True),
    Question("10a.3", "The median filter made hardly any difference. What follows?", {
        "that it is useless": "Here it is. With other noise (single white and black pixels) it may not be.",
        "that on these pages it may go": "A step that is measured and buys next to nothing is one step less to keep. Other pages, other noise: measure again.",
        "that the measurement is wrong": "Three networks and twenty pages agree.",
    }, right=1),
    Question("10a.4", "Training on moved digits made the network better on rotations and shifts. What did it do under noise?", {
        "it got better, too": "It got clearly worse than the network trained on plain digits, in each of three seeds.",
        "nothing": "It lost many points, in each of three seeds.",
        "it got worse": "Robust is not one property. Each kind of trouble has to be measured.",
    }, right=2),
    Question("10a.5", "A page comes upside down. Which digits does the reader still get right, in their cells counted from the end?", {
        "0, 1 and 8": "They look alike when turned by half a turn; a 6 becomes a 9.",
        "all": "The network was never shown a digit upside down.",
        "6 and 9": "A 6 turned by half a turn is a 9: these two are exchanged.",
    }, right=0),
    Question("10b.1", "The same weights in PyTorch and in TensorFlow: by how much do the ten scores differ?", {
        "not at all": "Sums are added in another order, and each addition rounds.",
        "in the last digits of a float32": "About a millionth of the largest score: rounding, and nothing else.",
        "by a few per cent: they are different programs": "If they differ by a per cent, something was carried over wrongly.",
    }, right=1, before=True),
    Question("10b.2", "A network was carried over and reads 92 % in place of 95 %. It is …", {
        "fine: frameworks differ": "They differ in the last digits of a score, not in points of accuracy.",
        "wrong: compare the scores, not the accuracy": "Almost right is the hardest kind of wrong: the scores are off by units.",
        "a little over-fitted": "Nothing was trained on the way.",
    }, right=1, before=True),
    Question("10b.3", "Where does TensorFlow's padding=\"same\" differ from padding of kernel // 2 on all sides?", {
        "where the stride is 2 and the input's size is even": "Then it needs one zero less, and leaves it out at the left and at the top.",
        "everywhere": "With stride 1 and an odd kernel both pad alike.",
        "nowhere": "Look at the first layer: stride 2 on 24 pixels.",
    }, right=0),
    Question("10b.4", "PyTorch's batch norm has momentum 0.1. What is the same in Keras?", {
        "momentum=0.1": "Then it would forget nine tenths of its running mean at each step.",
        "momentum=0.99, its default": "That follows ten times more slowly.",
        "momentum=0.9": "PyTorch tells the share of the new, Keras the share of the old.",
    }, right=2),
    Question("10b.5", "The same start, the same batches, two frameworks. The loss of epoch 1 agrees to three digits, that of epoch 5 to one or two. Why?", {
        "one of them has a fault": "A fault shows at once, in the first step.",
        "rounding differs, and training enlarges small differences": "The control in the lesson: PyTorch against itself, with a start changed by a millionth, parts as well.",
        "Keras uses another loss": "It is the same cross-entropy; the first epoch shows it.",
    }, right=1),
    Question("10c.1", "Features of a network trained on a million other pictures: when should you measure a colour histogram beside them?", {
        "never: the network knows more": "With one label a material, in colour, the histogram won about every second draw.",
        "always: it costs nothing and may win": "In colour, with one label, it was as good; with more labels, or in grey, it was far behind. Only measuring says so.",
        "only in grey": "In grey a histogram of colours knows little.",
    }, right=1, before=True),
    Question("10c.2", "A network reads digits. You show it a letter. What does its greatest probability say?", {
        "how much the letter is a digit": "The ten probabilities add up to one whatever comes: there is no eleventh answer.",
        "how the ten digits compare, for this picture": "That is all it can say. Letters got more than 0.6 on average.",
        "nothing at all": "It is lower for most strangers than for digits, which tells many of them apart.",
    }, right=1, before=True),
    Question("10c.3", "An ensemble of five is humbler about letters. Why was one network with a temperature shown beside it?", {
        "to ask whether mere softening does the same": "Equally humble on digits, it stayed surer of letters: averaging does more than soften.",
        "to make the ensemble cheaper to run on a laptop": "It is cheaper, but it did less.",
        "because temperatures always win": "The ensemble won, for letters and for digits upside down.",
    }, right=0),
    Question("10c.4", "A distance to the nearest digit tells noise apart without a fault. Faint letters pass as digits. Why?", {
        "faint letters look like digits": "They have the shapes of letters, only less ink.",
        "little ink is near to everything thin": "The distance measures ink before shape: the empty sheet was nearer than most digits.",
        "there are too few training digits": "The empty sheet, which has no shape, was nearer than most digits: more digits would bring it nearer still.",
    }, right=1),
    Question("10c.5", "A threshold with connected parts, or a network for each pixel: which is better on scenes of digits?", {
        "the network": "Where digits stand apart, the plain way was ahead.",
        "the plain way": "Where digits touch, connected parts fail, and the network was far ahead.",
        "it depends on whether digits touch": "Apart: the plain way. Touching: the network. So measure on the scenes that will come.",
    }, right=2),
]
