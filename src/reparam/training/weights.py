"""Where the weights lie: whole on every process, or in parts."""

from typing import Any, Protocol

import torch
from torch import Tensor
from torch.optim import Optimizer

from reparam.training.step import Step
from reparam.training.team import Team

Values = dict[str, Tensor]


class Weights(Protocol):
    """A step whose weights lie somewhere."""

    step: Step
    """What is trained."""

    def forward(self, *batch: Tensor) -> Values:
        """One pass, such that gradients are averaged over the processes."""

    def copies(self) -> Values:
        """All weights by name, on the CPU of the process that writes."""

    def put(self, weights: Values) -> None:
        """Take other weights.

        Args:
            weights: From `copies`.
        """

    def state_dict(self, optimizer: Optimizer) -> dict[str, Any]:
        """The weights and the optimizer's state.

        Args:
            optimizer: Of these weights.
        """

    def load_state_dict(self, state: dict[str, Any], optimizer: Optimizer) -> None:
        """Go on from a state.

        Args:
            state: From `state_dict`, with more in it.
            optimizer: Of these weights.
        """

    def leave(self) -> None:
        """Leave the weights in the model and objective that were given."""


class WholeWeights:
    """All weights on every process; DDP averages their gradients.

    Args:
        step: What to train.
        team: The processes.
        compiled: Whether to make one program of a pass.
        graphs: Whether its kernels may be replayed from CUDA graphs, whose gradients no second
            pass may be added to.
    """

    def __init__(self, step: Step, team: Team, compiled: bool, graphs: bool) -> None:
        here = team.accelerator.device
        self.step = step.to(here)
        program: Any = self.step
        self.graphs = graphs and here.type == "cuda"
        if compiled:  # with the noise that an uncompiled step would draw
            options = {"fallback_random": True, "triton.cudagraphs": self.graphs}
            program = torch.compile(step, dynamic=False, options=options)
        self._program = team.accelerator.prepare(program)

    def forward(self, *batch: Tensor) -> Values:
        """One pass, such that gradients are averaged over the processes."""
        values: Values = self._program(*batch)
        if self.graphs:  # whose next replay writes where this one did
            return {name: value.clone() for name, value in values.items()}
        return values

    def copies(self) -> Values:
        """All weights by name, on the CPU."""
        return {name: w.detach().cpu().clone() for name, w in self.step.state_dict().items()}

    def put(self, weights: Values) -> None:
        """Take other weights."""
        self.step.load_state_dict(weights)

    def state_dict(self, optimizer: Optimizer) -> dict[str, Any]:
        """The weights and the optimizer's state."""
        return {"weights": self.step.state_dict(), "optimizer": optimizer.state_dict()}

    def load_state_dict(self, state: dict[str, Any], optimizer: Optimizer) -> None:
        """Go on from a state."""
        self.step.load_state_dict(state["weights"])
        optimizer.load_state_dict(state["optimizer"])

    def leave(self) -> None:
        """They are there."""


def local(tensor: Tensor) -> Tensor:
    """This process's part of a tensor, which is all of it where there are no parts.

    Args:
        tensor: Whole or in parts.

    Example:
        >>> local(torch.ones(2))
        tensor([1., 1.])
    """
    part: Tensor = tensor.to_local() if hasattr(tensor, "to_local") else tensor
    return part


def whole(tensor: Tensor) -> Tensor:
    """A tensor put together from its parts, on every process.

    Args:
        tensor: Whole or in parts.

    Example:
        >>> whole(torch.ones(2))
        tensor([1., 1.])
    """
    found: Tensor = tensor.full_tensor() if hasattr(tensor, "full_tensor") else tensor
    return found
