r"""The multivariate normal distribution with its three covariances.

.. math:: N(x; \mu, \Sigma) =
    \frac{\exp(-\frac12 (x - \mu)^\top \Sigma^{-1} (x - \mu))}{\sqrt{(2 \pi)^D |\Sigma|}}

The three differ only in how a vector is multiplied by the square root of the covariance
(`colour`), by its inverse (`whiten`), and in the covariance's determinant:

================  ==========================================  ==================
isotropic         :math:`\Sigma = \sigma^2 I`                 1 number
diagonal          :math:`\Sigma = \mathrm{diag}(\sigma^2)`    D numbers
full              :math:`\Sigma = L L^\top`                   D (D + 1) / 2
================  ==========================================  ==================

A diagonal covariance is not isotropic: every dimension has its own variance. The variational
autoencoder's posterior is diagonal; its prior, N(0, I), is isotropic.

A draw is a deterministic function of the parameters and of noise that does not depend on them, the
reparameterisation trick: :math:`x = \mu + \Sigma^{1/2} \epsilon`, where
:math:`\epsilon \sim N(0, I)`.
"""

import math
from abc import abstractmethod

import torch
from jaxtyping import Float
from torch import Size, Tensor
from torch.distributions import Distribution, constraints
from torch.distributions.kl import register_kl


