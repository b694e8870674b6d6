"""What of its latents a model uses."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.distributions import Distribution

from reparam.alone import alone
from reparam.distributions import DiagonalNormal
from reparam.errors import CompositionError
from reparam.metrics.aggregate import log_aggregate

ACTIVE = 0.01
"""The variance over the data above which a latent's posterior mean says something."""


def active_units(means: Float[Tensor, "N D"], threshold: float = ACTIVE) -> Bool[Tensor, "D"]:
    r"""Which dimensions of the posterior's mean move with the picture.

    .. math:: \mathrm{Var}_x\left(E_{q(z|x)}[z_j]\right) > 0.01

    Args:
        means: The posteriors' means.
        threshold: The least variance.

    Source: Burda, Grosse & Salakhutdinov 2016, https://arxiv.org/abs/1509.00519

    Example:
        >>> active_units(torch.tensor([[-1.0, 0.5], [1.0, 0.5]]))
        tensor([ True, False])
    """
    return means.double().var(0, correction=0) > threshold


@dataclass(frozen=True)
class Information:
    """How the rate of the empirical aggregate splits, in nats.

    Args:
        mutual_information: I(x; z), what the latents know of the picture; at most log N.
        aggregate_kl: KL(q(z) || p(z)), how far all codes together lie from the prior.
        examples: N, how many posteriors make the aggregate.
        half: The mutual information of half of them: where it differs much, N is too small.
    """

    mutual_information: float
    aggregate_kl: float
    examples: int
    half: float

    @property
    def saturated(self) -> bool:
        """Whether the mutual information is within half a nat of log N, which it cannot exceed."""
        return self.mutual_information > math.log(self.examples) - 0.5


@torch.no_grad()
def information(
    q: Distribution,
    p: Distribution,
    draws: int = 1000,
    seed: int = 0,
    progress: bool = True,
) -> Information:
    r"""Split the rate into what latents know and how far their aggregate lies from the prior.

    .. math:: E_x KL(q(z|x) \| p(z)) = I(x; z) + KL(q(z) \| p(z)), \quad
        q(z) = \frac1N \sum_{n=1}^N q(z | x_n)

    The aggregate is that of the N posteriors given: its mutual information cannot exceed log N.
    Each draw is scored under all of them, a few at a time: time grows with N times the draws,
    memory with N.

    Args:
        q: The posteriors, with batches (N,).
        p: The prior.
        draws: How many latents to draw, each from one of the posteriors in turn.
        seed: Of the draws.
        progress: Whether to show progress on standard error once it takes more than two seconds.

    Raises:
        CompositionError: If there are fewer than two posteriors.

    Source: Hoffman & Johnson 2016, "ELBO surgery"; Makhzani et al. 2016,
        https://arxiv.org/abs/1511.05644

    Example:
        >>> from reparam.distributions import DiagonalNormal, StandardNormal
        >>> far = DiagonalNormal(torch.tensor([[-50.0], [50.0]]), torch.zeros(2, 1))
        >>> round(information(far, StandardNormal(torch.zeros(1))).mutual_information, 3)  # log 2
        0.693
    """
    if len(q.batch_shape) != 1 or q.batch_shape[0] < 2:
        raise CompositionError("information needs at least two posteriors, with batches (N,)")
    n = q.batch_shape[0]
    with alone(), torch.random.fork_rng():
        torch.manual_seed(seed)
        rounds = -(-draws // n)
        z = q.sample(torch.Size((rounds,)))
        chosen = torch.randperm(n)[: min(n, draws)]
    own, z = _own_density(q, z, chosen).flatten(), z[:, chosen].flatten(0, 1)
    whole, half = log_aggregate(q, z, progress)
    among = torch.cat([torch.arange(n)[chosen] % 2 == 0] * rounds)
    prior = p.log_prob(z).double()
    return Information(
        mutual_information=(own - whole).mean().item(),
        aggregate_kl=(whole - prior).mean().item(),
        examples=n,
        half=(own - half)[among].mean().item(),
    )


def _own_density(q: Distribution, z: Tensor, chosen: Tensor) -> Float[Tensor, "R n"]:
    """Of draws (R, N, ...), the log-density of those chosen, each under its own posterior.

    It is that of float64 where draws of near points would round to another density.
    """
    if not isinstance(q, DiagonalNormal):
        return q.log_prob(z)[:, chosen].double()
    mean, log_variance = (part[chosen].double() for part in (q.mean, q.log_variance))
    wide = DiagonalNormal(mean, log_variance, len(q.event_shape))
    return wide.log_prob(z[:, chosen].double())
