"""What latents are used for, where it is known."""

import math

import pytest
import torch

from reparam.distributions import DiagonalNormal, StandardNormal
from reparam.errors import CompositionError
from reparam.metrics import active_units, information


def test_a_unit_that_does_not_move_is_not_active():
    means = torch.stack([torch.randn(1000), 0.05 * torch.randn(1000), torch.ones(1000)], 1)
    assert active_units(means).tolist() == [True, False, False]
    assert active_units(means, threshold=0.001).tolist() == [True, True, False]


def test_collapsed_posteriors_know_nothing():
    q = DiagonalNormal(torch.zeros(50, 3), torch.zeros(50, 3))
    found = information(q, StandardNormal(torch.zeros(3)))
    assert found.mutual_information == pytest.approx(0, abs=1e-5)
    assert found.aggregate_kl == pytest.approx(0, abs=1e-5)
    assert not found.saturated


def test_posteriors_far_apart_know_all_there_is_and_say_that_it_saturates():
    q = DiagonalNormal(100.0 * torch.arange(64).float().unsqueeze(1), torch.zeros(64, 1))
    found = information(q, StandardNormal(torch.zeros(1)))
    assert found.mutual_information == pytest.approx(math.log(64), abs=1e-4)
    assert found.half == pytest.approx(math.log(32), abs=1e-4)
    assert found.saturated


def test_the_two_parts_add_up_to_the_rate():
    torch.manual_seed(0)
    q = DiagonalNormal(torch.randn(400, 2), torch.randn(400, 2) - 1)
    p = StandardNormal(torch.zeros(2))
    found = information(q, p, draws=40_000)
    rate = torch.distributions.kl_divergence(q, p).mean().item()
    assert found.mutual_information + found.aggregate_kl == pytest.approx(rate, rel=0.02)


def test_draws_repeat_and_leave_the_global_generator_alone():
    q, p = DiagonalNormal(torch.randn(40, 2), torch.zeros(40, 2)), StandardNormal(torch.zeros(2))
    before = torch.get_rng_state()
    assert information(q, p, draws=10) == information(q, p, draws=10)
    assert information(q, p, draws=10) != information(q, p, draws=10, seed=1)
    assert torch.equal(torch.get_rng_state(), before)


def test_one_posterior_is_no_aggregate():
    q = DiagonalNormal(torch.zeros(1, 2), torch.zeros(1, 2))
    with pytest.raises(CompositionError, match="at least two posteriors"):
        information(q, StandardNormal(torch.zeros(2)))


@pytest.mark.parametrize("log_variance", [-30.0, -10.0, 0.0])
@pytest.mark.parametrize("place", [0.0, 1000.0])
def test_information_far_from_the_origin_never_exceeds_log_n(log_variance, place):
    """Points that do not overlap know everything: ln N, wherever they lie."""
    means = place + 100 * torch.arange(64.0).reshape(64, 1).expand(64, 3)
    q = DiagonalNormal(means, torch.full_like(means, log_variance))
    found = information(q, StandardNormal(torch.zeros(3)), progress=False)
    assert found.mutual_information == pytest.approx(math.log(64), abs=1e-6)
    assert found.half == pytest.approx(math.log(32), abs=1e-6)


def test_near_points_in_one_place_know_nothing():
    means = torch.full((50, 2), 1000.0)
    q = DiagonalNormal(means, torch.full_like(means, -30.0))
    found = information(q, StandardNormal(torch.zeros(2)), progress=False)
    assert found.mutual_information == pytest.approx(0, abs=1e-6)
