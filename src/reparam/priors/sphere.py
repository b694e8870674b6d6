"""The uniform distribution on the unit sphere, the hyperspherical autoencoder's prior."""

import torch
from torch import Tensor, nn

from reparam import distributions
from reparam.distributions.sphere import at_least_a_circle
from reparam.registry import register


@register
class UniformSphere(nn.Module):
    r"""The uniform distribution on the unit sphere.

    .. math:: p(z) = \frac{\Gamma(D / 2)}{2 \pi^{D/2}}, \quad \|z\| = 1

    It has no centre that could draw codes together, and no temperature.

    Args:
        dim: D, the number of dimensions of z, at least 2.

    Raises:
        CompositionError: If D is below 2.

    Source: Davidson et al. 2018, https://arxiv.org/abs/1804.00891

    Example:
        >>> UniformSphere(3)().sample((64,)).norm(dim=-1).allclose(torch.ones(64))
        True
    """

    zero: Tensor

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.register_buffer("zero", torch.zeros(at_least_a_circle(dim)), persistent=False)

    def forward(self, *given: Tensor) -> distributions.UniformSphere:
        """The uniform distribution, whatever is given."""
        return distributions.UniformSphere(self.zero)
