"""How a term's weight changes while training."""

import math
from abc import abstractmethod

from torch import nn

from reparam.errors import CompositionError
from reparam.registry import register


class Schedule(nn.Module):
    """A weight as a function of the optimiser's steps. Abstract.

    Attributes:
        steps: From this step on the weight is final.
    """

    steps: int
    _prepared = True

    def prepare(self, steps: int) -> None:
        """Learn how long training is.

        Args:
            steps: How many steps it takes.
        """

    @abstractmethod
    def at(self, step: int) -> float:
        """The weight at a step, counted from 0."""

    def weight_at(self, step: int) -> float:
        """The same, refused before the end where the length of the training is unknown.

        Args:
            step: Counted from 0.

        Raises:
            CompositionError: If the schedule lasts a part of a training of unknown length.
        """
        if not self._prepared and step < self.steps:
            raise CompositionError(
                "a schedule lasts a part of the training, and nobody said how long that is: call "
                "objective.prepare(examples, steps) before the first step"
            )
        return self.at(step)

    @property
    def final(self) -> float:
        """The weight once the schedule has ended."""
        return self.at(self.steps)


class Ramp(Schedule):
    """From one weight to another, then constant. Abstract.

    Args:
        start: The weight at step 0.
        end: The weight once the steps have passed.
        steps: How many of the optimiser's steps; or, as a number between 0 and 1 with a point, the
            part of the training, whose length `fit` says, or `Objective.prepare`.

    Raises:
        CompositionError: If it takes no step, goes nowhere or has a negative weight.
    """

    def __init__(self, start: float, end: float, steps: int | float) -> None:
        super().__init__()
        self.part = steps if isinstance(steps, float) else None
        if self.part is not None and not 0 < self.part <= 1:
            raise CompositionError(
                f"a schedule takes whole steps, or a part of the training up to 1.0, not {steps}"
            )
        if self.part is None and steps < 1:
            raise CompositionError(f"a schedule takes at least one step, not {steps}")
        if start == end:
            raise CompositionError(
                f"a schedule from {start} to {end} has no effect: give a number"
            )
        self.start, self.end = check_weight(start), check_weight(end)
        self.steps = int(steps) if self.part is None else 1
        self._prepared = self.part is None

    def prepare(self, steps: int) -> None:
        """Learn how long training is."""
        if self.part is not None:
            self.steps = max(1, round(self.part * steps))
            self._prepared = True


@register
class LinearSchedule(Ramp):
    r"""From one weight to another in equal steps, then constant.

    .. math:: w(t) = s + (e - s) \min(t / T, 1)

    Args:
        start: s, the weight at step 0.
        end: e, the weight from step T on.
        steps: T, in optimiser's steps, or as a part of the training.

    Raises:
        CompositionError: If it takes no step, goes nowhere or has a negative weight.

    Example:
        >>> warmup = LinearSchedule(0.0, 4.0, steps=100)
        >>> warmup.at(0), warmup.at(50), warmup.at(500)
        (0.0, 2.0, 4.0)
    """

    def at(self, step: int) -> float:
        """The weight at a step."""
        return self.start + (self.end - self.start) * min(step / self.steps, 1.0)


@register
class CosineSchedule(Ramp):
    r"""From one weight to another along half a cosine, then constant: slow at both ends.

    .. math:: w(t) = e + (s - e) \frac{1 + \cos(\pi \min(t / T, 1))}{2}

    Args:
        start: s, the weight at step 0.
        end: e, the weight from step T on.
        steps: T, in optimiser's steps, or as a part of the training.

    Raises:
        CompositionError: If it takes no step, goes nowhere or has a negative weight.

    Example:
        >>> warmup = CosineSchedule(0.0, 4.0, steps=100)
        >>> warmup.at(0), round(warmup.at(25), 4), warmup.at(100)
        (0.0, 0.5858, 4.0)
    """

    def at(self, step: int) -> float:
        """The weight at a step."""
        passed = min(step / self.steps, 1.0)
        return self.end + (self.start - self.end) * (1 + math.cos(math.pi * passed)) / 2


@register
class CyclicalSchedule(Ramp):
    r"""Rises in a line and stays, again and again, then constant.

    .. math:: w(t) = s + (e - s) \min(\tau / r, 1), \quad \tau = (M t / T) \bmod 1

    Args:
        start: s, the weight at each cycle's start.
        end: e, the weight that each cycle ends with, and from step T on.
        steps: T, in optimiser's steps, or as a part of the training.
        cycles: M, how many.
        rising: r, the part of a cycle in which the weight rises.

    Raises:
        CompositionError: If it takes no step, goes nowhere, has a negative weight or no cycle.

    Source: Fu et al. 2019, "Cyclical Annealing Schedule", https://arxiv.org/abs/1903.10145

    Example:
        >>> cyclical = CyclicalSchedule(0.0, 1.0, steps=80)
        >>> [cyclical.at(step) for step in (0, 5, 10, 15, 20, 25, 80)]
        [0.0, 0.5, 1.0, 1.0, 0.0, 0.5, 1.0]
    """

    def __init__(
        self,
        start: float,
        end: float,
        steps: int | float,
        cycles: int = 4,
        rising: float = 0.5,
    ) -> None:
        super().__init__(start, end, steps)
        if cycles < 1 or (self.part is None and cycles > steps):
            raise CompositionError(f"{cycles} cycles do not fit into {steps} steps")
        if not 0 < rising <= 1:
            raise CompositionError(f"rising is a part of a cycle, in (0, 1], not {rising}")
        self.cycles, self.rising = cycles, rising

    def prepare(self, steps: int) -> None:
        """Learn how long training is."""
        super().prepare(steps)
        if self.cycles > self.steps:
            raise CompositionError(f"{self.cycles} cycles do not fit into {self.steps} steps")

    def at(self, step: int) -> float:
        """The weight at a step."""
        if step >= self.steps:
            return self.end
        passed = self.cycles * step / self.steps % 1
        return self.start + (self.end - self.start) * min(passed / self.rising, 1.0)


def check_weight(weight: float) -> float:
    """A weight, if it is one.

    Args:
        weight: A finite number of at least 0.

    Raises:
        CompositionError: If it is something else.
    """
    if not (math.isfinite(weight) and weight >= 0):
        raise CompositionError(f"a weight is a finite number of at least 0, not {weight}")
    return float(weight)
