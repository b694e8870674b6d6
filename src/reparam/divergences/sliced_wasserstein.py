"""The sliced Wasserstein distance."""

import torch
from jaxtyping import Float
from torch import Tensor


def sliced_wasserstein(
    x: Float[Tensor, "N D"], y: Float[Tensor, "M D"], directions: Float[Tensor, "L D"]
) -> Float[Tensor, ""]:
    r"""The mean squared 2-Wasserstein distance of two sets' projections onto lines.

    .. math:: \frac1L \sum_l W_2^2(x \cdot d_l, \, y \cdot d_l), \quad
        W_2^2(a, b) = \int_0^1 (F_a^{-1}(t) - F_b^{-1}(t))^2 \, dt

    On a line the best transport goes in order, so that sorting finds it. Two normal distributions
    with one covariance whose means lie m apart have :math:`\|m\|^2 / D` in expectation.

    Args:
        x: Points.
        y: Points, as many or not.
        directions: Unit vectors.

    Source: Rabin et al. 2012; Kolouri et al. 2019, https://arxiv.org/abs/1804.01947

    Example:
        >>> x = torch.tensor([[0.0], [1.0]])
        >>> sliced_wasserstein(x, x + 3, torch.ones(1, 1))
        tensor(9.)
    """
    first, second = (torch.sort(points @ directions.T, 0).values for points in (x, y))
    n, m = len(first), len(second)
    if n == m:
        return (first - second).square().mean()
    # both quantile functions are constant between these edges
    steps = [torch.arange(1, size + 1, dtype=torch.double) / size for size in (n, m)]
    edges = torch.cat(steps).sort().values
    widths = torch.diff(edges, prepend=edges.new_zeros(1))
    middles = edges - widths / 2
    i, j = ((middles * size).long().clamp_max(size - 1) for size in (n, m))
    squares = (first[i.to(x.device)] - second[j.to(y.device)]).square().mean(1)
    return (widths.to(squares) * squares).sum()


def random_directions(
    count: int,
    dimensions: int,
    generator: torch.Generator | None = None,
    like: Tensor | None = None,
) -> Float[Tensor, "L D"]:
    """Unit vectors, uniform over the sphere.

    Args:
        count: L.
        dimensions: D.
        generator: Where they come from; the global one by default.
        like: Says their type and device; float32 on the CPU by default.

    Example:
        >>> random_directions(5, 3).norm(dim=1).round(decimals=4)
        tensor([1., 1., 1., 1., 1.])
    """
    like = torch.empty(0) if like is None else like
    shape = (count, dimensions)
    drawn = torch.randn(shape, generator=generator, dtype=like.dtype, device=like.device)
    return drawn / drawn.norm(dim=1, keepdim=True)
