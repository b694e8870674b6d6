"""A seed decides every bit, and nothing outside the training feels it."""

import random

import numpy as np
import pytest
import torch
from torch import nn

from reparam import zoo
from reparam.objectives import Distortion, Objective, Rate
from reparam.training import noise


def weights(model):
    return torch.cat([p.detach().flatten() for p in model.parameters()])


def test_the_same_seed_gives_the_same_bits(small, vectors, train):
    first, second = small(), small()
    torch.manual_seed(1)
    one = train(first, vectors, augmentation=noise(0.1), seed=3)
    torch.manual_seed(2)
    two = train(second, vectors, augmentation=noise(0.1), seed=3)
    assert torch.equal(weights(first.model), weights(second.model))
    speeds = {"examples_per_second"}
    assert [{k: r[k] for k in r.keys() - speeds} for r in one.records] == [
        {k: r[k] for k in r.keys() - speeds} for r in two.records
    ]


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
def test_the_same_seed_gives_the_same_bits_on_a_gpu(clothes, train):
    both = [zoo.vae(clothes.shape, latent=4) for _ in range(2)]
    for variant in both:
        train(variant, clothes, device="cuda")
    assert torch.equal(weights(both[0].model), weights(both[1].model))


def test_cudnn_is_asked_for_the_same_bits_while_training_and_left_as_it_was(small, vectors, train):
    asked = []

    def look(x):
        asked.append((torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark))
        return x

    before = torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark
    train(small(), vectors, epochs=1, augmentation=look)
    assert set(asked) == {(True, False)}
    assert (torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark) == before


def test_another_seed_gives_other_weights(small, vectors, train):
    first, second = small(), small()
    train(first, vectors, seed=3)
    train(second, vectors, seed=4)
    assert not torch.equal(weights(first.model), weights(second.model))


def test_the_noise_of_the_latents_has_its_own_part_in_the_seed(small, vectors, train):
    """One example and one step: no order is left, so that only the noise can differ."""
    first, second = small(), small()
    for variant, seed in ((first, 3), (second, 4)):
        train(variant, vectors[:1], epochs=1, seed=seed)
    assert not torch.equal(weights(first.model), weights(second.model))


def test_augmentation_draws_from_its_own_stream(small, vectors, train):
    """Pictures that are looked at and handed on leave latents and order as they were."""
    first, second = small(), small()

    def look(x):
        torch.rand(100)
        return x

    train(first, vectors)
    train(second, vectors, augmentation=look)
    assert torch.equal(weights(first.model), weights(second.model))


def test_no_global_generator_moves(small, vectors, train):
    states = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].copy()
    train(small(), vectors, vectors[:10], augmentation=noise(0.1))
    assert torch.equal(torch.get_rng_state(), states[0])
    assert random.getstate() == states[1]
    assert (np.random.get_state()[1] == states[2]).all()


def test_every_epoch_sees_every_example_once_in_another_order(small, vectors, train):
    seen = []
    train(small(), vectors, epochs=3, augmentation=lambda x: seen.append(x) or x)
    epochs = torch.cat(seen).reshape(3, 40, 7)
    for epoch in epochs:
        order = torch.cdist(epoch, vectors.tensor()).argmin(1)
        assert sorted(order.tolist()) == list(range(40))
        torch.testing.assert_close(epoch, vectors.tensor()[order])
    assert not torch.equal(epochs[0], epochs[1])
    assert not torch.equal(epochs[0], vectors.tensor())


def test_dropout_is_repeatable_and_off_afterwards(small, vectors, train):
    def build():
        model, _ = small()
        model.posterior.network = nn.Sequential(nn.Dropout(0.5), model.posterior.network)
        return model, Objective(Distortion(), Rate())

    first, second = build(), build()
    for model, objective in (first, second):
        train((model, objective), vectors)
        assert not any(module.training for module in [*model.modules(), *objective.modules()])
    assert torch.equal(weights(first[0]), weights(second[0]))


@pytest.mark.parametrize("optimizer", ["AdamW", "Adam", "RAdam", "NAdam", "SGD"])
def test_every_optimizer_lowers_the_loss(small, vectors, train, optimizer):
    rate = {"SGD": 0.02, "RAdam": 0.05}.get(optimizer, 0.01)  # RAdam starts slowly
    history = train(small(), vectors, epochs=20, optimizer=optimizer, learning_rate=rate)
    first, *_, last = (record["loss"] for record in history.of("train"))
    assert last < first - 0.5
