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
        if not all(math.isfinite(value) for value in means.values()):
            here = _broken(rows, self.steps, state)
            raise here or not_finite(means, step, state)  # on another process
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

    def error(self, state: State) -> TrainingError | None:
        """What is wrong with the steps so far, without ending the window; `None` if nothing is.

        Args:
            state: Where training stands.
        """
        return _broken(self._rows(), self.steps, state) if self.values else None

    def _rows(self) -> list[dict[str, float]]:
        """Each step's values as numbers, in one transfer."""
        here = self.team.accelerator.device
        every = [value.to(here) for row in self.values for value in row.values()]
        numbers = iter(torch.stack(every).cpu().double().tolist())
        return [{name: next(numbers) for name in row} for row in self.values]


def _broken(rows: list[dict[str, float]], steps: list[int], state: State) -> TrainingError | None:
    """The sentence for the first step with a value that is no number."""
    for row, step in zip(rows, steps, strict=True):
        broken = [name for name, value in row.items() if not math.isfinite(value)]
        if broken:
            hint = f", which points to the gradient of step {step}"
            return not_finite(row, step, state, hint if step and len(broken) == len(row) else "")
    return None


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


def not_finite(row: dict[str, float], step: int, state: State, hint: str = "") -> TrainingError:
    """The sentence for a loss that is no number.

    Args:
        row: The step's values.
        step: The step, counted from 0.
        state: Where training stands.
        hint: Where to look.
    """
    broken = [f"{name} is {value}" for name, value in row.items() if not math.isfinite(value)]
    advice = f"a lower learning_rate (it was {state.recipe.rate:g})"
    if state.recipe.precision != "no":
        advice += f", precision='no' (it was {state.recipe.precision})"
    epoch = step // state.steps_per_epoch + 1
    return TrainingError(
        f"training stopped at step {step + 1} (epoch {epoch}) because {', '.join(broken)}"
        f"{hint}: "
        f"try {advice}, a larger batch, or look for what is odd in the data"
    )
