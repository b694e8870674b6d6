r"""A mixture: one of K distributions is chosen, then drawn from.

.. math:: p(z) = \sum_{k=1}^K \pi_k \, p_k(z)
"""

import torch
from jaxtyping import Float
from torch import Size, Tensor
from torch.distributions import Distribution, constraints

from reparam.distributions.tempered import tempered


class Mixture(Distribution):
    r"""A weighted sum of the K densities that one distribution's batch holds.

    .. math:: \log p(z) = \log \sum_k \exp(\log \pi_k + \log p_k(z)), \quad
        \pi = \mathrm{softmax}(\mathrm{logits})

    Args:
        components: A distribution with batches (K,) and any events.
        logits: The weights' logarithms up to a constant, (K,).

    Example:
        >>> from reparam.distributions import DiagonalNormal
        >>> far = DiagonalNormal(torch.tensor([[-2.0], [2.0]]), torch.zeros(2, 1))
        >>> p = Mixture(far, torch.zeros(2))
        >>> p.mean, p.variance
        (tensor([0.]), tensor([5.]))
    """

    arg_constraints = {}  # noqa: RUF012

    def __init__(self, components: Distribution, logits: Float[Tensor, "K"]) -> None:
        self.components, self.logits = components, logits
        if hasattr(components, "space"):
            self.space = components.space
        super().__init__(Size(), components.event_shape, validate_args=False)

    @property
    def support(self) -> constraints.Constraint | None:
        """Where the components lie."""
        return self.components.support

    @property
    def mean(self) -> Tensor:
        r"""The expectation, (\*event)."""
        return self._average(self._expectations)

    @property
    def variance(self) -> Tensor:
        r"""The variance of each dimension, (\*event), where the components know theirs."""
        means = self._expectations
        apart = (means - self._average(means)).square()
        return self._average(self.components.variance + apart)

    def log_prob(self, value: Float[Tensor, "..."]) -> Tensor:
        r"""The log-density in nats, (\*), of events (\*, \*event)."""
        each = self.components.log_prob(value.unsqueeze(-1 - len(self.event_shape)))
        return (each + self.logits.log_softmax(-1)).logsumexp(-1)

    @torch.no_grad()
    def sample(self, sample_shape: Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        r"""Draw (\*sample, \*event).

        Every component is drawn from as often as the one that is chosen most often.
        """
        shape = Size(sample_shape)
        chosen = self.logits.softmax(-1).multinomial(shape.numel(), replacement=True)
        counts = chosen.bincount(minlength=len(self.logits))
        order = chosen.argsort()
        kind = chosen[order]
        turn = torch.arange(len(order), device=order.device) - (counts.cumsum(0) - counts)[kind]
        draws = self.components.sample(Size((int(counts.max()),)))[turn, kind]
        return (
            torch.empty_like(draws).index_copy(0, order, draws).reshape(shape + self.event_shape)
        )

    def tempered(self, temperature: float) -> "Mixture":
        """The same weights over tempered components."""
        return Mixture(tempered(self.components, temperature), self.logits)

    @property
    def _expectations(self) -> Tensor:
        """Of each component; on a sphere its `mean` is a direction, and not its expectation."""
        known: Tensor = getattr(self.components, "expectation", self.components.mean)
        return known

    def _average(self, values: Tensor) -> Tensor:
        weights = self.logits.softmax(-1)
        return (weights.reshape(-1, *[1] * len(self.event_shape)) * values).sum(0)
