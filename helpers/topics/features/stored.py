"""Accuracies of trainings that would take a lesson of chapter 06 too long, 512 test digits 5 to 9; the lesson trains seed 0 anew."""

from __future__ import annotations

#: What a FastCNN(16) was asked to learn from the old digits → accuracy of a probe with 100 labels, mean of five draws: seeds 0 to 4.
#: 4 epochs, but for "copies": 80 steps.
ASKED: dict[str, tuple[float, ...]] = {
    "random CNN": (0.821, 0.821, 0.822, 0.798, 0.8),
    "shuffled labels": (0.796, 0.838, 0.849, 0.825, 0.85),
    "rebuilt": (0.873, 0.869, 0.871, 0.88, 0.873),
    "copies": (0.904, 0.89, 0.909, 0.918, 0.898),
    "trained CNN": (0.912, 0.929, 0.927, 0.911, 0.924),
}

#: Way → accuracy of ``transfer.three_ways`` with 80 steps, from the trained CNN of seed 0: (seeds 0 to 4, 10 to 1,000 labels).
WAYS: dict[str, tuple[tuple[float, ...], ...]] = {
    "frozen": ((0.539, 0.85, 0.912, 0.938, 0.947), (0.795, 0.865, 0.922, 0.936, 0.943), (0.682, 0.865, 0.898, 0.939, 0.943), (0.811, 0.887, 0.922, 0.934, 0.943), (0.752, 0.863, 0.906, 0.926, 0.947)),
    "fine-tuned": ((0.605, 0.881, 0.916, 0.936, 0.953), (0.74, 0.889, 0.947, 0.971, 0.955), (0.711, 0.895, 0.936, 0.941, 0.947), (0.814, 0.887, 0.92, 0.945, 0.941), (0.812, 0.875, 0.92, 0.949, 0.939)),
    "end to end": ((0.52, 0.775, 0.908, 0.947, 0.963), (0.596, 0.816, 0.934, 0.955, 0.959), (0.59, 0.744, 0.908, 0.953, 0.959), (0.783, 0.891, 0.9, 0.961, 0.973), (0.754, 0.875, 0.932, 0.957, 0.955)),
}
