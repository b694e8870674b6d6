"""What a training says when it has ended, and that a healthy one says nothing."""

import json
import math
import random
from types import SimpleNamespace

import pytest
import torch

from reparam import data, fit, zoo
from reparam.artifact import load
from reparam.data import Dataset
from reparam.errors import CollapseWarning, EndingWarning
from reparam.training import Recipe
from reparam.training.ending import ending


def records(train, validation=(), **more):
    """Records as of a training with one record of each split an epoch."""
    found = [
        {"split": "train", "step": 10 * i, "epoch": float(i), "loss": loss, **more}
        for i, loss in enumerate(train, 1)
    ]
    found += [
        {"split": "validation", "step": 10 * i, "epoch": float(i), "loss": loss, **more}
        for i, loss in enumerate(validation, 1)
    ]
    return sorted(found, key=lambda record: record["step"])


def said(small, vectors, train, validation=(), *, select="last", **more):
    """What is said of such records by rules that look at nothing else."""
    every = records(train, validation, **more)
    seen = [record for record in every if record["split"] == "validation"]
    best = min(seen, key=lambda record: record["loss"], default={})
    variant = small()
    recipe = Recipe(epochs=len(train), learning_rate=0.01)
    state = SimpleNamespace(
        model=variant.model, objective=variant.objective, step=10 * len(train), steps_per_epoch=10,
        recipe=SimpleNamespace(select=select, rate=recipe.rate),
    )  # fmt: skip
    found = ending(state, every, best, vectors, None)
    found.pop("reconstruction", None)  # the model is not trained
    return found


def falling(epochs, start=550.0, floor=240.0, noise=0.0, seed=0):
    draw = random.Random(seed)
    return [
        floor + (start - floor) * math.exp(-8 * i / epochs) + draw.gauss(0, noise)
        for i in range(epochs)
    ]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("noise", [0.0, 1.0, 3.0])
def test_a_healthy_training_ends_in_silence(small, vectors, noise, seed):
    losses = falling(40, noise=noise, seed=seed)
    held = [loss + 4 for loss in falling(40, noise=noise, seed=seed + 50)]
    assert said(small, vectors, losses, held) == {}


def test_a_little_overfitting_is_no_surprise(small, vectors):
    held = [*falling(20)[:-1], 244.0]
    assert said(small, vectors, falling(20), held) == {}


def test_a_validation_that_blew_up_names_its_best_epoch(small, vectors):
    held = [*falling(57), 3e3, 2e9, 2.4e13]
    found = said(small, vectors, falling(60), held)
    assert list(found) == ["best epoch"]
    for part in ("epoch 57 of 60", "240.1 nats", "2.4e+13", "--select best", "select='best'"):
        assert part in found["best epoch"]
    assert said(small, vectors, falling(60), held, select="best") == {}


def test_a_first_epoch_that_was_the_best_is_compared_with_the_start(small, vectors):
    found = said(small, vectors, falling(9, start=500.0), [260, 270, 285, 300, 310, 320, 330, 335])
    assert "epoch 1 of 8" in found["best epoch"]
    assert said(small, vectors, falling(9, start=500.0), [260, 261, 262, 263, 263, 262]) == {}


@pytest.mark.parametrize("losses", [[4.5, 4.6, 4.5, 4.7, 4.7], [8.1, 6.7, 7.0, 9.8, 9.8]])
def test_a_few_noisy_steps_have_not_diverged(small, vectors, losses):
    assert said(small, vectors, losses) == {}


@pytest.mark.parametrize(
    "losses",
    [
        [550, 700, 3e3, 5e3, 5.5e3, 5e3, 5e3],  # a short first try
        [*falling(20), 600, 900, 2e4, 1e4, 1.2e4],
        [*falling(40), *([470.0] * 5)],  # below its start, and most of what it had gained is lost
    ],
)
def test_a_divergence_names_the_learning_rate(small, vectors, losses):
    found = said(small, vectors, losses)
    assert list(found) == ["divergence"]
    for part in ("diverged", "--learning-rate", "it was 0.01", "--clip 1"):
        assert part in found["divergence"]


def test_a_rate_that_collapsed(small, vectors):
    found = said(small, vectors, falling(20), falling(20), rate=0.02)
    assert list(found) == ["rate"]
    assert "0.020 nats" in found["rate"]
    assert "--set beta" in found["rate"]
    assert "learned_sigma_vae" in found["rate"]  # its likelihood is a Bernoulli distribution
    assert said(small, vectors, falling(20), falling(20), rate=0.2) == {}
    assert said(small, vectors, falling(9), rate=0.02) == {}  # 90 steps


def test_a_collapse_is_kept_in_the_history_and_warned_of_once(small, vectors):
    with pytest.warns(CollapseWarning) as seen:
        history = fit(
            *small(beta=500.0), vectors, epochs=60, batch_size=16, progress=False, device="cpu"
        )
    assert len(seen) == 1
    assert list(history.ending) == ["rate"]


def still(variant, dataset, epochs, **options):
    """40 steps an epoch, in which no weight moves."""
    return fit(
        *variant, dataset, epochs=epochs, batch_size=1, learning_rate=1e-30, weight_decay=0.0,
        device="cpu", **options,
    )  # fmt: skip


def test_reconstructions_no_better_than_the_mean(small, vectors, tmp_path):
    """Of weights that stand still; the mean's RMSE is known in closed form."""
    mean = vectors.pixels.mean(0)
    rmse = (vectors.pixels - mean).square().mean().sqrt().item()
    variant = zoo.autoencoder((7,), latent=2, widths=[8])
    with pytest.warns(EndingWarning, match="no better than the training mean"):
        history = still(variant, vectors, 5, progress=False, out=tmp_path / "run")
    sentence = history.ending["reconstruction"]
    assert f"against {rmse:.4g}" in sentence
    assert "learned_sigma_vae" in sentence
    assert load(tmp_path / "run").figures["ending"] == history.ending
    card = (tmp_path / "run" / "README.md").read_text()
    assert f"## How training ended\n\n- {sentence}\n" in card
    assert json.loads((tmp_path / "run" / "config.json").read_text())["figures"]["ending"]


def test_few_steps_are_named_where_they_are_the_reason_and_warned_of_by_none(small, vectors):
    history = still(small(seed=1), vectors, 1, progress=False)
    assert "40 steps are few, epochs=25 (--epochs 25)" in history.ending["reconstruction"]


def test_progress_shows_the_ending_last(small, vectors, capsys):
    history = still(small(seed=1), vectors, 1, progress=True)
    assert capsys.readouterr().err.endswith(f"Note: {history.ending['reconstruction']}\n")


def test_sorted_data_have_the_mean_of_all_of_it():
    """The mean of 0s and then 1s is one half everywhere: nothing is explained by that."""
    x = torch.cat([torch.zeros(5000, 3), torch.ones(5000, 3)])
    variant = zoo.vae((3,), latent=2, widths=[4])
    history = fit(
        *variant, Dataset(x), epochs=1, batch_size=5000, learning_rate=1e-30, device="cpu",
        progress=False,
    )  # fmt: skip
    assert "against 0.5)" in history.ending["reconstruction"]


def test_a_short_healthy_training_on_real_images_ends_in_silence():
    train, _ = data.load("fashion-mnist-subset")
    variant = zoo.vae(train.shape, latent=8, widths=[8, 16])
    history = fit(*variant, train[:2000], train[2000:2200], epochs=8, progress=False, device="cpu")
    assert history.ending == {}
