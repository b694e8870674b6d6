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

    @abstractmethod
    def at(self, step: int) -> float:
        """The weight at a step, counted from 0."""

    @property
    def final(self) -> float:
        """The weight once the schedule has ended."""
        return self.at(self.steps)


@register
class LinearSchedule(Schedule):
    r"""From one weight to another in equal steps, then constant.

    .. math:: w(t) = s + (e - s) \min(t / T, 1)

    Args:
        start: s, the weight at step 0.
        end: e, the weight from step T on.
        steps: T, in optimiser's steps.

    Raises:
        CompositionError: If it takes no step, goes nowhere or has a negative weight.

    Example:
        >>> warmup = LinearSchedule(0.0, 4.0, steps=100)
        >>> warmup.at(0), warmup.at(50), warmup.at(500)
        (0.0, 2.0, 4.0)
    """

    def __init__(self, start: float, end: float, steps: int) -> None:
        super().__init__()
        if steps < 1:
            raise CompositionError(f"a schedule takes at least one step, not {steps}")
        if start == end:
            raise CompositionError(
                f"a schedule from {start} to {end} has no effect: give a number"
            )
        self.start, self.end, self.steps = check_weight(start), check_weight(end), steps

    def at(self, step: int) -> float:
        """The weight at a step."""
        return self.start + (self.end - self.start) * min(step / self.steps, 1.0)


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
