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
    return 2 * torch.cdist(x, y).mean() - _within(x) - _within(y)


def _within(x: Tensor) -> Tensor:
    return torch.pdist(x).mean()
