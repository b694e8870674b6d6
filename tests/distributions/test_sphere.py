"""Densities on the sphere: against SciPy, against closed forms, and against their own draws."""

import math

import numpy as np
import pytest
import torch
from scipy import integrate, special, stats
from torch.distributions import kl_divergence

from reparam.distributions import PowerSpherical, UniformSphere, VonMisesFisher, tempered
from reparam.distributions.sphere import direction, log_area, tangent
from reparam.errors import CompositionError
from reparam.trace import detached

KINDS = (VonMisesFisher, PowerSpherical)
N = 8_000


def build(kind, dim, kappa, dtype=torch.float64):
    """With a random mean direction."""
    source = torch.Generator().manual_seed(dim)
    mean = direction(torch.randn(dim, generator=source, dtype=torch.float64))
    return kind(mean.to(dtype), torch.tensor(float(kappa), dtype=dtype))


def uniform(dim, dtype=torch.float64):
    return UniformSphere(torch.zeros(dim, dtype=dtype))


def bessel_ratio(dim, kappa):
    return special.ive(dim / 2, kappa) / special.ive(dim / 2 - 1, kappa)


def cosines(q, z):
    return (z * q.mean).sum(-1)


def distribution_function(q):
    """Of the cosine, by SciPy alone."""
    dim, kappa = q.dimensions, q.concentration.item()
    half = (dim - 1) / 2
    if isinstance(q, PowerSpherical):
        return lambda t: stats.beta.cdf((1 + t) / 2, half + kappa, half)
    grid = np.linspace(0, math.pi, 100_001)
    density = np.exp(kappa * (np.cos(grid) - 1)) * np.sin(grid) ** (dim - 2)
    total = integrate.cumulative_simpson(density, x=grid, initial=0)
    return lambda t: 1 - np.interp(np.arccos(t), grid, total / total[-1])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("kappa", [1e-3, 0.4, 3.0, 200.0])
def test_it_integrates_to_one_over_the_circle_and_the_sphere(kind, kappa):
    angle = 2 * math.pi * (torch.arange(20_000).double() + 0.5) / 20_000
    circle = torch.stack([angle.cos(), angle.sin()], -1)
    total = build(kind, 2, kappa).log_prob(circle).exp().mean() * 2 * math.pi
    assert total.item() == pytest.approx(1, abs=1e-4 if kappa < 0.5 else 1e-9)

    height = (2 * torch.arange(500).double() + 1) / 500 - 1
    height, around = torch.meshgrid(height, angle[::50], indexing="ij")
    wide = (1 - height.square()).sqrt()
    sphere = torch.stack([height, wide * around.cos(), wide * around.sin()], -1)
    total = build(kind, 3, kappa).log_prob(sphere).exp().mean() * 4 * math.pi
    assert total.item() == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dim", [2, 5, 16, 200])
@pytest.mark.parametrize("ratio", [1e-4, 0.5, 20.0])
def test_it_integrates_to_one_around_its_mean(kind, dim, ratio):
    """Over the angle alone: all events at one angle have the same density."""
    q = build(kind, dim, ratio * dim)
    across = tangent(q.mean, direction(torch.randn(dim - 1).double()))

    def ring(angle):
        z = math.cos(angle) * q.mean + math.sin(angle) * across
        logarithm = q.log_prob(z).item() + log_area(dim - 1)
        return math.exp(logarithm + (dim - 2) * math.log(max(math.sin(angle), 1e-300)))

    middle = math.acos(q.mean_cosine.item())
    parts = [integrate.quad(ring, *ab)[0] for ab in ((0, middle), (middle, math.pi))]
    assert sum(parts) == pytest.approx(1, abs=1e-7)


