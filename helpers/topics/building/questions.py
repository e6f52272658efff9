"""The quiz questions of chapter 07."""

from helpers.lesson.questions import Question

QUESTIONS = [
    Question("07a.1", "A network keeps its layers in a Python list. What happens in training?", {
        "It raises an error at the first step.": "Nothing raises: forward runs, and the optimiser is content with what it knows.",
        "All layers learn, only more slowly.": "The layers in the list do not learn at all: the optimiser does not know them.",
        "The layers in the list stay as they were drawn.": "A list goes into no drawer, so parameters() does not find them. nn.ModuleList mends it.",
    }, right=2, before=True),
    Question("07a.2", "A convolution of 4 channels into 6 with kernel 5 and padding 2, on 30 places: how many multiply-adds?", {
        "120": "These are its weights; each of them is used at every place.",
        "3,600": "4·6·5 weights, each used at 30 places.",
        "720": "That is 4·6·30: the kernel of 5 is left out.",
    }, right=1),
    Question("07a.3", "A stack of convolutions runs out of memory with a batch of 512. What helps most?", {
        "a smaller batch": "What the forward run keeps grows with the batch, and for convolutions it is most of the memory.",
        "SGD in place of Adam": "That saves 8 bytes a parameter: little here; in wide dense layers it would be much.",
        "fewer classes": "The last layer is small.",
    }, right=0),
    Question("07a.4", "Four layers beat one of the same size in parameters. Which control shows whether the wider window is the reason?", {
        "four layers with another seed": "That tells how much rests on chance, not why.",
        "one layer with a wide kernel, and as many parameters": "It has the window without the depth. On MNIST-1D it gained nothing.",
        "one layer trained for longer": "That asks whether time is the reason.",
        "eight layers": "Eight change depth and window together.",
    }, right=1),
    Question("07a.5", "A table of 30 unordered measurements a patient, 300 patients. Which model first?", {
        "a CNN over the columns": "Its windows rely on neighbours, and the order of columns means nothing.",
        "a GRU over the columns": "It reads an order that is not there.",
        "logistic regression, with a forest beside it": "On such a table they were as good as any network.",
    }, right=2, before=True),
    Question("07b.1", "Weights with gain 1 and ReLU, 30 layers. What is left of the signal's mean square?", {
        "about a half": "That is what one layer leaves.",
        "about 10⁻⁹": "Each layer halves it: 2⁻³⁰.",
        "all of it": "For that the gain must be √2: ReLU drops half of the mean square.",
    }, right=1, before=True),
    Question("07b.2", "An untrained classifier of 10 classes has a loss of 120. What do you conclude?", {
        "The logits are far too large at the start.": "A network that knows nothing should have log 10 = 2.30; 120 means confident nonsense.",
        "The task is hard.": "Before training no task is hard or easy.",
        "The learning rate is too high.": "No step has been made yet.",
    }, right=0),
    Question("07b.3", "Batch norm in evaluation mode uses …", {
        "the mean of the batch at hand": "Then an example's answer would depend on its neighbours in the batch.",
        "running means from training": "So one example's answer is its own, and a batch of one works.",
        "no normalisation": "It normalises, with stored numbers.",
    }, right=1),
    Question("07b.4", "Where does a residual branch help most?", {
        "in a network of two layers": "There the signal needs no help: even at three layers no difference was seen.",
        "in the input layer": "There is nothing to pass by.",
        "in a network of thirty layers": "The trunk carries signal and gradient past layers that would crush them.",
    }, right=2),
    Question("07b.5", "Dropout makes a small network worse on training *and* validation data. Why?", {
        "It is broken.": "It does what it should.",
        "The network did not over-fit, so there was nothing to mend.": "Dropout takes units away in training: a cure for learning by heart, and a cost where nothing is learnt by heart.",
        "Dropout needs batch norm.": "It needs no such thing.",
    }, right=1, before=True),
]
