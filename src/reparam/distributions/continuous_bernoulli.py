r"""The continuous Bernoulli distribution of numbers in [0, 1], for any logit.

.. math:: p(x) = C(l) \, \sigma(l)^x (1 - \sigma(l))^{1 - x}, \quad C(l) = \frac{l}{\tanh(l / 2)}

Torch's own is written in the probability, which float32 cannot hold near 0 and 1: from logits of
15 on it no longer integrates to 1 (0.80 at 20, 0.16 at 100). Written in the logit it does.
Around 0, where l / tanh(l / 2) is 0 / 0, each formula goes over into its series.
"""

import math

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Size, Tensor
from torch.distributions import Distribution, constraints

SMALL = 0.3


class ContinuousBernoulli(Distribution):
    r"""Independent numbers in [0, 1] with an exponential density that is cut off at both ends.

    .. math:: \log p(x) = x l - \log(1 + e^l) + \log C(l), \quad
        E[x] = \frac{1}{2 \tanh(l / 2)} + \frac12 - \frac1l

    Args:
        logits: l, of any shape.

    Source: Loaiza-Ganem & Cunningham 2019, https://arxiv.org/abs/1907.06845

    Example:
        >>> density = ContinuousBernoulli(torch.tensor([-100.0, 0.0, 100.0]))
        >>> density.mean
        tensor([0.0100, 0.5000, 0.9900])
    """

    arg_constraints = {}  # noqa: RUF012
    support = constraints.unit_interval

    def __init__(self, logits: Float[Tensor, "*batch"]) -> None:
        self.logits = logits
        super().__init__(logits.shape, validate_args=False)

    @property
    def log_constant(self) -> Tensor:
        r"""The logarithm of C(l), (\*batch)."""
        size, near = self._size()
        far = size.log() - (size / 2).tanh().log()
        square = (self.logits * near).square()
        series = math.log(2) + square * (1 / 12 + square * (-7 / 1440 + square * 31 / 90720))
        return torch.where(near, series, far)

    @property
    def mean(self) -> Tensor:
        r"""The mean, (\*batch)."""
        size, near = self._size()
        far = 1 / (2 * (size / 2).tanh()) - 1 / size
        small = self.logits * near
        square = small.square()
        series = small * (1 / 12 + square * (-1 / 720 + square / 30240))
        return torch.where(near, series, far * self.logits.sign()) + 0.5

    def sample(self, sample_shape: Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        r"""Draw (\*sample, \*batch) through the inverse of the distribution function."""
        logits = self.logits.detach()
        smallest = torch.finfo(logits.dtype).eps
        size = logits.abs().clamp_min(smallest)
        chance = torch.rand(
            (*sample_shape, *logits.shape), dtype=logits.dtype, device=logits.device
        )
        below = -torch.log1p(chance * torch.expm1(-size)) / size
        return torch.where(logits < 0, below, 1 - below)

    def log_prob(self, value: Float[Tensor, "..."]) -> Tensor:
        r"""The log-density in nats, (\*batch), of numbers (\*, \*batch) in [0, 1]."""
        return value * self.logits - F.softplus(self.logits) + self.log_constant

    def _size(self) -> tuple[Tensor, Tensor]:
        """The logits' absolute values, kept away from 0, and where they were near it."""
        near = self.logits.abs() < SMALL
        return torch.where(near, SMALL, self.logits.abs()), near
