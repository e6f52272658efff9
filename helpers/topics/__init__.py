"""The topics in the order of their chapters: the one place that knows that ``rnn`` is chapter 03.

A topic's folder holds what its chapter alone needs. No topic imports another: what two need moves out, to the room of
its kind (helpers/data, models, training, widgets …).
"""

import importlib.util
import pkgutil

TOPICS = ("start", "concepts", "cnn", "rnn", "autoencoder", "preprocessing", "features", "building", "training",
          "evaluation", "classification", "detection", "speech", "text", "optimisation", "questions")


def check_modules(chapter: int) -> list[str]:
    """The modules that hold the exercises of a chapter: ``helpers.topics.rnn.checks`` and its like."""
    if not 0 <= chapter < len(TOPICS):
        return []
    package = f"{__name__}.{TOPICS[chapter]}"
    spec = importlib.util.find_spec(package)
    folders = (spec and spec.submodule_search_locations) or []
    return [f"{package}.{m.name}" for m in pkgutil.iter_modules(folders) if m.name.startswith("checks")]


def chapter_of_topic(topic: str) -> int:
    """The number of the chapter on this topic.

    Raises
    ------
    ValueError
        If no chapter has this topic.
    """
    if topic not in TOPICS:
        raise ValueError(f"topic must be one of {', '.join(TOPICS)}; got {topic!r}")
    return TOPICS.index(topic)
