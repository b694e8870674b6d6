r"""Mixtures of logistic distributions over the levels of a pixel.

A picture's pixels are no real numbers but one of 256 levels. A continuous mixture is drawn first
and rounded to the nearest level afterwards; whatever falls beyond the first or last level counts
as it. So each level has a probability, the mass between its two halves, and log-likelihoods are
those of the picture as it was stored:

.. math:: P(x) = \sum_m \pi_m \prod_c
    \sigma\left(\frac{x_c + h - \mu_{mc}}{s_{mc}}\right)
    - \sigma\left(\frac{x_c - h - \mu_{mc}}{s_{mc}}\right), \quad h = \frac{1}{2 (L - 1)}

The difference of two nearly equal numbers would lose everything, but it is a product,

.. math:: \sigma(a) - \sigma(b) = \sigma(a) \, \sigma(-b) \, (1 - e^{-(a - b)})

whose logarithm never underflows and pulls on its parameters however far away the level is.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Size, Tensor
from torch.distributions import Distribution, constraints

from reparam.distributions.relaxed_categorical import gumbel


class DiscretizedLogisticMixture(Distribution):
    r"""Pixels of L levels in [0, 1], each position a mixture of M rounded logistic distributions.

    A position's channels share which component they come from and are independent given it; the
    original's linear dependence of a channel on the ones before it is left out. In a vector each
    number has a mixture of its own. Log-probabilities are of levels: a density on [0, 1] compares
    with them after taking D log L from it, for a picture of D numbers.

    Args:
        logits: Of the components, (\*batch, M, H, W), or (\*batch, M, D) for vectors.
        locations: mu in pixel units, (\*batch, M, C, H, W) or (\*batch, M, D).
        log_scales: log s, the same shape.
        levels: L; the level of a number x is (L - 1) x, rounded.
        event_dims: 3 for pictures, 1 for vectors.

    Source: Salimans, Karpathy, Chen & Kingma 2017, "PixelCNN++", https://arxiv.org/abs/1701.05517

    Example:
        >>> zeros = torch.zeros(2, 1, 1, 1)  # two components, one pixel
        >>> p = DiscretizedLogisticMixture(zeros[:, 0], zeros + 0.5, zeros, levels=2)
        >>> p.log_prob(torch.tensor([0.0, 1.0]).reshape(2, 1, 1, 1)).exp()
        tensor([0.5000, 0.5000])
    """

    arg_constraints = {}  # noqa: RUF012
    measure = "levels"

    def __init__(
        self,
        logits: Float[Tensor, "*mixtures"],
        locations: Float[Tensor, "*shape"],
        log_scales: Float[Tensor, "*shape"],
        levels: int = 256,
        event_dims: int = 3,
    ) -> None:
        self.logits, self.locations, self.log_scales = logits, locations, log_scales
        self.levels, self.event_dims = levels, event_dims
        split = locations.ndim - event_dims
        batch, event = locations.shape[: split - 1], locations.shape[split:]
        super().__init__(batch, event, validate_args=False)

    @property
    def support(self) -> constraints.Constraint:
        """Numbers in [0, 1], of which the nearest level counts."""
        return constraints.independent(constraints.unit_interval, self.event_dims)

    @property
    def mean(self) -> Tensor:
        r"""The mixture's mean before rounding, within [0, 1], (\*batch, \*event)."""
        weights = self.logits.softmax(self._mixture_axis)
        return (self._over_channels(weights) * self.locations).sum(self._axis).clamp(0, 1)

    def sample(self, sample_shape: Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        r"""Draw (\*sample, \*batch, \*event) levels, divided by L - 1."""
        with torch.no_grad():
            noisy = self.logits + gumbel(sample_shape, self.logits)
            chosen = self._over_channels(noisy.argmax(self._mixture_axis, keepdim=True))
            location, log_scale = (
                self._take(p, chosen) for p in (self.locations, self.log_scales)
            )
            shape = (*sample_shape, *self.batch_shape, *self.event_shape)
            chance = torch.rand(shape, dtype=location.dtype, device=location.device)
            return self._level(location + log_scale.exp() * chance.logit()) / (self.levels - 1)

    def log_prob(self, value: Float[Tensor, "..."]) -> Tensor:
        r"""Nats, (\*batch), of pictures (\*, \*batch, \*event) in [0, 1]."""
        given_component = self._log_mass(self._level(value).unsqueeze(self._axis))
        if self.event_dims == 3:
            given_component = given_component.sum(-3)
        log_weights = self.logits.log_softmax(self._mixture_axis)
        positions = (given_component + log_weights).logsumexp(self._mixture_axis)
        return positions.sum((-2, -1) if self.event_dims == 3 else -1)

    def _log_mass(self, level: Tensor) -> Tensor:
        """The log-probability of levels under each component."""
        half = 0.5 / (self.levels - 1)
        sharpness = (-self.log_scales).exp()
        deviation = level / (self.levels - 1) - self.locations
        below = F.logsigmoid((deviation + half) * sharpness)
        above = F.logsigmoid((half - deviation) * sharpness)
        between = (-torch.expm1(-2 * half * sharpness)).log()
        first, last = level == 0, level == self.levels - 1
        return torch.where(first, below, torch.where(last, above, below + above + between))

    @property
    def _axis(self) -> int:
        """Where the components lie among locations and scales."""
        return -self.event_dims - 1

    @property
    def _mixture_axis(self) -> int:
        """Where they lie among the logits, which have no channels."""
        return -3 if self.event_dims == 3 else -2

    def _over_channels(self, values: Tensor) -> Tensor:
        return values.unsqueeze(-3) if self.event_dims == 3 else values

    def _take(self, parameter: Tensor, chosen: Tensor) -> Tensor:
        lead = [1] * (chosen.ndim - parameter.ndim)
        spread = parameter.reshape(*lead, *parameter.shape)
        return torch.take_along_dim(spread, chosen, self._axis).squeeze(self._axis)

    def _level(self, value: Tensor) -> Tensor:
        """The nearest level of numbers, as floating point from 0 to L - 1."""
        return (value * (self.levels - 1)).round().clamp(0, self.levels - 1)
