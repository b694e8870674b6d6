"""KL divergences between the normals, all sixteen pairs."""

import itertools
import math
from contextlib import suppress

import pytest
import torch
from torch.distributions import Bernoulli, Independent, MultivariateNormal, kl_divergence
from torch.distributions import Normal as Scalar

from reparam.distributions import (
    DiagonalNormal,
    FullNormal,
    IsotropicNormal,
    Laplace,
    PointMass,
    StraightThroughCategorical,
    kl_per_dimension,
)
from reparam.distributions import StandardNormal as Standard
from reparam.errors import CompositionError
from reparam.priors import StandardNormal

KINDS = ("standard", "isotropic", "diagonal", "full")
PAIRS = list(itertools.product(KINDS, KINDS))
FACTORISED = list(itertools.product(KINDS[:3], KINDS[:3]))


@pytest.mark.parametrize(("left", "right"), PAIRS)
def test_kl_is_torchs_for_full_covariances(make, left, right):
    q, q_mean, q_covariance = make(left, seed=1)
    p, p_mean, p_covariance = make(right, seed=2)
    expected = kl_divergence(
        MultivariateNormal(q_mean, q_covariance), MultivariateNormal(p_mean, p_covariance)
    )
    torch.testing.assert_close(kl_divergence(q, p), expected)
    torch.testing.assert_close(kl_divergence(q, q), torch.zeros(3).double())


@pytest.mark.parametrize(("left", "right"), PAIRS)
def test_kl_is_the_mean_log_ratio_of_draws(make, left, right):
    q, p = make(left, (2,), 3, seed=1).normal, make(right, (2,), 3, seed=2).normal
    torch.manual_seed(0)
    z = q.rsample((20_000,))
    ratio = q.log_prob(z) - p.log_prob(z)
    error = ratio.std(0) / len(z) ** 0.5
    assert ((ratio.mean(0) - kl_divergence(q, p)).abs() <= 4.5 * error).all()


@pytest.mark.parametrize(("left", "right"), PAIRS)
@pytest.mark.parametrize(
    ("q_batch", "p_batch", "result"),
    [((3,), (), (3,)), ((), (3,), (3,)), ((5, 3), (3,), (5, 3)), ((5, 1), (3,), (5, 3))],
)
def test_batches_broadcast(make, left, right, q_batch, p_batch, result):
    q, q_mean, q_covariance = make(left, q_batch, seed=1)
    p, p_mean, p_covariance = make(right, p_batch, seed=2)
    expected = kl_divergence(
        MultivariateNormal(q_mean, q_covariance).expand(result),
        MultivariateNormal(p_mean, p_covariance).expand(result),
    )
    found = kl_divergence(q, p)
    assert found.shape == result
    torch.testing.assert_close(found, expected)


def test_the_books_formula():
    mean, log_variance = torch.randn(2, 7, 5, generator=torch.Generator().manual_seed(0)).double()
    book = -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum(-1)
    q = DiagonalNormal(mean, log_variance)
    torch.testing.assert_close(kl_divergence(q, StandardNormal(5).double()()), book)


@pytest.mark.parametrize(("left", "right"), FACTORISED)
def test_dimensions_sum_to_the_kl(make, left, right):
    q, p = make(left, seed=1).normal, make(right, seed=2).normal
    each = kl_per_dimension(q, p)
    assert each.shape == (3, 4)
    torch.testing.assert_close(each.sum(-1), kl_divergence(q, p))
    scalars = kl_divergence(Scalar(q.mean, q.stddev), Scalar(p.mean, p.stddev))
    torch.testing.assert_close(each, scalars)


def test_dimensions_of_a_batch_against_one_prior(make):
    q = make("diagonal", (6, 3)).normal
    each = kl_per_dimension(q, StandardNormal(4).double()())
    assert each.shape == (6, 3, 4)
    torch.testing.assert_close(each.sum(-1), kl_divergence(q, StandardNormal(4).double()()))


def test_independent_distributions_fall_into_dimensions_too():
    q, p = (Independent(Bernoulli(logits=torch.randn(3, 4)), 1) for _ in range(2))
    torch.testing.assert_close(kl_per_dimension(q, p).sum(-1), kl_divergence(q, p))


