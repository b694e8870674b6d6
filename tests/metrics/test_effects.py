"""Effect sizes between two sets: their units, their bounds, and what chance makes of them."""

import json

import numpy as np
import pytest
import torch

from reparam.divergences import energy_distance, maximum_mean_discrepancy, multiscale_kernel
from reparam.errors import CompositionError
from reparam.metrics import two_sample
from reparam.metrics.effects import discrepancy, energy, energy_over_own, spread, wasserstein
from reparam.metrics.smoothness import change_by_step
from reparam.metrics.two_sample import energy_share


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def sets(rng):
    return rng.normal(size=(200, 3)) + 0.5, 2 * rng.normal(size=(150, 3)) + 40


def test_values_are_those_of_the_distances(sets):
    x, y = sets
    assert energy(x, y).value == pytest.approx(energy_share(x, y))
    first, second = map(torch.from_numpy, sets)
    expected = maximum_mean_discrepancy(first, second, spread(y)).item()
    assert discrepancy(x, y).value == pytest.approx(expected)


def test_the_kernel_is_the_discrepancys():
    a, b = torch.rand(2, 2, 4)
    mean = multiscale_kernel(torch.cdist(a, b), 4, 0.5).mean()
    pairs = [multiscale_kernel(torch.pdist(p), 4, 0.5).mean() for p in (a, b)]
    expected = maximum_mean_discrepancy(a, b, spread=0.5)
    torch.testing.assert_close(pairs[0] + pairs[1] - 2 * mean, expected)


@pytest.mark.parametrize("dimensions", [1, 2, 16, 150])
def test_a_shift_by_one_spread_has_the_length_one(rng, dimensions):
    y = rng.normal(size=(400, dimensions))
    assert wasserstein(y + spread(y), y).value == pytest.approx(1, rel=0.12)


def test_effects_have_no_scale_and_no_place(sets):
    x, y = sets
    for effect in (energy, wasserstein, discrepancy):
        moved = effect(7 * x - 1000, 7 * y - 1000)
        assert moved.value == pytest.approx(effect(x, y).value, rel=1e-6)


def test_intervals_of_one_distribution_hold_zero_about_as_often_as_they_say(rng):
    held = 0
    for seed in range(60):
        x, y = rng.normal(size=(2, 80, 2))
        low, high = energy(x, y, seed=seed).interval
        held += low <= 0 <= high
    assert held >= 50


def test_all_four_together(rng):
    x, y = rng.normal(size=(400, 4)), rng.normal(size=(350, 4)) + 3
    found = two_sample(x, y, limit=300)
    assert (found.points, found.reference) == (300, 300)
    assert found.energy.value > 0.4
    assert found.wasserstein.value == pytest.approx(3, rel=0.1)
    assert 0.4 < found.discrepancy.value < 2
    assert found.separability.value > 0.99
    told = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert told["energy"]["low"] < told["energy"]["value"] < told["energy"]["high"]


def test_a_seed_repeats_and_threads_are_as_before(rng):
    x, y = rng.normal(size=(60, 2)), rng.normal(size=(90, 2))
    threads = torch.get_num_threads()
    first, again, other = (two_sample(x, y, limit=50, seed=seed).to_json() for seed in (0, 0, 1))
    assert first == again != other
    assert torch.get_num_threads() == threads


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (np.ones((20, 2)), np.ones((20, 3)), "of one number of dimensions"),
        (np.ones((5, 2)), np.ones((20, 2)), "at least 10 of each"),
        (np.ones((20, 2)), np.ones((20, 2)), "all the same"),
        (np.full((20, 2), np.nan), np.random.default_rng(0).normal(size=(20, 2)), "not finite"),
    ],
)
def test_what_cannot_be_compared_is_refused(x, y, words):
    with pytest.raises(CompositionError, match=words):
        two_sample(x, y)


def test_draws_are_as_far_from_codes_of_their_kind_as_from_themselves(rng):
    z, draws, others = (
        rng.normal(size=(100, 2)),
        rng.normal(size=(100, 2)),
        rng.normal(size=(200, 2)),
    )
    assert abs(energy_over_own(z, draws, others, rounds=5).value) < 10
    shifted = energy_over_own(z + 2, draws, others, rounds=5)
    first, second = torch.from_numpy(z + 2), torch.from_numpy(draws)
    own = energy_distance(first, second).item() / shifted.value
    assert 0 < own < 0.1


def test_a_rougher_decoder_changes_more(rng):
    z = rng.normal(size=(300, 2))
    smooth, rough = (change_by_step(lambda z, f=f: np.sin(f * z), z) for f in (1, 20))
    assert smooth.interval[1] < rough.interval[0]
