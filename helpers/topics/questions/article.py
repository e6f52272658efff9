"""What the article says, and what the course found: one row a correction."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Correction:
    """A section of the article, what it says there (in our words), what the reader found, and in which lessons."""

    section: str
    says: str
    found: str
    lessons: tuple[str, ...]


CORRECTIONS = (
    Correction("intro", "code will walk through each step", "it has none; every step of the course is a cell that you ran", ("00",)),
    Correction("1", "training is hard, which limits its use", "ten seconds on two cores read digits; what is hard is to know what a score is worth", ("00", "09a")),
    Correction("2", "features are the heart, and CNN, RNN and autoencoder are the three ways to get them",
               "HOG and word counts are ways too; with up to 1,000 labels HOG was ahead of a trained CNN", ("06a", "13a")),
    Correction("2", "a CNN convolves the pixels", "it lays learned kernels on, unturned; weight sharing is the point, and series have it as well", ("02a",)),
    Correction("2", "an RNN trains on sequences", "a plain one forgets: gradients vanish; gates help, attention reaches back at once", ("03a", "13b")),
    Correction("2", "an autoencoder compresses", "a linear one finds PCA's plane; a variational one draws what nobody drew, and sends a digit in fewer bits than PNG; a table of counts needs fewer still", ("04a", "04b")),
    Correction("3.1", "cleaning, augmentation, conversion come first", "the split comes first; fitted or chosen on everything, a score is worth nothing", ("05a",)),
    Correction("3.1", "augmentation strengthens the features", "it teaches what may change without changing the label, and belongs to training alone", ("05b",)),
    Correction("3.2", "extraction is a step of its own, before the model", "features and model are learned together; frozen ones win with few labels only", ("06a",)),
    Correction("3.3", "stack CNN, RNN and autoencoder", "depth alone breaks: thirty plain layers as torch draws them learn nothing in a hundred steps; what to stack is a measured table", ("07a", "07b")),
    Correction("3.4", "training is pre-processing, features, model and training", "loss, gradient, optimiser, validation: none is named there, all are needed", ("01a", "08a")),
    Correction("3.5", "evaluation is the last step", "it is where the loop begins again; and no score without an interval", ("09a", "09b")),
    Correction("4.1", "classification classifies pixels, and serves detection and segmentation", "one label a picture, boxes with labels, a label a pixel: three tasks", ("10a",)),
    Correction("4.1", "TensorFlow here, PyTorch there", "the same network gives the same numbers in both", ("10b",)),
    Correction("4.2", "detection is done by an RNN", "both kinds were built: the one-shot detector wins; in heaps the recurrent one finds more pairs, and reads hardly better", ("11a", "11b")),
    Correction("4", "speech recognition will be shown", "it is missing there; here CTC reads strings of digits, and new voices are the test", ("12a", "12b")),
    Correction("4", "language is named", "and dropped; here counting wins on topics, and attention on order at a distance", ("13a", "13b")),
    Correction("5", "improve pre-processing, features, model, training", "which lever first is measured: sixteen combinations, paired seeds, shared credit", ("14a",)),
    Correction("7", "choose metrics that fit, draw, tune", "the answer breaks off there; metrics, intervals, calibration and one look at the test complete it", ("09a", "09b")),
)
