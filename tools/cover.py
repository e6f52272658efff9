"""Make docs/playground.png, the picture on top of the README: the playground after a training.

    .venv/bin/python -m tools.cover
"""

from __future__ import annotations

import io
import sys
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt

from helpers.plots import CORNER, SHARPNESS, settle, small_png
from helpers.runtime import ROOT, start
from helpers.topics.concepts.playground import Playground
from helpers.topics.concepts.playground_scene import playground

COVER = ROOT / "docs" / "playground.png"
#: A network that has found the spirals; the same on each machine but for the last digits.
SHOWN: dict[str, Any] = {"data": "spirals", "depth": 2, "width": 8, "activation": "tanh", "lr": 0.1, "seed": 3}
N_STEPS = 3000


def cover() -> bytes:
    """The picture as a PNG file."""
    mpl.use("agg")
    start(0)
    draw, fig = playground()
    run = Playground(**SHOWN)
    for _ in range(N_STEPS):
        run.step()
    draw(run)
    settle(fig)
    buffer = io.BytesIO()
    fig.savefig(buffer, format="png", dpi=SHARPNESS * fig.dpi)
    plt.close(fig)
    return small_png(buffer.getvalue(), SHARPNESS * CORNER)


def main() -> int:
    COVER.parent.mkdir(exist_ok=True)
    COVER.write_bytes(cover())
    print(f"{COVER.relative_to(ROOT)}  {COVER.stat().st_size / 1e3:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
