"""Vectors, colour and grey pictures, mixed precision and augmentation all train."""

import pytest
import torch

from reparam import load, zoo
from reparam.data import Dataset
from reparam.errors import TrainingError
from reparam.training import flip, noise


def fell(history):
    first, *_, last = (record["loss"] for record in history.of("train"))
    return last < first


def test_vectors_train(small, vectors, train):
    history = train(small(), vectors, epochs=20)
    assert history.last["train"]["distortion"] < history.records[0]["distortion"] - 0.3


def test_colour_pictures_of_any_size_train(train):
    colour = Dataset(torch.rand(20, 3, 37, 50))
    variant = zoo.vae(colour.shape, latent=2, widths=[4, 8])
    assert fell(train(variant, colour, colour[:5], epochs=4, batch_size=8))
    assert variant.model.sample(2, seed=0).shape == (2, 3, 37, 50)


@pytest.mark.parametrize("loss", ["bce", "rmse", "mse"])
def test_clothes_train_with_every_loss_and_load_back(clothes, train, tmp_path, loss):
    variant = zoo.vae(clothes.shape, latent=2, widths=[4, 8], loss=loss)
    assert fell(train(variant, clothes, epochs=4, learning_rate=1.2e-2, out=tmp_path))
    x = clothes.tensor()[:8]
    found = load(tmp_path)
    assert torch.equal(found.model.reconstruct(x), variant.model.reconstruct(x))
    assert found.schema == clothes.schema
    assert found.recipe["epochs"] == 4
    assert found.figures["examples"] == 96
    assert found.figures["train"]["step"] == 24


def test_the_chapters_autoencoder_trains(clothes, train):
    variant = zoo.chapter(clothes.shape, variational=False)
    history = train(variant, clothes, epochs=3, learning_rate=1e-3, schedule="constant")
    assert fell(history)
    assert "rate" not in history.last["train"]


def test_bytes_and_floats_train_alike(train, small):
    pixels = torch.randint(0, 256, (40, 7), dtype=torch.uint8)
    as_bytes, as_floats = small(), small()
    train(as_bytes, Dataset(pixels))
    train(as_floats, Dataset(pixels / 255))
    for a, b in zip(as_bytes.model.parameters(), as_floats.model.parameters(), strict=True):
        torch.testing.assert_close(a, b)


def test_labels_are_carried_and_not_seen(vectors, train, small):
    plain, labelled = small(), small()
    train(plain, vectors)
    train(labelled, Dataset(vectors.pixels, torch.arange(40)))
    for a, b in zip(plain.model.parameters(), labelled.model.parameters(), strict=True):
        assert torch.equal(a, b)


def test_mixed_precision_trains_to_nearly_the_same_loss(clothes, train):
    losses, dtypes = {}, set()
    for precision in ("no", "bf16"):
        model, objective = zoo.vae(clothes.shape, latent=2, widths=[4, 8])
        layer = model.posterior.network.dense
        layer.register_forward_hook(lambda _, __, out, p=precision: dtypes.add((p, out.dtype)))
        history = train(
            (model, objective), clothes, epochs=5, precision=precision, learning_rate=1.2e-2
        )
        losses[precision] = [record["loss"] for record in history.of("train")]
        assert {p.dtype for p in model.parameters()} == {torch.float32}
    assert ("bf16", torch.bfloat16) in dtypes
    assert ("no", torch.float32) in dtypes
    assert losses["no"] != losses["bf16"]
    assert losses["no"][-1] < losses["no"][0] - 50
    assert losses["bf16"] == pytest.approx(losses["no"], rel=0.02)


@pytest.mark.parametrize("count", [1, 3])
def test_few_examples_and_a_single_step_train(small, vectors, train, count):
    variant = small()
    history = train(variant, vectors[:count], epochs=1)
    assert history.last["train"]["step"] == 1
    assert all(torch.isfinite(p).all() for p in variant.model.parameters())


def test_augmentation_changes_what_is_learned_from_and_not_the_data(train):
    pictures = Dataset(torch.rand(16, 1, 4, 4))
    before, seen = pictures.pixels.clone(), []

    def watched(x):
        seen.append((x, flip(x)))
        return seen[-1][1]

    variant = zoo.vae(pictures.shape, latent=2, network="mlp", widths=[4])
    twin = zoo.vae(pictures.shape, latent=2, network="mlp", widths=[4])
    train(variant, pictures, epochs=1, augmentation=watched)
    train(twin, pictures, epochs=1)
    assert torch.equal(pictures.pixels, before)
    plain, mirrored = seen[0]
    flipped = (mirrored == plain.flip(-1)).all(dim=(1, 2, 3))
    kept = (mirrored == plain).all(dim=(1, 2, 3))
    assert bool((flipped | kept).all())
    assert bool(flipped.any())
    assert bool(kept.any())
    weights = [torch.cat([p.flatten() for p in v.model.parameters()]) for v in (variant, twin)]
    assert not torch.equal(*weights)


def test_validation_is_not_augmented(small, vectors, train):
    seen = []
    train(small(), vectors, vectors[:10], augmentation=lambda x: seen.append(len(x)) or x)
    assert sum(seen) == 80


def test_half_of_many_pictures_are_mirrored():
    x = torch.rand(2000, 1, 2, 2)
    mirrored = (flip(x) == x.flip(-1)).all(dim=(1, 2, 3)).float().mean()
    assert 0.45 < mirrored < 0.55


def test_noise_has_its_sigma_and_stays_inside():
    x = torch.full((500, 1, 4, 4), 0.5)
    noisy = noise(0.1)(x)
    assert (noisy - x).std().item() == pytest.approx(0.1, rel=0.05)
    wild = noise(5.0)(x)
    assert bool(((wild >= 0) & (wild <= 1)).all())
    with pytest.raises(TrainingError, match="positive sigma"):
        noise(0.0)
