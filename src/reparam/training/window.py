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
        self.steps: list[int] = []
        self.started = time.perf_counter()

    def add(self, values: dict[str, Tensor], step: int) -> None:
        """Keep one step's values.

        Args:
            values: What `Step` returned, without gradients.
            step: Which it was, counted from 0.
        """
        self.steps.append(step)
        self.values.append(values)

    @property
    def empty(self) -> bool:
        """Whether no step was added: all of them may have been skipped."""
        return not self.values

    def read(self, state: State) -> Record:
        """The averages over the window's examples, and start a new window.

        Args:
            state: Where training stands.

        Raises:
            TrainingError: If a value is not finite.
        """
        elapsed = time.perf_counter() - self.started
        table, step = self._table(), self.steps[-1]
        counts = table.pop("count")
        sums = [sum(v * n for v, n in zip(c, counts, strict=True)) for c in table.values()]
        *sums, total = self.team.sum(
            torch.tensor([*sums, sum(counts)], dtype=torch.double)
        ).tolist()
        means = {name: each / total for name, each in zip(table, sums, strict=True)}
        self._guard(table, state)
        if not all(math.isfinite(value) for value in means.values()):  # on another process
            raise not_finite(means, step, state)
        self.values, self.steps, self.started = [], [], time.perf_counter()
        speed = total / max(elapsed, 1e-9)
        return {"split": "train", "step": state.step, "epoch": round(state.epoch, 4), **means,
                "examples_per_second": round(speed, 1)}  # fmt: skip

    def state_dict(self) -> dict[str, Any]:
        """The steps so far; the time they took is not kept."""
        values = [{name: value.cpu() for name, value in row.items()} for row in self.values]
        return {"values": values, "steps": self.steps}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a state.

        Args:
            state: From `state_dict`.
        """
        self.values, self.steps = list(state["values"]), list(state["steps"])
        self.started = time.perf_counter()

    def check(self, state: State) -> None:
        """Look at the steps so far without ending the window.

        Args:
            state: Where training stands.

        Raises:
            TrainingError: If a value is not finite.
        """
        if self.values:
            self._guard(self._table(), state)

    def _table(self) -> dict[str, list[float]]:
        return {name: torch.stack([v[name].cpu() for v in self.values]).double().tolist()
                for name in self.values[0]}  # fmt: skip

    def _guard(self, table: dict[str, list[float]], state: State) -> None:
        for position in range(len(self.values)):
            row = {name: column[position] for name, column in table.items()}
            if not all(math.isfinite(value) for value in row.values()):
                raise not_finite(row, self.steps[position], state)


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
    return TrainingError(
        f"training stopped at step {step + 1} (epoch {epoch}) because {', '.join(broken)}: "
        f"try {advice}, a larger batch, or look for what is odd in the data"
    )
