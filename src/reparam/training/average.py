"""An exponential moving average of a model's weights."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

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
        self.weights = [p.detach().clone() for p in model.parameters()]

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Follow.

        Args:
            step: t, how many steps have been taken.
        """
        decay = min(self.decay, (1 + step) / (WARMUP + step))
        torch._foreach_lerp_(self.weights, list(self.model.parameters()), 1 - decay)

    @torch.no_grad()
    def copy_to_model(self) -> None:
        """Leave the averaged weights in the model."""
        for mine, theirs in zip(self.weights, self.model.parameters(), strict=True):
            theirs.copy_(mine)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Inside, the model has the averaged weights."""
        kept = [p.detach().clone() for p in self.model.parameters()]
        self.copy_to_model()
        try:
            yield
        finally:
            with torch.no_grad():
                for mine, theirs in zip(kept, self.model.parameters(), strict=True):
                    theirs.copy_(mine)
