"""Categorical latents: the relaxed density, and exact variables with a relaxed gradient."""

import itertools
import math

import pytest
import torch
from torch.distributions import Categorical, OneHotCategorical, kl_divergence
from torch.distributions import RelaxedOneHotCategorical as Torchs

from reparam.distributions import (
    DiagonalNormal,
    RelaxedCategorical,
    StraightThroughCategorical,
    tempered,
)
from reparam.errors import CompositionError
from reparam.randomness import seeded

EXACT = {"rtol": 1e-10, "atol": 1e-10}


def logits(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).double()


def simplex(categories, reach=60.0, cells=600):
    """Points of a simplex, even in logits, and the volume of the first coordinates of each."""
    step = 2 * reach / cells
    line = -reach + step * (torch.arange(cells).double() + 0.5)
    mesh = torch.meshgrid(*[line] * (categories - 1), indexing="ij")
    free = torch.stack(mesh, -1).flatten(0, -2)
    z = torch.cat([free, torch.zeros(len(free), 1).double()], 1).softmax(-1)
    return z, z.prod(-1) * step ** (categories - 1)


@pytest.mark.parametrize("categories", [2, 3])
@pytest.mark.parametrize("temperature", [0.4, 0.67, 1.5])
def test_the_relaxed_density_integrates_to_one(categories, temperature):
    z, volume = simplex(categories)
    p = RelaxedCategorical(logits(1, categories), temperature)
    assert (p.log_prob(z).exp() * volume).sum().item() == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("categories", [2, 3])
@pytest.mark.parametrize("temperature", [0.67, 1.5])
def test_relaxed_draws_have_that_density(categories, temperature):
    points, volume = simplex(categories)
    p = RelaxedCategorical(logits(1, categories), temperature)
    z, weights = p.sample((40_000,)), p.log_prob(points).exp() * volume
    for g in (
        lambda x: x[:, 0],
        lambda x: x.square().sum(-1),
        lambda x: (x[:, 0] > 0.9).double(),
        lambda x: (-4 * (x - 0.3).square().sum(-1)).exp(),
    ):
        found, exact = g(z), (g(points) * weights).sum()
        assert (found.mean() - exact).abs() < 4.5 * found.std() / len(z) ** 0.5 + 5e-4


def test_the_relaxed_density_is_torchs_for_each_variable():
    p = RelaxedCategorical(logits(3, 2, 4), 0.7)
    z = p.rsample((5,))
    theirs = Torchs(torch.tensor(0.7, dtype=torch.float64), logits=p.logits, validate_args=True)
    assert (p.batch_shape, p.event_shape, z.shape) == ((3,), (8,), (5, 3, 8))
    expected = theirs.log_prob(z.unflatten(-1, (2, 4))).sum(-1)
    torch.testing.assert_close(p.log_prob(z), expected, **EXACT)


def test_drawing_gives_the_log_density_of_what_it_drew():
    p = RelaxedCategorical(logits(3, 2, 4), 0.7)
    z, log_p = p.rsample_and_log_prob((200,))
    torch.testing.assert_close(p.log_prob(z), log_p, **EXACT)
    torch.testing.assert_close(z.unflatten(-1, (2, 4)).sum(-1), torch.ones(200, 3, 2).double())


@pytest.mark.parametrize("temperature", [0.05, 0.67])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_no_temperature_leaves_the_numbers(temperature, dtype):
    raw = torch.tensor([[15.0, -15.0, 0.0]] * 4, dtype=dtype).requires_grad_()
    q, p = (RelaxedCategorical(x, temperature) for x in (raw, torch.zeros_like(raw)))
    z, log_q = q.rsample_and_log_prob((2_000,))
    rate = log_q - p.log_prob(z)
    rate.sum().backward()
    assert torch.isfinite(rate).all()
    assert torch.isfinite(raw.grad).all()
    torch.testing.assert_close(q.log_prob(z), log_q, rtol=1e-3, atol=1e-3)
    corner = torch.tensor([1.0, 0.0, 0.0] * 4, dtype=dtype)
    assert torch.isfinite(q.log_prob(corner))


def test_a_low_temperature_draws_corners_as_often_as_the_categorical():
    p = RelaxedCategorical(logits(1, 3), 1e-3)
    share = p.sample((20_000,)).round().mean(0)
    assert (share - p.mean).abs().max() < 0.015


def corners(variables, categories):
    eye = torch.eye(categories).double()
    return torch.stack([torch.cat(row) for row in itertools.product(eye, repeat=variables)])


def test_the_masses_of_all_corners_sum_to_one():
    p = StraightThroughCategorical(logits(2, 3))
    z = corners(2, 3)
    assert z.shape == (9, 6)
    masses = p.log_prob(z).exp()
    assert masses.sum().item() == pytest.approx(1, abs=1e-12)
    torch.testing.assert_close((masses.unsqueeze(-1) * z).sum(0), p.mean, **EXACT)
    torch.testing.assert_close(-(masses * masses.log()).sum(), p.entropy(), **EXACT)


def test_each_variable_is_torchs_categorical():
    p = StraightThroughCategorical(logits(3, 2, 4))
    theirs = OneHotCategorical(logits=p.logits, validate_args=True)
    z = p.sample((5,))
    expected = theirs.log_prob(z.unflatten(-1, (2, 4))).sum(-1)
    torch.testing.assert_close(p.log_prob(z), expected, **EXACT)
    torch.testing.assert_close(p.entropy(), theirs.entropy().sum(-1), **EXACT)