@pytest.mark.parametrize("dim", [2, 3, 10, 50])
@pytest.mark.parametrize("kappa", [0.1, 1.0, 10.0, 1e3])
def test_von_mises_fisher_is_scipys(dim, kappa):
    q = build(VonMisesFisher, dim, kappa)
    theirs = stats.vonmises_fisher(q.mean.numpy(), kappa, seed=1)
    for z in (theirs.rvs(20), uniform(dim).sample((20,)).numpy()):
        ours = q.log_prob(torch.tensor(z))
        torch.testing.assert_close(
            ours, torch.tensor(theirs.logpdf(z)).flatten(), rtol=1e-9, atol=1e-9
        )
    assert q.entropy().item() == pytest.approx(theirs.entropy(), rel=1e-9)
    assert q.mean_cosine.item() == pytest.approx(bessel_ratio(dim, kappa), rel=1e-10)


@pytest.mark.parametrize("dim", [2, 3, 10, 50])
@pytest.mark.parametrize("kappa", [0.1, 1.0, 10.0, 1e3])
def test_power_spherical_is_its_closed_form(dim, kappa):
    q, z = build(PowerSpherical, dim, kappa), uniform(dim).sample((20,))
    alpha, beta = (dim - 1) / 2 + kappa, (dim - 1) / 2
    log_gammas = special.gammaln(alpha + beta) - special.gammaln(alpha)
    constant = log_gammas - (alpha + beta) * math.log(2) - beta * math.log(math.pi)
    expected = constant + kappa * (1 + cosines(q, z)).log()
    torch.testing.assert_close(q.log_prob(z), expected, rtol=1e-8, atol=1e-8)
    gain = math.log(2) + special.digamma(alpha) - special.digamma(alpha + beta)
    assert q.entropy().item() == pytest.approx(-constant - kappa * gain, rel=1e-8, abs=1e-8)
    assert q.mean_cosine.item() == pytest.approx(kappa / (kappa + dim - 1), abs=2e-9)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("dim", "kappa"), [(2, 0.5), (3, 5.0), (16, 16.0), (50, 1e3)])
def test_the_divergence_from_uniform(kind, dim, kappa):
    q, p = build(kind, dim, kappa), uniform(dim)
    exact = kl_divergence(q, p)
    assert exact.item() == pytest.approx(log_area(dim) - q.entropy().item(), rel=1e-9)
    z = q.sample((N,))
    sampled = q.log_prob(z) - p.log_prob(z)
    assert abs(sampled.mean() - exact) < 5 * sampled.std() / N**0.5
    if kind is VonMisesFisher:
        order = dim / 2 - 1
        log_constant = order * math.log(kappa) - dim / 2 * math.log(2 * math.pi)
        log_constant -= math.log(special.ive(order, kappa)) + kappa
        expected = kappa * bessel_ratio(dim, kappa) + log_constant + log_area(dim)
        assert exact.item() == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("kappa", [1e-3, 0.3, 8.0, 300.0])
@pytest.mark.parametrize("dim", [2, 3, 100])
def test_draws_have_the_density(kind, dim, kappa):
    q = build(kind, dim, kappa)
    z = q.sample((N,))
    torch.testing.assert_close(z.norm(dim=-1), torch.ones(N).double())
    test = stats.kstest(cosines(q, z).clamp(-1, 1).numpy(), distribution_function(q))
    assert test.pvalue > 1e-4
    centred = z - q.expectation
    assert bool((centred.mean(0).abs() < 5 * (q.variance / N).sqrt()).all())
    spread = centred.square()
    assert bool(((spread.mean(0) - q.variance).abs() < 5 * spread.std(0) / N**0.5).all())


@pytest.mark.parametrize("kind", KINDS)
def test_draws_turn_evenly_around_the_mean(kind):
    q = build(kind, 4, 3.0)
    z = q.sample((N,))
    frame = torch.linalg.qr(torch.cat([q.mean[:, None], torch.randn(4, 3).double()], 1))[0]
    across = direction(z @ frame[:, 1:])
    products = across[:, :, None] * across[:, None, :]
    error = products.std(0) / N**0.5
    assert bool(((products.mean(0) - torch.eye(3) / 3).abs() < 5 * error).all())
    assert bool((across.mean(0).abs() < 5 / (3 * N) ** 0.5).all())


