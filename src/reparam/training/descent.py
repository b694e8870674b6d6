"""What moves parameters down a loss: gradients, their norms, and the optimizer."""

import torch
from torch import Tensor
from torch.optim import Optimizer

from reparam.errors import TrainingError
from reparam.training.team import Team
from reparam.training.weights import local

LEAST = 1e-6
"""No loss needs to be scaled down so far: it overflows for ever. The first scale is 65,536."""


class Descent:
    """One optimizer for all players; each player has its gradient's norm and its limit.

    Only a scaled loss needs accelerate's own optimizer, which looks for packages on the disk at
    every step; without a scaler torch's does the same in less time.

    Args:
        team: The processes that train together.
        optimizer: The optimizer; each of its groups is a player with a `name` and a `clip`.
        sharded: Whether each process has a part of the gradients only.
    """

    def __init__(self, team: Team, optimizer: Optimizer, sharded: bool = False) -> None:
        self.team, self.optimizer, self.sharded = team, optimizer, sharded
        self.accelerator = accelerator = team.accelerator
        self.scaled = accelerator.prepare(optimizer) if accelerator.scaler else None
        self.players = [
            (_norm_of(group["name"]), group["params"], group["clip"])
            for group in optimizer.param_groups
        ]
        self.clips = any(clip is not None for _, _, clip in self.players)

    def clear(self) -> None:
        """Forget the gradients."""
        for _, parameters, _ in self.players:
            for parameter in parameters:
                parameter.grad = None

    def add(self, loss: Tensor) -> None:
        """Add a loss's gradients to those that are there.

        Args:
            loss: What to move down.
        """
        if self.scaled is None:
            loss.backward()
        else:
            self.accelerator.backward(loss)

    def measure(self) -> dict[str, Tensor]:
        """Each player's gradient norm, before it is clipped."""
        if self.scaled is not None:
            self.accelerator.unscale_gradients(self.scaled)
        norms = {}
        for name, parameters, clip in self.players:
            gradients = [local(p.grad) for p in parameters if p.grad is not None]
            norms[name] = norm = self._whole(length(gradients))
            if clip is not None:
                torch._foreach_mul_(gradients, (clip / (norm + 1e-6)).clamp_max(1))
        if self.scaled is not None:  # an overflow is the scaler's business
            return {name: torch.nan_to_num(norm, 0, 0, 0) for name, norm in norms.items()}
        return norms

    def move(self) -> None:
        """Let the optimizer make its step."""
        if self.scaled is None:
            self.optimizer.step()
            return
        self.scaled.step()  # leaves out a step whose gradients overflowed, and scales less

    def check(self) -> None:
        """Look whether a scaled loss gets anywhere; this waits for the accelerator.

        Raises:
            TrainingError: If its gradients overflow for ever.
        """
        scaler = self.accelerator.scaler
        if scaler is not None and scaler.get_scale() < LEAST:
            raise TrainingError(
                "training stopped because gradients overflowed 16-bit numbers again and again, "
                "however small the loss was made: use precision='bf16'"
            )

    def _whole(self, norm: Tensor) -> Tensor:
        return self.team.sum(norm.square()).sqrt() if self.sharded else norm


def length(tensors: list[Tensor]) -> Tensor:
    """The Euclidean norm of all numbers of some tensors on one device.

    Torch's `get_total_norm` sorts them by device first, at every step.

    Args:
        tensors: At least one.

    Example:
        >>> length([torch.tensor([3.0]), torch.tensor([[4.0]])])
        tensor(5.)
    """
    return torch.linalg.vector_norm(torch.stack(torch._foreach_norm(tensors)))


def _norm_of(player: str) -> str:
    return "gradient_norm" if player == "model" else f"{player}_gradient_norm"
