"""The data sets, by kind: pictures, points, series, words."""

from helpers.data.images import digits, photograph, strange_digits
from helpers.data.mnist1d import mnist1d
from helpers.data.points import TOYS, toy
from helpers.data.series import elnino, sunspots
from helpers.data.split import XY, Split

__all__ = ["TOYS", "XY", "Split", "digits", "elnino", "mnist1d", "photograph", "strange_digits", "sunspots", "toy"]