def test_corners_are_drawn_as_often_as_their_mass():
    p, z = StraightThroughCategorical(logits(2, 3)), corners(2, 3)
    drawn = (p.sample((40_000,)) @ z.mT == 2).double()  # in both variables
    masses = p.log_prob(z).exp()
    assert drawn.sum(-1).unique().item() == 1
    error = (masses * (1 - masses) / 40_000).sqrt()
    assert ((drawn.mean(0) - masses).abs() < 4.5 * error).all()


@pytest.mark.parametrize("temperature", [0.1, 0.67, 3.0])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_draws_are_zeros_and_ones_without_dust(temperature, dtype):
    raw = (10 * logits(50, 4, 7)).to(dtype).requires_grad_()
    z = StraightThroughCategorical(raw, temperature).rsample((20,))
    assert z.dtype == dtype
    assert z.unique().tolist() == [0, 1]
    assert (z.unflatten(-1, (4, 7)).sum(-1) == 1).all()
    assert not StraightThroughCategorical(raw, temperature).sample().requires_grad


@pytest.mark.parametrize("temperature", [0.3, 1.0])
def test_the_gradient_is_the_relaxed_draws(temperature):
    raw, weights = logits(5, 2, 4), logits(10, 5, 8, seed=1)
    gradients = []
    for make in (StraightThroughCategorical, RelaxedCategorical):
        own = raw.clone().requires_grad_()
        with seeded(3):
            (make(own, temperature).rsample((10,)) * weights).sum().backward()
        gradients.append(own.grad)
    torch.testing.assert_close(*gradients, **EXACT)
    assert gradients[0].abs().max() > 0.1


def test_the_largest_relaxed_coordinate_is_the_one_drawn():
    raw = logits(5, 2, 4)
    with seeded(3):
        z = StraightThroughCategorical(raw, 0.5).rsample((10,))
    with seeded(3):
        y = RelaxedCategorical(raw, 0.5).rsample((10,))
    shape = (2, 4)
    assert torch.equal(z.unflatten(-1, shape).argmax(-1), y.unflatten(-1, shape).argmax(-1))


def test_the_divergence_is_the_enumerated_and_the_sampled_one():
    q, p = (StraightThroughCategorical(logits(2, 3, seed=seed)) for seed in (1, 2))
    z = corners(2, 3)
    exact = (q.log_prob(z).exp() * (q.log_prob(z) - p.log_prob(z))).sum()
    torch.testing.assert_close(kl_divergence(q, p), exact, **EXACT)
    theirs = kl_divergence(Categorical(logits=q.logits), Categorical(logits=p.logits)).sum(-1)
    torch.testing.assert_close(kl_divergence(q, p), theirs, **EXACT)
    drawn = q.sample((40_000,))
    ratio = q.log_prob(drawn) - p.log_prob(drawn)
    assert (ratio.mean() - exact).abs() < 4.5 * ratio.std() / 200
    assert exact > 0.1


def test_the_divergence_from_the_uniform_is_what_entropy_lacks():
    q = StraightThroughCategorical(logits(3, 2, 4))
    p = StraightThroughCategorical(torch.zeros(2, 4).double())
    expected = 2 * math.log(4) - q.entropy()
    torch.testing.assert_close(kl_divergence(q, p), expected, **EXACT)


def test_relaxed_variables_have_no_closed_divergence():
    """A categorical divergence in its place would be no bound of the relaxed model."""
    relaxed, exact = (
        RelaxedCategorical(logits(1, 3), 0.5),
        StraightThroughCategorical(logits(1, 3)),
    )
    pairs = [(relaxed, relaxed), (relaxed, exact), (exact, relaxed)]
    pairs += [(exact, DiagonalNormal(torch.zeros(3), torch.zeros(3)))]
    pairs += [(exact, StraightThroughCategorical(logits(3, 1)))]
    for q, p in pairs:
        with pytest.raises(NotImplementedError):
            kl_divergence(q, p)


def test_a_relaxed_rate_is_not_negative_on_average():
    q, p = RelaxedCategorical(logits(2, 3), 0.67), RelaxedCategorical(0 * logits(2, 3), 0.5)
    z, log_q = q.rsample_and_log_prob((20_000,))
    rate = log_q - p.log_prob(z)
    assert rate.mean() > 4.5 * rate.std() / len(z) ** 0.5


@pytest.mark.parametrize(
    ("batch", "value", "result"),
    [((), (6,), ()), ((), (4, 6), (4,)), ((3,), (6,), (3,)), ((3,), (4, 1, 6), (4, 3))],
)
def test_leading_axes_broadcast(batch, value, result):
    raw = logits(*batch, 2, 3)
    for p in (RelaxedCategorical(raw, 0.67), StraightThroughCategorical(raw)):
        z = torch.full(value, 1 / 3).double()
        assert p.log_prob(z).shape == result
        assert p.rsample((7,)).shape == (7, *batch, 6)
        assert p.mean.shape == (*batch, 6)


def test_categorical_priors_are_sampled_as_they_are():
    for p in (RelaxedCategorical(logits(1, 3), 0.5), StraightThroughCategorical(logits(1, 3))):
        assert tempered(p, 1.0) is p
        with pytest.raises(CompositionError, match="has no temperature: leave it at 1"):
            tempered(p, 0.5)
