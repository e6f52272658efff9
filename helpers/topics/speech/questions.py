"""The quiz questions of the lessons on speech."""

from __future__ import annotations

from helpers.lesson.questions import Question

QUESTIONS = [
    Question("12a.1", "Twice as long a window. What does the spectrogram show better?", {
        "when a click sounds": "A click is smeared over the whole window: a longer one shows its moment worse.",
        "two tones close together": "A bin is rate / window wide: twice as long, half as wide.",
        "both": "What frequencies gain, moments lose: the product of the two is fixed.",
    }, right=1, before=True),
    Question("12a.2", "Each of five people said each word fifty times. You split the clips at random. What have you measured?", {
        "how well these five are understood": "Takes of the same people stand in both parts.",
        "how well anybody is understood": "Nobody new was in the test. Split by speaker for that.",
        "nothing": "It is an honest number, for these five people.",
    }, right=0, before=True),
    Question("12a.3", "Means of thirds, with the spread, beat the mean of all frames. What tells how much of that is the order of the sounds?", {
        "more training clips": "Both would gain by them.",
        "the same thirds, of frames in random order": "All is equal but the order. Most of the gain was there without it.",
        "a larger network": "Neither of the two is a network.",
    }, right=1),
    Question("12a.4", "200 clips of one voice give a poor accuracy on new voices. What helps most?", {
        "more clips of this voice, recorded on other days": "That was the control: it helped little.",
        "more epochs": "The training clips are read right already.",
        "as many clips, but of fifty voices": "So it was in the lesson, with 200 clips each time.",
    }, right=2),
    Question("12a.5", "A recogniser fails at a customer's, and no clip is noisy. What do you do first?", {
        "train a larger network": "First know what the network gets.",
        "listen to what the network gets": "A wrong rate, a wrong channel or silence is heard at once.",
        "lower the learning rate": "The training was not the fault: at home it works.",
    }, right=1),
    Question("12b.1", "A path of CTC reads 7 7 – 7 – –. What does it say?", {
        "7": "The blank between them keeps the two sevens apart.",
        "7 7": "Equal neighbours are merged first, then the blanks go.",
        "7 7 7": "The first two stand side by side: they are merged.",
    }, right=1, before=True),
    Question("12b.2", "You train on strings of digits, and nobody has marked where a digit begins. What must the loss do?", {
        "guess one alignment and keep it": "An early guess would be a bad one, and it would be learnt.",
        "sum over all alignments that say the target": "So none need be known; the network finds out which are likely.",
        "cut the strings at silences": "Where digits touch there is none.",
    }, right=1, before=True),
    Question("12b.3", "After fifty steps the loss hardly moves, and the network prints nothing at all. What has happened?", {
        "the rate is too low": "The loss fell fast before it stood still.",
        "it says blank in every frame, the first thing that CTC teaches": "It fits somewhat with every target; with more steps, or a warm start, it passes.",
        "the targets are wrong": "The same data lead to a low error later.",
    }, right=1),
    Question("12b.4", "Greedy decoding takes the likeliest symbol of each frame. When is it wrong?", {
        "never: each frame is at its best": "A text has many paths; several unlikely ones together may win.",
        "when many paths of another text together are likelier": "Blank 0.6 twice: 0.36; the three paths of “a” have 0.64.",
        "always": "On a sure network it agrees with a beam.",
    }, right=1),
    Question("12b.5", "An error rate from 25 speakers, six strings each. What should the bootstrap draw anew?", {
        "words": "Words of one string share their speaker, noise and tempo: the interval would pretend to know more.",
        "strings": "Strings of one speaker are alike.",
        "speakers, with all their strings": "A new measurement would meet new speakers: that is what may vary.",
    }, right=2),
]
