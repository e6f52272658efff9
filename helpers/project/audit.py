"""audit(): what a careful colleague would look at in one's own arrays, before any network is trained."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

from helpers.project import looks, looks_models
from helpers.project.arrays import Given, as_arrays
from helpers.project.looks import Finding


@dataclass(frozen=True)
class Report:
    """What :func:`audit` has found, one finding a question, the gravest first."""

    findings: tuple[Finding, ...]

    @property
    def faults(self) -> list[str]:
        """The names of what should be mended before anything else."""
        return [f.name for f in self.findings if f.level == "fault"]

    def __getitem__(self, name: str) -> Finding:
        """The finding of this name.

        Raises
        ------
        KeyError
            If there is none.
        """
        for finding in self.findings:
            if finding.name == name:
                return finding
        raise KeyError(f"no finding {name!r}; there are {', '.join(f.name for f in self.findings)}")

    def __str__(self) -> str:
        return "\n".join(str(finding) for finding in self.findings)

    __repr__ = __str__


#: The questions that need nothing, those that need numbers without gaps, and those that fit a small model.
ALWAYS = (looks.gaps, looks.order, looks.balance, looks.new_classes, looks.size)
WITHOUT_GAPS = (looks.dtype, looks.constants, looks.scale, looks.copies)
WITH_MODELS = (looks_models.near_copies, looks_models.one_feature, looks_models.drift, looks_models.wrong_labels, looks_models.baseline)
GRAVITY = ("fault", "look", "fine")


def audit(x_train: Given, y_train: Given, x_test: Given, y_test: Given, *, seed: int = 0) -> Report:
    """Look at training and test arrays as a careful colleague would: what is wrong, what should be looked at, what is fine.

    Nothing is changed and nothing leaves the machine. With many examples the dearer questions look at a random part
    of them (each finding says so). "Fine" means that this question found nothing, not that there is nothing.

    Parameters
    ----------
    x_train, x_test : array or tensor, (N, …)
        One example a row: features, pixels, windows of a series.
    y_train, y_test : array or tensor, (N,)
        Classes (whole numbers or words) or quantities.
    seed : int
        Of the random parts and of the small models.

    Returns
    -------
    Report
        Print it; ``report.faults`` names what to mend first, ``report["copies"].value`` is the number behind a finding.

    Raises
    ------
    TypeError, ValueError
        If the arrays do not fit together at all: lengths, shapes, kinds of labels.
    """
    arrays = as_arrays(x_train, y_train, x_test, y_test)
    found = [look(arrays) for look in ALWAYS]
    if found[0].value == 0:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "The number of unique classes", UserWarning)      # "balance" says so
            found += [look(arrays) for look in WITHOUT_GAPS] + [look(arrays, seed) for look in WITH_MODELS]
    return Report(tuple(sorted(found, key=lambda finding: GRAVITY.index(finding.level))))