@pytest.mark.parametrize(("dim", "kappa"), [(2, 2.0), (3, 0.5), (16, 30.0)])
def test_a_draws_gradient_is_that_of_its_mean(dim, kappa):
    """E[z . a] = A(kappa) mu . a, with A' known for both."""
    n = N // 3
    a = torch.linspace(-1, 2, dim).double()
    ratio = bessel_ratio(dim, kappa)
    slopes = {
        VonMisesFisher: 1 - ratio**2 - (dim - 1) / kappa * ratio,
        PowerSpherical: (dim - 1) / (kappa + dim - 1) ** 2,
    }
    for kind, slope in slopes.items():
        mean, one = build(kind, dim, kappa).mean, torch.ones(n).double()
        each = (kappa * one).requires_grad_()
        (kind(mean, each).rsample() @ a).sum().backward()
        error = each.grad.std() / n**0.5
        assert abs(each.grad.mean() - slope * (mean @ a)) < 5 * error
        raw = (1.3 * mean).repeat(n, 1).requires_grad_()
        q = kind(direction(raw), each.detach())
        (q.rsample() @ a).sum().backward()
        expected = q.mean_cosine[0] * (a - mean * (mean @ a)) / 1.3
        error = raw.grad.std(0) / n**0.5
        assert bool(((raw.grad.mean(0) - expected).abs() < 5 * error).all())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("dim", "kappa"), [(2, 0.7), (2, 50.0), (5, 5.0), (40, 1e3)])
