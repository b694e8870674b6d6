"""Where samples lie among real items, in cases that can be counted."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from reparam.errors import CompositionError
from reparam.metrics import frechet_distance, samples, support


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def values(found):
    return [getattr(found, name).value for name in ("precision", "recall", "density", "coverage")]


def test_one_distribution_is_precise_and_reached(rng):
    real, drawn = rng.normal(size=(2, 1000, 4))
    precision, recall, density, coverage = values(support(real, drawn, "numbers"))
    assert min(precision, recall) > 0.85
    assert density == pytest.approx(1, abs=0.1)
    assert coverage == pytest.approx(1 - 0.5**5, abs=0.03)  # Naeem et al., equation 10


def test_a_narrow_sampler_is_precise_and_reaches_little(rng):
    real, drawn = rng.normal(size=(1000, 2)), 0.1 * rng.normal(size=(1000, 2))
    precision, recall, density, coverage = values(support(real, drawn, "numbers"))
    assert precision > 0.99 > 0.3 > max(recall, coverage)
    assert density == pytest.approx(1, abs=0.1)


def test_a_wide_sampler_reaches_all_and_is_imprecise(rng):
    real, drawn = 0.1 * rng.normal(size=(1000, 2)), rng.normal(size=(1000, 2))
    precision, recall, *_ = values(support(real, drawn, "numbers"))
    assert recall > 0.9 > 0.2 > precision


def test_a_missing_mode_is_not_covered(rng):
    real = np.concatenate([rng.normal(size=(500, 2)), rng.normal(size=(500, 2)) + 20])
    found = support(real, rng.normal(size=(1000, 2)), "numbers")
    assert found.recall.value == pytest.approx(0.5, abs=0.05)
    assert found.coverage.value == pytest.approx(0.5, abs=0.05)
    low, high = found.coverage.interval
    assert low < found.coverage.value < high < low + 0.1


def test_a_stray_real_item_raises_precision_and_not_density(rng):
    """Its ball is huge, and holds every sample between it and the others."""
    real = np.concatenate([rng.normal(size=(300, 2)), [[60.0, 0.0]]])
    drawn = rng.normal([30.0, 0.0], size=(300, 2))
    precision, _, density, _ = values(support(real, drawn, "numbers"))
    assert precision > 0.9
    assert density <= 0.2 + 1e-9


def test_pieces_change_nothing(rng, monkeypatch):
    real, drawn = rng.normal(size=(2, 150, 3))
    whole = values(support(real, drawn, "numbers"))
    monkeypatch.setattr(samples, "AT_ONCE", 1000)
    assert values(support(real, drawn, "numbers")) == whole


def test_too_few_or_other_features_are_refused(rng):
    with pytest.raises(CompositionError, match="more than 5 of each"):
        support(rng.normal(size=(5, 2)), rng.normal(size=(50, 2)), "numbers")
    with pytest.raises(CompositionError, match="features of one shape"):
        support(rng.normal(size=(50, 2)), rng.normal(size=(50, 3)), "numbers")


def test_a_frechet_distance_is_the_formulas(rng):
    x, y = rng.normal(size=(500, 3)), rng.normal(size=(400, 3)) @ np.diag([1, 2, 3]) + 1
    a, b = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    expected = ((x.mean(0) - y.mean(0)) ** 2).sum() + np.trace(a + b - 2 * sqrtm(a @ b).real)
    assert frechet_distance(x, y) == pytest.approx(expected, rel=1e-8)
    assert frechet_distance(x, x) == pytest.approx(0, abs=1e-8)
    assert frechet_distance(x, y) == pytest.approx(frechet_distance(y, x))


def test_fewer_items_than_features_still_have_a_distance(rng):
    x, y = rng.normal(size=(2, 5, 20))
    assert frechet_distance(x, y) > 0


def test_more_points_than_the_limit_are_thinned_by_the_seed(rng):
    real, drawn = rng.normal(size=(3000, 3)), rng.normal(size=(200, 3))
    found = support(real, drawn, "numbers", limit=400)
    assert (found.real, found.samples) == (400, 200)
    assert values(found) == values(support(real, drawn, "numbers", limit=400))
    assert values(found) != values(support(real, drawn, "numbers", limit=400, seed=1))
    with pytest.raises(CompositionError, match="at most 5 of each"):
        support(real, drawn, "numbers", limit=5)


@pytest.mark.parametrize("place", [0, 1000])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_set_against_itself_loses_no_tie(dtype, place):
    """Points on the edge of a ball are in it: counted by hand in integers."""
    rng = np.random.default_rng(0)
    binary = place + (rng.random((60, 40)) < 0.3).astype(dtype)
    six = np.concatenate([binary] * 6)  # each point six times over: balls of radius 0
    assert values(support(six, six, "pixels")) == pytest.approx([1, 1, 6 / 5, 1])
    drawn = place + (rng.random((60, 40)) < 0.3).astype(dtype)
    counts = [(a[:, None] != b).sum(-1) for a, b in ((binary, binary), (binary, drawn))]
    radii = np.sort(counts[0], 1)[:, 5]
    inside = counts[1] <= radii[:, None]
    found = support(binary, drawn, "pixels")
    assert found.density.value == pytest.approx(inside.sum(0).mean() / 5)
    assert found.coverage.value == pytest.approx(inside.any(1).mean())
    assert found.precision.value == pytest.approx(inside.any(0).mean())


def test_a_frechet_distance_of_one_row_is_refused_and_of_float32_exact(rng):
    with pytest.raises(CompositionError, match="at least two items of each set, not 1 and 5"):
        frechet_distance(rng.normal(size=(1, 3)), rng.normal(size=(5, 3)))
    x = (1000 + rng.normal(size=(20_000, 2))).astype(np.float32)
    y = (1000.5 + rng.normal(size=(20_000, 2))).astype(np.float32)
    exact = frechet_distance(x.astype(float), y.astype(float))
    assert frechet_distance(x, y) == pytest.approx(exact, rel=1e-6)
