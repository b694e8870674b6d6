"""What is said of a model's size before it is trained."""

import pytest
import torch

from reparam import fit, zoo
from reparam.data import Dataset
from reparam.networks import widths_for
from reparam.training.footprint import MIB, footprint
from reparam.training.recipe import Recipe


@pytest.fixture
def pictures():
    return Dataset(torch.rand(20, 1, 8, 8))


def test_counted_by_hand(pictures):
    model, objective = zoo.vae(pictures.shape, latent=2, network="mlp", widths=[5])
    encoder = 64 * 5 + 5 + 5 * 4 + 4
    decoder = 2 * 5 + 5 + 5 * 64 + 64
    found = footprint(model, objective, pictures, Recipe(1, batch_size=8))
    assert found.parameters == encoder + decoder
    assert found.weights == 16 * (encoder + decoder)
    outputs = [5, 5, 4, 5, 5, 64]  # two layers and a ReLU each way
    assert found.activations == 8 * 4 * (sum(outputs) + 2 * 64)


def test_pieces_and_draws(pictures):
    model, objective = zoo.vae(pictures.shape, latent=2)
    whole = footprint(model, objective, pictures, Recipe(1, batch_size=16))
    pieces = footprint(model, objective, pictures, Recipe(1, batch_size=16, accumulate=4))
    assert whole.activations == 4 * pieces.activations
    model, objective = zoo.iwae(pictures.shape, latent=2, draws=10)
    assert footprint(model, objective, pictures, Recipe(1)).activations > 3 * whole.activations


def test_critics_are_counted(pictures):
    model, objective = zoo.factor_vae(pictures.shape, latent=2)
    alone = sum(p.numel() for p in model.parameters())
    assert footprint(model, objective, pictures, Recipe(1)).parameters > alone


def test_it_is_shown_before_training_and_changes_nothing(pictures, capsys):
    weights = []
    for progress in (True, False):
        model, objective = zoo.vae(pictures.shape, latent=2)
        fit(model, objective, pictures, epochs=1, progress=progress)
        weights.append(torch.cat([p.flatten() for p in model.parameters()]))
    shown = capsys.readouterr().err
    first = footprint(model, objective, pictures, Recipe(1))
    assert shown.startswith(f"{first.parameters:,} parameters, about ")
    assert f"{(first.weights + first.activations) / MIB:,.0f} MiB" in shown
    assert weights[0].equal(weights[1])


@pytest.mark.parametrize(
    ("side", "levels"), [(8, 3), (28, 3), (50, 3), (57, 4), (64, 4), (128, 5), (256, 6)]
)
def test_levels_come_with_the_size(side, levels):
    widths = widths_for((3, side // 2, side))
    assert len(widths) == levels
    assert widths[:3] == (32, 64, 128)
    assert max(widths) <= 256
    model, _ = zoo.vae((3, side // 2, side), latent=2)
    assert model.sample(2).shape == (2, 3, side // 2, side)
    bottom = model.posterior.network.dense.in_features // widths[-1]
    assert bottom <= 7 * 7
