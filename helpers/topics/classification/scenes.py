"""The figures to play with of the lesson on the page: the reading stage by stage, a bench of steps, light and tilt, one's own drawing spoilt."""

from __future__ import annotations

import functools
from typing import Any

import cv2
import matplotlib.pyplot as plt
import numpy as np
import torch

from helpers import plots
from helpers.lesson.promises import measured
from helpers.plots import Scene, picture_frame
from helpers.topics.classification.harm import AMOUNTS, UNITS, spoil
from helpers.topics.classification.page import (
    CELL,
    COLUMNS,
    HEIGHT,
    MARGIN,
    PHOTO,
    ROWS,
    WIDTH,
    Page,
    for_the_page,
    photograph_page,
)
from helpers.topics.classification.reading import STEPS, Classifier, Read, read_page
from helpers.widgets.pad import rasterise
from helpers.widgets.steps import Step

STAGES = ("1 photograph", "2 sheet found", "3 straightened", "4 ink", "5 digits")
STAGE_STEPS = [
    Step("The photograph: the sheet lies askew, and one side of it is darker than the other.", {"stage": STAGES[0]}, light=0),
    Step("The sheet is the largest bright shape with four sides. Its corners are all that the next stage needs.", {"stage": STAGES[1]}, light=0,
         ask=("Four corners and where they should lie: what follows from them?", ["a turn and a scale", "the whole change of perspective"], 1)),
    Step("Straightened: each digit has its own cell now. The lamp is still there.", {"stage": STAGES[2]}, light=0),
    Step("Ink is what is darker than its neighbourhood. The lamp is gone.", {"stage": STAGES[3]}, light=0,
         ask=("One threshold for the whole sheet would …", ["lose digits on the bright side, or drown the dark side", "do the same"], 0)),
    Step("Each cell's ink, cut out, scaled to 20 pixels, put into the middle by its mass: as the training digits were made.", {"stage": STAGES[4]}, light=0),
]


def montage(crops: torch.Tensor, places: np.ndarray) -> np.ndarray:
    """The 48 cells as the network gets them, float32 (6 · 28, 8 · 28); empty cells are grey."""
    wall = np.full((ROWS * COLUMNS, 28, 28), 0.5, np.float32)
    wall[places] = crops[:, 0].numpy()
    return wall.reshape(ROWS, COLUMNS, 28, 28).swapaxes(1, 2).reshape(ROWS * 28, COLUMNS * 28)


def stages(model: Classifier) -> Scene:
    """A page on its way to 48 digits. Controls: page (0 … 19), stage. The target: a page of which all is read."""
    fig, ax = plt.subplots(figsize=(6.4, 4.4))
    shown = ax.imshow(np.zeros(PHOTO, np.float32), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    (edge,) = ax.plot([], [], color=plots.VERMILION, linewidth=2.5, marker="o")
    words = plots.Labels(ax, 11, plots.BLUE)
    picture_frame(ax, "From a photograph to digits")

    @functools.lru_cache(maxsize=32)
    def worked(page: int) -> tuple[Page, Read, np.ndarray]:
        taken = photograph_page(page)
        read = read_page(taken.photo)
        return taken, read, read.digits(model)

    def draw(page: int, stage: str) -> tuple[str, bool]:
        taken, read, said = worked(page)
        right = int((said == taken.labels).sum())
        whole = {STAGES[0]: taken.photo, STAGES[1]: taken.photo, STAGES[2]: read.flat, STAGES[3]: np.where(read.ink, 0, 255).astype(np.uint8)}.get(stage)
        picture = montage(read.crops, read.places) if whole is None else for_the_page(whole) / 255
        height, width = picture.shape if whole is None else whole.shape
        shown.set_data(picture)
        shown.set_extent((-0.5, width - 0.5, height - 0.5, -0.5))
        ax.set(xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5))
        closed = np.empty((0, 2)) if stage != STAGES[1] or read.corners is None else read.corners[[0, 1, 2, 3, 0]]
        edge.set_data(*closed.T)
        if stage == STAGES[4]:
            cells = [(28 * column + 24, 28 * row + 23) for row in range(ROWS) for column in range(COLUMNS)]
            wrong = (said != taken.labels).ravel()
            words.put([str(n) if n >= 0 else "–" for n in said.ravel()], cells, [plots.VERMILION if bad else plots.SKY for bad in wrong])
        else:
            words.put([], [])
        found = "The sheet was not found." if read.corners is None else f"Ink was found in {len(read.places)} of 48 cells."
        return f"Page {page}, stage {stage}. {found} {right} of 48 digits are read right.", right == 48

    return draw, fig


