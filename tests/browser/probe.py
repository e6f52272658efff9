"""A notebook with one figure of each kind, made to be measured; no chapter depends on it."""

from __future__ import annotations

from pathlib import Path

import nbformat

SETUP = '''
import time

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch.nn import functional as F

from helpers import start
from helpers.widgets import choice, explore, live, quiz, slider, switch, text

start(0, threads=1)
'''

#: The figure whose latency is measured: a picture that is convolved, and a curve.
FAST = '''
scene = torch.rand(66, 66, generator=torch.Generator().manual_seed(0))
scene[20:46, 20:46] += 1
x = np.linspace(0, 1, 200)
fig, (left, right) = plt.subplots(1, 2, figsize=(7, 3))
seen = left.imshow(np.zeros((64, 64)), vmin=-3, vmax=3)
left.set(xticks=[], yticks=[])
left.grid(False)
(curve,) = right.plot(x, x)
right.set(ylim=(-1, 1), xlabel="x (seconds)", ylabel="height")
title = right.set_title("")

def draw(gain, shift, on, kind):
    kernel = torch.tensor([[-1.0, 0, 1]] * 3) * gain
    kernel[1, 1] += 1
    seen.set_data(F.conv2d(scene[None, None], kernel[None, None])[0, 0])
    curve.set_ydata((np.sin if kind == "sine" else np.cos)(2 * np.pi * x * (1 + gain) + shift) * (1 if on else 0.5))
    title.set_text(f"gain {gain:.2f}")
    return f"the gain is {gain:.2f}", gain > 1.5

explore(draw, fig, name="a filter and a wave", goal="a gain above 1.5", gain=slider("gain of the edge filter", -2.0, 2.0, 0.0, 0.01),
        shift=slider("shift (radians)", 0.0, 6.28, 0.0), on=switch("full height", True), kind=choice("wave", ["sine", "cosine"]))
'''

#: A slow draw, which keeps a record: a newer move must cancel it.
SLOW = '''
fig, ax = plt.subplots(figsize=(4, 3))
(dot,) = ax.plot([0], [0], "o")
ax.set(xlim=(0, 100), ylim=(0, 20))
RECORD = []

def slowly(n):
    try:
        for i in range(10):
            time.sleep(0.03)
            dot.set_data([n], [i])
            yield f"part {i + 1} of 10 for {n}"
        RECORD.append(("finished", n))
    except GeneratorExit:
        RECORD.append(("cancelled", n))

explore(slowly, fig, name="a slow figure", n=slider("number of units", 0, 100, 10))
RECORD.clear()
'''

BROKEN = '''
fig, ax = plt.subplots(figsize=(4, 2))

def break_above_five(n):
    if n > 5:
        raise ValueError("n is above five")
    return f"n is {n}"

explore(break_above_five, fig, name="a broken figure", n=slider("n", 0, 10, 5))
'''

#: A point that the mouse moves, and a line to type into.
PLANE = '''
fig, (plane, other) = plt.subplots(1, 2, figsize=(6, 3))
(dot,) = plane.plot([], [], "o")
plane.set(xlim=(-2, 2), ylim=(0, 8))

def put(across, up, word):
    dot.set_data([across], [up])
    return f"{word} at {across:.2f}, {up:.2f}"

explore(put, fig, name="a plane", drag=("across", "up"), across=slider("across", -2.0, 2.0, 0.0), up=slider("up", 0.0, 8.0, 1.0), word=text("word", "dot", longest=5))
'''

#: A network that is trained live, about 3 ms a step.
LIVE = '''
class Fit:
    def __init__(self, seed, lr, width):
        torch.manual_seed(seed)
        self.lr, self.losses = lr, []
        self.net = torch.nn.Sequential(torch.nn.Linear(1, width), torch.nn.Tanh(), torch.nn.Linear(width, 1))
        self.x = torch.linspace(-3, 3, 500)[:, None]
        self.y = torch.sin(2 * self.x)

    def step(self):
        loss = F.mse_loss(self.net(self.x), self.y)
        self.net.zero_grad()
        loss.backward()
        with torch.no_grad():
            for p in self.net.parameters():
                p -= self.lr * p.grad
        self.losses.append(loss.item())

def show_live():
    fig, ax = plt.subplots(figsize=(6, 3))
    (line,) = ax.plot([], [])
    ax.plot(torch.linspace(-3, 3, 500), torch.sin(2 * torch.linspace(-3, 3, 500)), "--")
    ax.set(xlim=(-3, 3), ylim=(-1.5, 1.5), xlabel="x", ylabel="y", title="a network learns a wave")

    def draw(run):
        with torch.no_grad():
            line.set_data(run.x[:, 0], run.net(run.x)[:, 0])
        return f"loss {run.losses[-1] if run.losses else float('nan'):.3f}"

    live(Fit, draw, fig, name="a network learns a wave", hot=("lr",), lr=slider("learning rate", 0.001, 0.1, 0.03, log=True),
         width=slider("width (units)", 2, 200, 50))

show_live()
'''


def write_probe(path: Path) -> None:
    """Write the notebook, not executed."""
    nb = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}})
    nb.cells = [nbformat.v4.new_code_cell(text.strip(), id=f"probe-{i}") for i, text in enumerate((SETUP, FAST, SLOW, BROKEN, LIVE, "show_live()", PLANE))]
    nbformat.write(nb, path)
