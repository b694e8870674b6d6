"""Independent on-off pixels, and the cross-entropy of grey ones."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Size, Tensor
from torch.distributions import Distribution, constraints


class Bernoulli(Distribution):
    r"""On-off pixels that are independent of each other.

    .. math:: \log p(x) = \sum_i x_i \log m_i + (1 - x_i) \log (1 - m_i), \quad
        m = \sigma(\mathrm{logits})

    On grey pixels in [0, 1] this is minus the binary cross-entropy, which is no log-likelihood.

    Args:
        logits: (\*batch, \*event).
        event_dims: How many trailing axes are one event; 3 for pictures.

    Example:
        >>> p = Bernoulli(torch.zeros(5, 1, 2, 2))
        >>> p.log_prob(torch.ones(1, 2, 2))[0]  # 4 log 1/2
        tensor(-2.7726)
    """

    arg_constraints = {}  # noqa: RUF012
    levels = 2
    measure = "levels"

    def __init__(self, logits: Float[Tensor, "*shape"], event_dims: int = 3) -> None:
        self.logits, self.event_dims = logits, event_dims
        split = logits.ndim - event_dims
        super().__init__(logits.shape[:split], logits.shape[split:], validate_args=False)

    @property
    def support(self) -> constraints.Constraint:
        """Pixels that are 0 or 1."""
        return constraints.independent(constraints.boolean, self.event_dims)

    @property
    def mean(self) -> Tensor:
        r"""The chance of each pixel to be on, (\*batch, \*event)."""
        return self.logits.sigmoid()

    @property
    def variance(self) -> Tensor:
        r"""The variance of each pixel, (\*batch, \*event)."""
        return self.mean * (1 - self.mean)

    def sample(self, sample_shape: Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        r"""Draw (\*sample, \*batch, \*event) zeros and ones."""
        with torch.no_grad():
            return torch.bernoulli(self.mean.expand(*sample_shape, *self.logits.shape))

    def log_prob(self, value: Float[Tensor, "..."]) -> Tensor:
        r"""Nats, (\*batch), of events (\*, \*batch, \*event) in [0, 1]."""
        logits = self.logits
        if logits.shape != value.shape:
            logits, value = torch.broadcast_tensors(logits, value)
        pixels = F.binary_cross_entropy_with_logits(logits, value, reduction="none")
        return -pixels.flatten(-self.event_dims).sum(-1) if self.event_dims else -pixels

    def entropy(self) -> Tensor:
        r"""The entropy in nats, (\*batch)."""
        return -self.log_prob(self.mean)
