"""The questions of the first chapter: five a lesson, each option with the reason why it is right or wrong."""

from helpers.lesson.questions import Question

QUESTIONS = [
    Question("00.1", "A model scores 1.00 on its training pictures. What do you know?", {
        "It reads digits perfectly": "It may just remember them, as the nearest neighbour does. Only new pictures tell.",
        "Little, until it has seen new pictures": "Remembering is enough for full marks on what was seen.",
        "It has learnt them by heart, and is useless": "Perhaps it is excellent on new pictures as well. You have to measure.",
    }, right=1, before=True),
    Question("00.2", "Of 1,000 mails, 950 are not spam. A filter judges 940 of the 1,000 correctly. Does that show that it is useful?", {
        "No: always saying 'no spam' scores 95 %": "It may still catch spam, but accuracy alone cannot show it. A score means something only beside its baseline.",
        "Yes: 94 % is high": "High compared with what? Always answering 'no spam' gets 95 %.",
        "It depends on the learning rate": "How it was trained does not change what the score says.",
    }, right=0, before=True),
    Question("00.3", "A number stands between « and ». What does that mean?", {
        "It is a guess of the authors": "It comes out of the cell that you ran.",
        "It is exactly the same on every machine": "Its last digits may differ from one processor to another.",
        "This run measured it": "Where the text relies on it, our promise stands beside it.",
    }, right=2),
    Question("00.4", "The network is best on clean digits. On noisy ones it is …", {
        "best as well: a good reader is a good reader": "In this lesson it was the worst of three. A score holds for pictures like those it was measured on.",
        "unknown, until somebody measures it": "The order of the three readers was reversed, and nothing in the clean scores said so.",
        "the worst, for it has never seen noise": "The nearest neighbour had never seen noise either, and read about nine in ten.",
    }, right=1),
    Question("00.5", "Your network works in the notebook and fails in the app. What do you look at first?", {
        "Whether a larger network helps": "A larger one fails on wrongly prepared pictures as well.",
        "Whether the test set was large enough": "It told the truth about pictures prepared as in training.",
        "Whether the app prepares its pictures in the same way": "Scale, ink and paper, size, order of axes: all as in training.",
    }, right=2),
]
