"""The quiz questions of the lessons on training."""

from __future__ import annotations

from helpers.lesson.questions import Question

QUESTIONS = [
    Question("08a.1", "A network is wrong and very sure. Which loss gives it almost no gradient?", {
        "cross-entropy": "Its push is 1 − p, close to 1 where the network is wrong and sure.",
        "squared error of the probability": "Its push holds the factor p · (1 − p), which is nearly 0 there.",
        "hinge": "Its push is 1 for every score below 1.",
    }, right=1, before=True),
    Question("08a.2", "In which valley does momentum (0.9) need fewer steps than plain SGD, each at its best rate?", {
        "in every valley": "At steepness 3 it needs more: it overshoots.",
        "in none, once the rates are tuned": "At steepness 300 it needs a fraction of the steps.",
        "in a steep one": "There plain SGD must keep to the small rate that the steep walls allow; a memory of agreeing gradients makes up for it.",
    }, right=2, before=True),
    Question("08a.3", "The valley is turned by 45°. Whose walk changes its shape?", {
        "RMSProp's": "It divides by the size of the gradient along each axis, and a turn mixes the axes.",
        "plain SGD's": "Its step is the gradient times a number: it turns with the valley.",
        "momentum's": "A sum of gradients turns with the valley as well.",
    }, right=0),
    Question("08a.4", "Five optimisers, one learning rate for all: Adam wins by 40 points. What have you learnt?", {
        "Adam is the best optimiser": "At its own best rate plain SGD did as well here.",
        "that this rate suits Adam": "The rules scale their steps in different ways, so one rate for all compares rates. Tune each alike.",
        "that the others cannot solve the task": "They can, at other rates.",
        "nothing, for one run proves nothing": "More seeds would not help: the fault is the same in each.",
    }, right=1),
    Question("08a.5", "Why does AdamW not add the decay to the gradient?", {
        "it would cost more time": "It is one multiplication either way.",
        "the memories would overflow": "They would not.",
        "the decay would be divided by the gradient's size, weight by weight": "So weights with large gradients would hardly be decayed; taken apart, all shrink alike.",
    }, right=2),
    Question("08b.1", "A rate finder flies away at a rate of 1. What does that tell of the best rate?", {
        "it is 1": "There training breaks; the best rate lies below.",
        "it lies below, perhaps by a factor of ten or more": "So it is a first guess; validation data choose.",
        "nothing": "It tells where training breaks: the best rate lies below.",
    }, right=1, before=True),
    Question("08b.2", "Same peak rate, constant against cosine: the constant rate is ahead. What next?", {
        "cosine is of no use here": "With a peak of its own it leads.",
        "more seeds": "They would confirm an unfair comparison.",
        "give each schedule its own best peak": "Cosine makes smaller steps on average: it needs a higher peak.",
    }, right=2),
    Question("08b.3", "A constant rate, and the weights of the last quarter averaged, does as well as cosine. Which reason is refuted?", {
        "that noise cancels at the end": "An average makes noise cancel: this reason stands.",
        "that the last steps must be small": "No step was small, and the gain is there all the same.",
        "that the peak must be tuned": "Both were tuned.",
    }, right=1),
    Question("08b.4", "Batches of 400 in place of 100, equal epochs. What keeps the accuracy?", {
        "four times the rate": "There are a quarter of the steps, each with less noise: they may go farther.",
        "the same rate": "With a quarter of the steps training has come less far.",
        "a quarter of the rate": "Then it comes less far still.",
        "half the rate": "Noise halves, so the rate may grow; it must not fall.",
    }, right=0, before=True),
    Question("08b.5", "Ten classes, and the first loss is 230. What do you look for first?", {
        "a rate that is too high": "No step has been made yet.",
        "dead units": "They give log 10 = 2.3.",
        "something scaled by 100: a sum in place of a mean, or inputs": "A network that knows nothing has log 10 = 2.3.",
    }, right=2),
]
