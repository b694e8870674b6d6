"""Copies are found, and independent draws are not taken for copies."""

import json

import numpy as np
import pytest

from reparam.errors import CompositionError
from reparam.metrics import memorisation
from reparam.metrics.neighbours import novel


@pytest.fixture
def sets():
    return np.random.default_rng(0).normal(size=(2, 600, 1, 2, 3))


def test_copies_are_copies_and_their_items_are_named(sets):
    train, held_out = sets
    chosen = np.arange(100)[::-1] + 50
    found = memorisation(train[chosen], train, held_out)
    assert found.share.value == 1
    assert found.share.interval[0] > 0.85
    assert found.share.interval[1] == 1
    np.testing.assert_array_equal(found.nearest, chosen)
    np.testing.assert_array_equal(found.distance, 0)
    assert memorisation(held_out[:100], train, held_out).share.value == 0


def test_independent_draws_are_as_near_to_the_ones_as_to_the_others():
    """Over many sets the interval holds one half about as often as it says."""
    held = 0
    for seed in range(40):
        sets = np.random.default_rng(seed).normal(size=(3, 120, 2))
        low, high = memorisation(*sets, seed=seed).share.interval
        held += low <= 0.5 <= high
    assert held >= 35


def test_more_noise_on_copies_is_less_memorised(sets):
    train, held_out = sets
    noise = np.random.default_rng(1).normal(size=train.shape)
    shares = [memorisation(train + j * noise, train, held_out).share for j in (0.1, 0.7, 3)]
    assert shares[0].value > 0.98
    assert 0.55 < shares[1].value < 0.95
    low, high = shares[2].interval
    assert low < 0.5 < high
    assert shares[1].interval[0] > 0.5


def test_more_training_items_than_held_out_ones_is_no_advantage(sets):
    train, held_out = sets
    samples = np.random.default_rng(2).normal(size=(500, *train.shape[1:]))
    found = memorisation(samples, train, held_out[:60])
    assert (found.compared, found.held_out) == (600, 60)
    low, high = found.share.interval
    assert low < 0.5 < high
    flat = train.reshape(600, -1)
    distances = np.linalg.norm(samples.reshape(500, 1, -1) - flat, axis=2)
    np.testing.assert_array_equal(found.nearest, distances.argmin(1))
    np.testing.assert_allclose(found.distance, distances.min(1))
    assert json.loads(json.dumps(found.to_json(), allow_nan=False))["samples"] == 500


def test_an_item_in_both_sets_counts_half():
    items = np.random.default_rng(3).normal(size=(50, 4))
    assert memorisation(items, items, items).share.value == 0.5


def test_sets_of_other_shapes_are_refused(sets):
    train, held_out = sets
    with pytest.raises(CompositionError, match="of one shape"):
        memorisation(train, train[:, :, :1], held_out)
    with pytest.raises(CompositionError, match="at least 10 of each"):
        memorisation(train[:9], train, held_out)


def test_all_but_a_share_of_held_out_items_are_novel(sets):
    train, held_out = sets
    assert novel(held_out, train, held_out, share=0.25).mean() == pytest.approx(0.75, abs=0.01)
    assert not novel(train, train, held_out).any()


@pytest.mark.parametrize(("known", "others"), [(2000, 300), (600, 60), (300, 300), (60, 600)])
@pytest.mark.parametrize("copied", [0.0, 0.5, 1.0])
def test_copies_count_alike_at_any_numbers_of_items(known, others, copied):
    """A share f of copies among independent draws is (1 + f) / 2, by chance 1/2."""
    rng = np.random.default_rng(0)
    train, held_out, samples = (rng.normal(size=(n, 6)) for n in (known, others, 600))
    count = round(copied * len(samples))
    samples[:count] = train[rng.integers(known, size=count)]
    found = memorisation(samples, train, held_out).share
    if copied == 1:
        assert found.value == 1
    low, high = found.interval
    assert low <= (1 + copied) / 2 <= high
    assert found.value == pytest.approx((1 + copied) / 2, abs=0.09)
