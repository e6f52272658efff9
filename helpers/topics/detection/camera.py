"""The camera, opened only when asked; and where there is none, a sentence. Nothing leaves the machine."""

from __future__ import annotations

import os

import numpy as np

NO_CAMERA = "No camera answers here, so the portrait that comes with the course is used. Nothing else changes."


def picture_of(camera: int = 0, *, ask: bool = False) -> tuple[np.ndarray | None, str]:
    """One grey picture of the camera, if it is asked for and there is one: float32 (H, W) in [0, 1] or None; and what happened, in words.

    The picture stays in memory: it is neither stored nor sent.

    Parameters
    ----------
    camera : int
        Which one, from 0.
    ask : bool
        Nothing is opened unless this is True.
    """
    if not ask:
        return None, "The camera was not asked for, and stays closed."
    os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")         # else C++ writes warnings of its own where there is none
    import cv2

    if hasattr(cv2, "setLogLevel"):
        cv2.setLogLevel(2)
    capture = cv2.VideoCapture(camera)
    try:
        for _ in range(5 if capture.isOpened() else 0):         # the first frames of many cameras are dark
            there, frame = capture.read()
            if not there or frame is None:
                return None, NO_CAMERA
        if not capture.isOpened():
            return None, NO_CAMERA
    finally:
        capture.release()
    grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY).astype(np.float32) / 255
    return grey, f"One picture of {grey.shape[1]}×{grey.shape[0]} pixels. It stays in this notebook's memory, and the camera is closed again."
