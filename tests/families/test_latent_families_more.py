"""Hyperbolic, categorical and joint latents, as families and inside a model."""

import json

import pytest
import torch
from torch.distributions import kl_divergence

from reparam import families, priors
from reparam.conditional import Conditional
from reparam.errors import CompositionError
from reparam.models import VAE
from reparam.networks import MLP
from reparam.objectives import Distortion, Objective, Rate
from reparam.randomness import seeded
from reparam.registry import build, describe
from reparam.training import Step

X = 12


def ball(dim=4, curvature=1.0):
    return families.WrappedNormal(dim, curvature), priors.WrappedStandardNormal(dim, curvature)


def relaxed():
    return families.RelaxedCategorical(3), priors.UniformRelaxedCategorical(6, 3)


def straight():
    return families.StraightThroughCategorical(3), priors.UniformCategorical(6, 3)


def mixed(other=straight, dim=6):
    family, prior = other()
    return (
        families.Joint([families.DiagonalNormal(), family], [2, dim]),
        priors.JointPrior([priors.StandardNormal(2), prior]),
    )


PAIRS = {
    "ball": (ball, 4),
    "flatter ball": (lambda: ball(2, 0.3), 2),
    "line": (lambda: ball(1, 2.0), 1),
    "relaxed": (relaxed, 6),
    "straight": (straight, 6),
    "joint": (mixed, 8),
    "relaxed joint": (lambda: mixed(relaxed), 8),
    "joint with a ball": (lambda: mixed(ball, 4), 6),
}
EXACT = ("straight", "joint")
CATEGORICAL = (families.RelaxedCategorical, families.StraightThroughCategorical)


@pytest.fixture(params=PAIRS)
def pair(request):
    make, dim = PAIRS[request.param]
    return *make(), dim


@pytest.fixture(params=[30.0, 1e4, 1e30])
def size(request, pair):
    joint = isinstance(pair[0], families.Joint)  # with a normal part, whose mean has no bound
    return min(request.param, 1e4) if joint else request.param


def step_of(family, prior, dim, **options):
    with seeded(1):
        posterior = Conditional(MLP(X, family.features((dim,)), hidden=[8]), family, [1])
        likelihood = Conditional(MLP(dim, (X,), hidden=[8]), families.Bernoulli(1), [1])
        objective = Objective(Distortion(), Rate(), **options)
        return Step(VAE(posterior, prior, likelihood), objective)


def pictures(n=5):
    return torch.rand(n, X, generator=torch.Generator().manual_seed(2))


def test_features_give_one_event(pair):
    family, prior, dim = pair
    (needed,) = family.features((dim,))
    for dtype in (torch.float32, torch.float64, torch.float16):
        q = family(torch.randn(5, 2, needed).to(dtype))
        assert (q.batch_shape, q.event_shape) == ((5, 2), (dim,))
        z = q.rsample((3,))
        assert (z.shape, q.mean.shape) == ((3, 5, 2, dim), (5, 2, dim))
        assert z.dtype == torch.promote_types(dtype, torch.float32)
        assert q.log_prob(z).shape == (3, 5, 2)
    p = prior()
    assert (p.batch_shape, p.event_shape, p.sample((7,)).shape) == ((), (dim,), (7, dim))


def test_zero_features_are_the_prior(pair):
    family, prior, dim = pair
    q, p = family(torch.zeros(family.features((dim,)))), prior()
    z = p.sample((50,))
    torch.testing.assert_close(q.log_prob(z), p.log_prob(z))
    with seeded(4):
        drawn = q.sample((50,))
    with seeded(4):
        assert torch.equal(p.sample((50,)), drawn)


def test_no_feature_gives_an_infinite_rate_or_gradient(pair, size):
    family, prior, dim = pair
    (needed,) = family.features((dim,))
    signs = torch.randint(2, (40, needed)) * 2 - 1.0
    features = (size * signs).requires_grad_()
    q, p = family(features), prior()
    z = q.rsample((10,))
    total = q.log_prob(z).sum() + p.log_prob(z).sum() + q.mean.sum() + z.sum()
    if hasattr(q, "rsample_and_log_prob"):
        z, log_q = q.rsample_and_log_prob((10,))
        total = total + (log_q - p.log_prob(z)).sum()
    else:
        total = total + kl_divergence(q, p).sum()
    total.backward()
    assert torch.isfinite(total)
    assert torch.isfinite(features.grad).all()


def test_bounds_are_where_they_are_said_to_be():
    wide = torch.full((4,), 1e9)
    q = families.WrappedNormal(2, 0.25)(wide)
    assert q.location.norm().item() == pytest.approx(20)
    assert families.WrappedNormal(2)(wide).log_variance.tolist() == [1, 1]
    assert families.WrappedNormal(2)(-wide).log_variance.tolist() == [-15, -15]
    assert families.RelaxedCategorical(2)(wide).logits.unique().tolist() == [15]
    small = torch.tensor([0.3, -0.2, 0.1, -0.5])
    q = families.WrappedNormal(2)(small)
    torch.testing.assert_close(q.location, small[:2], atol=1e-3, rtol=0)
    torch.testing.assert_close(q.log_variance, small[2:], atol=1e-3, rtol=0)
    logits = families.StraightThroughCategorical(2)(small).logits
    torch.testing.assert_close(logits, small.unflatten(0, (2, 2)), atol=1e-3, rtol=0)


