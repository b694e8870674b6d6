"""What bounds from many draws are worth, against their formulas in numpy and the evidence itself.

In the linear model x = w z + b + noise with one latent, evidence and posterior are normal and
known, and the mean of a bound over its draws is an integral that quadrature does exactly.
"""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from numpy.polynomial.hermite_e import hermegauss
from torch import nn
from torch.distributions import Bernoulli, MultivariateNormal, Normal, kl_divergence

from reparam import zoo
from reparam.conditional import Conditional
from reparam.data import Dataset
from reparam.errors import CompositionError, NoDensityError
from reparam.families import DiagonalNormal
from reparam.families import Normal as NormalFamily
from reparam.metrics import bound as measured_bound
from reparam.metrics import evidence
from reparam.models import VAE
from reparam.objectives import (
    Distortion,
    ImportanceWeighted,
    Objective,
    PartiallyImportanceWeighted,
    Rate,
)
from reparam.priors import StandardNormal, VampPrior
from reparam.randomness import seeded
from reparam.training import Step

GRADIENTS = ["plain", "path", "doubly"]
SIGMA = 0.7


def small(posterior="diagonal", prior="auto", name="vae", **more):
    """A model of 6 pixels and 3 latents whose draws weigh differently, and its objective."""
    parts = {"posterior": posterior, "network": "mlp", "widths": [5]}
    parts["prior"] = "auto" if prior == "vamp" else prior
    variant = getattr(zoo, name)((6,), latent=3, **parts, **more)
    if prior == "vamp":
        variant.model.prior = VampPrior(variant.model.posterior, (6,), components=9)
    with torch.no_grad():
        for p in variant.model.parameters():
            p.mul_(1.5)
    return variant.model.double(), variant.objective.double()


def draw(model, samples, seed=7):
    with seeded(seed):
        x = torch.rand(5, 6).round().double()
        return model(x, samples=samples)


def by_hand(trace):
    """The log-weights of a Bernoulli decoder and normal latents, by torch's own densities."""
    (latent,) = trace.latents
    logits = trace.model.likelihood.network(latent.z.flatten(0, 1)).unflatten(
        0, latent.z.shape[:2]
    )
    scale = (latent.q.log_variance / 2).exp()
    nats = Bernoulli(logits=logits).log_prob(trace.x).sum(-1)
    nats = nats + Normal(torch.zeros(3).double(), 1.0).log_prob(latent.z).sum(-1)
    return (nats - Normal(latent.q.mean, scale).log_prob(latent.z).sum(-1)).detach().numpy()


def groups_of(weights, groups):
    """The formula: log of the mean within each group of draws, then the mean over groups."""
    size = len(weights) // groups
    parts = [weights[m * size : (m + 1) * size] for m in range(groups)]
    return np.mean([np.log(np.mean(np.exp(part), 0)) for part in parts], 0)


@pytest.mark.parametrize("gradient", GRADIENTS)
@pytest.mark.parametrize("groups", [1, 2, 3, 12])
def test_the_value_is_the_bound_however_its_gradient_is_taken(groups, gradient):
    trace = draw(small()[0], 12)
    found = ImportanceWeighted(groups, gradient)(trace)
    np.testing.assert_allclose(found.detach(), -groups_of(by_hand(trace), groups))


@pytest.mark.parametrize("groups", [1, 3, 12])
def test_the_partial_bounds_value_is_the_decoders(groups):
    trace = draw(small()[0], 12)
    found = PartiallyImportanceWeighted(groups)(trace)
    np.testing.assert_allclose(found.detach(), -groups_of(by_hand(trace), 1))


POSTERIORS = ["diagonal", "planar", "autoregressive", "von_mises_fisher"]


