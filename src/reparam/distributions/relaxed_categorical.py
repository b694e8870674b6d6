r"""Categorical variables relaxed to points of a simplex: the Concrete, or Gumbel-softmax.

The largest of :math:`\log \pi_k + g_k` with Gumbel noise g is category k with probability
:math:`\pi_k`. A softmax in the maximum's place makes the draw a smooth function of the
probabilities, and the vector drawn a point inside the simplex instead of one of its corners:

.. math:: z = \mathrm{softmax}\left(\frac{\log \pi + g}{T}\right)

The lower the temperature T the nearer it lies to a corner. The relaxed variable has a density of
its own, under which a rate is a true divergence of the relaxed model, sampled; it is not the
divergence of the categorical variables.
"""

import math

import torch
from jaxtyping import Float
from torch import Size, Tensor
from torch.distributions import Distribution

from reparam.errors import CompositionError


class RelaxedCategorical(Distribution):
    r"""N independent Concrete variables of C categories, one flat event of N C numbers.

    .. math:: \log p(z) = \sum_n \Big(\log \Gamma(C) + (C - 1) \log T
        + \sum_k (\log \pi_{nk} - (T + 1) \log z_{nk})
        - C \log \sum_k \pi_{nk} \, z_{nk}^{-T}\Big)

    with respect to Lebesgue measure on the first C - 1 coordinates of each simplex.

    Coordinates end at ten thousand times the type's smallest normal number (1e-34 in float32):
    what lies below is drawn, and scored, as that. Logits within 15 of 0 and temperatures from 0.65
    stay clear of it in float32.

    Args:
        logits: (\*batch, N, C), the log-probabilities up to a constant.
        temperature: T, positive.

    Source: Maddison, Mnih & Teh 2017, https://arxiv.org/abs/1611.00712; Jang, Gu & Poole 2017,
        https://arxiv.org/abs/1611.01144

    Example:
        >>> p = RelaxedCategorical(torch.zeros(1, 2), temperature=1.0)  # uniform on the simplex
        >>> p.log_prob(torch.tensor([0.3, 0.7])).abs() < 1e-6
        tensor(True)
        >>> z, log_p = p.rsample_and_log_prob((5,))
        >>> z.shape, log_p.shape
        (torch.Size([5, 2]), torch.Size([5]))
    """

    has_rsample = True
    arg_constraints = {}  # noqa: RUF012

    def __init__(self, logits: Float[Tensor, "*batch N C"], temperature: float) -> None:
        self.logits, self.temperature = logits, temperature
        self.space = f"within simplices of {logits.shape[-1]} categories"
        event = logits.shape[-2] * logits.shape[-1]
        super().__init__(logits.shape[:-2], Size([event]), validate_args=False)

    @property
    def mean(self) -> Tensor:
        r"""The categorical variables' probabilities, (\*batch, N C).

        The mean of the relaxed variables has no closed form; it tends to this as T falls.
        """
        return self.logits.softmax(-1).flatten(-2)

    def rsample(self, sample_shape: Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        r"""Draw (\*sample, \*batch, N C) by the reparameterisation trick."""
        return self._log_draw(sample_shape).exp().flatten(-2)

    def rsample_and_log_prob(
        self, sample_shape: Size | list[int] | tuple[int, ...] = ()
    ) -> tuple[Tensor, Tensor]:
        r"""Draw (\*sample, \*batch, N C), with the log-density in nats from the logarithm of z."""
        log_z = self._log_draw(sample_shape)
        return log_z.exp().flatten(-2), self._log_density(log_z)

    def log_prob(self, value: Tensor) -> Tensor:
        r"""The log-density in nats, (\*batch), of events (\*, \*batch, N C)."""
        floor = math.exp(_log_floor(value.dtype))
        return self._log_density(
            value.unflatten(-1, self.logits.shape[-2:]).clamp_min(floor).log()
        )

    def from_noise(self, noise: Tensor) -> Tensor:
        r"""The draws (\*sample, \*batch, N C) of Gumbel noise (\*sample, \*batch, N, C)."""
        return self._log_from(noise).exp().flatten(-2)

    def _log_draw(self, sample_shape: Size | list[int] | tuple[int, ...]) -> Tensor:
        return self._log_from(gumbel(sample_shape, self.logits))

    def _log_from(self, noise: Tensor) -> Tensor:
        noisy = self.logits + noise
        return (noisy / self.temperature).log_softmax(-1).clamp_min(_log_floor(noisy.dtype))

    def _log_density(self, log_z: Tensor) -> Tensor:
        variables, categories = self.logits.shape[-2:]
        log_pi, t = self.logits.log_softmax(-1), self.temperature
        constant = math.lgamma(categories) + (categories - 1) * math.log(t)
        powers = (log_pi - (t + 1) * log_z).sum(-1)
        normaliser = categories * (log_pi - t * log_z).logsumexp(-1)
        return (powers - normaliser).sum(-1) + variables * constant


def gumbel(
    sample_shape: Size | list[int] | tuple[int, ...], logits: Float[Tensor, "*batch N C"]
) -> Tensor:
    r"""Standard Gumbel noise, :math:`-\log(-\log u)`, (\*sample, \*batch, N, C).

    Args:
        sample_shape: How many, in leading axes.
        logits: Says the other axes, the type and the device.

    Example:
        >>> gumbel((5,), torch.zeros(3, 2, 4)).shape
        torch.Size([5, 3, 2, 4])
    """
    shape = (*sample_shape, *logits.shape)
    waits = torch.empty(shape, dtype=logits.dtype, device=logits.device).exponential_()
    return -waits.clamp_min(torch.finfo(logits.dtype).eps).log()


def check_categories(categories: int, temperature: float = 1.0) -> None:
    """Refuse options that no categorical latent can have.

    Args:
        categories: C, how many categories each variable has.
        temperature: T.

    Raises:
        CompositionError: If C is below 2 or T is not positive.
    """
    if categories < 2:
        raise CompositionError(f"a variable has at least 2 categories, not {categories}")
    if not (math.isfinite(temperature) and temperature > 0):
        raise CompositionError(f"temperature must be positive, not {temperature}")


def variables(dim: int, categories: int) -> int:
    """How many categorical variables a flat latent holds.

    Args:
        dim: D, how many numbers the latent has.
        categories: C, how many of them each variable takes.

    Raises:
        CompositionError: If C does not divide D.

    Example:
        >>> variables(12, 4)
        3
    """
    if dim < categories or dim % categories:
        raise CompositionError(
            f"{dim} latent numbers do not fall into variables of {categories} categories: "
            f"use a multiple of {categories}"
        )
    return dim // categories


def _log_floor(dtype: torch.dtype) -> float:
    return math.log(torch.finfo(dtype).tiny) + math.log(1e4)
