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
    Question("10a.3", "The median filter made no difference. What follows?", {
        "that it is useless": "Here it is. With other noise (single white and black pixels) it may not be.",
        "that on these pages it may go": "A step that is measured and buys nothing is one step less to keep. Other pages, other noise: measure again.",
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
]
