"""An exponential moving average of a model's weights."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from reparam.training.weights import local

WARMUP = 10


class Average:
    r"""Weights that follow a model's, smoothed.

    .. math:: a \leftarrow d a + (1 - d) w, \quad d = \min(\mathrm{decay}, (1 + t) / (10 + t))

    so that the first weights, which are random, are soon forgotten. Critics have none.

    Args:
        model: The model.
        decay: Such as 0.999.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.model, self.decay = model, decay
        self.take()

    def take(self) -> None:
        """Begin anew from the model's weights."""
        self.weights = [p.clone() for p in self._theirs()]

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Follow.

        Args:
            step: t, how many steps have been taken.
        """
        decay = min(self.decay, (1 + step) / (WARMUP + step))
        torch._foreach_lerp_(self.weights, self._theirs(), 1 - decay)

    @torch.no_grad()
    def copy_to_model(self) -> None:
        """Leave the averaged weights in the model."""
        torch._foreach_copy_(self._theirs(), self.weights)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Inside, the model has the averaged weights."""
        kept = [p.clone() for p in self._theirs()]
        self.copy_to_model()
        try:
            yield
        finally:
            with torch.no_grad():
                torch._foreach_copy_(self._theirs(), kept)

    def _theirs(self) -> list[Tensor]:
        return [local(p.detach()) for p in self.model.parameters()]
