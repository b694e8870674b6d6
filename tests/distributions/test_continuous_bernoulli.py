"""The continuous Bernoulli is a density for every logit, also where its chance rounds to 1."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy import integrate
from torch.distributions import ContinuousBernoulli as Torchs

from reparam.distributions import ContinuousBernoulli

LOGITS = (0.0, 1e-3, 0.29, 0.31, 1.0, 5.0, 20.0, 300.0)
SIGNED = sorted({sign * logit for logit in LOGITS for sign in (-1, 1)})


def exact(logit):
    """The density from its definition, p(x) = l exp(l x) / (exp(l) - 1), mirrored for l < 0."""
    size = abs(logit)

    def density(x):
        above = x if logit > 0 else 1 - x
        return size * np.exp(size * (above - 1)) / -np.expm1(-size) if size else 1.0

    return density


def integral(function):
    """Over [0, 1], in pieces that grow away from both ends."""
    ends = [0, *np.geomspace(1e-4, 0.5, 9)]
    ends += [1 - end for end in reversed(ends[:-1])]
    pieces = [integrate.fixed_quad(np.vectorize(function), *ab, n=12) for ab in pairwise(ends)]
    return sum(piece[0] for piece in pieces)


@pytest.mark.parametrize("logit", SIGNED)
def test_it_integrates_to_one_with_its_mean(logit):
    ours = ContinuousBernoulli(torch.tensor(logit).double())

    def density(x):
        return ours.log_prob(torch.tensor(x, dtype=torch.float64)).exp().item()

    assert integral(density) == pytest.approx(1, abs=1e-8)
    mean = integral(lambda x: x * exact(logit)(x))
    assert ours.mean.item() == pytest.approx(mean, abs=1e-8)
    grid = np.linspace(0, 1, 11)
    expected = np.log([max(exact(logit)(x), 1e-300) for x in grid])
    found = ours.log_prob(torch.tensor(grid)).numpy()
    likely = expected > -600
    np.testing.assert_allclose(found[likely], expected[likely], rtol=1e-8, atol=1e-8)


def test_it_is_torchs_where_torchs_is_right():
    logits = torch.tensor([-6.0, -2.0, -0.5, 0.5, 2.0, 6.0]).double()
    ours, theirs = ContinuousBernoulli(logits), Torchs(logits=logits, validate_args=True)
    x = torch.rand(50, 6).double()
    torch.testing.assert_close(ours.log_prob(x), theirs.log_prob(x))
    torch.testing.assert_close(ours.mean, theirs.mean)


@pytest.mark.parametrize("size", [0.0, 1e-20, 15.0, 90.0, 1e4, 1e30])
def test_no_logit_gives_an_infinite_loss_or_gradient(size):
    for logit in (-size, size):
        logits = torch.full((3,), logit, requires_grad=True)
        nats = ContinuousBernoulli(logits).log_prob(torch.tensor([0.0, 0.5, 1.0]))
        nats.sum().backward()
        assert bool(torch.isfinite(nats).all())
        assert bool(torch.isfinite(logits.grad).all())


def test_extreme_logits_cost_what_the_formula_says():
    """For large l, log p(1) = log l and log p(0) = log l - l: no clamp in between."""
    p = ContinuousBernoulli(torch.tensor([1e4, 1e4, -1e4]))
    expected = torch.tensor([np.log(1e4), np.log(1e4) - 1e4, np.log(1e4)]).float()
    torch.testing.assert_close(p.log_prob(torch.tensor([1.0, 0.0, 0.0])), expected)


def test_the_score_is_value_minus_mean():
    """An exponential family: the derivative of log p(x) by the logit is x - E[x], everywhere."""
    logits = torch.linspace(-40, 40, 401, requires_grad=True)
    p = ContinuousBernoulli(logits)
    p.log_prob(torch.full((401,), 0.25)).sum().backward()
    torch.testing.assert_close(logits.grad, (0.25 - p.mean).detach(), atol=1e-5, rtol=1e-4)
    mean = p.mean.detach()
    assert bool((mean.diff() > 0).all())


def test_draws_have_its_mean_and_stay_inside():
    torch.manual_seed(0)
    p = ContinuousBernoulli(torch.tensor([-1e4, -30.0, -1.0, 0.0, 0.1, 3.0, 30.0]))
    draws = p.sample((20_000,))
    assert draws.shape == (20_000, 7)
    assert bool(((draws >= 0) & (draws <= 1)).all())
    error = draws.std(0) / len(draws) ** 0.5
    assert bool(((draws.mean(0) - p.mean).abs() < 5 * error).all())
