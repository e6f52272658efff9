"""Training: the loop, checkpoints, augmentation."""

from helpers.training.checkpoint import History, load_checkpoint
from helpers.training.fit import TrainingDiverged, evaluate, fit, one_cycle, predict_logits

__all__ = ["History", "TrainingDiverged", "evaluate", "fit", "load_checkpoint", "one_cycle", "predict_logits"]
