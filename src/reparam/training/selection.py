"""Which weights are the best, and when to stop looking for better ones."""

from dataclasses import dataclass, field
from typing import Any

from torch import Tensor, nn

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

    def see(self, record: Record, module: nn.Module, state: State) -> None:
        """Look at an epoch.

        Args:
            record: Its validation.
            module: What has the weights.
            state: Where training stands; is told to stop.
        """
        if state.step < state.objective.scheduled_steps:
            return
        if record["loss"] < self.loss:
            self.record, self.loss, self.waited = record, record["loss"], 0
            self.weights = {
                name: tensor.detach().cpu().clone() for name, tensor in module.state_dict().items()
            }
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
