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
    scores = ("likelihood",)

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
    With a capacity C the batch's rate is drawn to it from both sides:
    :math:`|\frac1B \sum_b KL_b - C|`. Neither is the rate any longer: they are reported as
    `rate_with_free_bits` and `rate_from_capacity`, and the rate beside them.

    Args:
        weight: What it is multiplied by: beta, or gamma with a capacity.
        free_bits: The nats that each dimension has for free.
        capacity: C in nats; a schedule lets it grow while training.
        name: What it is called in results.

    Raises:
        CompositionError: If free bits or capacity are negative, or both are given.

    Source: Kingma & Welling 2014, https://arxiv.org/abs/1312.6114; free bits: Kingma et al. 2016,
        https://arxiv.org/abs/1606.04934; capacity: Burgess et al. 2018,
        https://arxiv.org/abs/1804.03599
    """

    name = "rate"
    scores = ("prior",)
    capacity: Tensor

    def __init__(
        self,
        weight: float | Schedule = 1.0,
        free_bits: float = 0.0,
        capacity: float | Schedule | None = None,
        name: str | None = None,
    ) -> None:
        if free_bits < 0:
            raise CompositionError(f"free bits cannot be negative: {free_bits}")
        if free_bits and capacity is not None:
            raise CompositionError("a rate has free bits or a capacity, not both")
        kind = "rate_with_free_bits" if free_bits else "rate"
        super().__init__(weight, name or (kind if capacity is None else "rate_from_capacity"))
        self.free_bits, self.bounded = free_bits, capacity is not None
        if capacity is not None:
            self.scheduled("capacity", capacity)

    def forward(self, trace: Trace) -> Float[Tensor, "B"] | Float[Tensor, ""]:
        """The divergence, averaged over the K draws; else one number for the batch."""
        if self.bounded:
            return (trace.kl.mean() - self.capacity).abs()
        if not self.free_bits:
            return trace.kl.mean(0)
        per_dimension = [latent.kl_per_dimension.mean(0).flatten() for latent in trace.latents]
        return torch.cat(per_dimension).clamp_min(self.free_bits).sum()
