"""Ways through latent space: between two codes, along one dimension, and over two."""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from reparam.errors import CompositionError

OPPOSITE = 1e-4
"""Radians from a straight angle within which no great circle is the shortest."""


def linear(
    start: Float[Tensor, "*Z"], end: Float[Tensor, "*Z"], steps: int
) -> Float[Tensor, "steps *Z"]:
    r"""The straight line between two codes.

    .. math:: z_t = (1 - t) a + t b

    Halfway between two draws of a wide normal distribution it is nearer to the origin than draws
    ever come; `spherical` is not.

    Args:
        start: a.
        end: b.
        steps: How many codes, both ends among them.

    Raises:
        CompositionError: If the codes differ in shape, or there are fewer than two steps.

    Example:
        >>> linear(torch.tensor([0.0, 4.0]), torch.tensor([2.0, 0.0]), 3)
        tensor([[0., 4.],
                [1., 2.],
                [2., 0.]])
    """
    t = _times(start, end, steps)
    return (1 - t) * start + t * end


def spherical(
    start: Float[Tensor, "*Z"], end: Float[Tensor, "*Z"], steps: int
) -> Float[Tensor, "steps *Z"]:
    r"""The arc between two codes: direction on a great circle, length in a line.

    .. math:: z_t = \left((1 - t) \|a\| + t \|b\|\right)
        \frac{\sin((1 - t) \omega) \hat a + \sin(t \omega) \hat b}{\sin \omega}

    with :math:`\omega` the angle between them.

    Args:
        start: a.
        end: b.
        steps: How many codes, both ends among them.

    Raises:
        CompositionError: If the codes differ in shape, there are fewer than two steps, one of them
            is the origin, or they lie opposite each other, so that no arc is the shortest.

    Source: White 2016, "Sampling Generative Networks", https://arxiv.org/abs/1609.04468

    Example:
        >>> spherical(torch.tensor([1.0, 0.0]), torch.tensor([0.0, 2.0]), 3)[1]
        tensor([1.0607, 1.0607])
    """
    t = _times(start, end, steps)
    lengths = start.norm(), end.norm()
    if not (lengths[0] > 0 and lengths[1] > 0):
        raise CompositionError("the origin has no direction: interpolate in a line")
    first, second = start / lengths[0], end / lengths[1]
    angle = 2 * torch.atan2((first - second).norm(), (first + second).norm())
    if torch.pi - angle < OPPOSITE:
        raise CompositionError(
            "the two codes lie opposite each other, and no arc is the shortest: interpolate in a "
            "line"
        )
    if angle < OPPOSITE:  # an arc this short is its chord
        return (1 - t) * start + t * end
    direction = torch.sin((1 - t) * angle) * first + torch.sin(t * angle) * second
    return ((1 - t) * lengths[0] + t * lengths[1]) * direction / torch.sin(angle)


def traversals(
    start: Float[Tensor, "D"],
    values: Float[Tensor, "steps"] | Float[Tensor, "D steps"],
    rates: Float[Tensor, "D"] | None = None,
    dimensions: int | None = None,
) -> tuple[Int64[Tensor, "d"], Float[Tensor, "d steps D"]]:
    """Codes that differ from one in a single dimension, those first that carry most.

    Args:
        start: The code to start from; zeros are the prior's centre.
        values: What the dimension is set to, such as `torch.linspace(-3, 3, 9)`; or of each
            dimension its own, one row each.
        rates: The rate of each dimension, by which they are ordered; in order by default.
        dimensions: How many dimensions to take; all by default.

    Returns:
        Which dimensions, and their codes.

    Example:
        >>> values, rates = torch.tensor([-1.0, 1.0]), torch.tensor([0, 2, 1])
        >>> order, z = traversals(torch.zeros(3), values, rates)
        >>> order.tolist(), z[0].tolist()
        ([1, 2, 0], [[0.0, -1.0, 0.0], [0.0, 1.0, 0.0]])
    """
    carried = torch.zeros(len(start)) if rates is None else rates
    order = carried.argsort(descending=True, stable=True)[:dimensions]
    each = values.to(start).expand(len(start), -1)[order]
    z = start.repeat(*each.shape, 1)
    z[torch.arange(len(order)), :, order] = each
    return order, z


def traversal_grid(
    start: Float[Tensor, "D"],
    dimensions: Sequence[int],
    across: Float[Tensor, "columns"],
    up: Float[Tensor, "rows"],
) -> Float[Tensor, "rows columns D"]:
    """Codes that differ from one in two dimensions: a plane through latent space.

    Args:
        start: The code to start from; zeros are the prior's centre.
        dimensions: The two dimensions, counted from 0: which goes across, and which up.
        across: What the first is set to, one value a column.
        up: What the second is set to, one value a row.

    Raises:
        CompositionError: If these are not two dimensions that the code has.

    Example:
        >>> z = traversal_grid(torch.zeros(3), (2, 0), torch.tensor([-1.0, 1.0]), torch.ones(1))
        >>> z.tolist()
        [[[1.0, 0.0, -1.0], [1.0, 0.0, 1.0]]]
    """
    for dimension in dimensions:
        if not 0 <= dimension < len(start):
            raise CompositionError(
                f"there is no dimension {dimension} in a code of {len(start)}: give two of 0 to "
                f"{len(start) - 1}"
            )
    if len(dimensions) != 2 or dimensions[0] == dimensions[1]:
        given = ", ".join(map(str, dimensions))
        raise CompositionError(f"a plane has two different dimensions, not {given}")
    z = start.repeat(len(up), len(across), 1)
    z[:, :, dimensions[0]] = across.to(start)
    z[:, :, dimensions[1]] = up.to(start)[:, None]
    return z


def _times(start: Tensor, end: Tensor, steps: int) -> Tensor:
    if start.shape != end.shape:
        raise CompositionError(
            f"codes of {tuple(start.shape)} and {tuple(end.shape)} have no way between them: give "
            "two of one shape"
        )
    if steps < 2:
        raise CompositionError(f"a way has at least its two ends, not {steps} steps")
    t = torch.linspace(0, 1, steps, dtype=start.dtype, device=start.device)
    return t.reshape(-1, *[1] * start.ndim)