@pytest.mark.parametrize(("left", "right"), [("full", "isotropic"), ("diagonal", "full")])
def test_a_full_covariance_does_not_fall_into_dimensions(make, left, right):
    with pytest.raises(CompositionError, match=r"FullNormal.* does not fall into a sum over dim"):
        kl_per_dimension(make(left).normal, make(right).normal)


def test_pictures_of_latents_have_one_kl_each():
    mean, log_variance = torch.randn(2, 5, 2, 3, 3).double()
    q = DiagonalNormal(mean, log_variance, event_dims=3)
    p = StandardNormal((2, 3, 3)).double()()
    flat = DiagonalNormal(mean.flatten(1), log_variance.flatten(1))
    expected = kl_divergence(flat, StandardNormal(18).double()())
    torch.testing.assert_close(kl_divergence(q, p), expected)
    assert kl_per_dimension(q, p).shape == (5, 2, 3, 3)


def test_normals_that_share_a_parameter_differ_by_what_is_left():
    """KL(N(m, 1) || N(0, 1)) = m^2 / 2, and scaling costs D / 2 (s^2 - 1 - log s^2)."""
    zero, m = torch.zeros(3).double(), torch.tensor([1.0, 2.0, 2.0]).double()
    unit = torch.zeros(()).double()
    shifted, standard = IsotropicNormal(m, unit), IsotropicNormal(zero, unit)
    torch.testing.assert_close(kl_divergence(shifted, standard), torch.tensor(4.5).double())
    wide = FullNormal(zero, 2 * torch.eye(3).double())
    expected = 1.5 * (4 - 1 - torch.tensor(4.0).double().log())
    torch.testing.assert_close(kl_divergence(wide, standard), expected)


def test_a_point_has_no_closed_form_either(make):
    with pytest.raises(NotImplementedError):
        kl_divergence(PointMass(torch.zeros(3, 4)), make("isotropic").normal)


def alike():
    """Pairs of nearly equal distributions in float32, with the divergence's own series in float64.

    To second order 2 KL is the squared whitened shift and half the squared log-ratio of variances.
    """
    shift, ratio = 1e-3, 1e-3
    zeros = torch.zeros(4)
    mean, spread = zeros + shift, zeros + ratio
    squares = 4 * (shift**2 + ratio**2 / 2) / 2
    yield DiagonalNormal(mean, spread), Standard(zeros), squares
    yield DiagonalNormal(mean, spread), DiagonalNormal(zeros, zeros), squares
    yield DiagonalNormal(mean, spread), IsotropicNormal(zeros, torch.zeros(())), squares
    yield IsotropicNormal(mean, torch.tensor(ratio)), Standard(zeros), squares
    root = (torch.eye(4) * math.exp(ratio / 2)).tril()
    yield FullNormal(mean, root), Standard(zeros), squares
    yield FullNormal(mean, root), FullNormal(zeros, torch.eye(4)), squares
    yield DiagonalNormal(mean, spread), FullNormal(zeros, torch.eye(4)), squares
    yield Laplace(mean, spread), Laplace(zeros, zeros), 4 * (ratio**2 + shift**2) / 2
    logits = torch.tensor([[0.0, 0.0, 1e-3]])
    fisher = (1 / 3 - 1 / 9) * 1e-6 / 2
    yield StraightThroughCategorical(logits), StraightThroughCategorical(0 * logits), fisher


@pytest.mark.parametrize("case", range(9))
def test_a_small_divergence_keeps_its_digits_in_float32(case):
    """Summands near 1 cancel: 3e-6 nats once came out as 0."""
    q, p, expected = list(alike())[case]
    assert kl_divergence(q, p).item() == pytest.approx(expected, rel=5e-3)
    with suppress(CompositionError):
        assert kl_per_dimension(q, p).sum().item() == pytest.approx(expected, rel=5e-3)


def test_numbers_without_axes_have_a_divergence():
    """KL(N(1, 1) || N(0, 1)) = 1/2, of scalars whose events have no axes."""
    one, zero = torch.tensor(1.0), torch.tensor(0.0)
    found = kl_divergence(IsotropicNormal(one, zero, 0), IsotropicNormal(zero, zero, 0))
    assert (found.shape, found.item()) == ((), pytest.approx(0.5))
