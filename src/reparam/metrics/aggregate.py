r"""The aggregate posterior: the mixture of all items' posteriors.

.. math:: q(z) = \frac1N \sum_{n=1}^N q(z | x_n)
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor
from torch.distributions import Distribution

from reparam.distributions import DiagonalNormal
from reparam.metrics.progress import bar

AT_ONCE = 2**22
"""Numbers in memory at a time."""
CANCELS = 1e9
"""Squares in standard deviations that float64 takes apart to within 1e-6 nats."""
TILE = 2**13
"""Posteriors at a time; an even number."""


def log_aggregate(
    q: Distribution, z: Float[Tensor, "S *Z"], progress: bool = True
) -> tuple[Float[Tensor, "S"], Float[Tensor, "S"]]:
    """The log-density of latents under all posteriors, and under every second one.

    A few latents are scored under a few posteriors at a time, so that memory does not grow with
    either. For diagonal normals the scores are two matrix products in float64.

    Args:
        q: The posteriors, with batches (N,).
        z: Latents.
        progress: Whether to show progress on standard error once it takes more than two seconds.

    Returns:
        Nats, in float64.

    Example:
        >>> q = DiagonalNormal(torch.zeros(3, 1), torch.zeros(3, 1))
        >>> whole, half = log_aggregate(q, torch.zeros(1, 1))
        >>> round(whole.item(), 4), round(half.item(), 4)  # all are N(0, 1): -log(2 pi) / 2
        (-0.9189, -0.9189)
    """
    n = q.batch_shape[0]
    if isinstance(q, DiagonalNormal):
        tile, rows = TILE, max(1, AT_ONCE // min(n, TILE))
    else:
        tile, rows = n, max(1, AT_ONCE // (n * z[0].numel()))
    parts, tiles = z.split(rows), range(0, n, tile)
    even, odd = (z.new_full((len(z),), -math.inf, dtype=torch.double) for _ in range(2))
    with bar(total=len(parts) * len(tiles), unit="parts", progress=progress) as shown:
        for place, part in zip(range(0, len(z), rows), parts, strict=True):
            here = slice(place, place + rows)
            for start in tiles:
                scores = _scores(q, part, slice(start, start + tile))
                even[here] = torch.logaddexp(even[here], scores[:, ::2].logsumexp(1))
                odd[here] = torch.logaddexp(odd[here], scores[:, 1::2].logsumexp(1))
                shown.update()
    whole = torch.logaddexp(even, odd) - math.log(n)
    return whole, even - math.log(-(-n // 2))


def _scores(q: Distribution, z: Tensor, some: slice) -> Float[Tensor, "S n"]:
    r"""Log q(z | x_n) for some n; a square taken apart is two matrix products.

    Far from the common centre the parts cancel: then each dimension's differences are squared.
    """
    if not isinstance(q, DiagonalNormal):
        return q.log_prob(z.unsqueeze(1)).double()
    z, mean, log_variance = (
        values.flatten(1).double() for values in (z, q.mean[some], q.log_variance[some])
    )
    centre = mean.mean(0)
    z, mean = z - centre, mean - centre
    precision = (-log_variance).exp()
    of_mean = (log_variance + math.log(2 * math.pi)).sum(1)
    squares = mean.square() * precision
    if squares.max() > CANCELS:
        scores = (-of_mean / 2).repeat(len(z), 1)
        for at, middle, sharpness in zip(z.T, mean.T, precision.T, strict=True):
            scores.sub_((at.unsqueeze(1) - middle).square_().mul_(sharpness / 2))
        return scores
    of_mean = of_mean + squares.sum(1)
    return z @ (mean * precision).T - (z.square() @ precision.T + of_mean) / 2
