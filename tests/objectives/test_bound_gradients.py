"""Gradients of bounds with less noise: their mean, their noise, and who gets which.

A posterior's features are free parameters here, one row for each of many repeats, so that one
backward pass gives as many independent gradients of the encoder as there are rows.

A prior belongs to the generative model: it gets the decoder's gradient. A VampPrior is made of the
encoder, whose parameters then get both: its gradient as the posterior, and as the prior.
"""

import copy
import math
from types import SimpleNamespace

import pytest
import torch
from numpy.polynomial.hermite_e import hermegauss
from torch.distributions import Normal

from reparam import families, priors, zoo
from reparam.distributions import IsotropicNormal
from reparam.objectives import ImportanceWeighted, Objective, PartiallyImportanceWeighted
from reparam.randomness import seeded
from reparam.trace import Latent, Trace
from reparam.training import Step

POSTERIORS = {
    "diagonal": families.DiagonalNormal,
    "planar": lambda: families.PlanarFlow(2),
    "autoregressive": lambda: families.InverseAutoregressiveFlow(3, 1, 2, (4,)),
    "von_mises_fisher": lambda: families.VonMisesFisher(3),
}
PRIORS = {
    "natural": lambda posterior: None,
    "mixture": lambda posterior: priors.MixtureOfNormals(3, 4),
    "flow": lambda posterior: priors.FlowPrior(3, transforms=1, hidden=(4,)),
    "vamp": lambda posterior: priors.VampPrior(posterior, (6,), components=5),
}
PAIRS = [
    *[(posterior, prior) for posterior in POSTERIORS for prior in ("natural", "vamp")],
    *[(posterior, prior) for posterior in ("diagonal", "planar") for prior in ("mixture", "flow")],
]


def small(posterior, prior):
    model = zoo.vae((6,), latent=3, posterior=posterior, network="mlp", widths=[5]).model
    model.prior = PRIORS[prior](model.posterior) or model.prior
    with torch.no_grad(), seeded(1):
        for p in model.parameters():
            p.mul_(1.5).add_(0.1 * torch.randn_like(p))
    return model.double()


def gradients(model, term, samples):
    """The gradient of each parameter by its name, for one picture batch and one set of draws."""
    with seeded(7):
        loss = Step(model, Objective(term, samples=samples))(torch.rand(4, 6).double())["loss"]
    names, parameters = zip(*model.named_parameters(), strict=True)
    found = torch.autograd.grad(loss, parameters, allow_unused=True, materialize_grads=True)
    return dict(zip(names, found, strict=True))


def compare(found, expected, part):
    """The gradients of one part of the model, which are not all zero."""
    names = [name for name in expected if name.startswith(part)]
    assert names
    for name in names:
        torch.testing.assert_close(found[name], expected[name])
    assert any(expected[name].any() for name in names)


def apart(model):
    """The model with a copy of its posterior in the place of the one in its prior."""
    other = copy.deepcopy(model)
    other.prior.posterior = copy.deepcopy(model.posterior)
    return other


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize(("posterior", "prior"), PAIRS)
def test_the_doubly_reparameterised_decoder_and_prior_get_the_plain_gradient(
    posterior, prior, groups
):
    model = small(posterior, prior)
    if prior == "vamp":
        model = apart(model)
    plain, found = (
        gradients(model, ImportanceWeighted(groups, gradient), 6)
        for gradient in ("plain", "doubly")
    )
    compare(found, plain, "likelihood")
    if prior != "natural":
        compare(found, plain, "prior")
    name = "posterior.network.0.weight"
    assert not torch.allclose(found[name], plain[name], rtol=1e-2)


@pytest.mark.parametrize(("posterior", "prior"), PAIRS)
def test_the_partial_bound_gives_each_its_own(posterior, prior):
    model = small(posterior, prior)
    if prior == "vamp":
        model = apart(model)
    found = gradients(model, PartiallyImportanceWeighted(3), 12)
    encoders, decoders = (gradients(model, ImportanceWeighted(groups), 12) for groups in (3, 1))
    compare(found, encoders, "posterior")
    compare(found, decoders, "likelihood")
    if prior != "natural":
        compare(found, decoders, "prior")
    name = "posterior.network.0.weight"
    assert not torch.allclose(encoders[name], decoders[name], rtol=1e-3)


TERMS = {
    "plain": (ImportanceWeighted(), 4),
    "path": (ImportanceWeighted(gradient="path"), 1),
    "doubly": (ImportanceWeighted(2, gradient="doubly"), 4),
    "partial": (PartiallyImportanceWeighted(2), 4),
}


@pytest.mark.parametrize("posterior", ["diagonal", "autoregressive"])
@pytest.mark.parametrize("term", TERMS)
def test_a_posterior_shared_with_the_prior_gets_both_gradients(term, posterior):
    model = small(posterior, "vamp")
    whole, parts = (gradients(m, *TERMS[term]) for m in (model, apart(model)))
    for name, found in whole.items():
        if name.startswith("posterior"):
            torch.testing.assert_close(found, parts[name] + parts[f"prior.{name}"])
            assert parts[f"prior.{name}"].any()


@pytest.mark.parametrize("posterior", ["planar", "autoregressive"])
def test_the_density_that_drawing_gave_has_the_gradient_of_the_one_scored_anew(posterior):
    model, found = small(posterior, "natural"), []
    for keep in (True, False):
        with seeded(3):
            trace = model(torch.rand(4, 6).double(), samples=4)
        assert trace.latents[0].log_q is not None
        trace.latents[0].log_q = trace.latents[0].log_q if keep else None
        terms = [*(ImportanceWeighted(2, g) for g in ("plain", "doubly"))]
        for term in (*terms, PartiallyImportanceWeighted(2)):
            loss = term(trace).sum()
            found.append(torch.autograd.grad(loss, [*model.parameters()], retain_graph=True))
    for kept, scored in zip(found[:3], found[3:], strict=True):
        for one, other in zip(kept, scored, strict=True):
            torch.testing.assert_close(one, other)


