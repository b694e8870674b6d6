r"""Families of latent variables whose posteriors are normalizing flows.

A diagonal normal posterior is one ellipsoid along the axes. Its noise can first be bent,

.. math:: z = \mu + \sigma \odot f_n(\dots f_1(\epsilon)), \quad \epsilon \sim N(0, I)

by invertible maps whose parameters come from the encoder too. The mean and log-variance are the
first 2 D features, as in the diagonal normal; the rest are the maps' parameters, or a context for
maps that are networks. The maps act before the shift and scale, so that they are as strong for a
narrow posterior as for a wide one, and so that a spline's box holds all but 6e-7 of each
dimension's noise. Planar maps and networks with a context reach the same posteriors either way.

For features of zeros every map is near the identity but not at it, where gradients would vanish.

Source: Rezende & Mohamed 2015, https://arxiv.org/abs/1505.05770
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.distributions import AffineTransform, Transform

from reparam.distributions import NormalizingFlow, StandardNormal
from reparam.errors import CompositionError
from reparam.families.family import Family, bounded, of_dimension
from reparam.flows import MaskedFlow, Planar, Radial
from reparam.registry import register

START = 0.1
"""How strong a planar or radial map is for features of zeros."""


def pushed(mean: Tensor, raw: Tensor, transforms: Sequence[Transform]) -> NormalizingFlow:
    r"""Standard normal noise through maps, then the shift and scale of a diagonal normal.

    Args:
        mean: (\*batch, D).
        raw: Log-variances before their bound, (\*batch, D).
        transforms: Maps of noise (\*, D).
    """
    spread = AffineTransform(mean, (bounded(raw) / 2).exp(), event_dim=1)
    return NormalizingFlow(StandardNormal(torch.zeros_like(mean)), [*transforms, spread])


def directions(count: int, like: Tensor) -> Tensor:
    r"""Unit vectors that differ from one another, (count, D).

    Args:
        count: How many.
        like: (\*, D), for D, type and device.
    """
    number = torch.arange(1, count + 1, dtype=like.dtype, device=like.device).unsqueeze(-1)
    waves = (number * torch.arange(1, like.shape[-1] + 1, device=like.device)).cos()
    return waves / torch.linalg.vector_norm(waves, dim=-1, keepdim=True)


@register
class PlanarFlow(Family):
    r"""Features (\*, 2 D + n (2 D + 1)) as a posterior with n planar maps.

    .. math:: f(z) = z + \hat u \tanh(w^\top z + b)

    Args:
        transforms: n.

    Raises:
        CompositionError: If n is less than 1.

    Source: Rezende & Mohamed 2015, https://arxiv.org/abs/1505.05770

    Example:
        >>> family = PlanarFlow(transforms=2)
        >>> family.features((3,))
        (20,)
        >>> z, log_q = family(torch.zeros(4, 20)).rsample_and_log_prob((10,))
        >>> z.shape, log_q.shape
        (torch.Size([10, 4, 3]), torch.Size([10, 4]))
    """

    def __init__(self, transforms: int = 4) -> None:
        super().__init__()
        self.transforms = _counted(transforms)

    def read(self, features: Tensor) -> NormalizingFlow:
        """The mean, the log-variance, then w, u and b of each map."""
        dim = (features.shape[-1] - self.transforms) // (2 + 2 * self.transforms)
        mean, raw, rest = features.split([dim, dim, self.transforms * (2 * dim + 1)], -1)
        w, u, b = bounded(rest.unflatten(-1, (self.transforms, -1))).split([dim, dim, 1], -1)
        first = directions(self.transforms, mean)
        parts = ((w + first).unbind(-2), (u + START * first).unbind(-2), b.squeeze(-1).unbind(-1))
        return pushed(mean, raw, [Planar(*part) for part in zip(*parts, strict=True)])

    def features(self, shape: Sequence[int]) -> tuple[int, ...]:
        """Two for each number, and two directions and an offset for each map."""
        return (2 * shape[0] + self.transforms * (2 * shape[0] + 1),)


@register
class RadialFlow(Family):
    r"""Features (\*, 2 D + n (D + 2)) as a posterior with n radial maps.

    .. math:: f(z) = z + \frac{\beta}{\alpha + \|z - z_0\|} (z - z_0)

    Args:
        transforms: n.

    Raises:
        CompositionError: If n is less than 1.

    Source: Rezende & Mohamed 2015, https://arxiv.org/abs/1505.05770

    Example:
        >>> family = RadialFlow(transforms=2)
        >>> family.features((3,))
        (16,)
        >>> family(torch.zeros(4, 16)).log_prob(torch.zeros(3)).shape
        torch.Size([4])
    """

    def __init__(self, transforms: int = 4) -> None:
        super().__init__()
        self.transforms = _counted(transforms)

    def read(self, features: Tensor) -> NormalizingFlow:
        """The mean, the log-variance, then the centre, log alpha and strength of each map."""
        dim = (features.shape[-1] - 2 * self.transforms) // (2 + self.transforms)
        mean, raw, rest = features.split([dim, dim, self.transforms * (dim + 2)], -1)
        centre, others = bounded(rest.unflatten(-1, (self.transforms, -1))).split([dim, 2], -1)
        centres = (centre + directions(self.transforms, mean)).unbind(-2)
        log_alpha, strength = ((others / 2).unbind(-1)[0], others.unbind(-1)[1] + START)
        parts = zip(centres, log_alpha.unbind(-1), strength.unbind(-1), strict=True)
        return pushed(mean, raw, [Radial(*part) for part in parts])

    def features(self, shape: Sequence[int]) -> tuple[int, ...]:
        """Two for each number, and a centre, a radius and a strength for each map."""
        return (2 * shape[0] + self.transforms * (shape[0] + 2),)


@register
class InverseAutoregressiveFlow(Family):
    r"""Features (\*, 2 D + C) as a posterior with inverse autoregressive maps.

    .. math:: f(x)_i = x_i \, \sigma_i(x_{<i}, c) + m_i(x_{<i}, c)

    Drawing takes one pass for all dimensions; scoring another z takes D of them for each map.

    Args:
        dim: D.
        transforms: How many maps; the order of the dimensions is reversed between them.
        context: C, how many features reach every map.
        hidden: The widths of each map's network.

    Raises:
        CompositionError: If a number is too small.

    Source: Kingma et al. 2016, https://arxiv.org/abs/1606.04934

    Example:
        >>> family = InverseAutoregressiveFlow(3)
        >>> z, log_q = family(torch.zeros(4, 22)).rsample_and_log_prob((10,))
        >>> z.shape, log_q.shape
        (torch.Size([10, 4, 3]), torch.Size([10, 4]))
    """

    def __init__(
        self, dim: int, transforms: int = 2, context: int = 16, hidden: Sequence[int] = (64,)
    ) -> None:
        super().__init__()
        self.dim, self.context = dim, context
        self.flow = MaskedFlow(dim, "affine", transforms, hidden, context)

    def read(self, features: Tensor) -> NormalizingFlow:
        """The mean, the log-variance, then the context."""
        return _masked(self.flow, features, self.dim, self.context)

    def features(self, shape: Sequence[int]) -> tuple[int, ...]:
        """Two for each number, and the context."""
        return (2 * of_dimension(shape, self.dim) + self.context,)


@register
class NeuralSplineFlow(Family):
    r"""Features (\*, 2 D + C) as a posterior with coupling maps of monotone splines.

    .. math:: f(x)_i = \mathrm{spline}(x_i; \, \phi_i(x_\mathrm{first\ half}, c))

    A spline bends what lies in [-5, 5] and leaves the rest. Drawing takes one pass, scoring
    another z two for each map.

    Args:
        dim: D.
        transforms: How many maps; the halves change places between them.
        context: C, how many features reach every map.
        hidden: The widths of each map's network.
        bins: How many pieces a spline has.

    Raises:
        CompositionError: If a number is too small.

    Source: Durkan et al. 2019, https://arxiv.org/abs/1906.04032

    Example:
        >>> NeuralSplineFlow(3)(torch.zeros(4, 22)).rsample((10,)).shape
        torch.Size([10, 4, 3])
    """

    def __init__(
        self,
        dim: int,
        transforms: int = 2,
        context: int = 16,
        hidden: Sequence[int] = (64,),
        bins: int = 8,
    ) -> None:
        super().__init__()
        self.dim, self.context = dim, context
        self.flow = MaskedFlow(dim, "spline", transforms, hidden, context, passes=2, bins=bins)

    def read(self, features: Tensor) -> NormalizingFlow:
        """The mean, the log-variance, then the context."""
        return _masked(self.flow, features, self.dim, self.context)

    def features(self, shape: Sequence[int]) -> tuple[int, ...]:
        """Two for each number, and the context."""
        return (2 * of_dimension(shape, self.dim) + self.context,)


def _counted(transforms: int) -> int:
    if transforms < 1:
        raise CompositionError(f"a flow needs at least one transform, not {transforms}")
    return transforms


def _masked(flow: MaskedFlow, features: Tensor, dim: int, context: int) -> NormalizingFlow:
    mean, raw, rest = features.split([dim, dim, context], -1)
    return pushed(mean, raw, flow(rest if context else None))
