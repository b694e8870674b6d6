"""Laplace's and Student's t pixels: against scipy, and as densities that integrate to 1."""

import math

import numpy as np
import pytest
import torch
from scipy import stats
from torch.distributions import kl_divergence

from reparam import distributions, families
from reparam.distributions.robust import log_gamma_step, log_gamma_step_slope
from reparam.errors import CompositionError
from reparam.registry import build, describe

SOURCES = ("fixed", "scalar", "pixel")
FAMILIES = [
    *(families.Laplace(0.3, variance=source, event_dims=1) for source in SOURCES),
    *(
        families.StudentT(1.5, 0.3, variance=source, tails=tails, event_dims=1)
        for source in SOURCES
        for tails in SOURCES
    ),
]
FEATURES = [4, 4, 8, *(4 * n for n in (1, 1, 2, 1, 1, 2, 2, 2, 3))]


def drawn(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).double()


@pytest.mark.parametrize(("family", "features"), list(zip(FAMILIES, FEATURES, strict=True)))
def test_shapes_and_the_picture_that_it_shows(family, features):
    assert family.features((4,)) == (features,)
    given = drawn(3, 5, features)
    p = family(given)
    assert (p.batch_shape, p.event_shape) == ((3, 5), (4,))
    torch.testing.assert_close(p.mean, given[..., :4].sigmoid())
    assert p.log_prob(torch.rand(5, 4)).shape == (3, 5)
    assert p.rsample((7,)).shape == (7, 3, 5, 4)
    assert describe(build(describe(family))) == describe(family)


@pytest.mark.parametrize("family", FAMILIES)
def test_two_pixels_integrate_to_one(family):
    """With x = tan(u): heavy tails leave something at any finite end."""
    n = 1000
    middle = (torch.arange(n).double() + 0.5) / n * math.pi - math.pi / 2
    x, jacobian = middle.tan() / 4, middle.cos() ** -2 * math.pi / n / 4
    p = family(drawn(*family.features((2,)), seed=3) / 2)
    nats = torch.stack([p.log_prob(torch.stack([a.expand(n), x], -1)) for a in x])
    total = (nats.exp() * jacobian * jacobian[:, None]).sum()
    assert total.item() == pytest.approx(1, abs=2e-3)


def test_laplace_is_scipys():
    m, log_scale, x = drawn(6, 3), drawn(6, 3, seed=1), 4 * drawn(6, 3, seed=2)
    ours = distributions.Laplace(m, log_scale)
    theirs = stats.laplace(m.numpy(), log_scale.exp().numpy())
    np.testing.assert_allclose(ours.log_prob(x), theirs.logpdf(x.numpy()).sum(-1))
    np.testing.assert_allclose(ours.variance, theirs.var())
    np.testing.assert_allclose(ours.entropy(), theirs.entropy().sum(-1))


@pytest.mark.parametrize("df", [1e-3, 0.5, 1.0, 2.5, 15.9, 16.1, 400.0, 1e6])
def test_student_is_scipys(df):
    m, log_scale, x = drawn(6, 3), drawn(6, 3, seed=1), 4 * drawn(6, 3, seed=2)
    ours = distributions.StudentT(m, log_scale, torch.tensor(df, dtype=torch.float64).log())
    theirs = stats.t(df, m.numpy(), log_scale.exp().numpy())
    np.testing.assert_allclose(ours.log_prob(x), theirs.logpdf(x.numpy()).sum(-1), rtol=1e-9)
    if df > 2:
        np.testing.assert_allclose(ours.variance, theirs.var(), rtol=1e-6)
    else:
        assert bool(ours.variance.isinf().all())
    if df >= 0.5:
        np.testing.assert_allclose(ours.entropy(), theirs.entropy().sum(-1), rtol=1e-6)


def test_many_degrees_of_freedom_are_the_normal_in_float32_too():
    x = torch.linspace(-3, 3, 9)
    p = distributions.StudentT(torch.zeros(9), torch.zeros(()), torch.tensor(1e7).log(), 0)
    expected = torch.distributions.Normal(0.0, 1.0).log_prob(x)
    torch.testing.assert_close(p.log_prob(x), expected, atol=2e-6, rtol=0)


def test_both_formulas_of_the_gamma_step_meet():
    a = torch.logspace(-4, 7, 500).double().requires_grad_()
    step = log_gamma_step(a)
    exact = torch.lgamma(a + 0.5) - torch.lgamma(a)
    near = a < 100
    torch.testing.assert_close(step[near], exact[near], atol=1e-11, rtol=0)
    (slope,) = torch.autograd.grad(step.sum(), a)
    torch.testing.assert_close(log_gamma_step_slope(a.detach()), slope, rtol=1e-9, atol=0)


@pytest.mark.parametrize(
    "p",
    [
        distributions.Laplace(torch.tensor([0.5, -1.0]), torch.tensor([0.0, -1.0])),
        distributions.StudentT(
            torch.tensor([0.5, -1.0]), torch.tensor([0.0, -1.0]), torch.tensor([3.0, 0.5]).log()
        ),
    ],
)
def test_draws_are_distributed_as_the_density_says(p):
    """The distribution function of draws is even: Kolmogorov's distance stays below 5%'s 0.5%."""
    draws = p.sample((20_000,)).numpy()
    for i in range(2):
        place, scale = p.location[i].item(), p.log_scale[i].exp().item()
        if isinstance(p, distributions.Laplace):
            theirs = stats.laplace(place, scale)
        else:
            theirs = stats.t(p.log_df[i].exp().item(), place, scale)
        assert stats.kstest(draws[:, i], theirs.cdf).statistic < 2 / math.sqrt(20_000)


