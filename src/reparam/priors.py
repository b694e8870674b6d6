"""Priors: distributions of the latent given nothing, or a condition that these ignore.

A sampler that was fitted to a trained model's codes is a prior too: put it in the model's place
for one, `model.prior = sampler`, and the model samples and is saved with it.
"""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.distributions import Distribution, Independent, Uniform

from reparam.distributions import FullNormal, IsotropicNormal
from reparam.errors import CompositionError
from reparam.registry import register


@register
class StandardNormal(nn.Module):
    r"""N(0, I): the variational autoencoder's prior.

    Args:
        shape: One latent's shape; an integer for a vector.

    Example:
        >>> StandardNormal(2)().sample((64,)).shape
        torch.Size([64, 2])
    """

    zero: Tensor

    def __init__(self, shape: int | Sequence[int]) -> None:
        super().__init__()
        event = (shape,) if isinstance(shape, int) else tuple(shape)
        self.register_buffer("zero", torch.zeros(event), persistent=False)

    def forward(self, *given: Tensor) -> IsotropicNormal:
        """The standard normal distribution, whatever is given."""
        return IsotropicNormal(self.zero, self.zero.new_zeros(()), self.zero.ndim)


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


class Box(Independent):
    """The uniform distribution between two corners.

    Args:
        low: The lower corner, (D,).
        high: The upper corner, (D,).
    """

    def __init__(self, low: Float[Tensor, "D"], high: Float[Tensor, "D"]) -> None:
        self.low, self.high = low, high
        super().__init__(Uniform(low, high, validate_args=False), 1, validate_args=False)

    def tempered(self, temperature: float) -> "Box":
        """The box with its sides multiplied by a temperature about its centre."""
        centre, half = (self.low + self.high) / 2, (self.high - self.low) / 2
        return Box(centre - temperature * half, centre + temperature * half)


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


def tempered(distribution: Distribution, temperature: float) -> Distribution:
    """A distribution with its spread multiplied by a temperature.

    Args:
        distribution: One that knows how, such as a normal distribution.
        temperature: 1 changes nothing, below 1 draws nearer to the centre.

    Raises:
        CompositionError: If the temperature is not positive or the distribution has no such
            notion.

    Example:
        >>> tempered(StandardNormal(2)(), 0.5).variance
        tensor([0.2500, 0.2500])
    """
    if not (math.isfinite(temperature) and temperature > 0):
        raise CompositionError(f"temperature must be positive, not {temperature}")
    if temperature == 1:
        return distribution
    if not hasattr(distribution, "tempered"):
        raise CompositionError(
            f"a {type(distribution).__name__} prior has no temperature: leave it at 1"
        )
    warmed: Distribution = distribution.tempered(temperature)
    return warmed
