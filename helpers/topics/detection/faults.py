"""Three programs that measure a good detector wrongly. Read this after you have said what is wrong with each."""

from __future__ import annotations

import numpy as np
import torch

from helpers.topics.detection.boxes import Detections
from helpers.topics.detection.oneshot import OneShot, detect


def measured_wrongly(model: OneShot, x: torch.Tensor) -> dict[str, list[Detections]]:
    """What a trained model finds in (N, 1, H, W), as it should be, and as three programs with one fault each hand it on."""
    right = detect(model, x)
    return {"right": right,
            "A": [d._replace(boxes=np.c_[d.boxes[:, :2], d.boxes[:, 2:] - d.boxes[:, :2]]) for d in right],     # width and height
            "B": detect(model, x, overlap=None),                                                                # nothing suppressed
            "C": [d._replace(labels=(d.labels + 1) % 10) for d in right]}                                       # labels off by one
