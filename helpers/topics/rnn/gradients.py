"""Chapter 03: scenes of gradients that travel through time. A scene gives ``(draw, fig)`` for explore()."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from helpers.lesson.promises import measured
from helpers.plots import BLACK, BLUE, VERMILION, Scene, quiet_title

# ------------------------------------------------------------------------------------- gradients through time

def random_matrix(n_units: int, radius: float, seed: int = 0) -> np.ndarray:
    """A (D, D) matrix of normal numbers, scaled so that its largest eigenvalue has this absolute value."""
    W = np.random.default_rng(seed).normal(size=(n_units, n_units))
    return W * radius / np.abs(np.linalg.eigvals(W)).max()


def tanh_states(W: np.ndarray, length: int, strength: float, seed: int = 1) -> np.ndarray:
    """(length, D): the states of h_t = tanh(W h_{t-1} + a_t) with normal inputs a_t of this standard deviation.

    The first state before them is random, not 0: there a silent network would stay for ever, though any input drives it away.
    """
    rng = np.random.default_rng(seed)
    a, h, states = strength * rng.normal(size=(length, len(W))), np.tanh(rng.normal(size=len(W))), np.empty((length, len(W)))
    for t in range(length):
        states[t] = h = np.tanh(W @ h + a[t])
    return states


def gradient_norms(W: np.ndarray, states: np.ndarray, steps: Sequence[int]) -> np.ndarray:
    """Spectral norms of ∂h_T/∂h_{T-k} for each k in steps; T is the last of the states (T, D)."""
    J, found = np.eye(len(W)), {0: 1.0}
    wanted = set(steps)
    for k in range(1, max(wanted) + 1):
        J = J @ ((1 - states[-k] ** 2)[:, None] * W)
        if k in wanted:
            found[k] = float(np.linalg.norm(J, 2))
    return np.array([found[k] for k in steps])


def sizes_of_parts(length: int, n_units: int, radius: float, seed: int = 0) -> np.ndarray:
    """(length,): the norm of what each step adds to ∂L/∂W_h, for L = ½‖h_T - 1‖² and inputs of standard deviation 0.5.

    Backpropagation through time by hand; its sum equals autograd's gradient (a test holds that).
    """
    return np.linalg.norm(parts_of_gradient(length, n_units, radius, seed)[0], axis=(1, 2))


def parts_of_gradient(length: int, n_units: int, radius: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each step's part (length, D, D) of ∂L/∂W_h, the matrix W_h (D, D) and the inputs (length, D)."""
    W, a = random_matrix(n_units, radius, seed), 0.5 * np.random.default_rng(seed + 1).normal(size=(length, n_units))
    states = [np.zeros(n_units)]
    for t in range(length):
        states.append(np.tanh(a[t] + W @ states[-1]))
    parts, grad_h = np.empty((length, n_units, n_units)), states[-1] - 1
    for t in range(length, 0, -1):
        delta = grad_h * (1 - states[t] ** 2)
        parts[t - 1] = np.outer(delta, states[t - 1])
        grad_h = W.T @ delta
    return parts, W, a


def gradient_reach(n_units: int = 16, length: int = 100, matrices: int = 6) -> Scene:
    """How large the gradient is, k steps back. Controls: radius, strength (of the inputs), k, matrix (its seed)."""
    bases = [random_matrix(n_units, 1.0, seed) for seed in range(matrices)]
    steps = [*range(0, length + 1, 4)]
    silent = np.zeros((length, n_units))
    linears = [gradient_norms(base, silent, steps) for base in bases]          # of radius 1; for radius r times r^k
    fig, ax = plt.subplots(figsize=(7.2, 3.8))
    ax.axhspan(0.01, 100, color="#e9f3ee", zorder=0)
    (theory,) = ax.plot(steps, linears[0], color=BLACK, linestyle=":", label="theory: $ρ^k$", zorder=3)
    (plain,) = ax.plot(steps, linears[0], color=BLUE, linestyle="--", label="measured, without tanh", zorder=3)
    (bent,) = ax.plot(steps, linears[0], color=VERMILION, label="measured, with tanh", zorder=3)
    (dot,) = ax.plot([0], [1], "o", color=VERMILION, zorder=4)
    ax.set(yscale="log", ylim=(1e-16, 1e16), xlim=(0, length), xlabel="k (steps back in time)", ylabel="norm of the gradient",
           yticks=[10.0**p for p in (-16, -12, -8, -4, 0, 4, 8, 12, 16)])
    ax.minorticks_off()
    quiet_title(ax, "The gradient's size, k steps back")
    ax.legend(loc="lower left").set_zorder(1)

    def draw(radius: float, strength: float, k: int, matrix: int) -> tuple[str, bool]:
        W, linear = radius * bases[matrix], linears[matrix]
        at = min(range(len(steps)), key=lambda i: abs(steps[i] - k))
        powers = radius ** np.array(steps)
        norms = gradient_norms(W, tanh_states(W, length, strength), steps)
        theory.set_ydata(np.clip(powers, 1e-30, 1e30))
        plain.set_ydata(np.clip(powers * linear, 1e-30, 1e30))
        bent.set_ydata(np.clip(norms, 1e-30, 1e30))
        dot.set_data([steps[at]], [norms[at]])
        words = (f"{steps[at]} steps back: theory {powers[at]:.0e}, without tanh {measured(powers[at] * linear[at], '.0e')}, "
                 f"with tanh {measured(norms[at], '.0e')}.")
        return words, bool(k >= 96 and strength >= 0.5 and 0.01 <= norms[at] <= 100)

    return draw, fig


