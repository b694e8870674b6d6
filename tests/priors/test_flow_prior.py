"""Normalizing flows as learned priors."""

import math

import pytest
import torch

from reparam.distributions import StandardNormal, tempered
from reparam.errors import CompositionError
from reparam.priors import FlowPrior
from reparam.registry import build, describe

both = pytest.mark.parametrize("flow", ["autoregressive", "spline"])


def loud(flow, dim):
    torch.manual_seed(2)
    prior = FlowPrior(dim, flow, 2, (12,)).double()
    with torch.no_grad():
        for p in prior.parameters():
            p.mul_(5)
    return prior


@both
@pytest.mark.parametrize("dim", [1, 2])
def test_densities_integrate_to_one_and_are_those_of_draws(flow, dim):
    prior, width = loud(flow, dim), 24 / 400
    middle = -12 + width * (torch.arange(400).double() + 0.5)
    z = torch.stack(torch.meshgrid(*[middle] * dim, indexing="ij"), -1)
    with torch.no_grad():
        weight = prior().log_prob(z).exp() * width**dim
        draws = prior().sample((20_000,))
    standard = StandardNormal(torch.zeros(dim).double()).log_prob(z).exp() * width**dim
    assert (weight - standard).abs().sum() > 0.1
    assert weight.sum().item() == pytest.approx(1, abs=2e-3)
    for g in (lambda z: (2 * z.sum(-1)).cos(), lambda z: z[..., 0], lambda z: z.square().sum(-1)):
        found, expected = g(draws), (g(z) * weight).sum()
        assert (found.mean() - expected).abs() < 5 * found.std() / len(found) ** 0.5


@both
@pytest.mark.parametrize("dim", [1, 4])
def test_draws_have_the_density_that_drawing_gives(flow, dim):
    prior = loud(flow, dim)
    z, log_p = prior().rsample_and_log_prob((30, 2))
    assert (z.shape, log_p.shape) == ((30, 2, dim), (30, 2))
    torch.testing.assert_close(prior().log_prob(z), log_p, atol=1e-7, rtol=1e-7)


@both
def test_scoring_is_one_pass_and_drawing_is_one_for_each_dimension(flow):
    prior, calls = loud(flow, 4), []
    for step in prior.flow.maps:
        step.hyper.register_forward_hook(lambda *_: calls.append(1))
    prior().log_prob(torch.zeros(3, 4).double())
    assert len(calls) == 2
    prior().sample()
    assert len(calls) == 2 + 2 * 4


@both
@pytest.mark.parametrize("dim", [1, 2, 4])
def test_it_begins_near_the_standard_normal_and_learns(flow, dim):
    prior, z = FlowPrior(dim, flow), torch.randn(200, dim)
    nats = prior().log_prob(z)
    off = nats - StandardNormal(torch.zeros(dim)).log_prob(z)
    assert 1e-4 < off.abs().mean() < 0.2 * dim + 0.2
    nats.sum().backward()
    assert all(bool(p.grad.any()) for p in prior.parameters())
    assert all(bool(torch.isfinite(p.grad).all()) for p in prior.parameters())


@both
def test_gradients_reach_z(flow):
    prior, z = loud(flow, 3), torch.randn(4, 3).double().requires_grad_()
    assert torch.autograd.gradcheck(lambda z: prior().log_prob(z), z)


@both
@pytest.mark.parametrize("size", [30.0, 1e4, 1e6])
def test_far_points_have_finite_densities_and_gradients(flow, size):
    prior, z = FlowPrior(4, flow), (size * torch.randn(20, 4)).requires_grad_()
    nats = prior().log_prob(z)
    nats.mean().backward()
    assert bool(torch.isfinite(nats).all())
    assert all(bool(torch.isfinite(p.grad).all()) for p in (z, *prior.parameters()))


@both
def test_it_learns_a_curved_density(flow):
    """z_2 lies near z_1 squared: most of what the best normal distribution loses is regained."""
    noise = torch.randn(1000, 2)
    z = torch.stack([noise[:, 0], noise[:, 0].square() / 2 - 1 + 0.2 * noise[:, 1]], -1)
    prior = FlowPrior(2, flow, 2, (32,))
    optimizer = torch.optim.Adam(prior.parameters(), lr=0.01)
    for _ in range(150):
        optimizer.zero_grad()
        loss = -prior().log_prob(z).mean()
        loss.backward()
        optimizer.step()
    truth = math.log(2 * math.pi * math.e) + math.log(0.2)
    normal = torch.logdet(2 * math.pi * math.e * z.T.cov()).item() / 2
    assert truth - 0.1 < loss.item() < truth + 0.3 * (normal - truth)


@both
def test_a_temperature_tempers_the_base(flow):
    prior = loud(flow, 2)
    cold = tempered(prior(), 1e-9).sample((3,))
    torch.testing.assert_close(cold, prior().mean.expand(3, 2), atol=1e-6, rtol=0)


@both
def test_it_is_described_and_built_again(flow):
    prior = FlowPrior(3, flow, transforms=2, hidden=(8,))
    again = build(describe(prior))
    again.load_state_dict(prior.state_dict())
    z = torch.randn(5, 3)
    assert torch.equal(again().log_prob(z), prior().log_prob(z))


def test_options_are_checked():
    with pytest.raises(CompositionError, match="autoregressive, spline, not 'planar'"):
        FlowPrior(2, "planar")
    with pytest.raises(CompositionError, match="at least one dimension"):
        FlowPrior(0)
