"""Averages over some steps, and the guard against losses that are no numbers."""

import math
import time
from typing import Any

import torch
from torch import Tensor

from reparam.errors import TrainingError
from reparam.training.callbacks import Record, State
from reparam.training.team import Team


class Window:
    """The steps since the last record.

    Values stay on their device until the window is read: nothing waits for an accelerator.

    Args:
        team: The processes over whose examples to average.
    """

    def __init__(self, team: Team) -> None:
        self.team = team
        self.values: list[dict[str, Tensor]] = []
        self.counts: list[int] = []
        self.steps: list[int] = []
        self.started = time.perf_counter()

    def add(self, values: dict[str, Tensor], count: int, step: int) -> None:
        """Keep one step's values.

        Args:
            values: What `Step` returned, without gradients, and what else was measured.
            count: Of how many examples.
            step: Which it was, counted from 0.
        """
        self.values.append(values)
        self.counts.append(count)
        self.steps.append(step)

    @property
    def empty(self) -> bool:
        """Whether no step was added: all of them may have been skipped."""
        return not self.values

    def read(self, state: State) -> Record:
        """The averages over the window's examples, and start a new window.

        What was measured at some of the steps is averaged over their examples.

        Args:
            state: Where training stands.

        Raises:
            TrainingError: If a value is not finite.
        """
        elapsed = time.perf_counter() - self.started
        rows, step = self._rows(), self.steps[-1]
        names = list(dict.fromkeys(name for row in rows for name in row))
        parts = [[(row[name], count) for row, count in zip(rows, self.counts, strict=True)
                  if name in row] for name in names]  # fmt: skip
        sums = [sum(value * count for value, count in part) for part in parts]
        seen = [sum(count for _, count in part) for part in parts]
        found = self.team.sum(
            torch.tensor([[*sums, 0], [*seen, sum(self.counts)]], dtype=torch.double)
        )
        means = dict(zip(names, (found[0] / found[1]).tolist(), strict=False))
        total = found[1, -1].item()
        self._guard(rows, state)
        if not all(math.isfinite(value) for value in means.values()):  # on another process
            raise not_finite(means, step, state)
        self.values, self.counts, self.steps = [], [], []
        self.started = time.perf_counter()
        speed = total / max(elapsed, 1e-9)
        return {"split": "train", "step": state.step, "epoch": round(state.epoch, 4), **means,
                "examples_per_second": round(speed, 1)}  # fmt: skip

    def state_dict(self) -> dict[str, Any]:
        """The steps so far; the time they took is not kept."""
        values = [{name: value.cpu() for name, value in row.items()} for row in self.values]
        return {"values": values, "counts": self.counts, "steps": self.steps}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a state.

        Args:
            state: From `state_dict`.
        """
        here = self.team.accelerator.device
        self.values = [
            {name: value.to(here) for name, value in row.items()} for row in state["values"]
        ]
        self.counts, self.steps = list(state["counts"]), list(state["steps"])
        self.started = time.perf_counter()

    def check(self, state: State) -> None:
        """Look at the steps so far without ending the window.

        Args:
            state: Where training stands.

        Raises:
            TrainingError: If a value is not finite.
        """
        if self.values:
            self._guard(self._rows(), state)

    def _rows(self) -> list[dict[str, float]]:
        """Each step's values as numbers, in one transfer."""
        every = [value for row in self.values for value in row.values()]
        numbers = iter(torch.stack(every).cpu().double().tolist())
        return [{name: next(numbers) for name in row} for row in self.values]

    def _guard(self, rows: list[dict[str, float]], state: State) -> None:
        for row, step in zip(rows, self.steps, strict=True):
            if not all(math.isfinite(value) for value in row.values()):
                raise not_finite(row, step, state)


def check_finite(values: Record, step: int, state: State) -> None:
    """Refuse values of which one is no number.

    Args:
        values: Numbers and lists of numbers by name.
        step: Which step they are of, counted from 0.
        state: Where training stands.

    Raises:
        TrainingError: If a value is not finite.
    """
    numbers = {k: v for k, v in values.items() if isinstance(v, float)}
    if not all(math.isfinite(value) for value in numbers.values()):
        raise not_finite(numbers, step, state)


def not_finite(row: dict[str, float], step: int, state: State) -> TrainingError:
    """The sentence for a loss that is no number.

    Args:
        row: The step's values.
        step: The step, counted from 0.
        state: Where training stands.
    """
    broken = [f"{name} is {value}" for name, value in row.items() if not math.isfinite(value)]
    advice = f"a lower learning_rate (it was {state.recipe.rate:g})"
    if state.recipe.precision != "no":
        advice += f", precision='no' (it was {state.recipe.precision})"
    epoch = step // state.steps_per_epoch + 1
    before = f", all there is, so the gradient of step {step} may have been broken"
    return TrainingError(
        f"training stopped at step {step + 1} (epoch {epoch}) because {', '.join(broken)}"
        f"{before if step and len(broken) == len(row) else ''}: "
        f"try {advice}, a larger batch, or look for what is odd in the data"
    )
