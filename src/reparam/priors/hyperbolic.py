"""The standard normal of the Poincaré ball."""

import torch
from torch import Tensor, nn

from reparam import distributions
from reparam.distributions.wrapped_normal import check_ball
from reparam.registry import register


@register
class WrappedStandardNormal(nn.Module):
    r"""The wrapped normal at the origin of the Poincaré ball, with standard deviations 1.

    .. math:: z = \exp_0(v), \quad v \sim N(0, I)

    Args:
        dim: D, how many dimensions the ball has.
        curvature: c, of a ball of radius :math:`1 / \sqrt c`; c D is at most 100.

    Raises:
        CompositionError: If D is below 1, c is not positive or c D is above 100.

    Source: Nagano et al. 2019, https://arxiv.org/abs/1902.02992; Mathieu et al. 2019,
        https://arxiv.org/abs/1901.06033

    Example:
        >>> z = WrappedStandardNormal(2)().sample((64,))
        >>> z.shape, bool((z.norm(dim=-1) < 1).all())
        (torch.Size([64, 2]), True)
    """

    zero: Tensor

    def __init__(self, dim: int, curvature: float = 1.0) -> None:
        check_ball(dim, curvature)
        super().__init__()
        self.curvature = curvature
        self.register_buffer("zero", torch.zeros(dim), persistent=False)

    def forward(self, *given: Tensor) -> distributions.WrappedNormal:
        """The wrapped standard normal, whatever is given."""
        return distributions.WrappedNormal(self.zero, self.zero, self.curvature)
