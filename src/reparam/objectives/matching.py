r"""All codes together against the prior: penalties on the aggregate posterior.

The rate pulls every picture's posterior to the prior, so that pictures become alike in latent
space. These terms ask only that all codes of a batch together look like draws from the prior:
one code may lie anywhere.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from reparam.distributions import moments
from reparam.divergences import (
    check_kernel,
    maximum_mean_discrepancy,
    random_directions,
    sliced_wasserstein,
)
from reparam.errors import CompositionError
from reparam.objectives.schedules import Schedule, check_weight
from reparam.objectives.term import Term
from reparam.registry import register
from reparam.trace import Trace


def codes_and_draws(trace: Trace) -> tuple[Float[Tensor, "N D"], Float[Tensor, "N D"]]:
    """All codes of a batch as vectors, and as many draws from the prior.

    Args:
        trace: A pass through a model with a prior.
    """
    latent = trace.latent
    z = latent.z.flatten(0, 1)
    prior = latent.prior
    count = torch.Size((len(z),)) if not prior.batch_shape else torch.Size((len(latent.z),))
    return z.flatten(1), prior.sample(count).reshape(z.shape).flatten(1)


@register
class MaximumMeanDiscrepancy(Term):
    r"""The maximum mean discrepancy between codes and draws from the prior.

    .. math:: E k(z, z') + E k(\tilde z, \tilde z') - 2 E k(z, \tilde z), \quad
        z \sim q(z), \; \tilde z \sim p(z)

    No nats: it carries a weight. With one draw an example it is unbiased, so it may be below 0;
    several draws of one example are alike, and are paired too. A batch of one code says nothing
    and has 0.

    Args:
        weight: Nats per unit.
        kernel: `"multiscale"`: inverse multiquadratic at seven scales (the Wasserstein
            autoencoder's), or `"gaussian"` (the InfoVAE's).
        name: What it is called in results.

    Raises:
        CompositionError: If the kernel is none of these.

    Source: Tolstikhin et al. 2018, https://arxiv.org/abs/1711.01558; Zhao, Song & Ermon 2019,
        https://arxiv.org/abs/1706.02262
    """

    name = "maximum_mean_discrepancy"

    def __init__(
        self,
        weight: float | Schedule = 1.0,
        kernel: str = "multiscale",
        name: str | None = None,
    ) -> None:
        super().__init__(weight, name)
        self.kernel = check_kernel(kernel)

    def forward(self, trace: Trace) -> Float[Tensor, ""]:
        """One number for the batch."""
        z, drawn = codes_and_draws(trace)
        if len(z) < 2:
            return 0 * z.sum()
        return maximum_mean_discrepancy(z, drawn, kernel=self.kernel)


@register
class SlicedWasserstein(Term):
    r"""The sliced Wasserstein distance between codes and draws from the prior.

    .. math:: \frac1L \sum_l W_2^2(z \cdot d_l, \tilde z \cdot d_l), \quad
        z \sim q(z), \; \tilde z \sim p(z)

    No nats: it carries a weight. The L directions are drawn anew for every batch.

    Args:
        weight: Nats per unit.
        directions: L.
        name: What it is called in results.

    Raises:
        CompositionError: If there is no direction.

    Source: Kolouri et al. 2019, https://arxiv.org/abs/1804.01947
    """

    name = "sliced_wasserstein"

    def __init__(
        self,
        weight: float | Schedule = 1.0,
        directions: int = 50,
        name: str | None = None,
    ) -> None:
        if directions < 1:
            raise CompositionError(f"directions must be at least 1, not {directions}")
        super().__init__(weight, name)
        self.directions = directions

    def forward(self, trace: Trace) -> Float[Tensor, ""]:
        """One number for the batch."""
        z, drawn = codes_and_draws(trace)
        return sliced_wasserstein(z, drawn, random_directions(self.directions, z.shape[1], like=z))


@register
class MomentPenalty(Term):
    r"""How far the codes' covariance is from the identity.

    .. math:: \lambda_{od} \sum_{i \ne j} C_{ij}^2 + \lambda_d \sum_i (C_{ii} - 1)^2

    with C the covariance over the batch of the posteriors' means ("DIP-VAE I"), or of the
    aggregate posterior, which adds the mean of their covariances ("DIP-VAE II").

    Args:
        off_diagonal: lambda_od.
        diagonal: lambda_d.
        of: `"means"` or `"aggregate"`.
        weight: What the whole is multiplied by.
        name: What it is called in results.

    Raises:
        CompositionError: If `of` is neither, or a weight is negative.

    Source: Kumar, Sattigeri & Balakrishnan 2018, https://arxiv.org/abs/1711.00848
    """

    name = "moment_penalty"

    def __init__(
        self,
        off_diagonal: float = 10.0,
        diagonal: float = 10.0,
        of: str = "aggregate",
        weight: float | Schedule = 1.0,
        name: str | None = None,
    ) -> None:
        if of not in ("means", "aggregate"):
            raise CompositionError(f"of is 'means' or 'aggregate', not {of!r}")
        super().__init__(weight, name)
        self.off_diagonal, self.diagonal = check_weight(off_diagonal), check_weight(diagonal)
        self.of = of

    def forward(self, trace: Trace) -> Float[Tensor, ""]:
        """One number for the batch."""
        mean, covariance = moments(trace.latent.q)
        centred = mean - mean.mean(0)
        found = centred.T @ centred / len(mean)
        if self.of == "aggregate":
            found = found + covariance.mean(0)
        spread = found.diagonal()
        off = found.square().sum() - spread.square().sum()
        return self.off_diagonal * off + self.diagonal * (spread - 1).square().sum()
