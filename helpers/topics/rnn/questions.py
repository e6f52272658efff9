"""Questions on chapter 03: memory, forecasts, letters."""

from helpers.lesson.questions import Question

QUESTIONS = [
    Question("03a.1", "A sentence of 30 words is read by an RNN of 64 units; then one of 60 words. How many more weights are needed?", {
        "64 for each new word": "Each word makes a new state of 64 numbers; states are not weights.",
        "None": "The same W_x, W_h and b serve every step; only the time to read doubles.",
        "Twice as many": "That would be a window, which has weights for each place.",
    }, right=1, before=True),
    Question("03a.2", "Loss and gradient are usual for 40 steps, and then rise together without end. What do the two curves tell you?", {
        "That the network has too few units": "Too small a network learns slowly or stops early; it does not run away.",
        "That the gradient vanishes": "Then the loss would stay where it is.",
        "That the steps are too long: gradient, rate, or both": "A step is rate times gradient. A lower rate and clipping both mend it; the curves alone do not say which is to blame.",
    }, right=2),
    Question("03a.3", "You replace an RNN with nn.LSTM, to span 50 steps, and it still learns nothing. What do you try first?", {
        "A forget bias of about 4": "σ(0) = ½ at each step: after 50 steps nothing of the cell is left. Gates that begin open keep the way back open.",
        "Clipping the gradients": "Clipping shortens gradients; here they are too short already.",
        "More layers": "Each layer has gates that begin half shut; more of them open no way.",
    }, right=0),
    Question("03a.4", "Before training, the first of 20 symbols moves the answer of a plain RNN by 10⁻⁶. Will it learn the task?", {
        "It cannot: such a gradient points nowhere": "A small gradient points somewhere, and Adam scales its steps. The reach meter showed RNNs that start there and learn.",
        "It may: what counts is whether training widens the reach": "In most plain RNNs the reach grew by powers of ten before the accuracy moved; in the default LSTM it did not.",
        "It will, as any network of that reach": "The default LSTM has the same reach at the start, and none of them learned it.",
    }, right=1),
    Question("03a.5", "What does backpropagation through time add to the backpropagation that you know?", {
        "A second loss for each step": "One loss at the end is enough; it may have more.",
        "A different chain rule": "It is the same chain rule, along the unrolled steps.",
        "The parts of all steps are added up, for the weights are shared": "Each step uses the same W_h, so each adds its part to the same gradient.",
    }, right=2),
    Question("03b.1", "A forecast one day ahead has a correlation of 0.95 with the truth. What do you ask first?", {
        "How large was the network?": "A small one can repeat as well as a large one.",
        "What is its error beside persistence's?": "A slow series gives an echo the same correlation. Skill against a plain rule tells the two apart.",
        "How many epochs was it trained?": "That may matter later. First: is there anything in the forecast but yesterday's value?",
    }, right=1, before=True),
    Question("03b.2", "Windows of 24 months are split at random into training and test. Why is the test error too small?", {
        "Neighbouring windows share 23 of their 24 months": "The test windows were all but seen: the forecaster may simply remember.",
        "The test part is too small": "Its size makes the error uncertain, not small.",
        "Random numbers are never quite random": "Good enough they are; what is wrong is which windows land where.",
    }, right=0),
    Question("03b.3", "A network has skill 0.77 against persistence, on a series with a rhythm of eleven years, three years ahead. What do you say?", {
        "It saves 77 % of all error that could be saved": "It saves 77 % of persistence's squared error, and persistence is a foolish opponent there.",
        "It is 77 % right": "Skill is no share of right answers.",
        "Fine; and against the mean, and against one cycle ago?": "Against 'one cycle ago' the same forecasts had a skill of about 0.",
    }, right=2),
    Question("03b.4", "Damped persistence says 0.64 times the departure of now. From which months does 0.64 come?", {
        "From the training years": "Whatever is fitted, even one number, is fitted on the training part alone.",
        "From the validation years": "There choices are compared; fitted is on the training part.",
        "From all years, for it is only one number": "One number can leak as well: a test year would have helped to choose it.",
    }, right=0),
    Question("03b.5", "The GRU's mean error is 0.002 °C below that of a rule; the interval over 21 test years is ± 0.046. What follows?", {
        "The GRU is better, by a little": "The sign of a difference so far inside its interval may change with other years.",
        "Nobody can say which is better on other years": "The two are level, as far as these years tell; the rule is simpler.",
        "More seeds would decide it": "Seeds tell what chance in the weights does. Here it is the years that vary.",
    }, right=1),
    Question("03c.1", "A batch of names is padded on the right, and you read out[:, -1]. What happens?", {
        "Nothing: padding is 0, so it changes no state": "Even for an input of zeros a GRU computes a new state from the old one, its biases and gates.",
        "An error: lengths differ": "The tensor is a rectangle; nothing complains, and that is the trouble.",
        "A short name's answer depends on the longest name of its batch": "The state goes on changing through the padding. Read it at each row's own last letter.",
    }, right=2, before=True),
    Question("03c.2", "A GRU reads shuffled test names with 0.50, ordered ones with 0.80. What is order worth?", {
        "0.30, the difference": "Part of that is surprise: it had never met shuffled names.",
        "Less: compare with a GRU that was trained on shuffled names": "That one reaches 0.70, so order is worth about 0.10.",
        "Nothing, since a bag of pieces reads 0.87": "The bag of pieces holds order as well: that of up to three letters.",
    }, right=1),
    Question("03c.3", "After four epochs a network that writes is as good as counted triples. What may you conclude?", {
        "Triples hold all that names have to tell": "A result of a short training is no property of names: after eight epochs the network was ahead.",
        "Networks are no better than counting": "Four epochs show what four epochs do.",
        "That four epochs reach triples, and no more": "Whether it stops there, only longer training shows.",
    }, right=2),
    Question("03c.4", "What is teacher forcing?", {
        "In training the network reads the true letters, not its own": "So all places are asked at once, and an early mistake does not spoil what follows.",
        "The learning rate is raised when the loss stalls": "That is a schedule; teacher forcing is about the input.",
        "A larger network's answers are the targets": "That is distillation.",
    }, right=0),
    Question("03c.5", "At temperature 0.2 a network writes the same few names again and again. Why?", {
        "It has forgotten the other names": "Its weights are the same at each temperature.",
        "Its logits lie further apart": "Divided by 0.2 they lie five times as far apart, so the likeliest letter takes nearly all of the probability.",
        "The random numbers are smaller": "They are the same; the probabilities are not.",
    }, right=1),
]
