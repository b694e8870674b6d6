r"""The energy distance between two sets of points."""

import torch
from jaxtyping import Float
from torch import Tensor


def energy_distance(x: Float[Tensor, "N D"], y: Float[Tensor, "M D"]) -> Float[Tensor, ""]:
    r"""How far two sets of points are from one distribution; unbiased, so it may be below 0.

    .. math:: 2 E\|x - y\| - E\|x - x'\| - E\|y - y'\|

    with pairs of different points within a set. It is 0 in the mean if and only if the
    distributions are equal.

    Args:
        x: Points.
        y: Points.

    Source: Szekely & Rizzo 2013, "Energy statistics"

    Example:
        >>> x = torch.tensor([[0.0], [1.0]])
        >>> energy_distance(x, x + 10)
        tensor(18.)
    """
    return 2 * distances(x, y).mean() - _within(x) - _within(y)


def distances(x: Float[Tensor, "N D"], y: Float[Tensor, "M D"]) -> Float[Tensor, "N M"]:
    """The Euclidean distance of each point of one set from each of another.

    Points are taken from the second set's mean: for many of them squares are taken apart, and far
    from the origin the parts would cancel.

    Args:
        x: Points.
        y: Points.

    Example:
        >>> distances(torch.tensor([[0.0]]), torch.tensor([[3.0], [4.0]]))
        tensor([[3., 4.]])
    """
    centre = y.detach().mean(0)
    return torch.cdist(x - centre, y - centre)


def _within(x: Tensor) -> Tensor:
    return torch.pdist(x).mean()
