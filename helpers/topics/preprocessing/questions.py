"""Chapter 05: the questions of both lessons."""

from __future__ import annotations

from helpers.lesson.questions import Question

QUESTIONS = [
    Question("05a.1", "You predict illness from 40 X-rays of each of 50 patients. The model will be used on new patients. How do you split?", {
        "all X-rays shuffled": "Each patient would stand on both sides, and the score would be one for patients that the model knows.",
        "by patient": "New data bring new patients, so whole patients must be new in the test part.",
        "stratified by illness": "The shares of the classes would be kept, but each patient would stand on both sides.",
        "by the date of the X-ray": "A patient who comes twice would stand on both sides; and the question is about new patients.",
    }, right=1, before=True),
    Question("05a.2", "A model is right on 96 of 100 test examples. Then a tenth of the test is found to lie in training as well. By about how much was the score too high, if copies are always read right?", {
        "by 10 points": "That is the share of copies; most of them would have been read right anyway.",
        "by 0.4 points": "Share times error rate: a tenth of the examples, of which about 4 in 100 would have been wrong.",
        "by 4 points": "That is the error rate itself; only a tenth of the examples had a copy.",
    }, right=1),
    Question("05a.3", "Which step must see the training rows of a fold alone?", {
        "choosing the columns that go best with the labels": "It is fitted with labels, so on all rows it fakes most: 0.9 from pure noise.",
        "turning bytes into numbers from 0 to 1": "It is the same sum for every picture and learns nothing from the others.",
        "counting how many rows there are": "The number of rows tells nothing about the label of any of them.",
    }, right=0, before=True),
    Question("05a.4", "A rule drops all values beyond 3 standard deviations. What is the danger?", {
        "It finds no errors.": "It does find great ones; the trouble lies elsewhere.",
        "It makes the standard deviation larger.": "Dropping far values makes it smaller.",
        "It needs labels.": "It needs the values alone.",
        "The rarest true values go first.": "As El Niño would: far from the middle, true, and the very thing of interest.",
    }, right=3),
    Question("05a.5", "Two training sets are compared, one twice as large, each for 4 epochs. The larger one wins by a little. What has been shown?", {
        "That more data is better than cleaner data": "The larger set also had twice as many steps: the two causes cannot be told apart.",
        "That both differ in data and in steps": "An epoch of twice the data is twice as many steps. A fair race has equal steps, or shows both.",
        "That 4 epochs are enough": "Nothing was compared with more epochs.",
    }, right=1),
    Question("05b.1", "One column is in metres, another in micrometres. Gradient descent on a linear model hardly moves. Why?", {
        "The numbers are too large for float32.": "They fit; it is the ratio between the columns that matters.",
        "The condition number is huge, and one rate must serve all directions.": "The rate is limited by the steepest direction, and the flattest then hardly moves.",
        "The loss is not convex.": "The squared loss of a linear model is convex in any units.",
    }, right=1, before=True),
    Question("05b.2", "A single new example arrives. With which mean and standard deviation is it standardised?", {
        "its own": "Then each value would become zero, or nothing at all.",
        "those of all test examples so far": "The same example would get other numbers each day, and other answers.",
        "those of the training part": "They belong to the model, as its weights do, and are stored with it.",
    }, right=2),
    Question("05b.3", "Augmentation by half turns lowers the accuracy on digits by 4 points. Where do you look first?", {
        "at which class is taken for which": "A change that breaks labels makes certain classes change places: 6 and 9 here.",
        "at the learning rate": "The same rate was fine without the half turns, which are all that changed.",
        "at the training loss": "It is higher with any augmentation, and does not say which label was broken.",
        "at the number of parameters": "It is the same with and without half turns.",
    }, right=0, before=True),
    Question("05b.4", "A photograph has the shape (480, 640, 3). How do you get (3, 480, 640) for a convolution?", {
        "reshape(3, 480, 640)": "It keeps the order of the numbers and cuts them anew: colours and places are mixed.",
        "transpose(0, 2, 1)": "That gives (480, 3, 640).",
        "permute(2, 0, 1)": "The last axis comes first, and each pixel keeps its three numbers.",
    }, right=2),
    Question("05b.5", "Augmentation gave 12 points with 125 digits and nothing with 4,000, in 300 steps. What follows?", {
        "Augmentation never helps large data sets.": "With more steps, in the same network or a wider one, it did gain.",
        "What it is worth depends on the data, the network and the steps.": "So an exchange rate is told together with all three.",
        "125 digits are too few to learn from.": "Over 90 of 100 were read right with augmentation.",
    }, right=1),
]