@pytest.mark.parametrize("prior", ["auto", "vamp"])
@pytest.mark.parametrize("posterior", POSTERIORS)
def test_all_estimators_report_one_value_with_any_posterior(posterior, prior):
    trace = draw(small(posterior, prior)[0], 6)
    for groups in (1, 2):
        plain, *others = [ImportanceWeighted(groups, gradient)(trace) for gradient in GRADIENTS]
        for other in others:
            torch.testing.assert_close(other, plain, rtol=1e-6, atol=0)
        np.testing.assert_allclose(
            plain.detach(), -groups_of(trace.log_weight.detach().numpy(), groups)
        )
    partial = PartiallyImportanceWeighted(3)(trace)
    torch.testing.assert_close(partial, ImportanceWeighted()(trace))


def test_many_groups_of_one_draw_are_the_evidence_lower_bound():
    """A mixture's rate has no closed form, so that `Rate` is sampled, with the same draws."""
    trace = draw(small(prior="mixture")[0], 16)
    assert not trace.latents[0].exact
    plain = ImportanceWeighted(groups=16)(trace)
    torch.testing.assert_close(plain, Distortion()(trace) + Rate()(trace))
    tight = ImportanceWeighted(groups=1)(trace)
    assert (plain - tight > 0.01).all()


@pytest.mark.parametrize("beta", [0.05, 0.5])
def test_the_combination_is_convex(beta):
    model, objective = small(name="ciwae", beta=beta, draws=5)
    trace = draw(model, objective.samples)
    weights = by_hand(trace)
    expected = -beta * weights.mean() - (1 - beta) * groups_of(weights, 1).mean()
    assert objective.samples == 5
    np.testing.assert_allclose(objective(trace)["loss"].detach(), expected)


@pytest.mark.parametrize(("name", "size"), [("iwae", {}), ("miwae", {"groups": 3}), ("dreg", {})])
def test_the_zoo_puts_draws_and_groups_where_they_belong(name, size):
    model, objective = small(name=name, draws=4, **size)
    groups = size.get("groups", 1)
    trace = draw(model, objective.samples)
    assert trace.latents[0].z.shape[0] == 4 * groups
    expected = -groups_of(by_hand(trace), groups).mean()
    np.testing.assert_allclose(objective(trace)["loss"].detach(), expected)


class Linear:
    """x = w z + b + noise in two dimensions; the encoder is off by some factor and some shift."""

    w, b = torch.tensor([0.8, -1.1]).double(), torch.tensor([0.2, 0.1]).double()
    x = torch.tensor([1.3, -0.4]).double()

    def __init__(self, shift=0.0, log_scale=0.0):
        self.variance = 1 / (1 + self.w.square().sum() / SIGMA**2)
        gain = self.variance * self.w / SIGMA**2
        encoder, decoder = nn.Linear(2, 2).double(), nn.Linear(1, 2).double()
        with torch.no_grad():
            encoder.weight[0], encoder.bias[0] = gain, shift - gain @ self.b
            log_variance = self.variance.log() + 2 * log_scale
            encoder.weight[1], encoder.bias[1] = 0, 30 * torch.atanh(log_variance / 30)
            decoder.weight[:, 0], decoder.bias[:] = self.w, self.b
        likelihood = NormalFamily(sigma=SIGMA, link="identity", event_dims=1)
        self.model = VAE(
            Conditional(encoder, DiagonalNormal(), [1]),
            StandardNormal(1),
            Conditional(decoder, likelihood, [1]),
        ).double()
        self.q = Normal(
            gain @ (self.x - self.b) + shift, self.variance.sqrt() * math.exp(log_scale)
        )
        self.posterior = Normal(gain @ (self.x - self.b), self.variance.sqrt())

    def evidence(self):
        noise = SIGMA**2 * torch.eye(2).double()
        return MultivariateNormal(self.b, self.w[:, None] * self.w + noise).log_prob(self.x)

    def mean_bound(self, k):
        """The bound's mean over K draws, on a grid of K axes, K = 1 or 2."""
        nodes, weights = (torch.from_numpy(part) for part in hermegauss(80))
        z = self.q.loc + self.q.scale * nodes
        log_weight = self.evidence() + self.posterior.log_prob(z) - self.q.log_prob(z)
        share = weights / math.sqrt(2 * math.pi)
        if k == 1:
            return (share * log_weight).sum()
        pairs = torch.logaddexp(log_weight[:, None], log_weight) - math.log(2)
        return share @ pairs @ share


