"""Networks that two or more chapters use."""

from helpers.models.networks import MLP, Autoencoders, FastCNN, count_parameters

__all__ = ["MLP", "Autoencoders", "FastCNN", "count_parameters"]
