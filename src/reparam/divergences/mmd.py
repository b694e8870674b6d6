"""The maximum mean discrepancy."""

from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Tensor

from reparam.divergences.energy import distances
from reparam.errors import CompositionError

KERNELS = ("multiscale", "gaussian")
SCALES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


def maximum_mean_discrepancy(
    x: Float[Tensor, "N D"],
    y: Float[Tensor, "M D"],
    spread: float = 1.0,
    kernel: str = "multiscale",
) -> Float[Tensor, ""]:
    r"""How far two sets of points are from one distribution; unbiased, so it may be below 0.

    .. math:: E k(x, x') + E k(y, y') - 2 E k(x, y), \quad
        k(a, b) = \frac17 \sum_s \frac{C_s}{C_s + \|a - b\|^2}, \quad C_s = 2 D \sigma^2 s

    with pairs of different points within a set, and seven scales s from 0.1 to 10. It is 0 in the
    mean if and only if the distributions are equal, and at most 2. The Gaussian kernel is
    :math:`\exp(-\|a - b\|^2 / (2 D \sigma^2))`.

    Args:
        x: At least two points.
        y: At least two points.
        spread: sigma, the standard deviation of what y should be, such as the prior's.
        kernel: `"multiscale"` or `"gaussian"`.

    Raises:
        CompositionError: If the kernel is neither.

    Source: Gretton et al. 2012; the kernel: Tolstikhin et al. 2018,
        https://arxiv.org/abs/1711.01558

    Example:
        >>> x = torch.randn(200, 2, generator=torch.Generator().manual_seed(0))
        >>> maximum_mean_discrepancy(x, x + 100) > 1
        tensor(True)
    """
    base = 2 * x.shape[1] * spread**2
    mean = _gaussian if check_kernel(kernel) == "gaussian" else _multiscale
    within = [mean(torch.pdist(points), base) for points in (x, y)]
    return within[0] + within[1] - 2 * mean(distances(x, y), base)


def check_kernel(kernel: str) -> str:
    """A kernel's name, if it is one.

    Args:
        kernel: `"multiscale"` or `"gaussian"`.

    Raises:
        CompositionError: If it is neither.
    """
    if kernel not in KERNELS:
        raise CompositionError(f"kernel is one of {', '.join(KERNELS)}, not {kernel!r}")
    return kernel


def multiscale_kernel(
    distances: Float[Tensor, "*shape"], dimensions: int, spread: float = 1.0
) -> Float[Tensor, "*shape"]:
    r"""The kernel of `maximum_mean_discrepancy` for each distance: 1 at 0, and falling to 0.

    .. math:: k(a, b) = \frac17 \sum_s \frac{C_s}{C_s + \|a - b\|^2}, \quad C_s = 2 D \sigma^2 s

    Args:
        distances: Of pairs of points.
        dimensions: D.
        spread: sigma, the standard deviation of what the points should be.

    Source: Tolstikhin et al. 2018, https://arxiv.org/abs/1711.01558

    Example:
        >>> multiscale_kernel(torch.tensor([0.0, 1e6]), 2).round(decimals=4)
        tensor([1., 0.])
    """
    total = torch.zeros_like(distances)
    for part in _parts(distances.square(), 2 * dimensions * spread**2):
        total += part
    return total / len(SCALES)


def _multiscale(distances: Tensor, base: float) -> Tensor:
    return torch.stack([part.mean() for part in _parts(distances.square(), base)]).mean()


def _gaussian(distances: Tensor, base: float) -> Tensor:
    return (-distances.square() / base).exp().mean()


def _parts(squares: Tensor, base: float) -> Iterator[Tensor]:
    return (base * scale / (base * scale + squares) for scale in SCALES)
