"""The quiz questions of the lessons on optimisation."""

from __future__ import annotations

from helpers.lesson.questions import Question

QUESTIONS = [
    Question("14a.1", "Lever A gains 6 points alone, B gains 6 alone, both together 8. What does that say?", {
        "one of the numbers is wrong": "Gains need not add: levers may repair the same fault.",
        "each gains less when the other is on": "A negative interaction: they do in part the same work, or few errors were left for the second.",
        "A and B help each other": "Then both together would gain more than 12.",
    }, right=1, before=True),
    Question("14a.2", "Good settings for training gain 3 points over plain SGD at a rate of 0.05. What is missing?", {
        "plain SGD at a rate of its own": "Here a better rate for the plain rule took nearly all of the gain.",
        "more epochs for both": "It may change the number; the unfair rate stays.",
        "nothing, 3 points are much": "How much a lever gains depends on what stands at its other end.",
    }, right=0, before=True),
    Question("14a.3", "Why do all sixteen settings use the same seeds?", {
        "so that the runs can be repeated": "Any fixed seeds do that.",
        "so that what a seed brings cancels in a difference": "Lucky digits help all sixteen; a difference within a seed is free of them.",
        "so that fewer runs are needed in all": "There are sixteen a seed either way.",
    }, right=1),
    Question("14a.4", "Twenty changes that do nothing are tried with one seed each, and the best is kept. What will be seen?", {
        "no gain, for they do nothing": "The best of twenty draws lies above the mean.",
        "a gain that is luck": "About two standard deviations of a single run; fresh seeds take it back.",
        "a loss": "The best is kept, and it lies above the mean.",
    }, right=1),
    Question("14a.5", "An epoch has become twice as fast and the accuracy is hardly lower. What do you look at first?", {
        "the learning rate": "It does not change the time.",
        "how many examples went through the network": "Half the work in half the time is a shorter training, no faster one.",
        "the processor's temperature": "It matters little, and interleaved runs share it.",
    }, right=1),
    Question("14b.1", "A network's weights are rounded from 32 to 8 bits. Its accuracy …", {
        "stays about the same": "255 levels are plenty for weights of one layer.",
        "falls to a quarter": "Bits are no share of the accuracy.",
        "rises": "Rounding adds no knowledge.",
    }, right=0, before=True),
    Question("14b.2", "Two processes train on half of each batch and share the mean of their gradients. With one process and the joint batch the curve is …", {
        "the same, but for rounding": "The mean of two halves' mean gradients is the gradient of the whole.",
        "noisier": "Not a single example is left out.",
        "twice as fast in loss": "It makes the same steps.",
    }, right=0, before=True),
    Question("14b.3", "And with batch normalisation?", {
        "the same": "Each process normalises by its own half of the batch.",
        "another from the first step on": "Mean and spread of a half are not those of the whole.",
        "another only in evaluation": "Training uses the batch's mean and spread, at once.",
    }, right=1),
    Question("14b.4", "Nine tenths of the weights are cut to zero. An ordinary layer now answers …", {
        "ten times faster": "An ordinary product multiplies zeros as well.",
        "at the same speed": "Time is saved only by code that skips the zeros.",
        "about twice as fast": "Nothing is skipped: a zero takes as long as any other number.",
    }, right=1),
    Question("14b.5", "A student learns a teacher's answers to 3,000 pictures. What must be measured beside it?", {
        "the student on the few true labels alone, and on the teacher's plain answers": "So one sees what the pictures bring, and what the softness brings.",
        "a larger teacher": "It says nothing of where the gain comes from.",
        "the student's loss": "It is another loss: numbers of two losses do not compare.",
    }, right=0),
]
