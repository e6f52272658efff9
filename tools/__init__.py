"""What makes and proves the course."""

import io
import sys


def words_for_terminals() -> None:
    """A terminal that has no … or ✓ shows a question mark there, and the command goes on."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
