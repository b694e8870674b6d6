r"""The wrapped normal distribution on the Poincaré ball, a normal of hyperbolic space.

The Poincaré ball of curvature -c is the open ball :math:`\|z\| < 1 / \sqrt c` with the metric
:math:`\lambda_z^2 \, \|dz\|^2`, where :math:`\lambda_z = 2 / (1 - c \|z\|^2)`. Its volume grows
exponentially with the distance from the origin, as the number of a tree's leaves does.

A draw starts as a normal tangent vector, is carried to the mean along the geodesic from the
origin, and follows the geodesic that it then points along (the exponential map). On the ball the
carrying only scales coordinates, by :math:`\lambda_0 / \lambda_\mu`.

All lengths here are hyperbolic: of tangent vectors in an orthonormal frame, of standard deviations
and of distances. With lengths R and r in units of :math:`1 / \sqrt c`, unit vectors u and w,
:math:`p = e^{-R}`, :math:`q = e^{-r}` and :math:`h = 1 + u \cdot w`, the point reached is

.. math:: \sqrt c \, z = \frac{(1 - p) \left(2 (p + q^2) + (1 - p) (1 - q^2) h\right) u
    + 2 p (1 - q^2) w}{2 (p + q)^2 + (1 - p^2) (1 - q^2) h}

and its :math:`\lambda_z` is that denominator over 4 p q. Every summand is positive and none can
overflow, so that float32 keeps its digits where Möbius addition loses them.
"""

import math

import torch
from jaxtyping import Float
from torch import Size, Tensor
from torch.distributions import Distribution

from reparam.errors import CompositionError

TINY = 1e-24
REACH = 100.0


