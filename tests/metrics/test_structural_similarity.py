"""The similarity of pictures over scales, against scipy and torchmetrics."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy.signal import convolve2d
from torchmetrics.functional.image import structural_similarity_index_measure as torchmetrics

from reparam.divergences import multiscale_similarity
from reparam.divergences.structural_similarity import EXPONENTS, positive


def drawn(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).double()


def smooth(*shape, seed=0):
    """Pictures with blobs, in [0, 1]."""
    blurred = F.avg_pool2d(drawn(*shape, seed=seed), 3, 1, 1, count_include_pad=False)
    return (3 * blurred).sigmoid()


def by_hand(x, y, scales):
    """The similarity of two numpy pictures, (C, H, W), from two-dimensional convolutions."""
    exponents = np.array(EXPONENTS[:scales])
    found = []
    for scale in range(scales):
        if scale:
            rows, columns = (n // 2 for n in x.shape[1:])
            x, y = (
                p[:, : 2 * rows, : 2 * columns].reshape(-1, rows, 2, columns, 2).mean((2, 4))
                for p in (x, y)
            )
        sizes = [min(11, n if n % 2 else n - 1) for n in x.shape[1:]]
        bells = [
            np.exp(-((np.arange(n) - n // 2) ** 2) / (2 * (1.5 * n / 11) ** 2)) for n in sizes
        ]
        window = np.outer(*bells) / np.outer(*bells).sum()

        def blur(p, window=window):
            return np.stack([convolve2d(channel, window, mode="valid") for channel in p])

        mx, my = blur(x), blur(y)
        vx, vy, cov = blur(x * x) - mx**2, blur(y * y) - my**2, blur(x * y) - mx * my
        value = (2 * cov + 9e-4) / (vx + vy + 9e-4)
        if scale == scales - 1:
            value = value * (2 * mx * my + 1e-4) / (mx**2 + my**2 + 1e-4)
        found.append(value.mean())
    return np.prod(np.array(found) ** (exponents / exponents.sum()))


@pytest.mark.parametrize(
    ("shape", "scales"),
    [
        ((1, 11, 11), 1), ((3, 13, 10), 1), ((1, 21, 50), 1), ((1, 22, 23), 2), ((3, 45, 44), 3),
        ((1, 90, 89), 4), ((1, 176, 177), 5), ((1, 352, 352), 5), ((2, 1, 3), 1), ((1, 5, 40), 1),
    ],
)  # fmt: skip
def test_it_takes_the_scales_that_fit(shape, scales):
    x = smooth(2, *shape)
    y = (x + smooth(2, *shape, seed=1) / 2) / 1.5
    wanted = [by_hand(a, b, scales) for a, b in zip(x.numpy(), y.numpy(), strict=True)]
    assert min(wanted) > 0.3
    np.testing.assert_allclose(multiscale_similarity(x, y), wanted, rtol=1e-9)


def test_its_parts_are_torchmetrics():
    """Whose own product clamps at 0 and counts reflected borders at the last scale."""
    x = smooth(3, 3, 46, 50)
    y = (x + smooth(3, 3, 46, 50, seed=1) / 2) / 1.5
    found, wanted = multiscale_similarity(x, y), torch.ones(3).double()
    options = {"data_range": 1.0, "reduction": "none"}
    exponents = torch.tensor(EXPONENTS[:3]).double()
    for scale, exponent in enumerate(exponents / exponents.sum()):
        if scale < 2:
            _, value = torchmetrics(y, x, return_contrast_sensitivity=True, **options)
        else:
            _, whole = torchmetrics(y, x, return_full_image=True, **options)
            value = whole[..., 5:-5, 5:-5].mean((1, 2, 3))
        wanted = wanted * value**exponent
        x, y = F.avg_pool2d(x, 2), F.avg_pool2d(y, 2)
    torch.testing.assert_close(found, wanted, rtol=1e-6, atol=0)


@pytest.mark.parametrize("kind", ["flat", "negative", "black", "same"])
def test_its_gradient_is_finite_and_pulls(kind):
    """Also on a negative, where torchmetrics' power of a clamped number has no gradient."""
    x = smooth(2, 1, 24, 24).float()
    black = torch.zeros_like(x)
    start = {"flat": black + 0.5, "negative": 1 - x, "black": black, "same": x}[kind]
    y = start.clone().requires_grad_()
    value = multiscale_similarity(x, y)
    value.sum().backward()
    assert bool(value.isfinite().all())
    assert bool(y.grad.isfinite().all())
    if kind in ("flat", "negative"):
        assert y.grad.flatten(1).norm(dim=1).min() > 1e-6
        step = 0.1 * y.grad / y.grad.norm()
        assert bool((multiscale_similarity(x, start + step) > 1.0001 * value).all())


def test_a_small_similarity_goes_on_growing_without_a_kink():
    value = torch.linspace(-1, 1, 200_001).double().requires_grad_()
    factor = positive(value)
    torch.testing.assert_close(factor[value >= 0.01], value[value >= 0.01], atol=0, rtol=0)
    (slope,) = torch.autograd.grad(factor.sum(), value)
    assert bool((factor > 0).all() and (slope > 0).all())
    assert slope.diff().abs().max() < 3e-3


def test_single_precision_is_good_enough_on_bright_pictures():
    x = 0.95 + smooth(4, 1, 28, 28) / 20
    y = x + drawn(4, 1, 28, 28, seed=1) / 100
    wanted = multiscale_similarity(x, y)
    found = multiscale_similarity(x.float(), y.float())
    torch.testing.assert_close(found.double(), wanted, atol=1e-3, rtol=0)
