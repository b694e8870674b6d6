"""A mixture of normal distributions as a learned prior."""

import torch
from torch import Tensor, nn

from reparam import distributions
from reparam.errors import CompositionError
from reparam.registry import register

LIMIT = 30.0


@register
class MixtureOfNormals(nn.Module):
    r"""A mixture of diagonal normals with learned means, variances and weights.

    .. math:: p(z) = \sum_k \pi_k N(z; \mu_k, \mathrm{diag}(\sigma_k^2))

    Its means begin as draws of N(0, I), its variances as 1, its weights equal.

    Args:
        dim: D, how many dimensions a latent has.
        components: K.

    Raises:
        CompositionError: If there is no dimension or no component.

    Source: Dilokthanakul et al. 2016, https://arxiv.org/abs/1611.02648; Nalisnick, Hertel & Smyth
        2016, "Approximate Inference for Deep Latent Gaussian Mixtures"

    Example:
        >>> MixtureOfNormals(2)().sample((64,)).shape
        torch.Size([64, 2])
    """

    def __init__(self, dim: int, components: int = 10) -> None:
        super().__init__()
        if min(dim, components) < 1:
            raise CompositionError(
                f"a mixture needs dimensions and components, not {dim} and {components}"
            )
        self.means = nn.Parameter(torch.randn(components, dim))
        self.raw = nn.Parameter(torch.zeros(components, dim))
        self.logits = nn.Parameter(torch.zeros(components))

    @property
    def log_variances(self) -> Tensor:
        """The log-variance of each component and dimension, (K, D), bounded smoothly."""
        return LIMIT * (self.raw / LIMIT).tanh()

    def forward(self, *given: Tensor) -> distributions.Mixture:
        """The mixture, whatever is given."""
        normals = distributions.DiagonalNormal(self.means, self.log_variances)
        return distributions.Mixture(normals, self.logits)
