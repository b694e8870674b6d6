r"""The unit sphere in D dimensions, directions on it, and its uniform density.

Densities are with respect to the sphere's area,
:math:`|S^{D-1}| = 2 \pi^{D/2} / \Gamma(D / 2)`.
"""

import math

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Size, Tensor
from torch.distributions import Distribution

from reparam.errors import CompositionError

SHORT = 1e-6
SPACE = "on the unit sphere"
"""Where draws lie: a prior must lie there too."""


def log_area(dim: int) -> float:
    r"""The logarithm of the area of the unit sphere in D dimensions.

    .. math:: \log 2 + \frac{D}{2} \log \pi - \log \Gamma(D / 2)

    Args:
        dim: D; 2 for the circle, whose area is its length.

    Example:
        >>> round(math.exp(log_area(3)) / math.pi, 4)
        4.0
    """
    return math.log(2) + dim / 2 * math.log(math.pi) - math.lgamma(dim / 2)


def at_least_a_circle(dim: int) -> int:
    """The number of dimensions itself, where there is a sphere to speak of.

    Args:
        dim: D.

    Raises:
        CompositionError: If it is below 2.
    """
    if dim < 2:
        raise CompositionError(f"a sphere needs at least 2 dimensions, not {dim}")
    return dim


def direction(vector: Float[Tensor, "*batch D"]) -> Float[Tensor, "*batch D"]:
    """Vectors with their lengths set to 1; shorter than 1e-6 they point along the first axis.

    Args:
        vector: Of any length: nothing overflows or is divided by zero.

    Example:
        >>> direction(torch.tensor([[3.0, 4.0], [0.0, 0.0]]))
        tensor([[0.6000, 0.8000],
                [1.0000, 0.0000]])
    """
    size = vector.detach().abs().amax(-1, keepdim=True)
    axis = F.pad(torch.ones_like(size), (0, vector.shape[-1] - 1))
    scaled = torch.where(size < SHORT, vector + axis, vector / size.clamp_min(SHORT))
    return scaled / scaled.square().sum(-1, keepdim=True).sqrt()


def tangent(mean: Float[Tensor, "*batch D"], vector: Float[Tensor, "*batch d"]) -> Tensor:
    """Vectors of D - 1 numbers turned so that they are at right angles to a direction.

    The Householder reflection does it that takes the first axis to plus or minus the direction,
    whichever is farther away: nothing is lost to rounding.

    Args:
        mean: Directions of length 1.
        vector: One number fewer each.

    Example:
        >>> tangent(torch.tensor([0.6, 0.8]), torch.tensor([1.0]))
        tensor([-0.8000,  0.6000])
    """
    first, others = mean[..., :1], mean[..., 1:]
    along = (others * vector).sum(-1, keepdim=True)
    head = torch.where(first < 0, along, -along)
    return torch.cat([head, vector - others * along / (1 + first.abs())], -1)


class UniformSphere(Distribution):
    r"""The uniform distribution on the unit sphere.

    .. math:: p(z) = 1 / |S^{D-1}|

    Args:
        zero: Zeros, (\*batch, D): the sphere's centre, which says its shape, type and device.

    Raises:
        CompositionError: If D is below 2.

    Example:
        >>> UniformSphere(torch.zeros(2)).log_prob(torch.tensor([0.0, 1.0]))  # -log(2 pi)
        tensor(-1.8379)
    """

    has_rsample = True
    arg_constraints = {}  # noqa: RUF012
    space = SPACE

    def __init__(self, zero: Float[Tensor, "*batch D"]) -> None:
        self.zero, self.dimensions = zero, at_least_a_circle(zero.shape[-1])
        super().__init__(zero.shape[:-1], zero.shape[-1:], validate_args=False)

    @property
    def mean(self) -> Tensor:
        r"""The centre, (\*batch, D): the mean of z, and not on the sphere."""
        return self.zero

    @property
    def variance(self) -> Tensor:
        r"""1 / D in each dimension, (\*batch, D)."""
        return torch.full_like(self.zero, 1 / self.dimensions)

    def rsample(self, sample_shape: Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        r"""Draw (\*sample, \*batch, D): normal noise with its length set to 1."""
        shape = (*sample_shape, *self.zero.shape)
        return direction(torch.randn(shape, dtype=self.zero.dtype, device=self.zero.device))

    def log_prob(self, value: Tensor) -> Tensor:
        r"""The log-density in nats, (\*batch), of unit vectors (\*, \*batch, D)."""
        return 0 * (value - self.zero).sum(-1) - log_area(self.dimensions)

    def entropy(self) -> Tensor:
        r"""The logarithm of the area in nats, (\*batch)."""
        return self.zero.sum(-1) + log_area(self.dimensions)
