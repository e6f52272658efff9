"""The questions of the chapter on CNNs: five a lesson, each option with the reason why it is right or wrong."""

from helpers.lesson.questions import Question

QUESTIONS = [
    Question("02a.1", "A 32×32 picture goes through a convolution with kernel 5, stride 2, padding 2. How large is the output?", {
        "14×14": "That is without padding: (32 − 5) // 2 + 1. With 2 zeros at each end there is more room.",
        "16×16": "(32 + 4 − 5) // 2 + 1 = 15 + 1: half of 32, as padding (k − 1)/2 gives for stride 2.",
        "32×32": "That would be stride 1: padding 2 keeps the size for a kernel of 5.",
    }, right=1),
    Question("02a.2", "Why does a convolutional layer have so few weights?", {
        "Its pictures are smaller": "The number of weights does not depend on the size of the picture at all.",
        "Pooling throws most of them away": "Pooling makes maps smaller; it has no weights and removes none.",
        "Most of its weights are zero": "In its matrix most cells are zero; but those that remain would still be many if each place had its own.",
        "Each output sees a small window, and all places share one kernel": "Locality and sharing: k·k·C weights for each output channel, for any picture.",
    }, right=3, before=True),
    Question("02a.3", "You load edge kernels from a book on signal processing into F.conv2d, and every edge has the wrong sign. Why?", {
        "The book means true convolution, which turns the kernel": "Turned by 180°, left and right are exchanged, and the answer of an edge kernel changes its sign.",
        "F.conv2d scales kernels to a sum of 1": "It changes nothing about them: it multiplies, adds, and moves on.",
        "The picture has to be inverted first, as bright is 1 and dark is 0": "That would change the sign too, but the picture is the same in both programs.",
    }, right=0),
    Question("02a.4", "A weight table has shape (8, 3, 5, 5). What does the layer take and give?", {
        "(N, 8, H, W) → (N, 3, H − 4, W − 4)": "Output channels come first in the table: 8 go out, 3 come in.",
        "(N, 3, H, W) → (N, 8, H − 4, W − 4)": "8 output channels, each with a 5×5 kernel for each of 3 input channels.",
        "(N, 3, H, W) → (N, 24, H − 4, W − 4)": "The answers to the 3 input channels are summed: they do not remain apart.",
    }, right=1),
    Question("02a.5", "Two layers of kernel 3, the first of stride 2. How many pixels across does one output see?", {
        "5": "That is for stride 1 in both: each adds 2.",
        "6": "Two windows of 3 overlap: spans minus one are added, not spans.",
        "7": "3, and then two steps of 2 pixels each: the stride of the first layer doubles what the second adds.",
        "9": "That would be windows of 3 that lie 3 apart: a stride of 3.",
    }, right=2),
    Question("02b.1", "A CNN does no better than an MLP on your table of 40 measurements per patient. What is the likeliest reason?", {
        "It needs more layers": "More layers of a wrong assumption do not make it right.",
        "The columns have no meaningful neighbourhood": "Any order of the columns would do as well, as with the shuffled pixels: a window has nothing to find.",
        "40 is too small for a kernel of 3": "A window of 3 fits 38 times.",
    }, right=1, before=True),
    Question("02b.2", "Which of these is exactly translation-equivariant, for every move?", {
        "A convolution of stride 2, wrapped around": "Only for even moves: odd ones fall between its places.",
        "A convolution of stride 1, zeros around": "Near the border the zeros give the place away.",
        "A convolution of stride 1, wrapped around": "Every place is treated alike, and there is no border.",
        "A linear layer on all pixels": "It has its own weights for each pixel.",
    }, right=2),
    Question("02b.3", "f(T x) = f(x) for every move T. What is f called?", {
        "invariant": "The answer does not change at all: what a classifier should be.",
        "equivariant": "That is f(T x) = T f(x): the answer moves with the picture.",
        "local": "Locality says how far a unit sees, not what happens when the picture moves.",
    }, right=0),
    Question("02b.4", "Where was the CNN's lead over the MLP largest?", {
        "With 3,500 digits, for it learns more from more": "Both learn more from more; the MLP catches up.",
        "It was about the same with 300, 1,000 and 3,500": "It shrank from about five points to about one.",
        "With 300 digits: what is built in need not be learned": "Locality and sharing are knowledge that costs no examples.",
    }, right=2),
    Question("02b.5", "Every third channel of your trained network answers 0 to every picture. What do you suspect first?", {
        "A fault of the drawing: trained channels always answer": "They do not: after a leap a ReLU may be off for every picture, and then no gradient comes back.",
        "A high learning rate that threw them there": "At a third of the rate hardly one died.",
        "Too few training pictures to wake them all": "In the untrained network nearly all of them answered.",
    }, right=1),
]
