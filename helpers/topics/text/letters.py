"""Models that guess the next character: counts of the last few, and a GRU; both measured in bits on one stretch."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from helpers.data.tales import split_tales
from helpers.topics.text.loops import train_on
from helpers.validate import positive, whole

#: The characters that a model may write: all that the training tales hold.
ALPHABET = "".join(sorted(set(split_tales().train)))
PLACE = {c: i for i, c in enumerate(ALPHABET)}


def as_ids(text: str) -> torch.Tensor:
    """A text as int64 (T,); a character that no training tale holds becomes a blank."""
    return torch.tensor([PLACE.get(c, PLACE[" "]) for c in text])


class NGram:
    """Counts of what followed each context of 0 … n - 1 signs, blended by Witten and Bell's rule.

    p(c | context) = (count + kinds · p(c | shorter context)) / (total + kinds), where kinds is how many different
    signs have followed the context.

    Parameters
    ----------
    text : str
        What is counted. Tokens are counted as well, one sign for each.
    n : int, 1 to 9
        The order: contexts are as long as n - 1.
    n_signs : int
        How many different signs there are; those of ALPHABET if not given.

    Source: I. Witten, T. Bell, "The zero-frequency problem", IEEE Transactions on Information Theory 37 (1991),
    doi:10.1109/18.87000.
    """

    def __init__(self, text: str, n: int, n_signs: int = len(ALPHABET)) -> None:
        self.n, self.n_signs = whole("n", n, 1, 9), n_signs
        self.tables: list[dict[str, Counter[str]]] = []
        for k in range(n):
            table: defaultdict[str, Counter[str]] = defaultdict(Counter)
            for key, count in Counter(text[i - k:i + 1] for i in range(k, len(text))).items():
                table[key[:-1]][key[-1]] = count
            self.tables.append(dict(table))
        self.totals = [{context: (row.total(), len(row)) for context, row in table.items()} for table in self.tables]

    def surprises(self, text: str, order: int | None = None) -> list[float]:
        """The mean surprise over a text for each order from 1 up to ``order``, in bits a sign; of all but the first sign."""
        order = self.n if order is None else whole("order", order, 1, self.n)
        total = [0.0] * order
        for i in range(1, len(text)):
            p, c, missing = 1 / self.n_signs, text[i], False
            for k in range(order):
                found = None if missing or k > i else self.totals[k].get(text[i - k:i])
                if found is None:
                    missing = True                  # a longer context was never seen either
                else:
                    p = (self.tables[k][text[i - k:i]][c] + found[1] * p) / (found[0] + found[1])
                total[k] -= math.log2(p)
        return [t / (len(text) - 1) for t in total]

    def bits(self, text: str) -> float:
        """The mean surprise of the highest order, in bits a sign."""
        return self.surprises(text)[-1]

    def probs(self, context: str, order: int | None = None) -> np.ndarray:
        """The probability of each character of ALPHABET behind the context: (V,), sum 1."""
        p = np.full(len(ALPHABET), 1 / len(ALPHABET))
        for k in range(min(self.n if order is None else order, len(context) + 1)):
            key = context[len(context) - k:]
            if key not in self.totals[k]:
                break
            total, kinds = self.totals[k][key]
            p *= kinds / (total + kinds)
            for c, count in self.tables[k][key].items():
                p[PLACE[c]] += count / (total + kinds)
        return p


class CharGRU(nn.Module):
    """An embedding, a GRU, a linear layer: ids (N, T) → logits (N, T, V) and the state."""

    def __init__(self, h: int = 192, d: int = 48, dropout: float = 0.0) -> None:
        super().__init__()
        v = len(ALPHABET)
        self.embed, self.gru, self.drop, self.out = nn.Embedding(v, d), nn.GRU(d, h, batch_first=True), nn.Dropout(dropout), nn.Linear(h, v)

    def forward(self, ids: torch.Tensor, state: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor]:
        out, state = self.gru(self.embed(ids), state)
        return self.out(self.drop(out)), state

    def bits(self, text: str) -> float:
        """The mean surprise over a text read from its first character to its last, in bits a character."""
        ids = as_ids(text)
        self.eval()
        with torch.no_grad():
            logits, _ = self(ids[None, :-1])
        return float(F.cross_entropy(logits[0], ids[1:])) / math.log(2)


def train_letters(model: CharGRU, text: str, *, n_steps: int, lr: float = 5e-3, seed: int = 0, batch_size: int = 32, length: int = 64, decay: float = 0.01,
                  measure: dict[int, str] | None = None) -> dict[int, float]:
    """Train on windows of a text; bits after some steps: measure step → text."""
    ids, span = as_ids(text), torch.arange(length + 1)
    found: dict[int, float] = {}

    def loss_of(starts: torch.Tensor) -> torch.Tensor:
        windows = ids[starts[:, None] + span]               # (B, length + 1)
        logits, _ = model(windows[:, :-1])
        return F.cross_entropy(logits.flatten(0, 1), windows[:, 1:].flatten())

    def after(step: int) -> None:
        if measure and step in measure:
            found[step] = model.bits(measure[step])
            model.train()

    train_on(model, loss_of, len(ids) - length, n_steps=n_steps, lr=lr, seed=seed, batch_size=batch_size, decay=decay, after=after)
    return found


NextProbs = Callable[[str], np.ndarray]


def stepper(model: CharGRU) -> NextProbs:
    """The model in NumPy, one character at a time: twenty times as fast as torch for so small a step. Text → probabilities (V,).

    The state behind the last text is kept: a text that is one character longer costs one step.
    """
    w = {name: value.detach().numpy().astype(np.float32) for name, value in model.state_dict().items()}
    w_in, w_state, b_in, b_state = (w[f"gru.{name}_l0"] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
    fed = w["embed.weight"] @ w_in.T + b_in                     # (V, 3h): what each character brings
    h = w_state.shape[1]
    kept: dict[str, np.ndarray] = {"": np.zeros(h, np.float32)}

    def after(text: str) -> np.ndarray:
        if text in kept:
            return kept[text]
        known = next((text[:n] for n in range(len(text) - 1, -1, -1) if text[:n] in kept), "")
        state = kept[known]
        for c in text[len(known):]:
            a, b = fed[PLACE.get(c, PLACE[" "])], w_state @ state + b_state
            gates = 1 / (1 + np.exp(-(a[:2 * h] + b[:2 * h])))
            new = np.tanh(a[2 * h:] + gates[:h] * b[2 * h:])
            state = (1 - gates[h:]) * new + gates[h:] * state
        if len(kept) > 500:
            kept.clear()
            kept[""] = np.zeros(h, np.float32)
        kept[text] = state
        return state

    def probs(text: str) -> np.ndarray:
        logits = w["out.weight"] @ after(text) + w["out.bias"]
        p = np.exp(logits - logits.max())
        return p / p.sum()

    return probs


def sharpened(p: np.ndarray, temperature: float, k: int) -> np.ndarray:
    """Probabilities (V,) at another temperature, only the k greatest kept: (V,), sum 1."""
    temperature, k = positive("temperature", temperature), whole("k", k)
    logits = np.log(np.maximum(p, 1e-30)) / temperature
    kept = np.where(p >= np.sort(p)[-min(k, len(p))], np.exp(logits - logits.max()), 0)
    return kept / kept.sum()


def sample(next_probs: NextProbs, start: str, n: int, temperature: float = 1.0, k: int = len(ALPHABET), seed: int = 0) -> str:
    """Write n characters behind start: each is drawn from what ``next_probs`` gives for the text so far, sharpened."""
    draw, text = np.random.default_rng(seed), start
    for _ in range(whole("n", n)):
        p = sharpened(next_probs(text), temperature, k)
        text += ALPHABET[min(int(np.searchsorted(p.cumsum(), draw.random())), len(ALPHABET) - 1)]
    return text
