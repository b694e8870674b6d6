"""Which weights are the best, and when to stop looking for better ones."""

from dataclasses import dataclass, field
from typing import Any

from torch import Tensor, nn

from reparam.training.callbacks import State


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
    step: int = 0
    waited: int = 0
    weights: dict[str, Tensor] = field(default_factory=dict, repr=False)

    def see(self, loss: float, module: nn.Module, state: State) -> None:
        """Look at an epoch.

        Args:
            loss: Its validation loss.
            module: What has the weights.
            state: Where training stands; is told to stop.
        """
        if state.step < state.objective.scheduled_steps:
            return
        if loss < self.loss:
            self.loss, self.step, self.waited = loss, state.step, 0
            self.weights = {
                name: tensor.detach().cpu().clone() for name, tensor in module.state_dict().items()
            }
            return
        self.waited += 1
        if self.patience is not None and self.waited >= self.patience:
            state.stop = True

    def to_json(self) -> dict[str, Any]:
        """Which it is, as plain values."""
        return {"step": self.step, "loss": self.loss}

    def state_dict(self) -> dict[str, Any]:
        """All but the patience, which the recipe knows."""
        return {name: value for name, value in vars(self).items() if name != "patience"}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        vars(self).update(state)
