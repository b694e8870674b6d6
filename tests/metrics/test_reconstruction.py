"""Errors of reconstructions against formulas written out, whatever the batches."""

import json
import math

import numpy as np
import pytest
import torch
from torch import nn

from reparam import zoo
from reparam.data import Dataset
from reparam.errors import CompositionError
from reparam.metrics import reconstruction
from reparam.metrics.pictures import pca_reconstructions


class Dimmed(nn.Module):
    """A model that gives back a share of the light."""

    def __init__(self, share):
        super().__init__()
        self.share = nn.Parameter(torch.tensor(share))

    def reconstruct(self, x):
        return x * self.share


@pytest.fixture
def pictures():
    return Dataset(torch.rand(30, 1, 14, 12, generator=torch.Generator().manual_seed(0)))


def similarity(x, y):
    """Wang et al.'s, one pixel after the other, with the edges reflected."""
    at = np.arange(-5, 6)
    window = np.exp(-(at**2) / (2 * 1.5**2))
    window = np.outer(window, window) / window.sum() ** 2
    x, y = (np.pad(part.astype(float), 5, mode="reflect") for part in (x, y))
    found = []
    for i in range(x.shape[0] - 10):
        for j in range(x.shape[1] - 10):
            a, b = (part[i : i + 11, j : j + 11] for part in (x, y))
            ma, mb = (window * a).sum(), (window * b).sum()
            va, vb = (window * a**2).sum() - ma**2, (window * b**2).sum() - mb**2
            both = (window * a * b).sum() - ma * mb
            above = (2 * ma * mb + 0.01**2) * (2 * both + 0.03**2)
            found.append(above / ((ma**2 + mb**2 + 0.01**2) * (va + vb + 0.03**2)))
    return np.mean(found)


def test_errors_and_similarity_are_the_formulas(pictures):
    found = reconstruction(Dimmed(0.7), pictures)
    x = pictures.tensor().numpy()
    errors = np.square(0.3 * x).reshape(30, -1).mean(1)
    assert found.mean_squared_error == pytest.approx(errors.mean(), rel=1e-5)
    assert found.root_mean_squared_error == pytest.approx(np.sqrt(errors.mean()), rel=1e-5)
    assert found.psnr == pytest.approx(np.mean(-10 * np.log10(errors)), rel=1e-5)
    written_out = np.mean([similarity(p[0], 0.7 * p[0]) for p in x])
    assert found.ssim == pytest.approx(written_out, abs=1e-4)
    assert found.binary_cross_entropy is found.components is None


def test_what_is_given_back_exactly_has_no_finite_ratio_and_still_is_json(pictures):
    found = reconstruction(Dimmed(1.0), pictures)
    assert found.psnr == math.inf
    assert found.ssim == pytest.approx(1)
    assert json.loads(json.dumps(found.to_json(), allow_nan=False))["psnr"] is None


@pytest.mark.parametrize("shape", [(30,), (1, 10, 20)])
def test_what_has_no_windows_has_no_similarity(shape):
    assert reconstruction(Dimmed(0.5), Dataset(torch.rand(20, *shape))).ssim is None


def test_batches_change_nothing(pictures):
    model, _ = zoo.vae(pictures.shape, latent=2, network="mlp", widths=[8])
    whole = reconstruction(model, pictures, pictures, batch_size=30)
    for size in (1, 7):
        found = reconstruction(model, pictures, pictures, batch_size=size).to_json()
        assert found == pytest.approx(whole.to_json(), rel=1e-6)


def test_the_linear_model_is_pca_on_as_many_components_as_latents(pictures):
    model, _ = zoo.autoencoder(pictures.shape, latent=3, network="mlp", widths=[8])
    train = Dataset(torch.rand(40, *pictures.shape))
    found = reconstruction(model, pictures, train)
    x = pictures.tensor().numpy()
    made = pca_reconstructions(train.tensor().numpy(), x, 3)
    assert found.components == 3
    expected = np.sqrt(np.square(made - x).mean())
    assert found.pca_root_mean_squared_error == pytest.approx(expected, rel=1e-4)
    with pytest.raises(CompositionError, match="give a reference of the same kind"):
        reconstruction(model, pictures, Dataset(torch.rand(9, 5)))


def test_the_cross_entropy_is_that_of_the_mean_and_above_its_floor(pictures):
    model, _ = zoo.vae(pictures.shape, latent=2, network="mlp", widths=[8])
    x = pictures.tensor()
    made = model.reconstruct(x).double().clamp(1e-12, 1 - 1e-12)
    expected = -(x * made.log() + (1 - x) * (1 - made).log()).flatten(1).sum(1).mean()
    found = reconstruction(model, pictures)
    assert found.binary_cross_entropy == pytest.approx(expected.item(), rel=1e-5)
    assert found.binary_cross_entropy > found.binary_cross_entropy_floor > 0
    normal, _ = zoo.vae(pictures.shape, latent=2, network="mlp", widths=[8], loss="mse")
    assert reconstruction(normal, pictures).binary_cross_entropy_floor is None
