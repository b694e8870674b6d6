"""The uniform box, and what a temperature means for each distribution."""

import math

import pytest
import torch
from torch.distributions import Independent, Laplace

from reparam.distributions import Box, tempered
from reparam.errors import CompositionError
from reparam.priors import StandardNormal

LOW, HIGH = torch.tensor([0.0, -1.0]), torch.tensor([2.0, 3.0])


def test_the_density_is_one_over_the_volume():
    box = Box(LOW, HIGH)
    torch.testing.assert_close(box.log_prob(torch.tensor([1.0, 0.0])).item(), -math.log(8))
    assert box.log_prob(torch.tensor([1.0, 4.0])) == -math.inf


def test_draws_fill_the_box():
    torch.manual_seed(0)
    draws = Box(LOW, HIGH).sample((5000,))
    assert bool(((draws >= LOW) & (draws <= HIGH)).all())
    torch.testing.assert_close(draws.amin(0), LOW, atol=0.01, rtol=0)
    torch.testing.assert_close(draws.amax(0), HIGH, atol=0.01, rtol=0)


def test_a_box_shrinks_about_its_centre():
    half = tempered(Box(LOW, HIGH), 0.5)
    torch.testing.assert_close(half.low, torch.tensor([0.5, 0.0]))
    torch.testing.assert_close(half.high, torch.tensor([1.5, 2.0]))


def test_temperature_one_changes_nothing():
    prior = StandardNormal(2)()
    assert tempered(prior, 1.0) is prior


@pytest.mark.parametrize("temperature", [0.0, -1.0, math.inf, math.nan])
def test_temperatures_are_positive_numbers(temperature):
    with pytest.raises(CompositionError, match="temperature must be positive"):
        tempered(StandardNormal(2)(), temperature)


def test_a_distribution_without_the_notion_says_so():
    laplace = Independent(Laplace(torch.zeros(2), torch.ones(2)), 1)
    with pytest.raises(CompositionError, match="Independent prior has no temperature"):
        tempered(laplace, 0.5)