class WrappedNormal(Distribution):
    r"""A normal tangent vector at a point of the Poincaré ball, sent through the exponential map.

    .. math:: \log p(z) = \log N(v; 0, \mathrm{diag}(\sigma^2))
        - (D - 1) \log \frac{\sinh(\sqrt c \|v\|)}{\sqrt c \|v\|} + D \log \lambda_z

    with v the logarithm map of z at the mean, so that :math:`\|v\|` is their distance. This is the
    density with respect to Lebesgue measure on the ball's coordinates, of which it integrates to
    1; the density with respect to the hyperbolic volume lacks the last summand.

    Coordinates of the type's precision end at a distance of about :math:`15 / \sqrt c` in float32
    and :math:`35 / \sqrt c` in float64: what lies beyond is drawn, and scored, at that border.
    They are coarser the farther out, and a draw is scored where its coordinates put it.

    Args:
        location: A tangent vector at the origin, (\*batch, D): the exponential map sends it to the
            mean, and its length is the mean's distance from the origin.
        log_variance: Of the tangent vector, the same shape, or one that broadcasts to it.
        curvature: c, positive.

    Source: Nagano et al. 2019, https://arxiv.org/abs/1902.02992; Mathieu et al. 2019,
        https://arxiv.org/abs/1901.06033

    Example:
        >>> p = WrappedNormal(torch.zeros(2), torch.zeros(2))
        >>> p.log_prob(torch.zeros(2))  # -log(2 pi) + 2 log 2
        tensor(-0.4516)
        >>> z, log_p = p.rsample_and_log_prob((5,))
        >>> z.shape, log_p.shape, bool((z.norm(dim=-1) < 1).all())
        (torch.Size([5, 2]), torch.Size([5]), True)
    """

    has_rsample = True
    arg_constraints = {}  # noqa: RUF012

    def __init__(
        self,
        location: Float[Tensor, "*batch D"],
        log_variance: Float[Tensor, "*batch D"],
        curvature: float = 1.0,
    ) -> None:
        self.location, self.log_variance = torch.broadcast_tensors(location, log_variance)
        self.curvature = curvature
        self.space = f"in the ball of curvature {-curvature:g}"
        shape = self.location.shape
        super().__init__(shape[:-1], shape[-1:], validate_args=False)

    @property
    def mean(self) -> Tensor:
        r"""The point at which the tangent vector starts, (\*batch, D)."""
        base = self.location * math.sqrt(self.curvature)
        distance = _length(base)
        return self._inside((distance / 2).tanh() * base / distance)

    def rsample(self, sample_shape: Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        r"""Draw (\*sample, \*batch, D) by the reparameterisation trick."""
        return self.rsample_and_log_prob(sample_shape)[0]

    def rsample_and_log_prob(
        self, sample_shape: Size | list[int] | tuple[int, ...] = ()
    ) -> tuple[Tensor, Tensor]:
        r"""Draw (\*sample, \*batch, D), with the log-density in nats.

        The density is `log_prob`'s at the coordinates that were drawn, cut off at the border and
        rounded as they are. Its gradient is the tangent vector's, which does not pass through the
        coordinates.
        """
        shape, like = (*sample_shape, *self.location.shape), self.location
        noise = torch.randn(shape, dtype=like.dtype, device=like.device)
        tangent, point, log_factor = self._carried(noise)
        z, of_tangent = self._inside(point), self._log_density(tangent, log_factor)
        with torch.no_grad():
            difference = self.log_prob(z) - of_tangent
        return z, of_tangent + difference

    def from_noise(self, noise: Tensor) -> Tensor:
        r"""The draws (\*sample, \*batch, D) that standard normal noise of this shape makes."""
        return self._inside(self._carried(noise)[1])

    def log_prob(self, value: Tensor) -> Tensor:
        r"""The log-density in nats, (\*batch), of (\*, \*batch, D), by the logarithm map.

        It is computed in float64 where the device has it: near the border 1 - c |z|^2 cancels.
        """
        if value.dtype != torch.float64 and value.device.type != "mps":
            wide = WrappedNormal(
                self.location.double(), self.log_variance.double(), self.curvature
            )
            found = wide._log_prob(value.double(), _border(value))
            return found.to(torch.promote_types(value.dtype, self.location.dtype))
        return self._log_prob(value, _border(value))

    def _log_prob(self, value: Tensor, border: float) -> Tensor:
        root = math.sqrt(self.curvature)
        point = value * root
        radius = _length(point)
        within = radius.clamp_max(border)
        more, less = within.log1p(), (-within).log1p()
        seen = (more - less) * point / radius  # the logarithm map at the origin
        away, factor = _translated(-root * self.location, seen)
        length = _length(away)
        near = 2 * length.clamp_max(0.5).atanh()
        far = 2 * length.log1p() + factor - math.log(2)
        tangent = torch.where(length < 0.5, near, far) * away / length
        return self._log_density(tangent / root, math.log(2) - more - less)

    def tempered(self, temperature: float) -> "WrappedNormal":
        """The same distribution with its standard deviations multiplied by a temperature."""
        shifted = self.log_variance + 2 * math.log(temperature)
        return WrappedNormal(self.location, shifted, self.curvature)

    def _carried(self, noise: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        tangent = noise * (self.log_variance / 2).exp()
        root = math.sqrt(self.curvature)
        return (tangent, *_translated(self.location * root, tangent * root))

    def _log_density(self, tangent: Tensor, log_factor: Tensor) -> Tensor:
        dim = self.event_shape[0]
        whitened = tangent * (-self.log_variance / 2).exp()
        flat = -(whitened.square() + self.log_variance + math.log(2 * math.pi)).sum(-1) / 2
        bent = _log_sinhc(_length(tangent) * math.sqrt(self.curvature))
        return flat + (dim * log_factor - (dim - 1) * bent).squeeze(-1)

    def _inside(self, point: Tensor) -> Tensor:
        shrunk = point * (_border(point) / _length(point)).clamp_max(1)
        return shrunk / math.sqrt(self.curvature)


def check_ball(dim: int, curvature: float) -> None:
    r"""Refuse a ball on which float32 cannot hold the wrapped standard normal.

    Its draws lie about :math:`\sqrt D` from the origin; beyond a distance of
    :math:`10 / \sqrt c` coordinates become too coarse.

    Args:
        dim: D, how many dimensions the ball has.
        curvature: c.

    Raises:
        CompositionError: If D is below 1, c is not positive or c D is above 100.
    """
    if dim < 1:
        raise CompositionError(f"a ball has at least one dimension, not {dim}")
    if not (math.isfinite(curvature) and curvature > 0):
        raise CompositionError(
            f"curvature is the c of a ball of curvature -c and must be positive, not {curvature}"
        )
    if curvature * dim > REACH:
        raise CompositionError(
            f"in {dim} dimensions a curvature of {curvature} puts the prior's draws where the "
            f"ball's coordinates are too coarse: use one of at most {REACH / dim:.3g}"
        )


def _translated(base: Tensor, tangent: Tensor) -> tuple[Tensor, Tensor]:
    """The point of the unit ball that a tangent vector leads to from a base, and log lambda."""
    to_base, from_base = _length(base), _length(tangent)
    u, w = base / to_base, tangent / from_base
    short = TINY / to_base.square() + TINY / from_base.square()  # what u and w lack of unit length
    h = ((u + w).square().sum(-1, keepdim=True) + short) / 2
    p, q = (-to_base).exp(), (-from_base).exp()
    not_p, not_p2, not_q2 = (-(-x).expm1() for x in (to_base, 2 * to_base, 2 * from_base))
    along = not_p * (2 * (p + q.square()) + not_p * not_q2 * h)
    below = 2 * (p + q).square() + not_p2 * not_q2 * h
    point = (along * u + 2 * p * not_q2 * w) / below
    return point, below.log() + to_base + from_base - math.log(4)


def _length(vectors: Tensor) -> Tensor:
    """The length with its axis kept; at zero it is 1e-12, so that directions have a gradient."""
    return (vectors.square().sum(-1, keepdim=True) + TINY).sqrt()


def _border(like: Tensor) -> float:
    return 1 - 4 * torch.finfo(like.dtype).eps


def _log_sinhc(x: Tensor) -> Tensor:
    """Log(sinh(x) / x) for positive x, by its series where x is small."""
    square, large = x.clamp_max(0.03).square(), x.clamp_min(0.03)
    series = square * (1 / 6 - square * (1 / 180 - square / 2835))
    return torch.where(x < 0.03, series, large + (-(-2 * large).expm1()).log() - (2 * large).log())
