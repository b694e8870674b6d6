"""A linear model with normal noise, whose evidence is known: what the bounds must be.

x = W z + b + noise with z ~ N(0, I), so that p(x) and p(z | x) are normal. Expectations over q are
taken without noise of their own: the points m +- sqrt(D) L e_j have q's mean and covariance, and
everything under the expectation is quadratic in z.
"""

import math

import pytest
import torch
from torch import nn
from torch.distributions import MultivariateNormal, kl_divergence

from reparam.conditional import Conditional
from reparam.data import Dataset
from reparam.families import DiagonalNormal, FullNormal, IsotropicNormal, Normal
from reparam.families.family import unbounded
from reparam.metrics import bound, evidence, information
from reparam.models import VAE
from reparam.objectives import Distortion, Objective, Rate
from reparam.priors import StandardNormal
from reparam.trace import Latent, Trace

D, X, SIGMA = 2, 5, 0.6


class Truth:
    """The model's decoder, its evidence and its exact posterior."""

    def __init__(self):
        torch.manual_seed(1)
        self.decoder = nn.Linear(D, X).double()
        w, b = self.decoder.weight.detach(), self.decoder.bias.detach()
        precision = torch.eye(D).double() + w.T @ w / SIGMA**2
        self.covariance = precision.inverse()
        self.gain = self.covariance @ w.T / SIGMA**2
        self.offset = -self.gain @ b
        self.x = b + 1.3 * torch.randn(40, X).double()

    def evidence(self, x):
        w, b = self.decoder.weight, self.decoder.bias
        noise = SIGMA**2 * torch.eye(X).double()
        return MultivariateNormal(b, w @ w.T + noise).log_prob(x)

    def posterior(self, x):
        return MultivariateNormal(x @ self.gain.T + self.offset, self.covariance)

    def encoder(self, constants):
        """A network for the exact posterior's mean, and constants for the other features."""
        net = nn.Linear(X, D + len(constants)).double()
        with torch.no_grad():
            net.weight[:D], net.bias[:D] = self.gain, self.offset
            net.weight[D:], net.bias[D:] = 0, constants
        return net

    def exact(self):
        root = torch.linalg.cholesky(self.covariance)
        rows, columns = torch.tril_indices(D, D, -1)
        constants = torch.cat([unbounded(2 * root.diagonal().log()), root[rows, columns]])
        return self.model(self.encoder(constants), FullNormal(D))

    def model(self, network, family):
        likelihood = Normal(sigma=SIGMA, link="identity", event_dims=1)
        return VAE(
            Conditional(network, family, [1]),
            StandardNormal(D),
            Conditional(self.decoder, likelihood, [1]),
        ).double()


@pytest.fixture
def truth():
    return Truth()


def sigma_points(model, x):
    """A trace whose draws give every quadratic its exact expectation under q."""
    q = model.posterior(x)
    unit = torch.eye(D).double().repeat(2, 1) * math.sqrt(D)
    unit[D:] *= -1
    z = q.mean + q.colour(unit[:, None].expand(2 * D, len(x), D))
    latent = Latent(z, q, model.prior())
    return Trace(x, x, (latent,), model.likelihood(z), model)


def elbo(model, x):
    return -Objective(Distortion(), Rate())(sigma_points(model, x))["loss"]


def test_at_the_exact_posterior_every_draw_weighs_the_evidence(truth):
    trace = truth.exact()(truth.x, samples=7)
    expected = truth.evidence(truth.x).expand(7, 40)
    torch.testing.assert_close(trace.log_weight, expected, atol=1e-6, rtol=0)
    assert trace.log_likelihood.std(0).min() > 0.1


def test_at_the_exact_posterior_the_bound_is_the_evidence(truth):
    expected = truth.evidence(truth.x).mean()
    torch.testing.assert_close(elbo(truth.exact(), truth.x), expected, atol=1e-6, rtol=0)


@pytest.mark.parametrize("family", [DiagonalNormal(), IsotropicNormal(), FullNormal(D)])
def test_any_other_posterior_loses_its_divergence_from_the_exact_one(truth, family):
    (features,) = family.features((D,))
    network = nn.Linear(X, features)
    nn.init.normal_(network.weight, std=0.3)
    model = truth.model(network, family)
    q, exact = model.posterior(truth.x), truth.posterior(truth.x)
    roots = q.colour(torch.eye(D).double()[:, None].expand(D, 40, D)).permute(1, 2, 0)
    gap = kl_divergence(MultivariateNormal(q.mean, roots @ roots.mT), exact)
    expected = (truth.evidence(truth.x) - gap).mean()
    assert gap.min() > 0.01
    torch.testing.assert_close(elbo(model, truth.x), expected, atol=1e-6, rtol=0)
    weight = sigma_points(model, truth.x).log_weight.mean()
    torch.testing.assert_close(weight, expected, atol=1e-6, rtol=0)


