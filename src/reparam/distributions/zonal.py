r"""Densities on the unit sphere that depend on one angle alone.

A zonal density has a mean direction mu, and its logarithm falls with the angle theta between z and
mu as a concentration kappa times a statistic:

.. math:: p(z) = \frac{\exp(\kappa \, s(\theta))}{|S^{D-2}| \, Z(\kappa)}, \quad
    Z(\kappa) = \int_0^\pi \exp(\kappa \, s(\theta)) \sin^{D-2} \theta \, d\theta, \quad s(0) = 0

The integral is a sum over Gauss-Legendre nodes in panels around its peak, in float64 where the
device has it: exact to 12 digits, to 9 where the density has a kink opposite mu. A draw is

.. math:: z = \cos \theta \, \mu + \sin \theta \, v

with v uniform among the directions at right angles to mu, and theta where its distribution
function F is a uniform number u. Nothing is rejected, so a draw is a smooth function of noise and
parameters. The derivative of theta is that of F(theta; kappa) = u, implicit reparameterisation
(Figurnov, Mohamed & Mnih 2018, https://arxiv.org/abs/1805.08498):

.. math:: \frac{d \theta}{d \kappa} =
    - \frac{\partial F / \partial \kappa}{\partial F / \partial \theta}
"""

from abc import abstractmethod

import numpy as np
import torch
from jaxtyping import Float
from torch import Size, Tensor
from torch.distributions import Distribution
from torch.distributions.kl import register_kl

from reparam.distributions.sphere import (
    SPACE,
    UniformSphere,
    at_least_a_circle,
    direction,
    log_area,
    tangent,
)

EDGES = torch.tensor(
    [i / 12 for i in range(12)] + [1 - 4.0**-i / 12 for i in range(1, 7)] + [1],
    dtype=torch.float64,
)
"""The panels' edges, from 0 to 1; small ones at the end for powers of pi - theta."""
RULE = torch.tensor(np.stack(np.polynomial.legendre.leggauss(10)))
REACH = 7.5
"""The panels reach this many standard deviations to both sides: all but 1e-13 of the mass."""
BISECTIONS, NEWTON_STEPS = 8, 4


