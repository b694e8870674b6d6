"""The rate in three parts, against sums over all pairs written out in numpy."""

import math

import numpy as np
import pytest
import torch
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

from reparam import fit, zoo
from reparam.data import Dataset
from reparam.distributions import DiagonalNormal
from reparam.errors import CompositionError
from reparam.objectives import (
    DimensionWiseRate,
    MutualInformation,
    TotalCorrelation,
)

TERMS = [MutualInformation, TotalCorrelation, DimensionWiseRate]


def normal(z, mean, log_variance):
    """The log-density of each dimension."""
    square = (z - mean) ** 2 / np.exp(log_variance)
    return -(square + log_variance + math.log(2 * math.pi)) / 2


def by_hand(trace, n):
    """Mutual information, total correlation, dimension-wise rate and sampled rate, each (B,).

    One code at a time: the batch's other examples stand for the n - 1 others of the data set.
    """
    (latent,) = trace.latents
    z = latent.z.numpy()
    mean, log_variance = latent.q.mean.numpy(), latent.q.log_variance.numpy()
    draws, batch, dims = z.shape
    parts = np.zeros((4, draws, batch))
    for k in range(draws):
        for i in range(batch):
            joint, each = 0.0, np.zeros(dims)
            for j in range(batch):
                share = 1 / n if i == j else (n - 1) / n / (batch - 1)
                density = np.exp(normal(z[k, i], mean[j], log_variance[j]))
                joint += share * density.prod()
                each += share * density
            own = normal(z[k, i], mean[i], log_variance[i]).sum()
            prior = normal(z[k, i], np.zeros(dims), np.zeros(dims)).sum()
            total = np.log(each).sum()
            parts[:, k, i] = own - np.log(joint), np.log(joint) - total, total - prior, own - prior
    return parts.mean(1)


@pytest.mark.parametrize("n", [5, 6, 1000])
@pytest.mark.parametrize("k", [1, 3])
def test_each_part_is_its_sum_over_pairs(make, k, n):
    trace = make(k=k)
    expected = by_hand(trace, n)
    found = [term(examples=n)(trace) for term in TERMS]
    for one, other in zip(found, expected, strict=False):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(sum(found), expected[3])
    np.testing.assert_allclose(sum(found), trace.latents[0].log_ratio.mean(0))


def test_a_batch_that_is_the_whole_data_set_has_its_own_aggregate(make):
    trace = make(k=2, b=7)
    (latent,) = trace.latents
    q, z = latent.q, latent.z
    parts = Independent(Normal(q.mean, (q.log_variance / 2).exp()), 1)
    log_q = MixtureSameFamily(Categorical(torch.ones(7).double()), parts).log_prob(z)
    expected = (q.log_prob(z) - log_q).mean(0)
    for term in (MutualInformation(), MutualInformation(examples=7)):
        torch.testing.assert_close(term(trace), expected)


@pytest.mark.parametrize("term", TERMS)
def test_a_batch_of_one_has_no_aggregate_but_itself(make, term):
    """What is left is the rate of its own posterior, sampled."""
    trace = make(b=1)
    whole = {DimensionWiseRate: trace.latents[0].log_ratio[0]}.get(term, torch.zeros(1).double())
    torch.testing.assert_close(term(examples=50)(trace), whole)


@pytest.mark.parametrize("n", [5, 50, 5000])
def test_information_is_at_most_the_logarithm_of_the_number_of_examples(make, n):
    """Where posteriors do not touch it is just that."""
    trace = make()
    assert (MutualInformation(examples=n)(trace) < math.log(n)).all()
    q = trace.latents[0].q
    trace.latents[0].q = DiagonalNormal(q.mean + 100 * torch.arange(5)[:, None], q.log_variance)
    trace.latents[0].z = trace.latents[0].q.sample((1,))
    expected = torch.full((5,), math.log(n)).double()
    torch.testing.assert_close(MutualInformation(examples=n)(trace), expected)


@pytest.mark.parametrize(("alpha", "beta", "gamma"), [(1.0, 6.0, 1.0), (0.5, 2.0, 3.0)])
def test_the_zoos_objective_is_the_papers(make, alpha, beta, gamma):
    """In nats per example, beside minus the log-likelihood."""
    _, objective = zoo.beta_tcvae((12,), latent=2, alpha=alpha, beta=beta, gamma=gamma)
    objective.prepare(examples=60, steps=1)
    trace = make(k=2)
    values = objective.double()(trace)
    information, correlation, rest, _ = by_hand(trace, 60).mean(1)
    distortion = -trace.log_likelihood.mean().item()
    expected = distortion + alpha * information + beta * correlation + gamma * rest
    assert values["loss"].item() == pytest.approx(expected)
    assert values["total_correlation"].item() == pytest.approx(correlation)


@pytest.mark.parametrize("term", TERMS)
def test_the_number_of_examples_may_be_said_or_left_to_fit(make, term):
    trace = make()
    told, learned, alone = term(examples=40), term(), term()
    learned.prepare(examples=40, steps=9)
    told.prepare(examples=3000, steps=9)
    torch.testing.assert_close(told(trace), learned(trace))
    np.testing.assert_allclose(alone(trace), term(examples=5)(trace))
    assert not torch.allclose(alone(trace), learned(trace))


def test_fit_says_it():
    model, objective = zoo.beta_tcvae((7,), latent=2, widths=[4])
    data = Dataset(torch.rand(30, 7))
    fit(model, objective, data, epochs=1, batch_size=10, device="cpu", progress=False)
    assert [term.examples.item() for term in [*objective][1:]] == [30, 30, 30]


def test_they_refuse_what_does_not_fall_into_dimensions():
    trace = model_of("full")(torch.rand(4, 6).double())
    for term in (TotalCorrelation(), DimensionWiseRate()):
        with pytest.raises(CompositionError, match="does not fall into its dimensions"):
            term(trace)


def model_of(posterior):
    model = zoo.vae((6,), latent=2, posterior=posterior, network="mlp", widths=[4]).model
    with torch.no_grad():
        for p in model.posterior.parameters():
            p.mul_(2).add_(0.3 * torch.randn_like(p))
    return model.double()


@pytest.mark.parametrize("posterior", ["isotropic", "full", "planar", "autoregressive"])
def test_information_of_any_posterior_with_a_density(posterior):
    """Each code is scored by each example's posterior alone."""
    model, x = model_of(posterior), torch.rand(4, 6).double()
    trace = model(x, samples=2)
    z = trace.latents[0].z
    each = torch.stack([model.posterior(x[j : j + 1]).log_prob(z) for j in range(4)])
    shares = torch.full((4, 4), 8 / 9 / 3).double().fill_diagonal_(1 / 9)
    joint = (shares[:, None] * each.exp()).sum(0).log()  # (examples, K, codes)
    expected = (each.diagonal(dim1=0, dim2=2) - joint).mean(0)
    torch.testing.assert_close(MutualInformation(examples=9)(trace), expected)
