"""The two terms of the evidence lower bound."""

import torch
from jaxtyping import Float
from torch import Tensor

from reparam.errors import CompositionError
from reparam.objectives.schedules import Schedule
from reparam.objectives.term import Term
from reparam.registry import register
from reparam.trace import Trace


@register
class Distortion(Term):
    r"""What the reconstruction costs, the "reconstruction loss".

    .. math:: -E_{q(z|x)}[\log p(x | z)]

    in nats per example, summed over pixels.

    Args:
        weight: What it is multiplied by.
        name: What it is called in results.

    Source: Alemi et al. 2018, "Fixing a Broken ELBO", https://arxiv.org/abs/1711.00464
    """

    name = "distortion"

    def __init__(self, weight: float | Schedule = 1.0, name: str | None = None) -> None:
        super().__init__(weight, name)

    def forward(self, trace: Trace) -> Float[Tensor, "B"]:
        """Minus the log-likelihood, averaged over the K draws."""
        return -trace.log_likelihood.mean(0)


@register
class Rate(Term):
    r"""What the code costs, the "KL divergence".

    .. math:: KL(q(z | x) \| p(z))

    in nats per example, summed over latents. With free bits each dimension costs at least that
    much, so that none is worth giving up: :math:`\sum_j \max(\lambda, \frac1B \sum_b KL_{bj})`.
    That is no longer the rate, and is reported as `rate_with_free_bits` beside it.

    Args:
        weight: What it is multiplied by: beta.
        free_bits: The nats that each dimension has for free.
        name: What it is called in results.

    Raises:
        CompositionError: If the free bits are negative.

    Source: Kingma & Welling 2014, https://arxiv.org/abs/1312.6114; free bits: Kingma et al. 2016,
        https://arxiv.org/abs/1606.04934
    """

    name = "rate"

    def __init__(
        self,
        weight: float | Schedule = 1.0,
        free_bits: float = 0.0,
        name: str | None = None,
    ) -> None:
        if free_bits < 0:
            raise CompositionError(f"free bits cannot be negative: {free_bits}")
        super().__init__(weight, name or ("rate_with_free_bits" if free_bits else "rate"))
        self.free_bits = free_bits

    def forward(self, trace: Trace) -> Float[Tensor, "B"] | Float[Tensor, ""]:
        """The divergence, averaged over the K draws; with free bits one number for the batch."""
        if not self.free_bits:
            return trace.kl.mean(0)
        per_dimension = [latent.kl_per_dimension.mean(0).flatten() for latent in trace.latents]
        return torch.cat(per_dimension).clamp_min(self.free_bits).sum()
