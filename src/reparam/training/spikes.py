"""Steps that are left out because something in them shot up."""

import math
import statistics
from collections import deque
from typing import Any

WINDOW = 128
FEWEST = 32
PATIENCE = 20


class Spikes:
    """Finds losses and gradients far above those of the steps before.

    A value is a spike if it is no number, or lies more than `factor` standard deviations above
    the mean of the last 128 that were none; the first 32 steps only teach it what is usual.

    Args:
        factor: How many standard deviations; 6 is usual.

    Source: the step-skipping optimizer of OLMo 2, https://arxiv.org/abs/2501.00656
    """

    def __init__(self, factor: float) -> None:
        self.factor = factor
        self.seen: dict[str, deque[float]] = {}
        self.skipped = self.in_a_row = 0

    def found(self, values: dict[str, float]) -> bool:
        """Whether a step's values hold a spike; they are remembered if not.

        Args:
            values: Loss and gradient norms by name.
        """
        spike = any(self._is_spike(name, value) for name, value in values.items())
        if spike:
            self.skipped += 1
            self.in_a_row += 1
        else:
            self.in_a_row = 0
            for name, value in values.items():
                self.seen.setdefault(name, deque(maxlen=WINDOW)).append(value)
        return spike

    @property
    def hopeless(self) -> bool:
        """Whether so many steps in a row were spikes that training is lost."""
        return self.in_a_row >= PATIENCE

    def state_dict(self) -> dict[str, Any]:
        """What it has learned."""
        return {
            "seen": {name: list(values) for name, values in self.seen.items()},
            "skipped": self.skipped,
            "in_a_row": self.in_a_row,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self.seen = {name: deque(values, WINDOW) for name, values in state["seen"].items()}
        self.skipped, self.in_a_row = state["skipped"], state["in_a_row"]

    def _is_spike(self, name: str, value: float) -> bool:
        before = self.seen.get(name, ())
        if not math.isfinite(value):
            return True
        if len(before) < FEWEST:
            return False
        return value > statistics.fmean(before) + self.factor * statistics.pstdev(before)