def bounds(linear, groups, samples, gradient="plain", repeats=20_000):
    """Minus the term for many repeats of the picture, with the same draws each time."""
    with seeded(3), torch.no_grad():
        trace = linear.model(linear.x.expand(repeats, 2), samples=samples)
    return -ImportanceWeighted(groups, gradient)(trace)


@pytest.mark.parametrize("gradient", GRADIENTS)
def test_at_the_exact_posterior_every_bound_is_the_evidence(gradient):
    linear = Linear()
    for groups in (1, 3, 6):
        found = bounds(linear, groups, 6, gradient, repeats=20)
        torch.testing.assert_close(found, linear.evidence().expand(20))


def test_the_bounds_mean_rises_with_draws_up_to_the_evidence_and_not_beyond():
    linear = Linear(shift=0.3, log_scale=0.4)
    found = [bounds(linear, 16 // k, 16) for k in (1, 2, 4, 16)]
    for less, more in pairwise(found):
        gain = more - less
        assert gain.mean() > 5 * gain.std() / len(gain) ** 0.5
    error = found[-1].std() / len(found[-1]) ** 0.5
    assert linear.evidence() - found[-1].mean() > 5 * error
    gap = kl_divergence(linear.q, linear.posterior)
    torch.testing.assert_close(linear.mean_bound(1), linear.evidence() - gap)
    for k, values in zip((1, 2), found, strict=False):
        error = values.std() / len(values) ** 0.5
        assert (values.mean() - linear.mean_bound(k)).abs() < 4 * error


@pytest.mark.parametrize("posterior", ["diagonal", "autoregressive"])
@pytest.mark.parametrize("gradient", GRADIENTS)
def test_step_and_metrics_report_this_bound_and_the_same_split(gradient, posterior):
    model, _ = small(posterior)
    model.float()
    x = torch.rand(9, 6).round()
    step = Step(model, Objective(ImportanceWeighted(gradient=gradient), samples=4)).eval()
    with seeded(0):
        values = step(x)
    assert values["loss"] == values["importance_weighted_bound"]
    measured = evidence(model, Dataset(x), samples=4, seed=0, progress=False)
    assert values["loss"].item() == pytest.approx(measured.nats, rel=1e-5)
    split = measured_bound(model, Dataset(x), samples=4, seed=0, progress=False)
    assert values["distortion"].item() == pytest.approx(split.distortion, rel=1e-5)
    assert values["rate"].item() == pytest.approx(split.rate, rel=1e-5)


def test_what_makes_no_sense_is_refused():
    with pytest.raises(CompositionError, match="gradient is one of plain, path, doubly"):
        ImportanceWeighted(gradient="score")
    for term in (ImportanceWeighted, PartiallyImportanceWeighted):
        with pytest.raises(CompositionError, match="groups must be at least 1, not 0"):
            term(groups=0)
        with pytest.raises(CompositionError, match="5 draws do not fall into 2 equal groups"):
            term(groups=2)(draw(small()[0], 5))
    moved, twice = draw(small()[0], 2), draw(small()[0], 2)
    moved.latents[0].untouched, twice.latents = False, twice.latents * 2
    for trace in (moved, twice):
        for term in (ImportanceWeighted(gradient="doubly"), PartiallyImportanceWeighted(2)):
            with pytest.raises(
                CompositionError, match=r"use ImportanceWeighted\(gradient='plain'\)"
            ):
                term(trace)
        assert ImportanceWeighted()(trace).isfinite().all()
    moved.latents[0].p = None
    with pytest.raises(NoDensityError, match="no prior"):
        ImportanceWeighted()(moved)
