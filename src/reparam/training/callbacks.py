"""What may watch training: callbacks, and what they are told."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from reparam.objectives import Objective
from reparam.training.recipe import Recipe

Record = dict[str, Any]


@dataclass
class State:
    """Where training stands.

    Args:
        model: The model; with `shard`, in parts while it is trained, so that all processes must
            use it together.
        objective: Its objective.
        recipe: The recipe.
        name: What the data is called.
        steps: How many steps training takes.
        steps_per_epoch: How many an epoch takes.
        step: How many have been taken.
        out: The run's folder, or `None`.
        stop: Set it, and training ends after this epoch.
    """

    model: nn.Module
    objective: Objective
    recipe: Recipe
    name: str
    steps: int
    steps_per_epoch: int
    step: int = 0
    out: Path | None = None
    stop: bool = False

    @property
    def epoch(self) -> float:
        """How many epochs have passed, with their fraction."""
        return self.step / self.steps_per_epoch

    @property
    def between_epochs(self) -> bool:
        """Whether the last step was an epoch's last."""
        return self.step % self.steps_per_epoch == 0


class Callback:
    """Something that watches training. Each method does nothing unless it is given."""

    def on_start(self, state: State) -> None:
        """Before the first step."""

    def on_record(self, state: State, record: Record) -> None:
        """A record of some steps, or of a validation, in nats per example."""

    def on_epoch(self, state: State) -> None:
        """After each epoch, its validation included."""

    def on_end(self, state: State) -> None:
        """After the last step, or when training stops for any reason."""

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint must keep of this callback: tensors and plain values."""
        return {}

    def load_state_dict(self, kept: dict[str, Any]) -> None:
        """Go on from what a checkpoint kept; called after `on_start`.

        Args:
            kept: From `state_dict`.
        """