def per_repeat(family, prior, decode, features, x, term, samples):
    """One gradient of the features for each of many repeats, (N, F)."""
    repeats = 4_000 if isinstance(family, families.VonMisesFisher) else 20_000
    rows = features.expand(repeats, -1).clone().requires_grad_()
    latent = Latent.draw(family(rows), prior, samples)
    model = SimpleNamespace(likelihood=Decoder(decode))
    x = x.expand(len(rows), -1)
    trace = Trace(x, x, (latent,), model.likelihood(latent.z), model)
    return torch.autograd.grad(term(trace).sum(), rows)[0]


class Decoder(torch.nn.Module):
    """A normal likelihood around some function of z."""

    def __init__(self, decode, sigma=0.5):
        super().__init__()
        self.decode = decode
        self.log_variance = torch.tensor(sigma, dtype=torch.double).log() * 2

    def forward(self, z):
        return IsotropicNormal(self.decode(z), self.log_variance)


def same_mean(one, other):
    error = ((one.var(0) + other.var(0)) / len(one)).sqrt()
    return bool(((one.mean(0) - other.mean(0)).abs() < 4.5 * error).all())


@pytest.mark.parametrize(
    ("posterior", "prior"),
    [pair for pair in PAIRS if "vamp" not in pair and "flow" not in pair]
    + [("autoregressive", "mixture")],
)
def test_estimators_without_bias_have_the_plain_mean(posterior, prior):
    torch.manual_seed(5)
    family = POSTERIORS[posterior]().double()
    features, w = torch.randn(*family.features((3,))).double(), torch.randn(3, 4).double()
    p = priors.UniformSphere(3) if posterior == "von_mises_fisher" else priors.StandardNormal(3)
    p = (priors.MixtureOfNormals(3, 4) if prior == "mixture" else p).double()()
    x = torch.randn(4).double()

    def found(gradient, samples, groups=1):
        term = ImportanceWeighted(groups, gradient)
        return per_repeat(family, p, lambda z: (z @ w).tanh(), features, x, term, samples)

    assert same_mean(found("path", 1), found("plain", 1))
    assert same_mean(found("doubly", 4), found("plain", 4))
    assert same_mean(found("doubly", 4, groups=2), found("plain", 4, groups=2))
    assert not same_mean(found("plain", 4, groups=2), found("plain", 4))


W, X, S2 = torch.tensor([[1.2]]).double(), torch.tensor([0.8]).double(), 0.25
TOTAL = S2 + W[0, 0] ** 2
EXACT = torch.stack([X[0] * W[0, 0] / TOTAL, families.family.unbounded((S2 / TOTAL).log())])


def linear(gradient, samples, groups=1, off=(0.0, 0.0)):
    """Gradients of mean and log-variance of q in x = w z + noise, near the exact posterior."""
    family, p = families.DiagonalNormal(), priors.StandardNormal(1).double()()
    features, term = EXACT + torch.tensor(off).double(), ImportanceWeighted(groups, gradient)
    return per_repeat(family, p, lambda z: z @ W, features, X, term, samples)


def known(draws, off):
    """The gradient's mean: the slope of minus the mean bound, an integral over 1 or 2 draws."""
    nodes, weights = (torch.from_numpy(part) for part in hermegauss(80))
    features = (EXACT + torch.tensor(off).double()).requires_grad_()
    q = Normal(features[0], (families.family.bounded(features[1]) / 2).exp())
    z, share = q.loc + q.scale * nodes, weights / math.sqrt(2 * math.pi)
    log_joint = Normal(W[0, 0] * z, S2**0.5).log_prob(X) + Normal(0.0, 1.0).log_prob(z)
    log_w = log_joint - q.log_prob(z)
    pairs = torch.logaddexp(log_w[:, None], log_w) - math.log(2)
    mean = share @ log_w if draws == 1 else share @ pairs @ share
    return torch.autograd.grad(-mean, features)[0]


@pytest.mark.parametrize(
    ("gradient", "draws", "right"),
    [("plain", 1, True), ("path", 1, True), ("doubly", 1, True),
     ("plain", 2, True), ("doubly", 2, True), ("path", 2, False)],
)  # fmt: skip
def test_the_mean_is_the_slope_of_the_mean_bound_or_has_a_known_bias(gradient, draws, right):
    """The path gradient of several draws is none of the bound: its docstring says so."""
    off = (0.3, 0.4)
    for groups in (1, 3):
        found = linear(gradient, draws * groups, groups, off)
        error = found.std(0) / len(found) ** 0.5
        close = (found.mean(0) - known(draws, off)).abs() < 4.5 * error
        assert bool(close.all()) is right


@pytest.mark.parametrize(("gradient", "samples"), [("path", 1), ("doubly", 8)])
def test_near_the_optimum_there_is_less_noise_and_at_it_none(gradient, samples):
    assert linear(gradient, samples).abs().max() < 1e-12
    assert (linear("plain", samples).std(0) > 0.05).all()
    for off in ((0.05, 0.1), (-0.1, -0.05)):
        found, plain = (linear(g, samples, off=off) for g in (gradient, "plain"))
        assert (found.var(0) < plain.var(0) / 4).all()
