"""Reconstruction losses that compare pictures, of any likelihood with a mean."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from reparam.errors import CompositionError
from reparam.objectives.schedules import Schedule
from reparam.objectives.term import Term
from reparam.registry import register
from reparam.trace import Trace

TINY = 1e-12


def squared_errors(trace: Trace) -> Float[Tensor, "K B D"]:
    """The squared error of every pixel, for each draw.

    Args:
        trace: A pass through a model with a mean to show.
    """
    return (trace.likelihood.mean - trace.x).square().flatten(2)


@register
class SquaredError(Term):
    r"""Half the squared error: a normal's log-likelihood with sigma 1, without its constant.

    .. math:: \frac12 \sum_i (x_i - m_i)^2

    The distortion of `Normal(sigma=1)` is this plus the constant :math:`\frac{D}{2} \log 2\pi`.

    Args:
        weight: What it is multiplied by; 1 / sigma^2 for another sigma.
        name: What it is called in results.
    """

    name = "squared_error"

    def __init__(self, weight: float | Schedule = 1.0, name: str | None = None) -> None:
        super().__init__(weight, name)

    def forward(self, trace: Trace) -> Float[Tensor, "B"]:
        """Half the sum of squares, averaged over the K draws."""
        return squared_errors(trace).sum(-1).mean(0) / 2


@register
class RootMeanSquaredError(Term):
    r"""The root of the mean squared error, in pixel units: no nats, and no log-likelihood.

    .. math:: \sqrt{\frac1D \sum_i (x_i - m_i)^2}

    Args:
        weight: Nats per pixel unit; the number of pixels makes it worth as much as D
            log-likelihoods. With a weight of 1 the rate outweighs it and the latents collapse.
        name: What it is called in results.
    """

    name = "root_mean_squared_error"

    def __init__(self, weight: float | Schedule = 1.0, name: str | None = None) -> None:
        super().__init__(weight, name)

    def forward(self, trace: Trace) -> Float[Tensor, "B"]:
        """The root for each example, averaged over the K draws."""
        return squared_errors(trace).mean(-1).clamp_min(TINY).sqrt().mean(0)


@register
class OptimalSigma(Term):
    r"""The normal log-likelihood at the best sigma: a profile objective, not a density.

    .. math:: \frac{D}{2} \log (2 \pi e \, \mathrm{MSE}) = D \log \mathrm{RMSE} + \mathrm{constant}

    It sets sigma after having seen the error, so it has no normaliser and cannot be sampled from.

    Args:
        weight: What it is multiplied by.
        per: Whether sigma is chosen for each `"batch"` or each `"example"`.
        name: What it is called in results.

    Raises:
        CompositionError: If `per` is neither.

    Source: Rybkin, Daniilidis & Levine 2021, https://arxiv.org/abs/2006.13202
    """

    name = "optimal_sigma"

    def __init__(
        self,
        weight: float | Schedule = 1.0,
        per: str = "batch",
        name: str | None = None,
    ) -> None:
        if per not in ("batch", "example"):
            raise CompositionError(f"per is 'batch' or 'example', not {per!r}")
        super().__init__(weight, name)
        self.per = per

    def forward(self, trace: Trace) -> Float[Tensor, "B"] | Float[Tensor, ""]:
        """Nats per example, or one number for the batch."""
        errors = squared_errors(trace)
        mean = errors.mean() if self.per == "batch" else errors.mean(-1)
        nats = errors.shape[-1] / 2 * torch.log(2 * math.pi * math.e * mean.clamp_min(TINY))
        return nats if self.per == "batch" else nats.mean(0)
