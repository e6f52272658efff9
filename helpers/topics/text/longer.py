"""Trainings that are too long for a lesson, and what they gave: ``python -m helpers.topics.text.longer`` makes the file anew in some minutes."""

from __future__ import annotations

import functools
import json
import sys
from pathlib import Path
from typing import Any

import torch

from helpers.data.tales import split_tales
from helpers.models import count_parameters
from helpers.topics.text import dates, letters

FILE = Path(__file__).with_name("longer.json")
#: The GRU of lesson 13a: its steps, each a training of its own with its own schedule.
LETTER_STEPS = (50, 150, 400, 1000, 3000)
#: The date writer without attention of lesson 13b, wide enough to have as many parameters as the one with attention.
#: Steps and greatest rate of each.
DATE_RUNS, WIDE = tuple((n_steps, lr) for lr in (1e-2, 3e-3) for n_steps in (150, 600, 2400)), 73


@functools.cache
def stored() -> dict[str, Any]:
    """What the long trainings gave.

    Raises
    ------
    FileNotFoundError
        If the file beside this module is missing.
    """
    if not FILE.exists():
        raise FileNotFoundError(f"{FILE.name} should lie beside longer.py; 'python -m helpers.topics.text.longer' makes it in some minutes")
    return dict(json.loads(FILE.read_text("utf-8")))


def letter_run(n_steps: int, seed: int = 0) -> letters.CharGRU:
    """One training of the GRU of lesson 13a on the training tales."""
    torch.manual_seed(seed)
    model = letters.CharGRU(192, dropout=0.2)
    letters.train_letters(model, split_tales().train, n_steps=n_steps, lr=7e-3, seed=seed)
    return model


def make() -> dict[str, Any]:
    """Run all of them, one thread."""
    torch.set_num_threads(1)
    parts = split_tales()
    found: dict[str, Any] = {}
    rows = []
    for n_steps in LETTER_STEPS:
        model = letter_run(n_steps)
        rows.append({"steps": n_steps, "train": round(model.bits(parts.train[:40_000]), 4), "val": round(model.bits(parts.val), 4)})
        print(rows[-1], file=sys.stderr, flush=True)
    found["letters"] = rows
    found["letters_test"] = round(model.bits(parts.test), 4)
    found["letters_seeds"] = [round(letter_run(400, seed).bits(parts.val), 4) for seed in (1, 2, 3)]
    train = dates.pairs(6000, 1)
    held = dates.apart(train, dates.pairs(600, 2))
    found["dates"] = []
    for n_steps, lr in DATE_RUNS:
        writer = dates.trained(train, attention=False, n_steps=n_steps, lr=lr, h=WIDE)
        found["dates"].append({"steps": n_steps, "lr": lr, "parameters": count_parameters(writer), "right": round(dates.right_share(writer, held), 4), **{k: round(v, 4) for k, v in dates.part_shares(writer, held).items()}})
        print(found["dates"][-1], file=sys.stderr, flush=True)
    return found


if __name__ == "__main__":
    FILE.write_text(json.dumps(make(), indent=1) + "\n", "utf-8")