def test_a_joint_family_hands_each_its_share():
    family, _ = mixed()
    features = torch.randn(5, 10)
    assert family.features((8,)) == (10,)
    style, kind = family(features).parts
    torch.testing.assert_close(style.mean, features[:, :2])
    torch.testing.assert_close(kind.logits.flatten(1), features[:, 4:], atol=0.1, rtol=0.1)
    learned = families.Normal(variance="scalar", event_dims=1)
    family = families.Joint([families.DiagonalNormal(), learned], [2, 3])
    assert [name for name, _ in family.named_parameters()] == ["families.1.log_variance"]
    assert build(describe(family)).features((5,)) == (7,)
    assert len(list(priors.JointPrior([priors.StandardNormal(2)] * 2).buffers())) == 1


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_model_learns_every_parameter(pair, dtype):
    step = step_of(*pair, samples=2).to(dtype)
    step.train()
    values = step(pictures().to(dtype))
    assert all(value.dtype == dtype and torch.isfinite(value) for value in values.values())
    values["loss"].backward()
    silent = [n for n, p in step.named_parameters() if p.grad is None or not p.grad.any()]
    assert not silent


def rise(value, tensors, directions):
    """The slope of a value along directions, by finite differences with the noise held fixed."""
    ends = []
    for move in (1e-6, -2e-6):
        with torch.no_grad():
            for tensor, direction in zip(tensors, directions, strict=True):
                tensor.add_(move * direction)
        ends.append(value().item())
    return (ends[0] - ends[1]) / 2e-6


@pytest.mark.parametrize("name", PAIRS)
def test_a_models_gradient_is_the_losss_slope(name):
    """Of exact categories the rate's alone: their gradient is borrowed, the loss has steps."""
    make, dim = PAIRS[name]
    step, x = step_of(*make(), dim, samples=2).double(), pictures().double()
    smooth = name not in EXACT
    parameters = list(step.parameters() if smooth else step.model.posterior.parameters())
    with torch.no_grad():
        for p in parameters:
            p.add_(0.3 * torch.randn_like(p))

    def value():
        with seeded(3):
            return step(x)["loss" if smooth else "rate"]

    gradients = torch.autograd.grad(value(), parameters)
    directions = [torch.randn_like(p) for p in parameters]
    slope = sum((g * d).sum() for g, d in zip(gradients, directions, strict=True)).item()
    assert rise(value, parameters, directions) == pytest.approx(slope, rel=1e-4)


def test_one_graph_gives_the_same_values(pair):
    torch.compiler.reset()
    step, x = step_of(*pair, samples=2), pictures()
    with seeded(5):
        eager = step(x)
    compiled = torch.compile(step, backend="eager", fullgraph=True)
    with seeded(5):
        torch.testing.assert_close(compiled(x), eager)


def test_a_description_builds_it_again(pair):
    step, x = step_of(*pair), pictures()
    tree = json.loads(json.dumps(describe(step.model)))
    again = build(tree)
    assert describe(again) == tree
    again.load_state_dict(step.model.state_dict())
    assert torch.equal(again.reconstruct(x), step.model.reconstruct(x))
    assert torch.equal(again.sample(3, seed=1), step.model.sample(3, seed=1))
    assert torch.isfinite(step.model.log_prob(x, samples=5, seed=1)).all()


@pytest.mark.parametrize("make", CATEGORICAL)
def test_categories_that_do_not_fit_are_refused(make):
    with pytest.raises(CompositionError, match="at least 2 categories, not 1"):
        make(1)
    with pytest.raises(CompositionError, match="temperature must be positive, not 0"):
        make(3, 0.0)
    with pytest.raises(CompositionError, match=r"7 latent numbers .* use a multiple of 3"):
        make(3).features((7,))
    with pytest.raises(CompositionError, match=r"use a multiple of 3"):
        make(3)(torch.zeros(5, 7))


def test_priors_that_do_not_fit_are_refused():
    for make in (priors.UniformCategorical, priors.UniformRelaxedCategorical):
        with pytest.raises(CompositionError, match=r"use a multiple of 3"):
            make(7, 3)
        with pytest.raises(CompositionError, match="at least 2 categories"):
            make(4, 1)
    with pytest.raises(CompositionError, match="temperature must be positive"):
        priors.UniformRelaxedCategorical(6, 3, -1.0)
    with pytest.raises(CompositionError, match="at least one prior"):
        priors.JointPrior([])


def test_joint_families_that_do_not_fit_are_refused():
    with pytest.raises(CompositionError, match="was given 1 and 2"):
        families.Joint([families.DiagonalNormal()], [2, 3])
    with pytest.raises(CompositionError, match=r"shape \(7,\): use 8 numbers"):
        mixed()[0].features((7,))
    with pytest.raises(CompositionError, match=r"multiple of 3"):
        families.Joint([families.RelaxedCategorical(3)], [4])
    with pytest.raises(CompositionError, match=r"has 2 dimensions and cannot .* \(3,\)"):
        families.WrappedNormal(2).features((3,))
