"""The questions of the chapter on concepts: five a lesson, each option with the reason why it is right or wrong."""

from helpers.lesson.questions import Question

QUESTIONS = [
    Question("01a.1", "x has shape (32, 10), W has shape (4, 10). What is the shape of x @ W.T?", {
        "(32, 4)": "The inner 10s meet and vanish; the outer numbers remain: 32 examples, 4 units.",
        "(4, 32)": "That is W @ x.T: the same numbers, lying on their side.",
        "(10, 10)": "The 10s are what is summed over: they do not remain.",
        "an error: the shapes do not fit": "W.T is (10, 4), so the inner numbers are equal.",
    }, right=0, before=True),
    Question("01a.2", "A neuron says p = 0.9 for class 1; the truth is 0. What is ∂L/∂z for the cross-entropy?", {
        "−0.9": "The sign: said minus true, and the gradient points uphill, towards even larger z.",
        "0.9": "What it said minus what was true, 0.9 − 0.",
        "0.09": "That is p(1 − p), the sigmoid's slope. With cross-entropy it cancels.",
    }, right=1),
    Question("01a.3", "A neuron is sure and wrong (p near 0, the truth is 1). Why does it learn faster with cross-entropy than with squared error?", {
        "Its learning rate is higher": "The rate is the same for both; the gradients differ.",
        "It never becomes sure": "It may become just as sure; that is no protection.",
        "Its gradient does not vanish there": "p − y is near −1, while the squared error multiplies it by p(1 − p), which is near 0.",
    }, right=2),
    Question("01a.4", "You raise the momentum from 0 to 0.9 and leave the rate as it is. How does a steady gradient act now?", {
        "As with a rate ten times as high": "The velocity builds up to g(1 + 0.9 + 0.81 + …) = 10 g. So lower the rate when you raise the momentum.",
        "As before, but smoother": "It is smoother across the valley, but along it the steps add up.",
        "As with a rate ten times as low": "That holds where the new gradient is multiplied by (1 − β), as some books do; torch does not.",
    }, right=0),
    Question("01a.5", "The training loss of a layer shoots up far above ln K in its first steps. What do you look at first?", {
        "Whether it trains for enough epochs": "More steps of this length may come down in the end, but a step of the right length gets there at once.",
        "The learning rate, and the scale of the inputs": "Inputs 16 times as large make the valley 256 times as steep: the rate is then too high for them.",
        "Whether the labels are shuffled": "Shuffled labels keep the loss near ln K; they do not throw it up.",
    }, right=1),
    Question("01b.1", "Why do we put an activation between two layers?", {
        "To keep the numbers between 0 and 1": "The ReLU has no upper limit, and works well.",
        "Because without it the two layers are one linear layer": "W₂(W₁x + b₁) + b₂ is again a matrix times x plus a bias.",
        "To make the training faster": "It costs a little time. What it buys is the bend.",
    }, right=1, before=True),
    Question("01b.2", "A network with a hidden layer of 32 units learnt your digits well. After a change its loss lies flat at ln 10 from the first step on. "
             "What do you check first?", {
        "The learning rate, and whether the hidden units differ": "A rate far too low and identical units both look like this, and both are checked in a second.",
        "Whether it has enough layers for what is asked of it now": "It was deep enough before. (One neuron on xor lies flat for want of a layer: too few layers can look like this too.)",
        "The test accuracy": "The test set is for the end. And it would only repeat that nothing was learnt.",
    }, right=0),
    Question("01b.3", "You see what excites the units of a trained network, and each has clear favourites. What does that show of the training?", {
        "That the gradient made them look for something": "Untrained units have favourites too: random weights are enough.",
        "That the network is right": "What excites a unit says nothing about the answers.",
        "Nothing, until you have looked at the untrained network": "Only the difference between the two is the training's work.",
    }, right=2),
    Question("01b.4", "You compare 200 settings on 100 validation examples; the best scores 91 %. What do you report?", {
        "91 %": "The best of 200 was also the luckiest of 200.",
        "Its training accuracy": "That is usually higher still, and says least.",
        "Its accuracy on a test set that chose nothing": "Only data that took no part in any choice gives an honest figure.",
    }, right=2),
    Question("01b.5", "Twelve ReLU units: one hidden layer of 12, or 4 layers of 3: which is better?", {
        "It is the same: 12 units are 12 units": "Count the pieces in the folding figure: 12 side by side, 81 in a stack.",
        "The stack holds more pieces, but training may not find them": "On the spirals the narrow stack did worst: what a network can hold and what training finds are two questions.",
        "One hidden layer, because it can approximate any curve": "With enough units, yes; 12 give at most 12 bends, which make 13 pieces.",
    }, right=1, before=True),
]
