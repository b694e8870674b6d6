"""Priors that were fitted to a trained model's codes.

Such a sampler is a prior too: put it in the model's place for one, `model.prior = sampler`, and
the model samples and is saved with it.
"""

import torch
from torch import Tensor, nn

from reparam.distributions import Box, FullNormal
from reparam.registry import register


@register
class FittedNormal(nn.Module):
    """A normal distribution with full covariance, fitted to codes by `reparam.samplers.normal`.

    Args:
        dim: How many dimensions a code has.

    Example:
        >>> FittedNormal(2)().covariance
        tensor([[1., 0.],
                [0., 1.]])
    """

    mean: Tensor
    scale_tril: Tensor

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(dim))
        self.register_buffer("scale_tril", torch.eye(dim))

    def forward(self, *given: Tensor) -> FullNormal:
        """The fitted distribution, whatever is given."""
        return FullNormal(self.mean, self.scale_tril)


@register
class FittedBox(nn.Module):
    """The uniform distribution over a box, fitted to codes by `reparam.samplers.box`.

    Args:
        dim: How many dimensions a code has.

    Example:
        >>> FittedBox(2)().sample((3,)).shape
        torch.Size([3, 2])
    """

    low: Tensor
    high: Tensor

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.register_buffer("low", -torch.ones(dim))
        self.register_buffer("high", torch.ones(dim))

    def forward(self, *given: Tensor) -> Box:
        """The fitted distribution, whatever is given."""
        return Box(self.low, self.high)
