"""What moves parameters down a loss: gradients, their norms, and the optimizer."""

import torch
from accelerate import Accelerator
from torch import Tensor
from torch.nn.utils import clip_grads_with_norm_
from torch.optim import Optimizer

from reparam.errors import TrainingError

PATIENCE = 40
"""Steps in a row that may overflow: a scale of 65,536 is then a ten-millionth."""


class Descent:
    """One optimizer for all players; each player has its gradient's norm and its limit.

    Only a scaled loss needs accelerate's own optimizer, which looks for packages on the disk at
    every step; without a scaler torch's does the same in less time.

    Args:
        accelerator: Where to train.
        optimizer: The optimizer; each of its groups is a player with a `name` and a `clip`.
    """

    def __init__(self, accelerator: Accelerator, optimizer: Optimizer) -> None:
        self.accelerator, self.optimizer = accelerator, optimizer
        self.scaled = accelerator.prepare(optimizer) if accelerator.scaler else None
        self.players = [
            (_norm_of(group["name"]), group["params"], group["clip"])
            for group in optimizer.param_groups
        ]
        self.overflows = 0
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
            norms[name] = norm = length([p.grad for p in parameters if p.grad is not None])
            if clip is not None:
                clip_grads_with_norm_(parameters, clip, norm)
        if self.scaled is not None:  # an overflow is the scaler's business
            return {name: torch.nan_to_num(norm, 0, 0, 0) for name, norm in norms.items()}
        return norms

    def move(self) -> None:
        """Let the optimizer make its step.

        Raises:
            TrainingError: If a scaled loss's gradients overflow for ever.
        """
        if self.scaled is None:
            self.optimizer.step()
            return
        self.scaled.step()  # leaves out a step whose gradients overflowed, and scales less
        self.overflows = self.overflows + 1 if self.scaled.step_was_skipped else 0
        if self.overflows >= PATIENCE:
            raise TrainingError(
                f"training stopped because the gradients of {PATIENCE} steps in a row overflowed "
                "16-bit numbers, however small the loss was made: use precision='bf16'"
            )


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
