"""A pad to draw on as one control of explore(): see helpers.widgets.pad_control, where two topics find it."""

from helpers.widgets.pad_control import DRAWN, PadControl, frozen

__all__ = ["DRAWN", "PadControl", "frozen"]
