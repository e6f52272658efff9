"""Checks of chapter 03, letters: what is counted in a writer's surprise, and a temperature."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from helpers.lesson.exercise import Case, Exercise, Met

Tensor = torch.Tensor


# ---------------------------------------------------------------- 3.10 what is counted

def _with_padding(logits: Tensor, x: Tensor) -> Tensor:
    target = F.pad(x, (0, 1))                       # (N, T + 1): the letters, then zeros
    places = torch.arange(target.shape[1])          # (T + 1,)
    lengths = (x > 0).sum(1)                        # (N,)
    counted = places < target.shape[1] + 0 * lengths[:, None]
    nats = F.cross_entropy(logits.flatten(0, 1), target.flatten(), reduction="none")
    return nats.view_as(target)[counted].mean()


def _surprises(logits: Tensor, x: Tensor, first: int = 0, ends: bool = True, after: int = 0) -> list[Tensor]:
    """Name by name: the surprise at each letter, at the end, and at some zeros after it."""
    found = []
    for row, name in zip(logits.double(), x, strict=True):
        letters = [*name[name > 0].tolist(), *([0] if ends else []), *[0] * min(after, int((name == 0).sum()))]
        log_p = row.log_softmax(1)
        found.append(torch.stack([-log_p[place, letter] for place, letter in enumerate(letters)][first:]))
    return found


def _letter_nats(logits: Tensor, x: Tensor) -> Tensor:
    return torch.cat(_surprises(logits, x)).mean()


def _letter_cases() -> list[Case]:
    cases = []
    for i, (lengths, n_letters) in enumerate((((2, 5, 3), 7), ((4, 1), 5), ((6,), 3), ((3, 3, 3, 3), 6), (tuple(1 + k % 12 for k in range(90)), 40))):
        g = torch.Generator().manual_seed(40 + i)
        x = torch.zeros(len(lengths), max(lengths), dtype=torch.int64)
        for row, n in zip(x, lengths, strict=True):
            row[:n] = torch.randint(1, n_letters, (n,), generator=g)
        logits = 2 * torch.randn(len(lengths), max(lengths) + 1, n_letters, generator=g)
        cases.append(Case(f"names of {', '.join(map(str, lengths[:4]))}{' …' if len(lengths) > 4 else ''} letters", (logits, x)))
    return cases


letter_nats = Exercise("3.10", oracle=_letter_nats, cases=_letter_cases, kind="fix", given=_with_padding,
                       verified="letters and one end a name are counted, for five batches; names of equal length among them")


@letter_nats.also_right
def by_ignored_targets(logits: Tensor, x: Tensor) -> Tensor:
    beyond = torch.arange(x.shape[1] + 1) > (x > 0).sum(1)[:, None]
    return F.cross_entropy(logits.flatten(0, 1), F.pad(x, (0, 1)).masked_fill(beyond, -100).flatten())


@letter_nats.also_right
def name_by_name(logits: Tensor, x: Tensor) -> Tensor:
    total, n = torch.zeros(()), 0
    for row, name in zip(logits, x, strict=True):
        letters = F.pad(name[name > 0], (0, 1))
        total = total + F.cross_entropy(row[:len(letters)], letters, reduction="sum")
        n += len(letters)
    return total / n


@letter_nats.wrong("the ends are not counted: a name of n letters is asked at n + 1 places (<= in place of <).")
def without_the_ends(logits: Tensor, x: Tensor) -> Tensor:
    return torch.cat(_surprises(logits, x, ends=False)).mean()


@letter_nats.wrong("one zero too many is counted: after the end of a name nothing is asked any more.")
def one_more(logits: Tensor, x: Tensor) -> Tensor:
    return torch.cat(_surprises(logits, x, after=1)).mean()


@letter_nats.wrong("the first letter is not counted: place 0 asks for it.")
def without_the_first(logits: Tensor, x: Tensor) -> Tensor:
    return torch.cat(_surprises(logits, x, first=1)).mean()


@letter_nats.wrong("each name has the same weight here: the mean goes over letters, so a long name counts more.")
def mean_of_means(logits: Tensor, x: Tensor) -> Tensor:
    return torch.stack([part.mean() for part in _surprises(logits, x)]).mean()


@letter_nats.wrong("the sum came back: the mean over all that is counted is wanted.")
def summed(logits: Tensor, x: Tensor) -> Tensor:
    return torch.cat(_surprises(logits, x)).sum()


# ---------------------------------------------------------------- 3.12 a temperature

PROBS = (0.6, 0.3, 0.1)


def _likeliest(temperature: object) -> str | None:
    try:
        t = float(temperature)      # type: ignore[arg-type]
    except (TypeError, ValueError, RuntimeError):
        return f"my_temperature should be one number, not {type(temperature).__name__}"
    if not t > 0:
        return "a temperature is greater than 0"
    p = float((torch.tensor(PROBS, dtype=torch.float64).log() / t).softmax(0)[0])
    if 0.49 <= p <= 0.51:
        return Met(f"the likeliest letter has probability {p:.3f}")
    said = f"at this temperature the likeliest letter has probability {p:.3f}, not between 0.49 and 0.51."
    if t < 1:
        said += " Below 1 the likeliest letter becomes likelier still."
    elif abs(t - 1.2) < 1e-3:
        said += " Likely cause: 0.6 / 0.5 divides probabilities; it is the logits that are divided."
    return said


temperature = Exercise("3.12", kind="value", judge=_likeliest, verified="the likeliest of the three letters has a probability of one half")


@temperature.also_right
def by_trial() -> float:
    return 1.66


@temperature.also_right
def by_bisection() -> Tensor:
    low, high = torch.tensor(1.0), torch.tensor(9.0)
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (low, middle) if (torch.tensor(PROBS).log() / middle).softmax(0)[0] < 0.5 else (middle, high)
    return low


@temperature.wrong("0.6 / 0.5 divides probabilities; it is the logits that are divided.")
def ratio_of_probabilities() -> float:
    return 1.2


@temperature.wrong("Below 1 the likeliest letter becomes likelier still.")
def the_inverse() -> float:
    return 0.6


@temperature.wrong("a temperature is greater than 0")
def zero() -> float:
    return 0.0


@temperature.wrong("the likeliest letter has probability 0.473, not between 0.49 and 0.51.")
def twice() -> float:
    return 2.0


@temperature.wrong("my_temperature should be one number, not list")
def a_list() -> list[float]:
    return [1.6, 1.7]
