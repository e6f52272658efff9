"""The quiz questions of the lessons on text."""

from __future__ import annotations

from helpers.lesson.questions import Question

QUESTIONS = [
    Question("13a.1", "A tokeniser has learnt 500 merges from English bytes. What does a Chinese character cost?", {
        "one token": "Each character is three bytes, and no pair of those bytes was ever merged.",
        "three tokens": "Its three bytes; merges learnt from English never join them.",
        "it cannot be written": "Every text is bytes, and each byte is a token: nothing is lost.",
    }, right=1, before=True),
    Question("13a.2", "Vectors made of counts with a window of one word: what is near to “red”?", {
        "cap and grandmother": "Those share a scene with it; a wide window finds them.",
        "rarely anything": "Its neighbours make good sense even in a small text.",
        "white and black": "Words that fill the same gap have the same neighbours.",
    }, right=2),
    Question("13a.3", "“Which of two words came first?” Why does TF-IDF fail, however many examples it gets?", {
        "both orders have the same counts": "Its input is the same for both, so no training can tell them apart.",
        "its weights are too small": "Weights do not matter: the input is the same for both orders.",
        "it saw too few examples": "More examples of an input that does not hold the answer do not help.",
    }, right=0, before=True),
    Question("13a.4", "Model A: 2 bits a character. Model B: 5.3 bits a token of 2.8 characters. Who is ahead?", {
        "A": "B needs 5.3 / 2.8, less than 2, bits a character.",
        "B": "5.3 / 2.8 = 1.9 bits a character. Compare per character, never per token.",
        "one cannot say": "Divide by the characters, and one can.",
    }, right=1),
    Question("13a.5", "After some seconds a GRU has more bits a character than counting. What have you learnt?", {
        "counting is better on small texts": "Trained for longer it may overtake; here it did not get its chance.",
        "GRUs cannot learn letters": "They can, with more steps.",
        "that so few steps are too few": "A short training says little about what a method can reach; only the longer run does.",
    }, right=2),
    Question("13b.1", "In attention, over what does the softmax sum to 1?", {
        "for each query, over the keys": "Each query spends a weight of 1 on all that it may look at.",
        "for each key, over the queries": "Then a popular key would have to divide itself among those who ask.",
        "over the whole table": "Each query has a weight of 1 of its own.",
    }, right=0, before=True),
    Question("13b.2", "Without the division by √d, what happens as d grows?", {
        "nothing": "Scores grow like √d, and softmax of large scores is nearly one-hot.",
        "the weights become nearly one-hot": "So almost no gradient reaches the other places.",
        "all weights become equal": "That would be small scores; they grow.",
    }, right=1),
    Question("13b.3", "A mask holds True at the future. To which function may you give it as it is?", {
        "scaled_dot_product_attention": "There True means: may be looked at.",
        "both": "Their masks mean opposite things.",
        "nn.MultiheadAttention": "There True means: hidden.",
    }, right=2),
    Question("13b.4", "Self-attention without positions reads “dog bites man” and “man bites dog”. What can it tell?", {
        "who bites": "It sees the same set of words both times.",
        "nothing about the order": "If the words change places, its outputs change places with them, and are the same otherwise.",
        "only the first word": "No place is special to it.",
    }, right=1, before=True),
    Question("13b.5", "The date network fails where the year stands first. What showed that the data were to blame?", {
        "its attention map": "A map shows where it looks, and no cause.",
        "a longer training": "It would still be shown no year in first place; and nobody tried it here.",
        "year-first dates of one language, mixed in": "The same network with the same steps then reads them in languages that never showed them.",
    }, right=2),
]
