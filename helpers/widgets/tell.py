"""tell(): a sentence below a cell, in words that break between words; stored as plain text too."""

from __future__ import annotations

import html
import re

from IPython.display import display

#: The marks of measured numbers.
MARK = re.compile("[«»]")
#: What kind of news it is, and the colour of its edge.
EDGES = {"": "#0072B2", "right": "#009E73", "surprise": "#D55E00"}


def tell(words: str, look: str = "") -> None:
    """Show words below the cell; the marks of measured numbers are stored, for the tests, and not shown.

    Parameters
    ----------
    words : str
    look : str
        "" for news, "right" for what came true, "surprise" for a confident error.
    """
    shown = MARK.sub(r'<span style="display:none">\g<0></span>', html.escape(words))
    style = f"border-left: 4px solid {EDGES[look]}; padding: 4px 10px; line-height: 1.4; max-width: 940px; background: var(--jp-layout-color2, #f2f2f2)"
    display({"text/plain": words, "text/html": f'<div role="status" style="{style}">{shown}</div>'}, raw=True)
