"""A lesson with one device of each kind, as delivered: its outputs are those of the build, and say what comes out."""

from __future__ import annotations

from pathlib import Path

import nbformat

SETUP = '''
import matplotlib.pyplot as plt
import numpy as np

from helpers import start
from helpers.lesson import progress, questions
from helpers.lesson.questions import Question
from helpers.widgets import Step, draw_curve, explore, live, predict, quiz, review, slider, warm_up
from helpers.widgets.order import Order

start(0, threads=1)
progress.PATH = progress.PATH.with_name("progress_of_97.json")     # what other lessons of this lab answered is not asked here
reasons = {"a line": "It cannot bend.", "a curve": "It bends as the points do.", "a point": "It is too little."}
BANK = {n: Question(n, f"What fits best in {n}?", reasons, right=1, before=n == "01.1") for n in ("00.1", "00.2", "01.1")}
questions.bank = lambda: BANK
'''
PREDICT = 'guess_edges = predict("How many edges are there?", ["0", "1 to 9", "more"])'
COMPARE = "# Your prediction beside the run: run this cell.\nguess_edges.compare(12, bins=[1, 10])"
SKETCH = 'sketch_loss = draw_curve("How will the loss fall?", ("epoch", 0, 10), ("loss (nats)", 0.01, 10), ylog=True)'
MEASURED = "sketch_loss.compare(np.arange(11), 3 * 0.7 ** np.arange(11))"
ORDER = '''
steps = Order("97.1", ["    loss.backward()", "for x, y in ____:", "    optimizer.step()", "    model.eval()"], {"for x, y in ____:": ["batches", "model"]})
steps
'''
WARM_UP = 'warm_up("01")'
QUIZ = 'quiz("00.1")'
REVIEW = "review()"
FIGURE = '''
fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3.4))
t = np.linspace(0, 6, 200)
(line,) = left.plot(t, np.sin(t))
left.set(xlabel="time (s)", ylabel="height (m)", ylim=(-1.1, 1.1))
(dot,) = right.plot([1], [0.5], "o")
right.set(xlim=(0, 2), ylim=(0, 1), xlabel="log of frequency", ylabel="height (m)")

def draw(f, a, n):
    line.set_ydata(a * np.sin(f * t))
    dot.set_data([np.log10(f)], [a])
    return f"frequency {f:.4g}, height {a:.3g}, n {n}", a > 0.95

explore(draw, fig, name="a wave", goal="a height above 0.95", f=slider("frequency (per second)", 1.0, 100.0, 1.0, log=True), a=slider("height (m)", 0, 1, 0.5), n=slider("n", 0, 9, 3),
        steps=[Step("A slow wave.", {"f": 1.0}, ask=("And at ten times the frequency?", ["it gets higher", "there are more waves"], 1), light=0),
               Step("A fast wave.", {"f": 10.0}, light=1), Step("A high one.", {"f": 10.0, "a": 1.0}, ask=("Higher?", ["yes", "no"], 0))])
'''
LIVE = '''
class Count:
    def __init__(self, seed, rate):
        self.rate, self.n = rate, 0

    def step(self):
        self.n += self.rate

fig, ax = plt.subplots(figsize=(6, 3))
(bar,) = ax.plot([0], [0], "o")
ax.set(xlim=(-1, 1), ylim=(0, 1))

def show(run):
    bar.set_data([0], [run.n % 100 / 100])
    return f"n is {run.n}"

live(Count, show, fig, name="a count", speed=1, rate=slider("rate", 1, 9, 1), hot=("rate",))
'''
CELLS = {"setup": SETUP, "warm_up": WARM_UP, "predict": PREDICT, "compare": COMPARE, "sketch": SKETCH, "measured": MEASURED, "order": ORDER, "quiz": QUIZ,
         "review": REVIEW, "figure": FIGURE, "live": LIVE}
#: Where each code cell stands: below each there is a text, so that there is something to scroll to.
PLACE = {name: 2 * i for i, name in enumerate(CELLS)}
ANSWER = "The run shows: more («12»)."


def write_devices(path: Path) -> None:
    """Write the lesson as the build would: executed cells, marked as delivered."""
    nb = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3 (ipykernel)"}, "language_info": {"name": "python"}})
    for i, (name, text) in enumerate(CELLS.items(), 1):
        cell = nbformat.v4.new_code_cell(text.strip(), id=name, execution_count=i, metadata={"delivered": True})
        if name == "compare":
            cell.outputs = [nbformat.v4.new_output("stream", text=f"{ANSWER}\n")]
            cell.metadata["jupyter"] = {"source_hidden": True}
        nb.cells += [cell, nbformat.v4.new_markdown_cell(f"**Explain {name}.** " + "This is what we saw, and why it came so. " * 30, id=f"text-{name}")]
    nbformat.write(nb, path)
