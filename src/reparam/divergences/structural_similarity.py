r"""The structural similarity of pictures, over as many scales as fit.

It compares the means, variances and the covariance of two pictures in a small window around every
pixel,

.. math:: l = \frac{2 \mu_x \mu_y + c_1}{\mu_x^2 + \mu_y^2 + c_1}, \quad
    c = \frac{2 \sigma_{xy} + c_2}{\sigma_x^2 + \sigma_y^2 + c_2}

(brightness; contrast and structure), on ever smaller copies of the pictures, each half as large as
the one before:

.. math:: \overline{l c}_M^{\, w_M} \prod_{j=1}^{M-1} \bar c_j^{\, w_j}

The windowed means are two products with narrow matrices, one for each side: these are computed in
single precision also where a graphics card shortens the numbers of a convolution, which the
difference of two squares would not survive.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

WINDOW, SIGMA = 11, 1.5
BRIGHTNESS, CONTRAST = 0.01**2, 0.03**2
EXPONENTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
FLOOR = 0.01


def multiscale_similarity(
    x: Float[Tensor, "N C H W"], y: Float[Tensor, "N C H W"]
) -> Float[Tensor, "N"]:
    """The structural similarity of each pair of pictures over as many scales as fit, up to 1.

    It takes as many of the five scales as leave the smaller side at least the window's 11 pixels,
    at least one, and their exponents add up to 1. A side below 11 has a window of its own size,
    less one if that is even. A scale at which two pictures are rather each other's negatives has a
    similarity below 0, and so no power: see `positive`.

    Args:
        x: Pictures in [0, 1].
        y: As many of the same shape.

    Source: Wang, Simoncelli & Bovik 2003, "Multiscale Structural Similarity for Image Quality
        Assessment", https://doi.org/10.1109/ACSSC.2003.1292216

    Example:
        >>> x = torch.rand(2, 3, 13, 10)
        >>> multiscale_similarity(x, x)
        tensor([1., 1.])
    """
    side = min(x.shape[2:])
    fits = [side >> j >= WINDOW for j in range(1, len(EXPONENTS))]
    exponents = EXPONENTS[: 1 + sum(fits)]
    similarity = torch.ones((), dtype=y.dtype, device=y.device)
    for j, exponent in enumerate(exponents):
        if j:
            x, y = F.avg_pool2d(x, 2), F.avg_pool2d(y, 2)
        brightness, contrast = similarities(x, y)
        last = j == len(exponents) - 1
        local = brightness * contrast if last else contrast
        factor = positive(local.flatten(1).mean(1))
        similarity = similarity * factor ** (exponent / sum(exponents))
    return similarity


def positive(value: Tensor) -> Tensor:
    r"""A similarity that has powers of every degree: from 0.01 on it is the value itself.

    .. math:: f(v) = \frac{\epsilon^2}{2 \epsilon - v} \quad \text{for } v < \epsilon = 0.01

    It keeps growing with v, without a kink, and stays above 0.

    Args:
        value: At most 1, of any shape.

    Example:
        >>> positive(torch.tensor([0.5, 0.01, -0.08]))
        tensor([0.5000, 0.0100, 0.0010])
    """
    below = FLOOR**2 / (2 * FLOOR - value.clamp_max(FLOOR))
    return torch.where(value < FLOOR, below, value)


def similarities(
    x: Float[Tensor, "N C H W"], y: Float[Tensor, "N C H W"]
) -> tuple[Float[Tensor, "N C I J"], Float[Tensor, "N C I J"]]:
    """How alike two pictures are around each pixel: in brightness, in contrast and structure.

    Args:
        x: Pictures in [0, 1].
        y: As many of the same shape.
    """
    rows, columns = (windows(side, y) for side in y.shape[2:])
    maps = torch.stack([x, y, x * x, y * y, x * y])
    mean_x, mean_y, square_x, square_y, product = rows @ maps @ columns.mT
    squares = mean_x.square() + mean_y.square()
    brightness = (2 * mean_x * mean_y + BRIGHTNESS) / (squares + BRIGHTNESS)
    covariance = product - mean_x * mean_y
    return brightness, (2 * covariance + CONTRAST) / (square_x + square_y - squares + CONTRAST)


def windows(side: int, like: Tensor) -> Float[Tensor, "I side"]:
    """The weighted mean over every whole window along a side, as a matrix.

    Args:
        side: How many pixels it has.
        like: Whose type and device to take.

    Example:
        >>> windows(28, torch.zeros(())).shape
        torch.Size([18, 28])
    """
    size = min(WINDOW, side - 1 + side % 2)
    starts = torch.arange(side - size + 1, dtype=like.dtype, device=like.device)
    place = torch.arange(side, dtype=like.dtype, device=like.device) - starts[:, None]
    middle, sigma = (size - 1) / 2, SIGMA * size / WINDOW
    weights = torch.exp(-((place - middle) / sigma).square() / 2)
    weights = weights * ((place >= 0) & (place < size))
    return weights / weights.sum(1, keepdim=True)