class Normal(Distribution):
    r"""What the three share: all but the square root of the covariance. Abstract.

    Args:
        mean: (\*batch, \*event).
        event_dims: How many trailing axes are one event.
    """

    has_rsample = True
    arg_constraints = {}  # noqa: RUF012

    def __init__(self, mean: Float[Tensor, "*shape"], event_dims: int = 1) -> None:
        self._mean = mean
        self.event_dims = event_dims
        split = mean.ndim - event_dims
        super().__init__(mean.shape[:split], mean.shape[split:], validate_args=False)

    @abstractmethod
    def colour(self, noise: Tensor) -> Tensor:
        r"""Multiply (\*, \*batch, \*event) by the covariance's square root."""

    @abstractmethod
    def whiten(self, deviation: Tensor) -> Tensor:
        r"""Multiply (\*, \*batch, \*event) by the inverse of the covariance's square root."""

    @property
    @abstractmethod
    def half_log_determinant(self) -> Tensor:
        r"""Half the logarithm of the covariance's determinant, (\*batch)."""

    @abstractmethod
    def tempered(self, temperature: float) -> "Normal":
        """The same distribution with its standard deviations multiplied by a temperature."""

    @property
    def support(self) -> constraints.Constraint:
        """All real events."""
        return constraints.independent(constraints.real, self.event_dims)

    @property
    def mean(self) -> Tensor:
        r"""The mean, (\*batch, \*event)."""
        return self._mean

    @property
    def dimensions(self) -> int:
        """How many numbers one event has."""
        return math.prod(self.event_shape)

    def rsample(self, sample_shape: Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        r"""Draw (\*sample, \*batch, \*event) by the reparameterisation trick."""
        shape = (*sample_shape, *self._mean.shape)
        noise = torch.randn(shape, dtype=self._mean.dtype, device=self._mean.device)
        return self._mean + self.colour(noise)

    def log_prob(self, value: Tensor) -> Tensor:
        r"""The log-density in nats, (\*batch), of events (\*, \*batch, \*event)."""
        constant = self.dimensions * math.log(2 * math.pi) / 2
        return -self.events(self.whiten(value - self._mean).square()) / 2 - (
            self.half_log_determinant + constant
        )

    def entropy(self) -> Tensor:
        r"""The differential entropy in nats, (\*batch)."""
        return self.half_log_determinant + self.dimensions * (1 + math.log(2 * math.pi)) / 2

    def events(self, values: Tensor) -> Tensor:
        """Sum values over the axes of an event."""
        return values.flatten(-self.event_dims).sum(-1) if self.event_dims else values


class DiagonalNormal(Normal):
    r"""N(mean, diag(exp(log_variance))).

    .. math:: \log p(x) = -\frac12 \sum_j \left(\log 2 \pi + \log \sigma_j^2
        + \frac{(x_j - \mu_j)^2}{\sigma_j^2}\right)

    Args:
        mean: (\*batch, \*event).
        log_variance: The same shape, or one that broadcasts to it.
        event_dims: How many trailing axes are one event.

    Example:
        >>> q = DiagonalNormal(torch.zeros(2), torch.zeros(2))
        >>> round(q.log_prob(torch.zeros(2)).item(), 4)  # -log(2 pi)
        -1.8379
    """

    def __init__(
        self,
        mean: Float[Tensor, "*shape"],
        log_variance: Float[Tensor, "*shape"],
        event_dims: int = 1,
    ) -> None:
        if mean.shape != log_variance.shape:
            mean, log_variance = torch.broadcast_tensors(mean, log_variance)
        self.log_variance = log_variance
        super().__init__(mean, event_dims)

    def colour(self, noise: Tensor) -> Tensor:
        """Multiply by the standard deviations."""
        return noise * (self.log_variance / 2).exp()

    def whiten(self, deviation: Tensor) -> Tensor:
        """Divide by the standard deviations."""
        return deviation * (-self.log_variance / 2).exp()

    @property
    def half_log_determinant(self) -> Tensor:
        """Half the sum of the log-variances."""
        return self.events(self.log_variance) / 2

    @property
    def variance(self) -> Tensor:
        r"""The variance of each dimension, (\*batch, \*event)."""
        return self.log_variance.exp()

    def tempered(self, temperature: float) -> "DiagonalNormal":
        """The same distribution with its standard deviations multiplied by a temperature."""
        shifted = self.log_variance + 2 * math.log(temperature)
        return DiagonalNormal(self._mean, shifted, self.event_dims)


class IsotropicNormal(Normal):
    r"""N(mean, exp(log_variance) I): one variance for all dimensions.

    .. math:: \log p(x) = -\frac{D}{2} \log (2 \pi \sigma^2) - \frac{\|x - \mu\|^2}{2 \sigma^2}

    Args:
        mean: (\*batch, \*event).
        log_variance: (\*batch), or a scalar.
        event_dims: How many trailing axes are one event.

    Example:
        >>> p = IsotropicNormal(torch.zeros(3, 2), torch.zeros(()))
        >>> p.sample().shape, p.log_prob(torch.zeros(2)).shape
        (torch.Size([3, 2]), torch.Size([3]))
    """

    def __init__(
        self,
        mean: Float[Tensor, "*shape"],
        log_variance: Float[Tensor, "*batch"],
        event_dims: int = 1,
    ) -> None:
        super().__init__(mean, event_dims)
        self.shared_log_variance = log_variance.expand(self.batch_shape)

    def _spread(self, shared: Tensor) -> Tensor:
        return shared.reshape((*shared.shape, *[1] * self.event_dims))

    def colour(self, noise: Tensor) -> Tensor:
        """Multiply by the standard deviation."""
        return noise * self._spread((self.shared_log_variance / 2).exp())

    def whiten(self, deviation: Tensor) -> Tensor:
        """Divide by the standard deviation."""
        return deviation * self._spread((-self.shared_log_variance / 2).exp())

    @property
    def log_variance(self) -> Tensor:
        r"""The log-variance of each dimension, (\*batch, \*event)."""
        return self._spread(self.shared_log_variance).expand(self._mean.shape)

    @property
    def half_log_determinant(self) -> Tensor:
        """D / 2 times the log-variance."""
        return self.shared_log_variance * (self.dimensions / 2)

    @property
    def variance(self) -> Tensor:
        r"""The variance of each dimension, (\*batch, \*event)."""
        return self.log_variance.exp()

    def tempered(self, temperature: float) -> "IsotropicNormal":
        """The same distribution with its standard deviation multiplied by a temperature."""
        shifted = self.shared_log_variance + 2 * math.log(temperature)
        return IsotropicNormal(self._mean, shifted, self.event_dims)


class FullNormal(Normal):
    r"""N(mean, L L^T) with a lower triangular L.

    .. math:: \log p(x) = -\frac{D}{2} \log 2 \pi - \sum_j \log L_{jj}
        - \frac12 \|L^{-1} (x - \mu)\|^2

    Args:
        mean: (\*batch, D).
        scale_tril: (\*batch, D, D), lower triangular with a positive diagonal.

    Example:
        >>> p = FullNormal(torch.zeros(2), torch.tensor([[1.0, 0.0], [0.5, 2.0]]))
        >>> p.covariance
        tensor([[1.0000, 0.5000],
                [0.5000, 4.2500]])
    """

    def __init__(
        self, mean: Float[Tensor, "*batch D"], scale_tril: Float[Tensor, "*batch D D"]
    ) -> None:
        super().__init__(mean, 1)
        self.scale_tril = scale_tril

    def colour(self, noise: Tensor) -> Tensor:
        """Multiply by L (term by term: mixed precision would round a matrix product)."""
        return (self.scale_tril * noise.unsqueeze(-2)).sum(-1)

    def whiten(self, deviation: Tensor) -> Tensor:
        """Solve L y = deviation."""
        column = deviation.unsqueeze(-1)
        return torch.linalg.solve_triangular(self.scale_tril, column, upper=False).squeeze(-1)

    @property
    def half_log_determinant(self) -> Tensor:
        """The sum of the logarithms of L's diagonal."""
        return self.scale_tril.diagonal(dim1=-2, dim2=-1).log().sum(-1)

    @property
    def covariance(self) -> Tensor:
        r"""L L^T, (\*batch, D, D)."""
        return self.scale_tril @ self.scale_tril.mT

    @property
    def variance(self) -> Tensor:
        r"""The covariance's diagonal, (\*batch, D)."""
        return self.scale_tril.square().sum(-1)

    def tempered(self, temperature: float) -> "FullNormal":
        """The same distribution with its standard deviations multiplied by a temperature."""
        return FullNormal(self._mean, self.scale_tril * temperature)


@register_kl(Normal, Normal)
def kl_normal_normal(q: Normal, p: Normal) -> Tensor:
    r"""The KL divergence of two normal distributions in nats, (\*batch).

    .. math:: \frac12 \left(\mathrm{tr}(\Sigma_p^{-1} \Sigma_q)
        + \|\Sigma_p^{-1/2} (\mu_q - \mu_p)\|^2 - D + \log |\Sigma_p| - \log |\Sigma_q|\right)

    For a diagonal q and p = N(0, I) this is
    :math:`\frac12 \sum_j (\mu_j^2 + \sigma_j^2 - 1 - \log \sigma_j^2)`.

    Source: Kingma & Welling 2014, https://arxiv.org/abs/1312.6114, appendix B.
    """
    if not isinstance(q, FullNormal) and not isinstance(p, FullNormal):
        narrower = _log_variance(q) - _log_variance(p)
        deviation = (q.mean - p.mean).square() * (-_log_variance(p)).exp()
        return p.events(excess(narrower) + deviation) / 2
    root = _relative_root(q, p)
    diagonal = root.diagonal(dim1=-2, dim2=-1)
    elsewhere = root.tril(-1).square().sum((-2, -1))
    own = excess(2 * diagonal.log()).sum(-1)
    return (own + elsewhere + p.events(p.whiten(q.mean - p.mean).square())) / 2


def excess(log_ratio: Tensor) -> Tensor:
    r"""What a ratio r of two variances adds to twice a KL divergence.

    .. math:: r - 1 - \log r

    It keeps its digits where the ratio is near 1 and the three summands cancel.

    Args:
        log_ratio: log r.

    Example:
        >>> [round(x, 9) for x in excess(torch.tensor([0.0, 1e-3])).tolist()]  # r^2 / 2 nearly
        [0.0, 5e-07]
    """
    return torch.expm1(log_ratio) - log_ratio


def _log_variance(normal: Normal) -> Tensor:
    r"""Of each dimension of a normal whose dimensions are independent, (\*batch, \*event)."""
    found: Tensor = normal.log_variance  # type: ignore[attr-defined]
    return found


def _relative_root(q: Normal, p: Normal) -> Tensor:
    r"""The lower triangular :math:`L_p^{-1} L_q`, (\*batch, D, D)."""
    root = q.scale_tril if isinstance(q, FullNormal) else q.variance.sqrt().diag_embed()
    if isinstance(p, FullNormal):
        return torch.linalg.solve_triangular(p.scale_tril, root, upper=False)
    return root * (-_log_variance(p) / 2).exp().unsqueeze(-1)
