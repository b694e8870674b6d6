"""Penalties on all codes together, against double loops and numpy's covariance."""

import math
from itertools import permutations

import numpy as np
import pytest
import torch

from reparam import zoo
from reparam.distributions import DiagonalNormal, FullNormal
from reparam.divergences import random_directions
from reparam.errors import CompositionError
from reparam.objectives import MaximumMeanDiscrepancy, MomentPenalty, SlicedWasserstein
from reparam.objectives.matching import codes_and_draws
from reparam.priors import MixtureOfNormals, StandardNormal
from reparam.randomness import seeded
from reparam.trace import Latent


def multiscale(square, dims):
    """The mean of inverse multiquadratics at seven scales, C = 2 D s for a prior of variance 1."""
    scales = [2 * dims * s for s in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)]
    return sum(c / (c + square) for c in scales) / 7


def gaussian(square, dims):
    return math.exp(-square / (2 * dims))


KERNELS = {"multiscale": multiscale, "gaussian": gaussian}


def discrepancy(x, y, kernel):
    """The unbiased estimate, pair by pair: pairs of two different codes, and all mixed pairs."""

    def k(a, b):
        return kernel(((a - b) ** 2).sum(), len(a))

    n, m = len(x), len(y)
    within = [
        sum(k(s[i], s[j]) for i in range(len(s)) for j in range(len(s)) if i != j)
        for s in (x, y)
    ]  # fmt: skip
    mixed = sum(k(a, b) for a in x for b in y)
    return within[0] / (n * (n - 1)) + within[1] / (m * (m - 1)) - 2 * mixed / (n * m)


def codes_of(trace):
    """The codes and the prior's draws that a term will see with seed 5, in numpy."""
    with seeded(5):
        z, drawn = codes_and_draws(trace)
    return z.detach().numpy(), drawn.numpy()


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("k", [1, 3])
def test_the_discrepancy_is_its_double_loop(make, kernel, k):
    trace = make(k=k)
    z, drawn = codes_of(trace)
    assert z.shape == drawn.shape == (5 * k, 2)
    np.testing.assert_allclose(z, trace.latents[0].z.reshape(-1, 2))
    with seeded(5):
        found = MaximumMeanDiscrepancy(kernel=kernel)(trace)
    assert found.item() == pytest.approx(discrepancy(z, drawn, KERNELS[kernel]), rel=1e-10)


def test_the_kernels_differ_and_the_default_is_the_wasserstein_autoencoders(make):
    values = []
    for given in ({}, {"kernel": "multiscale"}, {"kernel": "gaussian"}):
        with seeded(5):
            values.append(MaximumMeanDiscrepancy(**given)(make()).item())
    assert values[0] == values[1] != values[2]
    with pytest.raises(CompositionError, match="kernel is one of multiscale, gaussian, not 'rbf'"):
        MaximumMeanDiscrepancy(kernel="rbf")


@pytest.mark.parametrize("prior", [lambda: StandardNormal(2), lambda: MixtureOfNormals(2, 3)])
def test_codes_that_are_draws_from_the_prior_have_none_in_the_mean(make, prior):
    trace, values = make(b=20), []
    p = prior().double()()
    for _ in range(300):
        trace.latents = (Latent(p.sample((1, 20)), trace.latents[0].q, p),)
        values.append(torch.stack([MaximumMeanDiscrepancy(kernel=k)(trace) for k in KERNELS]))
    found = torch.stack(values)
    assert (found.mean(0).abs() < 4 * found.std(0) / 300**0.5).all()
    assert (found.min(0).values < 0).all()
    trace.latents = (Latent(p.sample((1, 20)) + 3, trace.latents[0].q, p),)
    shifted = torch.stack([MaximumMeanDiscrepancy(kernel=k)(trace) for k in KERNELS])
    assert (shifted > 6 * found.std(0)).all()


def test_one_code_alone_says_nothing(make):
    trace = make(b=1)
    trace.latents[0].z.requires_grad_()
    found = MaximumMeanDiscrepancy()(trace)
    found.backward()
    assert found == 0
    assert not trace.latents[0].z.grad.any()


def test_gradients_reach_the_codes_alone(make):
    """As the loop's slope along a random direction."""
    trace = make()
    (latent,) = trace.latents
    latent.z.requires_grad_()
    way = torch.randn_like(latent.z)
    for term, by_hand in (
        (MaximumMeanDiscrepancy(), lambda z, y: discrepancy(z, y, multiscale)),
        (MaximumMeanDiscrepancy(kernel="gaussian"), lambda z, y: discrepancy(z, y, gaussian)),
    ):
        with seeded(5):
            (gradient,) = torch.autograd.grad(term(trace), latent.z)
        z, drawn = codes_of(trace)
        step = 1e-6 * way.reshape(-1, 2).numpy()
        slope = (by_hand(z + step, drawn) - by_hand(z - step, drawn)) / 2e-6
        assert (gradient * way).sum().item() == pytest.approx(slope, rel=1e-6)


@pytest.mark.parametrize("directions", [1, 7])
def test_sliced_wasserstein_takes_the_best_pairing_along_each_line(make, directions):
    """Over all pairings of 5 codes with 5 draws."""
    trace = make()
    with seeded(5):
        found = SlicedWasserstein(directions=directions)(trace)
    with seeded(5):
        z, drawn = codes_and_draws(trace)
        lines = random_directions(directions, 2).double()
    a, b = (z @ lines.T).numpy(), (drawn @ lines.T).numpy()
    costs = [((a - b[list(order)]) ** 2).mean(0) for order in permutations(range(5))]
    assert found.item() == pytest.approx(np.min(costs, 0).mean(), rel=1e-7)


