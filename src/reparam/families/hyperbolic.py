"""The family of latents on the Poincaré ball."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from reparam import distributions
from reparam.distributions.wrapped_normal import check_ball
from reparam.families.family import Family, of_dimension
from reparam.registry import register

DISTANCE = 10.0
LEAST, MOST = 15.0, 1.0
FARTHEST = 1e9


@register
class WrappedNormal(Family):
    r"""Features (\*, 2 D) as a wrapped normal on the Poincaré ball of curvature -c.

    The first half is a tangent vector at the origin, which the exponential map sends to the mean;
    the second half is the log-variances. Zeros are the prior, `priors.WrappedStandardNormal`.

    Both are bounded smoothly, where float32 still resolves the ball's coordinates: the mean's
    distance from the origin by :math:`10 / \sqrt c`, the log-variances by -15 and 1, standard
    deviations of 0.0006 and 1.6. A useful code lies within a few times :math:`\sqrt D` of the
    origin and has standard deviations below the prior's 1.

    Args:
        dim: D, how many dimensions the ball has.
        curvature: c; c D is at most 100.

    Raises:
        CompositionError: If D is below 1, c is not positive or c D is above 100.

    Source: Nagano et al. 2019, https://arxiv.org/abs/1902.02992; Mathieu et al. 2019,
        https://arxiv.org/abs/1901.06033

    Example:
        >>> WrappedNormal(3)(torch.zeros(4, 6)).rsample((10,)).shape
        torch.Size([10, 4, 3])
    """

    def __init__(self, dim: int, curvature: float = 1.0) -> None:
        check_ball(dim, curvature)
        super().__init__()
        self.dim, self.curvature = dim, curvature

    def read(self, features: Tensor) -> distributions.WrappedNormal:
        """The first half leads to the mean, the second is the log-variance."""
        raw, spread = features.chunk(2, -1)
        raw = raw.clamp(-FARTHEST, FARTHEST)
        most = DISTANCE / math.sqrt(self.curvature)
        length = (raw.square().sum(-1, keepdim=True) + 1e-24).sqrt()
        location = raw * (most * (length / most).tanh() / length)
        log_variance = torch.where(
            spread > 0, MOST * (spread / MOST).tanh(), LEAST * (spread / LEAST).tanh()
        )
        return distributions.WrappedNormal(location, log_variance, self.curvature)

    def features(self, shape: Sequence[int]) -> tuple[int, ...]:
        """Two features for each dimension."""
        return (2 * of_dimension(shape, self.dim),)
