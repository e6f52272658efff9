"""A chapter so small that its kernel starts in a second: it imports nothing of ours."""

from __future__ import annotations

from pathlib import Path

TINY = '''# %% [markdown]
# # 97 · Doubles — How much is twice?

# %% tags=["parameters"]
FAST = False
N = 3

# %% tags=["setup"]
import os
from uuid import uuid4

from IPython.display import display

def check(number, answer, keep=True):
    print("checked", number, "in a strict run" if os.environ.get("COURSE_STRICT") else "")

# %% [markdown]
# ### Exercise 97.1 · Double · 5 min · ★☆☆
# Give twice the number.

# %%
def double(x):
    """Twice x."""
    ### BEGIN SOLUTION
    y = x
    return 2 * y
    ### END SOLUTION

# %%
check("97.1", double)

# %% [markdown]
# <details><summary>Hint 1</summary>What is twice?</details>
# <details><summary>Hint 2</summary>Multiply.</details>

# %% [markdown] tags=["discussion"]
# Two times, and that is all.

# %%
print("N is", N, FAST)

# %%
one, two = uuid4().hex, uuid4().hex
for model_id in (one, two, one):
    display({"application/vnd.jupyter.widget-view+json": {"model_id": model_id}, "text/plain": "a widget"}, raw=True)
'''


def write_tiny(folder: Path, text: str = TINY, name: str = "97_doubles.py") -> Path:
    """The tiny source in source/ of a folder."""
    path = folder / "source" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    return path
