"""N(0, I), the variational autoencoder's prior: a normal distribution without parameters."""

import math

import torch
from jaxtyping import Float
from torch import Tensor
from torch.distributions.kl import register_kl

from reparam.distributions.normal import DiagonalNormal, IsotropicNormal, Normal, excess


class StandardNormal(Normal):
    r"""N(0, I).

    .. math:: \log p(x) = -\frac{D}{2} \log 2 \pi - \frac12 \|x\|^2

    Args:
        zero: Zeros, (\*batch, \*event): its mean, which says its shape, type and device.
        event_dims: How many trailing axes are one event.

    Example:
        >>> StandardNormal(torch.zeros(2)).log_prob(torch.zeros(2))  # -log(2 pi)
        tensor(-1.8379)
    """

    def __init__(self, zero: Float[Tensor, "*shape"], event_dims: int = 1) -> None:
        super().__init__(zero, event_dims)

    def colour(self, noise: Tensor) -> Tensor:
        """The noise itself."""
        return noise

    def whiten(self, deviation: Tensor) -> Tensor:
        """The deviation itself."""
        return deviation

    def log_prob(self, value: Tensor) -> Tensor:
        r"""The log-density in nats, (\*batch), of events (\*, \*batch, \*event)."""
        squares = self.events((value - self._mean).square())  # zeros change only the shape
        return -(squares + self.dimensions * math.log(2 * math.pi)) / 2

    @property
    def log_variance(self) -> Tensor:
        r"""Zeros, (\*batch, \*event)."""
        return self._mean

    @property
    def variance(self) -> Tensor:
        r"""Ones, (\*batch, \*event)."""
        return torch.ones_like(self._mean)

    @property
    def half_log_determinant(self) -> Tensor:
        r"""Zeros, (\*batch)."""
        return self.events(self._mean)

    def tempered(self, temperature: float) -> IsotropicNormal:
        """N(0, temperature^2 I)."""
        log_variance = self.half_log_determinant + 2 * math.log(temperature)
        return IsotropicNormal(self._mean, log_variance, self.event_dims)


@register_kl(DiagonalNormal, StandardNormal)
def kl_diagonal_standard(q: DiagonalNormal, p: StandardNormal) -> Tensor:
    r"""The KL divergence from N(0, I) in nats, (\*batch).

    .. math:: \frac12 \sum_j (\mu_j^2 + \sigma_j^2 - 1 - \log \sigma_j^2)

    Source: Kingma & Welling 2014, https://arxiv.org/abs/1312.6114, appendix B.
    """
    deviation = q.mean - p.mean  # zeros change nothing but the batch's shape
    return q.events(deviation.square() + excess(q.log_variance)) / 2