def steps_bench(model: Classifier, pages: int = 10) -> Scene:
    """What the network gets when one step is left out. Controls: page, without (a name of STEPS or "nothing"). Target: what costs nothing."""
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(7.6, 3.2), width_ratios=[1.4, 1])
    shown = ax.imshow(np.zeros((ROWS * 28, COLUMNS * 28), np.float32), cmap="gray", vmin=0, vmax=1)
    crosses = ax.scatter([], [], s=26, marker="x", color=plots.ORANGE, linewidths=1.6)
    picture_frame(ax, "What the network gets (× read wrong)")
    names = ["nothing", *STEPS]
    bars = bx.barh(range(len(names)), np.zeros(len(names)), color=plots.SKY)
    bx.set(xlim=(0, 48), yticks=range(len(names)), yticklabels=names, xlabel="digits read of 48")
    bx.tick_params(axis="y", labelsize=8)
    bx.invert_yaxis()
    plots.quiet_title(bx, "Left out:")
    counts: dict[int, dict[str, int]] = {}

    def count(taken: Page, page: int) -> dict[str, int]:
        if page not in counts:
            counts[page] = {name: int((read_page(taken.photo, () if name == "nothing" else (name,)).digits(model) == taken.labels).sum()) for name in names}
        return counts[page]

    for page in range(pages):
        count(photograph_page(page), page)

    def draw(page: int, without: str) -> tuple[str, bool]:
        taken = photograph_page(page)
        read = read_page(taken.photo, () if without == "nothing" else (without,))
        said = read.digits(model)
        shown.set_data(montage(read.crops, read.places))
        wrong = np.argwhere(said != taken.labels)
        crosses.set_offsets(wrong[:, ::-1] * 28 + [4, 4] if len(wrong) else np.empty((0, 2)))
        found = count(taken, page)
        for bar, name in zip(bars, names, strict=True):
            bar.set_width(found[name])
            bar.set_color(plots.VERMILION if name == without else plots.SKY)
        instead = "All steps are made" if without == "nothing" else f"Left out: {without}; {STEPS[without]}"
        return (f"Page {page}. {instead}. {found[without]} of 48 digits are read, {found['nothing']} with all steps.",
                without != "nothing" and found[without] >= found["nothing"])

    return draw, fig


def light_and_tilt(model: Classifier, seed: int = 1) -> Scene:
    """One page under other conditions. Controls: tilt, light, noise. The target: fewer than half read, with a noise of 0.2 or less."""
    fig, ax = plt.subplots(figsize=(5.6, 4.1))
    shown = ax.imshow(np.zeros((PHOTO[0] // 2, PHOTO[1] // 2), np.uint8), cmap="gray", vmin=0, vmax=255, interpolation="nearest", extent=(-0.5, PHOTO[1] - 0.5, PHOTO[0] - 0.5, -0.5))
    crosses = ax.scatter([], [], s=40, marker="x", color=plots.ORANGE, linewidths=2)
    (edge,) = ax.plot([], [], color=plots.VERMILION, linewidth=2)
    picture_frame(ax, "Line: the sheet that was found; ×: read wrong")
    middles = np.array([(MARGIN + CELL * (column + 0.5), MARGIN + CELL * (row + 0.5)) for row in range(ROWS) for column in range(COLUMNS)], np.float32)

    def draw(tilt: float, light: float, noise: float) -> tuple[str, bool]:
        taken = photograph_page(seed, tilt, light, noise)
        read = read_page(taken.photo)
        said = read.digits(model)
        shown.set_data(for_the_page(taken.photo))
        wrong = (said != taken.labels).ravel()
        crosses.set_offsets(places_on_photo(middles, taken.corners)[wrong] if wrong.any() else np.empty((0, 2)))
        edge.set_data(*(np.empty((2, 0)) if read.corners is None else read.corners[[0, 1, 2, 3, 0]].T))
        right = int((~wrong).sum())
        found = "The sheet was not found" if read.corners is None else (
            f"The corners that were found are at most {np.abs(read.corners - taken.corners).max():.0f} pixels off")
        return f"{found}. {right} of 48 digits are read right.", right < 24 and noise <= 0.2

    return draw, fig


def places_on_photo(points: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Where points of the sheet, (n, 2), lie on the photograph."""
    view = cv2.getPerspectiveTransform(np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float32), corners)
    return cv2.perspectiveTransform(points[None], view)[0]


def own_drawing(networks: dict[str, torch.nn.Module]) -> Scene:
    """A drawing, spoilt more and more. Controls: drawing (PadControl), harm, severity. The target: one network right, another wrong."""
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(7.2, 2.9), width_ratios=[1, 1.9])
    shown = ax.imshow(np.zeros((28, 28), np.float32), cmap="gray", vmin=0, vmax=1)
    picture_frame(ax, "what the networks get")
    grid = bx.imshow(np.zeros((len(networks), 10)), cmap="Blues", vmin=0, vmax=1, aspect="auto")
    best = plots.Labels(bx, 11, plots.VERMILION)
    bx.set(xticks=range(10), yticks=range(len(networks)), yticklabels=list(networks), xlabel="digit (darker: more probable)")
    bx.grid(False)
    plots.quiet_title(bx, "What each network reads")

    def answers(x: torch.Tensor) -> np.ndarray:
        with torch.no_grad():
            return np.concatenate([net(x).softmax(1).numpy() for net in networks.values()])

    def draw(drawing: Any, harm: str, severity: int) -> tuple[str, bool]:
        x = torch.from_numpy(rasterise(drawing))[None, None]
        spoilt = spoil(x, harm, severity)
        found, clean = answers(spoilt), answers(x).argmax(1)
        shown.set_data(spoilt[0, 0].numpy())
        grid.set_data(found)
        best.put(["●"] * len(found), [(int(k), row) for row, k in enumerate(found.argmax(1))])
        read = ", ".join(f"{name}: {int(p.argmax())} ({measured(100 * p.max(), '.0f')} %)" for name, p in zip(networks, found, strict=True))
        how = "clean" if severity == 0 else f"{harm} {UNITS[harm].format(AMOUNTS[harm][severity - 1])}, severity {severity}"
        same = found.argmax(1) == np.bincount(clean).argmax()
        return f"Your drawing, {how}. {read}.", bool(same.any() and not same.all() and severity > 0)

    return draw, fig