# ------------------------------------------------------------------------------------- the cliff

CLIFF_TARGET, CLIFF_START, CLIFF_LENGTH = 0.2, (1.8, -0.1), 50


def cliff_loss(w: np.ndarray | float, b: np.ndarray | float) -> tuple[Any, Any, Any]:
    """½(h_T - 0.2)² for h_t = tanh(w h_{t-1} + b) from h_0 = 0.5, and its derivatives by w and b."""
    h, dw, db = 0.5 + 0.0 * (w + b), 0.0 * (w + b), 0.0 * (w + b)
    tanh = math.tanh if isinstance(h, float) else np.tanh
    for _ in range(CLIFF_LENGTH):
        new = tanh(w * h + b)
        slope = 1 - new * new
        dw, db, h = slope * (h + w * dw), slope * (1 + w * db), new
    error = h - CLIFF_TARGET
    return error * error / 2, error * dw, error * db


def cliff_path(lr: float, threshold: float, n_steps: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Gradient descent with clipping at a norm: the places (n_steps + 1, 2) and the norms (n_steps,) before clipping."""
    w, b = CLIFF_START
    places, norms = [(w, b)], []
    for _ in range(n_steps):
        _, dw, db = cliff_loss(w, b)
        norms.append(math.hypot(dw, db))
        scale = lr * min(1.0, threshold / max(norms[-1], 1e-12))
        w, b = w - scale * dw, b - scale * db
        places.append((w, b))
    return np.array(places), np.array(norms)


def cliff() -> Scene:
    """The loss of one unit over its two numbers, and a descent on it. Controls: threshold, lr."""
    w_grid, b_grid = np.meshgrid(np.linspace(0.2, 2.6, 200), np.linspace(-0.9, 0.9, 140))
    fig, ax = plt.subplots(figsize=(7.2, 3.8))
    surface = ax.imshow(np.sqrt(2 * cliff_loss(w_grid, b_grid)[0]), extent=(0.2, 2.6, -0.9, 0.9), origin="lower", aspect="auto", cmap="viridis")
    fig.colorbar(surface, ax=ax, label="error |h₅₀ − 0.2|")
    (track,) = ax.plot([], [], color="white", marker="o", markersize=3.5, linewidth=1, zorder=3)
    ax.plot(*CLIFF_START, "s", color="white", markeredgecolor="black", markersize=9, zorder=4)
    (end,) = ax.plot([], [], "o", color=VERMILION, markeredgecolor="white", markersize=9, zorder=5)
    ax.set(xlabel="recurrent weight w", ylabel="bias b", xlim=(0.2, 2.6), ylim=(-0.9, 0.9))
    ax.grid(False)
    quiet_title(ax, "A plain with a cliff: one unit, 50 steps, two numbers to learn")

    def draw(threshold: float, lr: float) -> tuple[str, bool]:
        places, norms = cliff_path(lr, threshold)
        track.set_data(*places.T)
        end.set_data(places[-1:, 0], places[-1:, 1])
        loss = cliff_loss(*map(float, places[-1]))[0]
        inside = 0.2 <= places[-1, 0] <= 2.6 and abs(places[-1, 1]) <= 0.9
        words = (f"Steepest gradient met: {measured(norms.max(), '.1f')}; clipped {measured(int((norms > threshold).sum()), '.0f')} of 60 steps. "
                 f"Error at the end: {measured(math.sqrt(2 * loss), '.2f')}" + (" (start: 0.71)." if inside else ", far outside this map."))
        return words, abs(lr - 0.1) < 0.005 and loss < 5e-5

    return draw, fig