def test_angles_invert_the_distribution_function(kind, dim, kappa):
    """And their slope by kappa is what moving kappa shows."""
    q, chance = build(kind, dim, kappa), torch.linspace(1e-6, 1 - 1e-6, 101).double()
    found = distribution_function(q)(q.angle_at(chance).cos().numpy())
    np.testing.assert_allclose(1 - found, chance.numpy(), atol=1e-6)
    shared = q.concentration.clone().requires_grad_()
    angle = kind(q.mean, shared).angle_at(chance)
    slopes = torch.stack([torch.autograd.grad(a, shared, retain_graph=True)[0] for a in angle])
    step = 1e-4 * kappa
    ends = [kind(q.mean, q.concentration + sign * step).angle_at(chance) for sign in (1, -1)]
    torch.testing.assert_close((ends[0] - ends[1]) / (2 * step), slopes, rtol=1e-4, atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_densities_and_divergences_carry_their_gradients(kind):
    raw = torch.randn(3, 4).double().requires_grad_()
    kappa = torch.tensor([0.2, 3.0, 40.0]).double().requires_grad_()
    z = torch.randn(3, 4).double().requires_grad_()

    def numbers(raw, kappa, z):
        q = kind(direction(raw), kappa)
        return q.log_prob(direction(z)), kl_divergence(q, uniform(4)), q.variance, q.expectation

    assert torch.autograd.gradcheck(numbers, (raw, kappa, z))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dim", [2, 3, 64, 200])
@pytest.mark.parametrize("kappa", [1e-6, 1e-3, 1.0, 1e5, 1e9])
def test_float32_stays_finite_and_right(kind, dim, kappa):
    wide, q = build(kind, dim, kappa), build(kind, dim, kappa, torch.float32)
    mean, kappas = q.mean.requires_grad_(), q.concentration.requires_grad_()
    q = kind(mean, kappas)
    ends = torch.stack([q.mean, -q.mean]).detach()
    z = torch.cat([q.rsample((2000,)), ends])
    nats = q.log_prob(z)
    assert nats.dtype == z.dtype == torch.float32
    torch.testing.assert_close(z.norm(dim=-1), torch.ones(2002), atol=1e-6, rtol=0)
    rate = kl_divergence(q, uniform(dim, torch.float32))
    assert rate.item() == pytest.approx(kl_divergence(wide, uniform(dim)).item(), rel=1e-6)
    (nats[:-1].sum() + rate + z.sum() + nats[-1]).backward()
    for found in (nats, mean.grad, kappas.grad):
        assert bool(torch.isfinite(found).all())
    if kappa <= 1e5:
        error = nats[:-2] - wide.log_prob(z[:-2].double())
        assert error.abs().max() < 0.01


@pytest.mark.parametrize("dim", [2, 3, 30])
def test_uniform(dim):
    p = uniform(dim)
    z = p.rsample((N, 1))
    assert z.shape == (N, 1, dim)
    torch.testing.assert_close(z.norm(dim=-1), torch.ones(N, 1).double())
    area = 2 * math.pi ** (dim / 2) / math.gamma(dim / 2)
    assert p.log_prob(z).exp().allclose(torch.full((N, 1), 1 / area).double())
    assert p.entropy().item() == pytest.approx(math.log(area))
    assert bool(((z[:, 0].mean(0) - p.mean).abs() < 5 * (p.variance / N).sqrt()).all())
    half = (dim - 1) / 2
    assert stats.kstest((1 + z[:, 0, -1].numpy()) / 2, stats.beta(half, half).cdf).pvalue > 1e-4
    with pytest.raises(CompositionError, match="UniformSphere prior has no temperature"):
        tempered(p, 0.5)


@pytest.mark.parametrize("kind", KINDS)
def test_shapes(kind):
    q = kind(direction(torch.randn(4, 1, 3)), torch.rand(5) + 0.5)
    assert (q.batch_shape, q.event_shape) == ((4, 5), (3,))
    z = q.rsample((6, 2))
    assert z.shape == (6, 2, 4, 5, 3)
    assert q.log_prob(z).shape == (6, 2, 4, 5)
    assert q.log_prob(z[0, 0, 0, 0]).shape == (4, 5)
    assert q.expectation.shape == q.variance.shape == q.mean.shape == (4, 5, 3)
    assert q.entropy().shape == q.mean_cosine.shape == (4, 5)
    assert kl_divergence(q, uniform(3, torch.float32)).shape == (4, 5)
    scalar = kind(q.mean[0, 0], torch.tensor(2.0))
    assert scalar.rsample().shape == (3,)
    torch.testing.assert_close(q.log_prob(z)[1, 0], q.log_prob(z[1, 0]))


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_stop_where_they_should(kind):
    kappa = torch.tensor(2.0, requires_grad=True)
    q = kind(direction(torch.ones(3)), kappa)
    assert q.has_rsample
    assert q.rsample().requires_grad
    assert not q.sample().requires_grad
    stopped, z = detached(q), q.sample((4,))
    assert not stopped.log_prob(z).requires_grad
    assert not stopped.rsample().requires_grad
    torch.testing.assert_close(stopped.log_prob(z), q.log_prob(z).detach())
    assert q.log_prob(z).requires_grad


@pytest.mark.parametrize("dim", [2, 3, 10])
def test_tangents_are_at_right_angles_and_keep_lengths(dim):
    """For every mean, and next to both ends of the first axis too."""
    axis = torch.eye(dim)[0]
    near = direction(torch.stack([axis, -axis]) + 1e-4 * torch.randn(50, 2, dim))
    mean = torch.cat(
        [direction(torch.randn(100, dim)), near.flatten(0, 1), axis[None], -axis[None]]
    )
    vector = torch.randn(len(mean), dim - 1)
    turned = tangent(mean, vector)
    torch.testing.assert_close((turned * mean).sum(-1), torch.zeros(len(mean)), atol=1e-6, rtol=0)
    torch.testing.assert_close(turned.norm(dim=-1), vector.norm(dim=-1))


@pytest.mark.parametrize("kind", KINDS)
def test_one_dimension_is_refused(kind):
    with pytest.raises(CompositionError, match="at least 2 dimensions, not 1"):
        kind(torch.ones(1), torch.ones(()))
    with pytest.raises(CompositionError, match="at least 2 dimensions, not 1"):
        uniform(1)
