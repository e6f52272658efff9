"""Questions on chapter 04: autoencoders, and the variational one."""

from helpers.lesson.questions import Question

QUESTIONS = [
    Question("04a.1", "A linear autoencoder and PCA, both with 10 numbers, have the same error. What else is the same?", {
        "The ten numbers of each code": "Any invertible mixture of the ten serves the autoencoder just as well: in general, its numbers are different.",
        "The space of pictures that can be drawn": "The decoder's rows span the very space of the first ten components.",
        "The weights of the encoder": "Only up to an invertible matrix, which the decoder undoes.",
    }, right=1, before=True),
    Question("04a.2", "Your denoising network raises PSNR by 5 dB on X-rays. What do you check before a doctor uses it?", {
        "Nothing: 5 dB is three times less error": "Less error on average. Digits gained decibels too, and became other digits.",
        "Whether a deeper one reaches 6 dB": "A better mean says no more about the single case.",
        "Whether what it draws is really there": "It fills in what is usual. The unusual, which the doctor looks for, is what it may paint over.",
    }, right=2),
    Question("04a.3", "An autoencoder's test error drops to a tenth after you widened the code. For anomaly detection that is …", {
        "suspicious": "It may merely copy, and copying gives back strange things too. Look at the error on what should not be redrawn.",
        "good: less error, better model": "The loss only asks the network to give back the input. What you want is that it fails on the strange.",
        "irrelevant: AUC does not depend on the code": "It fell for most of the digits, though the loss was far smaller for every one.",
    }, right=0),
    Question("04a.4", "A denoiser is 2.4 dB ahead of a Gaussian filter at σ = 1. What would you like to see beside it?", {
        "A median filter": "It is another filter, and worse than the Gaussian one here.",
        "The loss on the training pictures": "That says how well it fits, not what the lead is worth.",
        "The PSNR of always the same picture, the mean": "The constant was 1.4 dB ahead of the filter: of the 2.4 dB only one is more than that.",
    }, right=2),
    Question("04a.5", "No score finds the unseen 1 well. You divide each score by the picture's mean square, and the 1 is found. What does that show?", {
        "That the network is now better than the nearest neighbour": "Divide the neighbour's score as well, and it is ahead again.",
        "That the score measured the amount of ink too": "A 1 has little ink, so little to get wrong, seen or unseen.",
        "That the 1 has been learned": "Nothing was trained anew; the score was read differently.",
    }, right=1),
    Question("04b.1", "A VAE's loss falls nicely, but every reconstruction is the same grey blot. Which number do you look at first?", {
        "The accuracy of a classifier on the samples": "It shows that all samples look alike, which you know already; it does not say why.",
        "The KL of each code unit": "All near 0: the code tells nothing about the input. Then look for what makes the KL too dear, such as a mean over pixels.",
        "The learning rate": "A wrong rate shows in the loss; this loss falls.",
    }, right=1, before=True),
    Question("04b.2", "A VAE reaches an ELBO of −110 nats a digit on 1,000 test digits of 784 black-or-white pixels. What does that mean?", {
        "Its log p(x) is −110 nats": "log p(x) is at least that: the gap is the KL from q to the true posterior.",
        "Its code takes 110 nats": "The code takes the KL alone, some 20 nats; the rest pays for the pixels that the code leaves open.",
        "It can code them in 0.2 bits a pixel, its weights not counted": "110 / 0.693 = 159 bits a digit, over 784 pixels: with bits-back coding, on average over a long chain.",
        "It beats every other coder": "A table of ten neighbours needs fewer bits, as you measured.",
    }, right=2),
    Question("04b.3", "By the distance to the nearest real digit, blends of codes beat blends of pixels. What do you do before you publish that?", {
        "Ask what the measure says of a blank page": "A blank page beats them all: the measure rewards little ink. By a measure that it cannot win, the two blends are level.",
        "Take more pairs": "Four hundred pairs made the difference certain; it was the measure that was wrong.",
        "Take a larger network": "It may draw better, and would be judged by the same bad measure.",
    }, right=0),
    Question("04b.4", "Why is z computed as μ + σ ε, and not drawn from N(μ, σ)?", {
        "Because the distribution is another one": "It is the same distribution.",
        "Because a drawn number has no derivative by μ and σ": "As a formula it has: 1 and ε. The chance sits in ε, which has no parameters.",
        "Because drawing is slow": "Drawing ε costs as much.",
    }, right=1),
    Question("04b.5", "At 50 bits a digit a VAE's code gives 40 wrong pixels, PCA's 34, a blank page 104. What may one say?", {
        "The VAE compresses well: 104 wrong pixels become 40": "Beside white paper all look good.",
        "PCA models digits better than the VAE": "It rebuilds them better at this rate; it gives no probabilities, and nothing to draw from.",
        "At this rate PCA is the better of the two": "That is what was measured; below 30 bits the two are about level.",
    }, right=2),
]
