r"""The rate in three parts, each with its own weight.

.. math:: E_x KL(q(z|x) \| p(z)) = \underbrace{I(x; z)}_{\text{mutual information}}
    + \underbrace{KL(q(z) \| \prod_j q(z_j))}_{\text{total correlation}}
    + \underbrace{\sum_j KL(q(z_j) \| p(z_j))}_{\text{dimension-wise rate}}

The mutual information is what the latents know of the picture, the total correlation how much they
depend on each other, the last how far each alone is from the prior. All three need the aggregate
posterior, which is estimated from the batch with stratified weights
(`reparam.divergences.stratified_log_density`): good enough a gradient to train on, and biased as a
measurement. `metrics.information` measures.
"""

from abc import abstractmethod

import torch
from jaxtyping import Float
from torch import Tensor

from reparam.distributions import marginals
from reparam.divergences import stratified_log_density
from reparam.objectives.schedules import Schedule
from reparam.objectives.term import Term
from reparam.registry import register
from reparam.trace import Latent, Trace


class AggregateTerm(Term):
    """A term over the aggregate posterior of the first latent. Abstract: it gives `part`.

    Args:
        weight: What it is multiplied by.
        examples: N, how many examples the data set has. By default `fit` says it; without it the
            batch counts as the whole.
        name: What it is called in results.
    """

    examples: Tensor

    def __init__(
        self,
        weight: float | Schedule = 1.0,
        examples: int | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(weight, name)
        self.said = examples is not None
        self.register_buffer("examples", torch.tensor(float(examples or 0)), persistent=False)

    def prepare(self, examples: int, steps: int) -> None:
        """Learn how many examples there are, unless it was said."""
        super().prepare(examples, steps)
        if not self.said:
            self.examples.fill_(float(examples))

    def forward(self, trace: Trace) -> Float[Tensor, "B"]:
        """The term for each example, averaged over the K draws, in nats."""
        return self.part(trace.latent).mean(0)

    @abstractmethod
    def part(self, latent: Latent) -> Float[Tensor, "K B"]:
        """The part of the rate at each draw."""

    def joint(self, latent: Latent) -> Float[Tensor, "K B"]:
        """Log q(z)."""
        pairs = latent.q.log_prob(latent.z.unsqueeze(-2))
        return stratified_log_density(pairs, self.size(latent))

    def product(self, latent: Latent) -> Float[Tensor, "K B"]:
        """Log of the product of q(z_j) over the dimensions."""
        z = latent.z.unsqueeze(-2).unsqueeze(-1)
        pairs = marginals(latent.q).log_prob(z).movedim(-1, 0)
        return stratified_log_density(pairs, self.size(latent)).sum(0)

    def size(self, latent: Latent) -> Tensor:
        """N, at least the batch."""
        return self.examples.clamp_min(float(latent.z.shape[1]))


@register
class MutualInformation(AggregateTerm):
    r"""What the latents know of the picture.

    .. math:: E[\log q(z | x) - \log q(z)]

    Args:
        weight: What it is multiplied by: alpha.
        examples: N, how many examples the data set has. By default `fit` says it; without it the
            batch counts as the whole.
        name: What it is called in results.

    Source: Chen et al. 2018, https://arxiv.org/abs/1802.04942
    """

    name = "mutual_information"

    def part(self, latent: Latent) -> Float[Tensor, "K B"]:
        """Log q(z | x) - log q(z)."""
        log_q = latent.q.log_prob(latent.z) if latent.log_q is None else latent.log_q
        return log_q - self.joint(latent)


@register
class TotalCorrelation(AggregateTerm):
    r"""How much the latents depend on each other.

    .. math:: E[\log q(z) - \sum_j \log q(z_j)]

    Args:
        weight: What it is multiplied by: beta.
        examples: N, how many examples the data set has. By default `fit` says it; without it the
            batch counts as the whole.
        name: What it is called in results.

    Raises:
        CompositionError: If the posterior does not factorise.

    Source: Chen et al. 2018, https://arxiv.org/abs/1802.04942

    Example:
        >>> from reparam.objectives import Distortion, Objective
        >>> beta_tcvae = Objective(
        ...     Distortion(), MutualInformation(), TotalCorrelation(6.0), DimensionWiseRate()
        ... )
    """

    name = "total_correlation"

    def part(self, latent: Latent) -> Float[Tensor, "K B"]:
        """Log q(z) - sum of log q(z_j)."""
        return self.joint(latent) - self.product(latent)


@register
class DimensionWiseRate(AggregateTerm):
    r"""How far each latent alone is from the prior.

    .. math:: E[\sum_j \log q(z_j) - \log p(z)]

    Args:
        weight: What it is multiplied by: gamma.
        examples: N, how many examples the data set has. By default `fit` says it; without it the
            batch counts as the whole.
        name: What it is called in results.

    Raises:
        CompositionError: If the posterior does not factorise.

    Source: Chen et al. 2018, https://arxiv.org/abs/1802.04942
    """

    name = "dimension_wise_rate"
    scores = ("prior",)

    def part(self, latent: Latent) -> Float[Tensor, "K B"]:
        """Sum of log q(z_j) - log p(z)."""
        return self.product(latent) - latent.prior.log_prob(latent.z)