def test_draws_carry_gradients_to_every_parameter():
    parameters = [torch.zeros(500, requires_grad=True) for _ in range(3)]
    distributions.StudentT(*parameters, 0).rsample().square().clamp_max(9).sum().backward()
    assert all(bool(p.grad.any() and p.grad.isfinite().all()) for p in parameters)


def test_tempered_draws_are_narrower():
    for p in (families.Laplace()(torch.zeros(1, 2, 2)), families.StudentT()(torch.zeros(1, 2, 2))):
        torch.testing.assert_close(p.tempered(0.5).log_scale.exp(), 0.5 * p.log_scale.exp())
        assert type(p.tempered(0.5)) is type(p)


def test_the_divergence_of_laplaces_is_the_integral():
    q = distributions.Laplace(drawn(4, 1), drawn(4, 1, seed=1) / 2)
    p = distributions.Laplace(drawn(4, 1, seed=2), drawn(4, 1, seed=3) / 2)
    x = torch.linspace(-60, 60, 400_001).double()[:, None, None]
    exact = q.log_prob(x).exp() * (q.log_prob(x) - p.log_prob(x))
    torch.testing.assert_close(kl_divergence(q, p), exact.sum(0) * 3e-4, atol=1e-6, rtol=0)
    torch.testing.assert_close(kl_divergence(q, q), torch.zeros(4).double())


@pytest.mark.parametrize("make", [families.Laplace, families.StudentT])
def test_the_three_sources_start_from_one_density(make):
    x, features = torch.rand(3, 1, 4, 4).double(), drawn(3, 1, 4, 4)
    wide = torch.cat([features, 0 * features], 1)
    nats = [
        make(scale=0.2, variance=source)(wide if source == "pixel" else features).log_prob(x)
        for source in SOURCES
    ]
    torch.testing.assert_close(nats[1], nats[0])
    torch.testing.assert_close(nats[2], nats[0])
    assert [len(list(make(variance=source).parameters())) for source in SOURCES] == [0, 1, 0]


def test_each_pixels_numbers_come_from_the_network():
    family = families.StudentT(3.0, 0.5, variance="pixel", tails="pixel")
    features = torch.zeros(1, 3, 2, 2)
    features[:, 1, 0, 0], features[:, 2, 1, 1] = 1.0, -1.0
    p = family(features)
    scale, df = torch.full((1, 1, 2, 2), 0.5), torch.full((1, 1, 2, 2), 3.0)
    scale[..., 0, 0] *= math.exp(0.5)
    df[..., 1, 1] *= math.exp(-0.5)
    torch.testing.assert_close(p.log_scale.exp(), scale, atol=0, rtol=1e-3)
    torch.testing.assert_close(p.log_df.exp(), df, atol=0, rtol=1e-3)


def test_a_learned_scale_settles_at_the_mean_absolute_error():
    """d/d(log s) of D log s + E / s is D - E / s; half of it reaches the raw number."""
    family = families.Laplace(scale=0.5, variance="scalar", link="identity").double()
    x, m = torch.rand(1, 1, 4, 4).double(), torch.rand(1, 1, 4, 4).double()
    (-family(m).log_prob(x)).sum().backward()
    expected = (16 - (x - m).abs().sum() / 0.5) / 2
    torch.testing.assert_close(family.spread.raw.grad, expected)


def test_one_wild_pixel_pulls_less_than_under_a_normal():
    pulls = []
    for family in (
        families.Normal(0.1, link="identity"),
        families.Laplace(0.1, link="identity"),
        families.StudentT(3.0, 0.1, variance="fixed", link="identity"),
    ):
        m = torch.zeros(1, 1, 1, requires_grad=True)
        family(m).log_prob(torch.full((1, 1, 1), 10.0)).backward()
        pulls.append(m.grad.item())
    assert pulls == pytest.approx([1000, 10, 4 * 100 / (3 + 100**2) * 10], rel=1e-4)


@pytest.mark.parametrize("size", [1e4, -1e4])
@pytest.mark.parametrize("family", FAMILIES)
def test_no_feature_gives_an_infinite_loss_or_gradient(family, size):
    for link in ("sigmoid", "identity"):
        family.link = link
        features = torch.full((5, *family.features((4,))), size, requires_grad=True)
        nats = family(features).log_prob(torch.rand(5, 4))
        nats.sum().backward()
        assert bool(nats.isfinite().all())
        assert bool(features.grad.isfinite().all())
    family.link = "sigmoid"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"df": 0.0}, "df must be positive, not 0.0"),
        ({"scale": -1.0}, "scale must be positive, not -1.0"),
        ({"variance": "learned"}, "variance is one of fixed, scalar, pixel, not 'learned'"),
        ({"tails": "heavy"}, "tails is one of fixed, scalar, pixel, not 'heavy'"),
        ({"link": "relu"}, "link is sigmoid or identity, not 'relu'"),
    ],
)
def test_options_are_checked(options, sentence):
    with pytest.raises(CompositionError, match=sentence):
        families.StudentT(**options)
    if "df" not in options and "tails" not in options:
        with pytest.raises(CompositionError, match=sentence):
            families.Laplace(**options)
