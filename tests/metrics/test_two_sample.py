"""Effect sizes between two sets, against closed forms and SciPy."""

import numpy as np
import pytest
import scipy.stats
import torch

from reparam.divergences import energy_distance
from reparam.metrics.classes import share_ratio, unevenness
from reparam.metrics.two_sample import energy_share, reflection, separability


def test_separability_of_two_normals_is_known():
    """Normals whose means differ by d standard deviations: the AUC is Phi(d / sqrt 2)."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2000, 2)), rng.normal(size=(2000, 2)) + np.array([1.5, 0])
    found = separability(x, y)
    truth = scipy.stats.norm.cdf(1.5 / np.sqrt(2))
    assert found.value == pytest.approx(truth, abs=0.025)
    low, high = separability(x, rng.normal(size=(2000, 2))).interval
    assert low < 0.5 < high + 0.02


def test_the_energy_distance_is_scipys_without_its_bias():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=300), rng.exponential(size=200)
    first, second = torch.from_numpy(x)[:, None], torch.from_numpy(y)[:, None]
    biased = (
        energy_distance(first, second)
        + torch.pdist(first).mean() / 300
        + torch.pdist(second).mean() / 200
    )
    assert biased.item() == pytest.approx(scipy.stats.energy_distance(x, y) ** 2, rel=1e-9)


def test_the_energy_distance_of_one_distribution_is_zero_in_the_mean():
    torch.manual_seed(0)
    found = [energy_distance(*torch.randn(2, 50, 3)).item() for _ in range(300)]
    assert abs(np.mean(found)) < 3 * np.std(found) / np.sqrt(300)
    assert min(found) < 0


def test_energy_share_has_no_scale():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(100, 2)), rng.normal(size=(100, 2)) + 3
    assert energy_share(9 * x, 9 * y) == pytest.approx(energy_share(x, y))
    assert 0.4 < energy_share(x, y) < 1
    assert abs(reflection(x)) < 0.02
    assert reflection(x + 3) > 0.4


def test_unevenness_is_cramers_v():
    counts = np.array([50, 30, 20])
    labels = np.repeat([0, 1, 2], counts)
    chi_squared = scipy.stats.chisquare(counts).statistic
    assert unevenness(labels, 3) == pytest.approx(np.sqrt(chi_squared / (100 * 2)))
    assert share_ratio(labels, 4) == 51
