"""Make the pictures on top of README.md (docs/playground.png) and START.md (docs/learning.webp): the playground learns.

    .venv/bin/python -m tools.cover
"""

from __future__ import annotations

import io
import sys
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from helpers.plots import CORNER, SHARPNESS, settle, small_png
from helpers.runtime import ROOT, start
from helpers.topics.concepts.playground import Playground
from helpers.topics.concepts.playground_scene import playground

COVER = ROOT / "docs" / "playground.png"
#: A network that has found the spirals; the same on each machine but for the last digits.
SHOWN: dict[str, Any] = {"data": "spirals", "depth": 2, "width": 8, "activation": "tanh", "lr": 0.1, "seed": 3}
N_STEPS = 3000
FILM = ROOT / "docs" / "learning.webp"
#: The film's pictures stand at steps that grow by ratio; a point of the figure is drawn with so many pixels.
N_PICTURES, FILM_SHARPNESS, QUALITY = 34, 1.25, 35
MILLISECONDS = 110


def film() -> bytes:
    """The training as an animated WebP file, played once."""
    mpl.use("agg")
    start(0)
    draw, fig = playground()
    run, pictures, n = Playground(**SHOWN), list[Image.Image](), 0
    for stop in sorted({0, *np.geomspace(1, N_STEPS, N_PICTURES).astype(int).tolist()}):
        for _ in range(stop - n):
            run.step()
        draw(run)
        if n == stop == 0:
            settle(fig)
        n = stop
        buffer = io.BytesIO()
        fig.savefig(buffer, format="png", dpi=FILM_SHARPNESS * fig.dpi)
        pictures.append(Image.open(buffer).convert("RGB"))
    plt.close(fig)
    buffer = io.BytesIO()
    pictures[0].save(buffer, "WEBP", save_all=True, append_images=pictures[1:], duration=MILLISECONDS, loop=1, quality=QUALITY, method=6)
    return buffer.getvalue()


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
    for path, make in ((COVER, cover), (FILM, film)):
        path.write_bytes(make())
        print(f"{path.relative_to(ROOT)}  {path.stat().st_size / 1e3:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
