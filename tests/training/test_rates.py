"""Which learning rate a training takes by default."""

import pytest

from reparam import data, fit, zoo
from reparam.training import Recipe, Step
from reparam.training.evaluate import evaluate
from reparam.training.rates import peak


@pytest.fixture(scope="module")
def images():
    train, _ = data.load("fashion-mnist-subset")
    return train


def start_and_end(images, steps, seed, **options):
    model, objective = zoo.vae(images.shape, seed=seed)
    step, held_out = Step(model, objective), images[5000:5100]
    before = evaluate(step, held_out)["loss"]
    history = fit(
        model, objective, images[: 32 * steps], epochs=1, batch_size=32, seed=seed, device="cpu",
        progress=False, **options,
    )  # fmt: skip
    return before, max(r["loss"] for r in history.of("train")), evaluate(step, held_out)["loss"]


def test_eight_steps_end_below_their_start(images):
    """At 1.2e-2 the loss of this training rises to three times its start, and ends 37 below it."""
    before, highest, after = start_and_end(images, 8, seed=2)
    assert highest < 1.1 * before
    assert after < before - 80


@pytest.mark.parametrize("schedule", ["one_cycle", "cosine"])
def test_the_peak_grows_with_the_root_of_the_steps_up_to_a_hundred(schedule):
    whole = peak(schedule, 784)
    assert whole == peak(schedule, 784, 100) == peak(schedule, 784, 10**6) == 1.2e-2
    assert peak(schedule, 784, 25) == pytest.approx(whole / 2)
    assert peak(schedule, 784, 1) == pytest.approx(whole / 10)
    assert peak(schedule, 4 * 784, 25) == pytest.approx(whole / 4)
    assert peak("constant", 4 * 784, 1) == 5e-4


def test_a_rate_that_was_given_is_not_bounded(images):
    recipe = Recipe(epochs=1, learning_rate=0.5).suited(784, steps=1)
    assert recipe.rate == 0.5
    model, objective = zoo.vae(images.shape, latent=2, widths=[4, 4])
    history = fit(
        model, objective, images[:8], epochs=1, learning_rate=0.01, schedule="constant",
        progress=False, device="cpu",
    )  # fmt: skip
    assert history.last["train"]["learning_rate"] == 0.01


def test_critics_take_the_lower_of_their_rate_and_the_models():
    """1.2e-2 sqrt(T / 100) is 1.2e-3 after one step, and 6e-4 for items four times as large."""
    assert Recipe(epochs=1).suited(784, steps=1).critic_rate == 1e-3
    assert Recipe(epochs=1).suited(4 * 784, steps=1).critic_rate == pytest.approx(6e-4)
    given = Recipe(epochs=1, critic_learning_rate=0.2).suited(784, steps=1)
    assert given.critic_rate == 0.2
