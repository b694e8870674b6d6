"""How the learning rate goes while training, as a factor of its peak."""

import math

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR, LRScheduler, OneCycleLR

PEAKS = {"one_cycle": 1.2e-2, "cosine": 1.2e-2, "constant": 5e-4}
"""The schedules by name, each with the peak that goes with it for small items."""
SMALL = 28 * 28
"""Up to so many numbers an item is small."""
SHORT = 100
"""A run of fewer steps is short, and its default peak is lower."""
WARMUP = 0.05
"""The part of the steps in which a cosine's rate rises, by default."""


def schedule(
    name: str, optimizer: Optimizer, steps: int, warmup: float | None = None
) -> LRScheduler | None:
    """A schedule of the learning rate, one value a step; `None` where it is constant.

    Args:
        name: one_cycle, cosine or constant.
        optimizer: The optimizer whose groups hold their peak rates.
        steps: How many steps training takes.
        warmup: The part of them in which a cosine's rate rises in a line.
    """
    if name == "constant":
        return None
    if name == "cosine":
        rising = max(1, round(steps * (WARMUP if warmup is None else warmup)))
        return LambdaLR(optimizer, lambda step: cosine(step, steps, rising))
    peaks = [group["lr"] for group in optimizer.param_groups]
    momentum = bool({"betas", "momentum"} & set(optimizer.defaults))
    return OneCycleLR(optimizer, peaks, steps, cycle_momentum=momentum)


def peak(name: str, numbers: int, steps: int | None = None) -> float:
    r"""The default peak of a schedule: lower for larger items and in runs of fewer than 100 steps.

    .. math:: \eta \min\left(1, \sqrt{784 / n}\right) \min\left(1, \sqrt{T / 100}\right)

    A constant learning rate is low enough for every item and any number of steps.

    Args:
        name: one_cycle, cosine or constant.
        numbers: n, how many numbers an item has.
        steps: T, how many steps training takes; `None` for 100 or more.

    Example:
        >>> [round(peak("one_cycle", n), 4) for n in (30, 28 * 28, 3 * 64 * 64)]
        [0.012, 0.012, 0.003]
        >>> [round(peak("one_cycle", 28 * 28, steps), 4) for steps in (1, 25, 100, 1000)]
        [0.0012, 0.006, 0.012, 0.012]
    """
    if name == "constant":
        return PEAKS[name]
    size = min(1.0, math.sqrt(SMALL / numbers))
    length = 1.0 if steps is None else min(1.0, math.sqrt(steps / SHORT))
    return PEAKS[name] * size * length


def cosine(step: int, steps: int, rising: int) -> float:
    r"""A line up, then half a cosine down to nothing.

    .. math:: \min\left(\frac{t + 1}{W}, \frac{1 + \cos(\pi (t - W) / (T - W))}{2}\right)

    Args:
        step: t, counted from 0.
        steps: T.
        rising: W, the steps in which it rises.

    Example:
        >>> [round(cosine(t, 10, 2), 2) for t in range(11)]
        [0.5, 1.0, 1.0, 0.96, 0.85, 0.69, 0.5, 0.31, 0.15, 0.04, 0.0]
    """
    if step < rising:
        return (step + 1) / rising
    return (1 + math.cos(math.pi * min((step - rising) / max(steps - rising, 1), 1))) / 2
