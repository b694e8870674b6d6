r"""Two densities that forgive large errors: Laplace's and Student's t, number by number.

A normal density charges the square of an error, so that a few wild pixels outweigh all the others.
Laplace's charges its size, and Student's t in the end only the logarithm of its size: the pull of
one error on the location is bounded, and for Student's t it even fades.

===========  ===========================================  =======================================
density      nats for an error of t scales                pull
===========  ===========================================  =======================================
normal       :math:`t^2 / 2`                              :math:`t`
Laplace      :math:`|t|`                                  :math:`\mathrm{sign}(t)`
Student's t  :math:`\frac{\nu + 1}2 \log(1 + t^2 / \nu)`  :math:`(\nu + 1) \, t / (\nu + t^2)`
===========  ===========================================  =======================================

All are one standard density, moved and stretched: :math:`p(x) = p_0((x - m) / s) / s`.
"""

import math
from abc import abstractmethod

import torch
from jaxtyping import Float
from torch import Size, Tensor
from torch.distributions import Distribution, Gamma, constraints
from torch.distributions.kl import register_kl

from reparam.distributions.normal import excess

LARGE = 8.0
STIRLING = (-1 / 8, 1 / 192, -1 / 640, 17 / 14336, -31 / 18432)


class LocationScale(Distribution):
    r"""Independent numbers, each a standard one that was stretched and moved. Abstract.

    .. math:: \log p(x) = \sum_i \log p_0((x_i - m_i) / s_i) - \log s_i

    Args:
        location: m, (\*batch, \*event): the centre that `mean` shows.
        log_scale: log s, the same shape, or one that broadcasts to it.
        event_dims: How many trailing axes are one event.
    """

    has_rsample = True
    arg_constraints = {}  # noqa: RUF012

    def __init__(
        self,
        location: Float[Tensor, "*shape"],
        log_scale: Float[Tensor, "*shape"],
        event_dims: int = 1,
    ) -> None:
        if location.shape != log_scale.shape:
            location, log_scale = torch.broadcast_tensors(location, log_scale)
        self.location, self.log_scale, self.event_dims = location, log_scale, event_dims
        split = location.ndim - event_dims
        super().__init__(location.shape[:split], location.shape[split:], validate_args=False)

    @abstractmethod
    def standard_draw(self, shape: tuple[int, ...]) -> Tensor:
        r"""Draw (\*sample, \*batch, \*event) standard numbers."""

    @abstractmethod
    def standard_log_density(self, t: Tensor) -> Tensor:
        r"""The standard log-density in nats of each number, (\*, \*batch, \*event)."""

    @property
    def support(self) -> constraints.Constraint:
        """All real events."""
        return constraints.independent(constraints.real, self.event_dims)

    @property
    def mean(self) -> Tensor:
        r"""The centre, (\*batch, \*event): the mean where there is one, always the median."""
        return self.location

    def rsample(self, sample_shape: Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        r"""Draw (\*sample, \*batch, \*event) by the reparameterisation trick."""
        noise = self.standard_draw((*sample_shape, *self.location.shape))
        return self.location + self.log_scale.exp() * noise

    def log_prob(self, value: Float[Tensor, "..."]) -> Tensor:
        r"""The log-density in nats, (\*batch), of events (\*, \*batch, \*event)."""
        t = (value - self.location) * (-self.log_scale).exp()
        return self.events(self.standard_log_density(t) - self.log_scale)

    def events(self, values: Tensor) -> Tensor:
        """Sum values over the axes of an event."""
        return values.flatten(-self.event_dims).sum(-1) if self.event_dims else values


class Laplace(LocationScale):
    r"""Independent Laplace numbers: the sum of absolute errors.

    .. math:: \log p(x) = -\sum_i \frac{|x_i - m_i|}{s_i} + \log 2 s_i

    Args:
        location: m, (\*batch, \*event): mean and median.
        log_scale: log s, where s is the mean absolute deviation; it broadcasts.
        event_dims: How many trailing axes are one event.

    Example:
        >>> p = Laplace(torch.zeros(2), torch.zeros(()))
        >>> p.log_prob(torch.tensor([1.0, -2.0]))  # -3 - 2 log 2
        tensor(-4.3863)
    """

    @property
    def variance(self) -> Tensor:
        r"""The variance of each number, (\*batch, \*event)."""
        return 2 * (2 * self.log_scale).exp()

    def standard_draw(self, shape: tuple[int, ...]) -> Tensor:
        """An exponential number with a random sign."""
        size = torch.empty(shape, dtype=self.location.dtype, device=self.location.device)
        sign = torch.randint_like(size, 2) * 2 - 1
        return sign * size.exponential_()

    def standard_log_density(self, t: Tensor) -> Tensor:
        """-abs(t) - log 2."""
        return -t.abs() - math.log(2)

    def entropy(self) -> Tensor:
        r"""The differential entropy in nats, (\*batch)."""
        return self.events(self.log_scale + (1 + math.log(2)))

    def tempered(self, temperature: float) -> "Laplace":
        """The same distribution with its scales multiplied by a temperature."""
        return Laplace(self.location, self.log_scale + math.log(temperature), self.event_dims)


class StudentT(LocationScale):
    r"""Independent numbers of Student's t distribution.

    .. math:: \log p(x) = \sum_i \log \frac{\Gamma(\frac{\nu_i + 1}{2})}
        {\Gamma(\frac{\nu_i}{2}) \sqrt{\pi \nu_i} s_i}
        - \frac{\nu_i + 1}{2} \log \left(1 + \frac{(x_i - m_i)^2}{\nu_i s_i^2}\right)

    With one degree of freedom it is Cauchy's, with many it tends to the normal distribution.

    Args:
        location: m, (\*batch, \*event): the median, and the mean for nu above 1.
        log_scale: log s; it broadcasts.
        log_df: log nu, the logarithm of the degrees of freedom; it broadcasts to the others.
        event_dims: How many trailing axes are one event.

    Example:
        >>> cauchy = StudentT(torch.zeros(1), torch.zeros(()), torch.zeros(()))
        >>> cauchy.log_prob(torch.zeros(1))  # -log pi
        tensor(-1.1447)
    """

    def __init__(
        self,
        location: Float[Tensor, "*shape"],
        log_scale: Float[Tensor, "*shape"],
        log_df: Float[Tensor, "*shape"],
        event_dims: int = 1,
    ) -> None:
        self.log_df = log_df
        super().__init__(location, log_scale, event_dims)

    @property
    def variance(self) -> Tensor:
        r"""The variance of each number, (\*batch, \*event): infinite for nu up to 2."""
        df = self.log_df.exp()
        stretch = torch.where(df > 2, df / (df - 2), torch.inf)
        return (2 * self.log_scale).exp() * stretch

    @property
    def _log_normaliser(self) -> Tensor:
        half = self.log_df.exp() / 2
        return log_gamma_step(half) - (self.log_df + math.log(math.pi)) / 2

    def standard_draw(self, shape: tuple[int, ...]) -> Tensor:
        """A normal number over the root of a mean square of nu others."""
        normal = torch.randn(shape, dtype=self.location.dtype, device=self.location.device)
        half = (self.log_df.exp() / 2).expand(shape)
        mean_square = Gamma(half, half, validate_args=False).rsample()
        return normal * mean_square.clamp_min(torch.finfo(normal.dtype).tiny).rsqrt()

    def standard_log_density(self, t: Tensor) -> Tensor:
        """The density of an error of t scales."""
        power = (self.log_df.exp() + 1) / 2
        ratio = t * (-self.log_df / 2).exp()
        return self._log_normaliser - power * torch.log1p(ratio.square())

    def entropy(self) -> Tensor:
        r"""The differential entropy in nats, (\*batch)."""
        half = self.log_df.exp() / 2
        each = (half + 0.5) * log_gamma_step_slope(half) - self._log_normaliser
        return self.events(self.log_scale + each)

    def tempered(self, temperature: float) -> "StudentT":
        """The same distribution with its scales multiplied by a temperature."""
        shifted = self.log_scale + math.log(temperature)
        return StudentT(self.location, shifted, self.log_df, self.event_dims)


def log_gamma_step(a: Tensor) -> Tensor:
    r"""By how much the logarithm of the gamma function grows over half a step.

    .. math:: \log \Gamma(a + \tfrac12) - \log \Gamma(a) = \tfrac12 \log a - \frac{1}{8 a}
        + \frac{1}{192 a^3} - \dots

    The series takes over from 8 on: further out the difference of two large numbers would be lost.

    Args:
        a: Positive, of any shape.

    Example:
        >>> log_gamma_step(torch.tensor([0.5, 1e8]))  # -log(pi) / 2, log(1e8) / 2
        tensor([-0.5724,  9.2103])
    """
    small, far = a.clamp_max(LARGE), a.clamp_min(LARGE)
    near = torch.lgamma(small + 0.5) - torch.lgamma(small)
    series = far.log() / 2 + sum(c * far ** (-1 - 2 * k) for k, c in enumerate(STIRLING))
    return torch.where(a < LARGE, near, series)


def log_gamma_step_slope(a: Tensor) -> Tensor:
    """The derivative of `log_gamma_step`.

    Args:
        a: Positive, of any shape.

    Example:
        >>> log_gamma_step_slope(torch.tensor([0.5, 50.0]))  # 2 log 2, then about 1 / (2 a)
        tensor([1.3863, 0.0100])
    """
    small, far = a.clamp_max(LARGE), a.clamp_min(LARGE)
    near = torch.digamma(small + 0.5) - torch.digamma(small)
    terms = (-(1 + 2 * k) * c * far ** (-2 - 2 * k) for k, c in enumerate(STIRLING))
    return torch.where(a < LARGE, near, 1 / (2 * far) + sum(terms))


@register_kl(Laplace, Laplace)
def kl_laplace_laplace(q: Laplace, p: Laplace) -> Tensor:
    r"""The KL divergence of two Laplace distributions in nats, (\*batch).

    .. math:: \sum_i \log \frac{s_p}{s_q} + \frac{|m_q - m_p|}{s_p}
        + \frac{s_q}{s_p} e^{-|m_q - m_p| / s_q} - 1
    """
    distance = (q.location - p.location).abs() * (-q.log_scale).exp()
    narrower = q.log_scale - p.log_scale
    near = torch.expm1(-distance) + distance  # e^-d - 1 + d, as in `excess`
    return q.events(excess(narrower) + narrower.exp() * near)