def test_the_exact_posterior_is_where_the_bounds_gradient_vanishes(truth):
    """And there the decoder's gradient is that of the evidence itself."""
    model = truth.exact()
    elbo(model, truth.x).backward()
    for parameter in model.posterior.parameters():
        torch.testing.assert_close(parameter.grad, 0 * parameter.grad, atol=1e-6, rtol=0)
    bounds = [p.grad.clone() for p in truth.decoder.parameters()]
    truth.decoder.zero_grad()
    truth.evidence(truth.x).mean().backward()
    for found, parameter in zip(bounds, truth.decoder.parameters(), strict=True):
        assert parameter.grad.abs().max() > 0.05
        torch.testing.assert_close(found, parameter.grad, atol=1e-6, rtol=0)


def test_log_prob_tightens_with_more_samples_and_tends_to_the_evidence(truth):
    model = truth.model(truth.encoder(torch.tensor([0.5, 0.5]).double()), DiagonalNormal())
    x, evidence = truth.x[:10], truth.evidence(truth.x[:10])
    many = x.repeat(500, 1)
    bounds = [
        model.log_prob(many, samples=samples, seed=samples).reshape(500, 10)
        for samples in (1, 4, 16)
    ]
    gaps = [(evidence - found.mean(0)).mean() for found in bounds]
    errors = [(found.var(0).mean() / 5000).sqrt() for found in bounds]
    assert gaps[0] - gaps[1] > 5 * (errors[0] + errors[1])
    assert gaps[1] - gaps[2] > 5 * (errors[1] + errors[2])
    assert gaps[2] > 0
    close = model.log_prob(x, samples=20_000, seed=0)
    torch.testing.assert_close(close, evidence, atol=0.05, rtol=0)


def test_one_sample_has_the_bounds_mean(truth):
    model = truth.model(truth.encoder(torch.tensor([0.5, 0.5]).double()), DiagonalNormal())
    singles = model.log_prob(truth.x[:1].repeat(20_000, 1), seed=0)
    error = singles.std() / 20_000**0.5
    assert (singles.mean() - elbo(model, truth.x[:1])).abs() < 5 * error


def test_the_measured_bound_is_this_bound(truth):
    x = torch.rand(30, X)
    model = truth.model(truth.encoder(torch.tensor([0.5, -0.5]).double()), DiagonalNormal())
    trace = sigma_points(model, x.double())
    measured = bound(model.float(), Dataset(x), samples=2000, batch_size=7)
    assert measured.rate == pytest.approx(trace.kl.mean().item(), abs=1e-4)
    assert measured.distortion == pytest.approx(-trace.log_likelihood.mean().item(), abs=0.05)
    assert measured.total == measured.distortion + measured.rate
    each = trace.kl.mean(0) - trace.log_likelihood.mean(0)
    assert measured.standard_error == pytest.approx(each.std().item() / 30**0.5, rel=0.1)
    assert (measured.examples, measured.samples) == (30, 2000)


def test_the_measured_bound_is_repeatable(truth):
    model, data = truth.exact().float(), Dataset(torch.rand(30, X))
    assert bound(model, data, seed=1) == bound(model, data, seed=1)
    assert bound(model, data, seed=1) != bound(model, data, seed=2)


def test_importance_weights_of_the_exact_posterior_are_the_evidence_itself(truth):
    """Each weight is p(x), so that one draw is enough and more change nothing."""
    x = torch.rand(40, X)
    expected = truth.evidence(x.double())
    for samples in (1, 7):
        found = evidence(truth.exact().float(), Dataset(x), samples=samples, at_once=100)
        torch.testing.assert_close(found.log_weights, expected, rtol=1e-4, atol=1e-4)


def test_importance_weights_of_another_posterior_come_up_to_the_evidence(truth):
    x = torch.rand(200, X)
    expected = -truth.evidence(x.double()).mean().item()
    wide = truth.model(truth.encoder(torch.zeros(D)), DiagonalNormal()).float()
    found = [evidence(wide, Dataset(x), samples=k).nats for k in (1, 4, 500)]
    assert found[0] > found[1] + 0.02 > expected + 0.04
    assert found[-1] == pytest.approx(expected, abs=0.01)


def test_the_rate_splits_as_it_must(truth):
    """On data of the model's own making the aggregate is the prior, and the rest information."""
    w, b = truth.decoder.weight.detach(), truth.decoder.bias.detach()
    z = torch.randn(6000, D).double()
    x = z @ w.T + b + SIGMA * torch.randn(6000, X).double()
    model = truth.exact()
    with torch.no_grad():
        found = information(model.posterior(x), model.prior(), draws=6000)
    known = 0.5 * torch.logdet(torch.eye(D).double() + w.T @ w / SIGMA**2).item()
    assert found.mutual_information == pytest.approx(known, abs=0.03)
    assert found.half == pytest.approx(known, abs=0.05)
    assert found.aggregate_kl == pytest.approx(0, abs=0.03)
