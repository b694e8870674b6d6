"""Which weights are the best, and when to stop looking for better ones."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from reparam.training.callbacks import Record, State


@dataclass
class Selection:
    """The weights of the epoch with the lowest validation loss so far.

    The loss is the objective's at its final weights with the same noise each time. Epochs before
    the last weight is final do not count. The test set has no say.

    Args:
        patience: Stop after so many epochs without a better one; `None`: never.
    """

    patience: int | None = None
    loss: float = float("inf")
    record: Record = field(default_factory=dict)
    waited: int = 0
    weights: dict[str, Tensor] = field(default_factory=dict, repr=False)

    def see(self, record: Record, copies: Callable[[], dict[str, Tensor]], state: State) -> None:
        """Look at an epoch.

        Args:
            record: Its validation.
            copies: Gives the weights by name.
            state: Where training stands; is told to stop.
        """
        if state.step < state.objective.scheduled_steps:
            return
        if record["loss"] < self.loss:
            self.record, self.loss, self.waited = record, record["loss"], 0
            self.weights = copies()
            return
        self.waited += 1
        if self.patience is not None and self.waited >= self.patience:
            state.stop = True

    def state_dict(self) -> dict[str, Any]:
        """All but the patience, which the recipe knows."""
        return {name: value for name, value in vars(self).items() if name != "patience"}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        vars(self).update(state)