def test_sliced_wasserstein_of_a_shift_is_what_it_must_be(make):
    """N(m, I) and N(0, I) are |m|^2 / D apart in the mean over lines."""
    trace = make(b=4000)
    (latent,) = trace.latents
    latent.z = torch.randn(1, 4000, 2).double() + torch.tensor([3.0, -1.0])
    assert SlicedWasserstein(directions=500)(trace).item() == pytest.approx(10 / 2, rel=0.1)
    with pytest.raises(CompositionError, match="directions must be at least 1, not 0"):
        SlicedWasserstein(directions=0)


def penalty(covariance, off, diagonal):
    spread = np.diag(covariance)
    rest = covariance - np.diag(spread)
    return off * (rest**2).sum() + diagonal * ((spread - 1) ** 2).sum()


def covariances(trace):
    """Of the means, and of the whole mixture: one more sum of all second moments."""
    (latent,) = trace.latents
    mean, variance = latent.q.mean.numpy(), latent.q.variance.numpy()
    means = np.cov(mean, rowvar=False, bias=True)
    second = np.mean([np.outer(m, m) + np.diag(v) for m, v in zip(mean, variance, strict=True)], 0)
    return {"means": means, "aggregate": second - np.outer(mean.mean(0), mean.mean(0))}


@pytest.mark.parametrize(("off", "diagonal"), [(10.0, 0.0), (0.0, 3.0), (2.0, 7.0)])
@pytest.mark.parametrize("of", ["means", "aggregate"])
def test_moments_are_numpys(make, of, off, diagonal):
    trace = make(b=9)
    found = MomentPenalty(off, diagonal, of)(trace)
    assert found.item() == pytest.approx(penalty(covariances(trace)[of], off, diagonal))


def test_the_aggregates_moments_are_those_of_its_draws(make):
    trace = make(b=6)
    q = trace.latents[0].q
    root = torch.tensor([[0.5, 0.0], [0.4, 1.2]]).double().expand(6, 2, 2)
    for posterior in (q, FullNormal(q.mean, root)):
        trace.latents[0].q = posterior
        draws = posterior.sample((100_000,)).flatten(0, 1).numpy()
        expected = penalty(np.cov(draws, rowvar=False), 1.0, 1.0)
        assert MomentPenalty(1.0, 1.0)(trace).item() == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize("of", ["means", "aggregate"])
def test_codes_with_the_identity_for_covariance_cost_nothing(make, of):
    trace = make(b=4)
    corners = torch.tensor([[1.0, 1], [1, -1], [-1, 1], [-1, -1]]).double()
    variance = 0.0 if of == "means" else 0.75
    spread = torch.full((4, 2), variance).double().clamp_min(1e-30).log()
    trace.latents[0].q = DiagonalNormal(corners * (1 - variance) ** 0.5 + 5, spread)
    assert MomentPenalty(of=of)(trace).item() == pytest.approx(0, abs=1e-12)
    with pytest.raises(CompositionError, match="of is 'means' or 'aggregate', not 'codes'"):
        MomentPenalty(of="codes")


def values_and_weights(name, trace, **arguments):
    _, objective = getattr(zoo, name)((12,), latent=2, widths=[4], **arguments)
    with seeded(5):
        values = objective.double()(trace)
    return {key: value.item() for key, value in values.items()}


def test_the_wasserstein_autoencoder_is_half_of_the_papers(make):
    """Squared error, summed over pixels, and lambda times the discrepancy."""
    trace = make()
    trace.x, trace.likelihood = (
        trace.x.flatten(1),
        DiagonalNormal(*torch.rand(2, 1, 5, 12).double()),
    )
    square = ((trace.likelihood.mean[0] - trace.x) ** 2).sum(1).mean().item()
    whole = square + 8.0 * discrepancy(*codes_of(trace), multiscale)
    assert values_and_weights("wae_mmd", trace, weight=8.0)["loss"] == pytest.approx(whole / 2)
    found = values_and_weights("sliced_wae", trace, weight=8.0, directions=3)
    expected = square / 2 + 4 * found["sliced_wasserstein"]
    assert found["loss"] == pytest.approx(expected)


@pytest.mark.parametrize(("alpha", "scale"), [(0.0, 3.0), (0.3, 10.0), (0.9, 0.1)])
def test_info_vaes_weights(make, alpha, scale):
    trace = make()
    found = values_and_weights("info_vae", trace, alpha=alpha, scale=scale)
    apart = discrepancy(*codes_of(trace), gaussian)
    expected = -trace.log_likelihood.mean().item() + (1 - alpha) * trace.kl.mean().item()
    assert found["loss"] == pytest.approx(expected + (alpha + scale - 1) * apart)
    alone = values_and_weights("mmd_vae", trace, scale=scale)
    assert alone["loss"] == pytest.approx(-trace.log_likelihood.mean().item() + scale * apart)
    with pytest.raises(CompositionError, match=r"scale is at least 0.8, not 0.5"):
        zoo.info_vae((12,), latent=2, alpha=0.2, scale=0.5)


@pytest.mark.parametrize(("name", "of"), [("dip_vae_i", "means"), ("dip_vae_ii", "aggregate")])
def test_dip_vaes_objective(make, name, of):
    trace = make(b=9)
    found = values_and_weights(name, trace, off_diagonal=4.0, diagonal=6.0)
    bound = -trace.log_likelihood.mean().item() + trace.kl.mean().item()
    assert found["loss"] == pytest.approx(bound + penalty(covariances(trace)[of], 4.0, 6.0))