class Zonal(Distribution):
    r"""A density on the sphere that depends on the angle to a mean direction alone. Abstract.

    Args:
        mean: The mean direction mu, (\*batch, D), of length 1.
        concentration: Kappa > 0, (\*batch), or a shape that broadcasts to it.

    Raises:
        CompositionError: If D is below 2.
    """

    has_rsample = True
    arg_constraints = {}  # noqa: RUF012
    space = SPACE

    def __init__(
        self, mean: Float[Tensor, "*batch D"], concentration: Float[Tensor, "*batch"]
    ) -> None:
        self.dimensions = at_least_a_circle(mean.shape[-1])
        batch = torch.broadcast_shapes(mean.shape[:-1], concentration.shape)
        self._mean = mean.expand(*batch, self.dimensions)
        self.concentration = concentration.expand(batch)
        super().__init__(batch, mean.shape[-1:], validate_args=False)
        no_float64 = mean.device.type == "mps"
        self._kappa = self.concentration if no_float64 else self.concentration.double()
        with torch.no_grad():
            peak, precision = self.peak()
            reach = REACH / precision.sqrt()
            self._start = 2 * (peak.sqrt() - reach).clamp_min(0).asin()
            end = 2 * (peak.sqrt() + reach).clamp_max(1).asin()
            self._span = end - self._start
            edges = EDGES.to(end).reshape(-1, *[1] * end.ndim)
            edges = self._start + self._span * edges
            self._angles, spans = _nodes(edges[:-1], edges[1:])
            self._statistics = self.statistic(*_halves(self._angles))
            constant = self._log_sines(self._angles) + spans.log()
        self._log_masses = self._kappa * self._statistics + constant
        self._log_normaliser = self._log_masses.flatten(0, 1).logsumexp(0)

    @abstractmethod
    def statistic(self, near: Tensor, far: Tensor) -> Tensor:
        """s(theta), from the squared sine and the squared cosine of half the angle."""

    @abstractmethod
    def peak(self) -> tuple[Tensor, Tensor]:
        r"""Where theta's density is highest, and how sharply it falls: (\*batch) both.

        In terms of the half-chord :math:`h = \sin(\theta / 2)`: its square at the highest point,
        and a number that minus the second log-derivative by h is nowhere much below.
        """

    @property
    def mean(self) -> Tensor:
        r"""The mean direction mu, (\*batch, D), of length 1; the mean of z is `expectation`."""
        return self._mean

    @property
    def mean_cosine(self) -> Tensor:
        r"""The mean of cos(theta), (\*batch): the length of the expectation."""
        return self._narrow(1 - 2 * self._average(_halves(self._angles)[0]))

    @property
    def expectation(self) -> Tensor:
        r"""The mean of z, (\*batch, D): along mu, and inside the sphere."""
        return self.mean_cosine[..., None] * self._mean

    @property
    def variance(self) -> Tensor:
        r"""The variance of each dimension, (\*batch, D)."""
        near, far = _halves(self._angles)
        along = 4 * self._average((near - self._average(near)).square())
        across = 4 * self._average(near * far) / (self.dimensions - 1)
        part = self._mean.square()
        return part * self._narrow(along)[..., None] + (1 - part) * self._narrow(across)[..., None]

    @property
    def kl_from_uniform(self) -> Tensor:
        r"""The divergence from the uniform distribution in nats, (\*batch)."""
        gained = self._kappa * self._average(self._statistics) - self._log_normaliser
        return self._narrow(gained + log_area(self.dimensions) - log_area(self.dimensions - 1))

    def entropy(self) -> Tensor:
        r"""The differential entropy in nats, (\*batch)."""
        return log_area(self.dimensions) - self.kl_from_uniform

    def log_prob(self, value: Tensor) -> Tensor:
        r"""The log-density in nats, (\*batch), of unit vectors (\*, \*batch, D)."""
        near = (value - self._mean).square().sum(-1) / 4
        far = (value + self._mean).square().sum(-1) / 4
        far = far.clamp_min(torch.finfo(far.dtype).eps ** 2)
        constant = self._narrow(self._log_normaliser + log_area(self.dimensions - 1))
        return self.concentration * self.statistic(near, far) - constant

    def rsample(self, sample_shape: Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        r"""Draw (\*sample, \*batch, D) with gradients to the mean direction and kappa."""
        shape, mean = (*sample_shape, *self.batch_shape), self._mean
        noise = torch.randn((*shape, self.dimensions - 1), dtype=mean.dtype, device=mean.device)
        chance = torch.rand(shape, dtype=self._kappa.dtype, device=mean.device)
        return self.from_noise(noise, chance)

    def from_noise(self, noise: Tensor, chance: Tensor) -> Tensor:
        r"""The draws (\*sample, \*batch, D) that noise makes.

        Args:
            noise: Standard normal numbers, (\*sample, \*batch, D - 1).
            chance: Uniform numbers, (\*sample, \*batch).
        """
        angle, mean = self.angle_at(chance)[..., None], self._mean
        across = tangent(mean, direction(noise))
        return self._narrow(angle.cos()) * mean + self._narrow(angle.sin()) * across

    def sample(self, sample_shape: Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        """The same without gradients."""
        with torch.no_grad():
            return self.rsample(sample_shape)

    def angle_at(self, chance: Tensor) -> Tensor:
        r"""Theta where its distribution function has a value, with its derivative by kappa.

        Args:
            chance: (\*sample, \*batch), in [0, 1].
        """
        with torch.no_grad():
            edge = torch.finfo(chance.dtype).eps ** 0.75
            chance = chance.clamp(edge, 1 - edge)
            masses = (self._log_masses - self._log_normaliser).exp()
            average = self._average(self._statistics)
            before = _before(masses, chance.shape)
            moved = _before(masses * (self._statistics - average), chance.shape)
            panel = (before[1:] <= chance).sum(0, keepdim=True)
            before, moved = before.gather(0, panel)[0], moved.gather(0, panel)[0]
            low, high = (self._start + self._span * EDGES.to(chance)[panel[0] + i] for i in (0, 1))
            start = low
            angle = (low + high) / 2
            for step in range(BISECTIONS + NEWTON_STEPS):
                excess = before + self._masses(*_nodes(start, angle)).sum(0) - chance
                low = torch.where(excess > 0, low, angle)
                high = torch.where(excess > 0, angle, high)
                newton = (angle - excess / self._masses(angle)).clamp(low, high)
                angle = (low + high) / 2 if step < BISECTIONS else newton
            nodes, spans = _nodes(start, angle)
            statistics = self.statistic(*_halves(nodes)) - average
            moved = moved + (self._masses(nodes, spans) * statistics).sum(0)
            slope = -moved / self._masses(angle)
        return angle + slope * (self._kappa - self._kappa.detach())

    def _average(self, values: Tensor) -> Tensor:
        """The mean of a function of theta, from its values at the nodes."""
        return (self._log_masses.flatten(0, 1).softmax(0) * values.flatten(0, 1)).sum(0)

    def _masses(self, angles: Tensor, spans: Tensor | float = 1.0) -> Tensor:
        """Theta's density, times the lengths that angles stand for."""
        logarithm = self._kappa * self.statistic(*_halves(angles)) + self._log_sines(angles)
        return spans * (logarithm - self._log_normaliser).exp()

    def _log_sines(self, angles: Tensor) -> Tensor:
        smallest = torch.finfo(angles.dtype).tiny
        return (self.dimensions - 2) * angles.sin().clamp_min(smallest).log()

    def _narrow(self, values: Tensor) -> Tensor:
        return values.to(self._mean.dtype)


def _halves(angles: Tensor) -> tuple[Tensor, Tensor]:
    """The squared sine and cosine of half the angles."""
    return (angles / 2).sin().square(), (angles / 2).cos().square()


def _nodes(low: Tensor, high: Tensor) -> tuple[Tensor, Tensor]:
    """Gauss-Legendre nodes between low and high, on an axis before the others, and weights."""
    nodes, weights = (part.reshape(-1, *[1] * low.ndim) for part in RULE.to(low))
    return low + (high - low) * (1 + nodes) / 2, (high - low) * weights / 2


def _before(masses: Tensor, shape: Size) -> Tensor:
    r"""The mass before each panel, (P, \*shape), from that of its nodes, (M, P, \*batch)."""
    own = masses.sum(0)
    before = own.cumsum(0) - own
    missing = [1] * (len(shape) - own.ndim + 1)
    return before.reshape(len(own), *missing, *own.shape[1:]).expand(len(own), *shape)


@register_kl(Zonal, UniformSphere)
def kl_zonal_uniform(q: Zonal, p: UniformSphere) -> Tensor:
    r"""The KL divergence from the uniform distribution in nats, (\*batch).

    .. math:: \kappa \, E[s(\theta)] - \log Z(\kappa) + \log Z(0), \quad
        Z(0) = |S^{D-1}| / |S^{D-2}|
    """
    return q.kl_from_uniform + p.zero.sum(-1)  # zeros change nothing but the batch's shape
