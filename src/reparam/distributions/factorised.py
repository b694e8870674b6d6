"""What a distribution says of each dimension alone, and its first two moments."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.distributions import Distribution, Independent, kl_divergence

from reparam.distributions.normal import DiagonalNormal, FullNormal, IsotropicNormal, excess
from reparam.distributions.point import PointMass
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
        return (excess(difference) + distance) / 2
    if isinstance(q, Independent) and isinstance(p, Independent):
        return kl_divergence(q.base_dist, p.base_dist)
    raise CompositionError(
        f"the rate of {type(q).__name__} against {type(p).__name__} does not fall into a sum over "
        "dimensions: use a diagonal or isotropic normal posterior and prior"
    )


def marginals(q: Distribution) -> DiagonalNormal:
    r"""Each dimension's own distribution, of a distribution that factorises.

    Args:
        q: Events of shape (D,), batches of shape (\*batch).

    Returns:
        Batches (\*batch, D), events (1,).

    Raises:
        CompositionError: If it does not factorise.

    Example:
        >>> q = DiagonalNormal(torch.zeros(5, 2), torch.zeros(5, 2))
        >>> marginals(q).batch_shape, marginals(q).event_shape
        (torch.Size([5, 2]), torch.Size([1]))
    """
    if not isinstance(q, NORMALS):
        raise CompositionError(
            f"a {type(q).__name__} posterior does not fall into its dimensions: use a diagonal or "
            "isotropic normal one"
        )
    return DiagonalNormal(q.mean.unsqueeze(-1), q.log_variance.unsqueeze(-1))


def moments(q: Distribution) -> tuple[Float[Tensor, "*batch D"], Float[Tensor, "*batch D D"]]:
    """The mean and the covariance, of a normal distribution or a point.

    Args:
        q: Events of shape (D,).

    Raises:
        CompositionError: If it is another.

    Example:
        >>> moments(DiagonalNormal(torch.zeros(1), torch.zeros(1)))
        (tensor([0.]), tensor([[1.]]))
    """
    if isinstance(q, FullNormal):
        return q.mean, q.covariance
    if isinstance(q, NORMALS):
        return q.mean, q.variance.diag_embed()
    if isinstance(q, PointMass):
        return q.mean, torch.zeros_like(q.mean).diag_embed()
    raise CompositionError(
        f"the covariance of a {type(q).__name__} posterior is not known: use a normal one or a "
        "point"
    )
