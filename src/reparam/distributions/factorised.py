"""KL divergences that fall into a sum over dimensions."""

from jaxtyping import Float
from torch import Tensor
from torch.distributions import Distribution, Independent, kl_divergence

from reparam.distributions.normal import DiagonalNormal, IsotropicNormal
from reparam.distributions.standard_normal import StandardNormal
from reparam.errors import CompositionError

NORMALS = (DiagonalNormal, IsotropicNormal, StandardNormal)


def kl_per_dimension(q: Distribution, p: Distribution) -> Float[Tensor, "..."]:
    r"""KL(q || p) of each dimension in nats, where both distributions factorise.

    .. math:: \frac12 \left(\frac{\sigma_q^2 + (\mu_q - \mu_p)^2}{\sigma_p^2} - 1
        + \log \sigma_p^2 - \log \sigma_q^2\right)

    Args:
        q: Events of shape (\*event), batches of shape (\*batch).
        p: The same event shape; its batch shape broadcasts.

    Raises:
        CompositionError: If one of the two does not factorise.

    Example:
        >>> import torch
        >>> q = DiagonalNormal(torch.tensor([1.0, 0.0]), torch.zeros(2))
        >>> kl_per_dimension(q, DiagonalNormal(torch.zeros(2), torch.zeros(2)))
        tensor([0.5000, 0.0000])
    """
    if isinstance(q, NORMALS) and isinstance(p, NORMALS):
        difference = q.log_variance - p.log_variance
        distance = (q.mean - p.mean).square() * (-p.log_variance).exp()
        return (difference.exp() + distance - 1 - difference) / 2
    if isinstance(q, Independent) and isinstance(p, Independent):
        return kl_divergence(q.base_dist, p.base_dist)
    raise CompositionError(
        f"the rate of {type(q).__name__} against {type(p).__name__} does not fall into a sum over "
        "dimensions: use a diagonal or isotropic normal posterior and prior"
    )
