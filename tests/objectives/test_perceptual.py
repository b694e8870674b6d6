"""Losses of whole pictures: they train the model, and feature distances by hand."""

from itertools import pairwise

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from reparam.conditional import Conditional
from reparam.distributions import Bernoulli
from reparam.errors import CompositionError
from reparam.families import Bernoulli as Pixels
from reparam.families import DiagonalNormal
from reparam.models import VAE
from reparam.networks import MLP, RandomFeatures
from reparam.objectives import FeatureDistance, MultiscaleSimilarity, Objective, Rate
from reparam.priors import StandardNormal
from reparam.randomness import seeded
from reparam.registry import build, describe
from reparam.trace import Trace
from reparam.training import Step

SHAPES = [(1, 28, 28), (3, 13, 10), (1, 5, 40), (2, 1, 3)]


def drawn(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).double()


def smooth(*shape, seed=0):
    """Pictures with blobs, in [0, 1]."""
    blurred = F.avg_pool2d(drawn(*shape, seed=seed), 3, 1, 1, count_include_pad=False)
    return (3 * blurred).sigmoid()


def trace(x, logits):
    event = x.ndim - 1
    return Trace(x, x, (), Bernoulli(logits, event), None)


@pytest.mark.parametrize("shape", SHAPES)
def test_alike_costs_nothing_and_nothing_costs_more_than_one(shape):
    x = smooth(4, *shape)
    term = MultiscaleSimilarity()
    torch.testing.assert_close(
        term(trace(x, x.logit()[None])), torch.zeros(4).double(), atol=1e-12, rtol=0
    )
    costs = [term(trace(x, (x * (1 - a) + (1 - x) * a).logit()[None])) for a in (0.1, 0.4, 1.0)]
    assert all(bool((less < more).all()) for less, more in pairwise(costs))
    assert bool((costs[-1] <= 1).all())


def test_every_draw_counts_alike():
    x, logits = smooth(4, 1, 12, 12), drawn(3, 4, 1, 12, 12)
    for term in (MultiscaleSimilarity(), FeatureDistance(RandomFeatures((1, 12, 12)).double())):
        each = [term(trace(x, one[None])) for one in logits]
        torch.testing.assert_close(term(trace(x, logits)), torch.stack(each).mean(0))


def test_a_vector_has_no_structure():
    with pytest.raises(CompositionError, match=r"of pictures.*not of \(7,\)") as refusal:
        MultiscaleSimilarity()(trace(torch.rand(2, 7), torch.zeros(1, 2, 7)))
    assert "\n" not in str(refusal.value)


def chain(x, weights, stop):
    """The convolutions and rectifiers of a picture, in plain loops over patches."""
    outputs = []
    for weight in weights:
        padded = np.pad(x, ((0, 0), (1, 1), (1, 1)))
        rows, columns = (-(-n // 2) for n in x.shape[1:])
        x = np.stack([
            np.stack([
                np.tensordot(weight, padded[:, 2 * i : 2 * i + 3, 2 * j : 2 * j + 3], 3)
                for j in range(columns)
            ], -1)
            for i in range(rows)
        ], -2)  # fmt: skip
        x = np.maximum(x, 0)
        outputs.append(x)
    return outputs[-1:] if stop else outputs


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 13, 10)])
@pytest.mark.parametrize("layers", [None, [1, 3]])
def test_the_distance_of_pictures_by_hand(shape, layers):
    network = RandomFeatures(shape, widths=(4, 6)).double()
    x, logits = smooth(2, *shape), drawn(3, 2, *shape, seed=1)
    weights = [network[i].weight.numpy() for i in (0, 2)]
    found = FeatureDistance(network, layers)(trace(x, logits))
    wanted = np.zeros((3, 2))
    for k in range(3):
        for b in range(2):
            ours = chain(x[b].numpy(), weights, layers is None)
            theirs = chain(logits[k, b].sigmoid().numpy(), weights, layers is None)
            wanted[k, b] = sum(((o - t) ** 2).sum() for o, t in zip(ours, theirs, strict=True)) / 2
    np.testing.assert_allclose(found, wanted.mean(0))


def test_the_distance_of_vectors_by_hand():
    network = MLP(7, 2, hidden=[5]).double()
    x, logits = drawn(4, 7).sigmoid(), drawn(3, 4, 7, seed=1)

    def features(x):
        first = np.maximum(x.numpy() @ network[0].weight.detach().numpy().T + bias(0), 0)
        return first @ network[2].weight.detach().numpy().T + bias(2)

    def bias(i):
        return network[i].bias.detach().numpy()

    wanted = ((features(x) - features(logits.sigmoid())) ** 2).sum(-1).mean(0) / 2
    np.testing.assert_allclose(FeatureDistance(network)(trace(x, logits)), wanted)
    dense = RandomFeatures((7,), (5, 2)).double()
    term = FeatureDistance(dense, layers=[0])
    wanted = (((x - logits.sigmoid()).numpy() @ dense[0].weight.numpy().T) ** 2).sum(-1).mean(0)
    np.testing.assert_allclose(term(trace(x, logits)), wanted / 2)


def test_the_network_is_a_copy_that_nobody_trains():
    given = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Dropout(0.5))
    term = FeatureDistance(given)
    assert all(p.requires_grad for p in given.parameters())
    assert given.training
    assert not [p for p in term.parameters() if p.requires_grad]
    Objective(term).train()
    assert term.training
    assert not any(part.training for part in term.network.modules())
    x, logits = torch.rand(2, 1, 8, 8), torch.randn(1, 2, 1, 8, 8, requires_grad=True)
    before = {name: value.clone() for name, value in term.state_dict().items()}
    assert len(before) == 7
    first, second = term(trace(x, logits)), term(trace(x, logits))
    torch.testing.assert_close(first, second)
    first.sum().backward()
    assert bool(logits.grad.any())
    assert all(p.grad is None for p in [*term.parameters(), *given.parameters()])
    for name, value in term.state_dict().items():
        torch.testing.assert_close(value, before[name])


def test_random_features_depend_on_their_seed_alone():
    state = torch.get_rng_state()
    first, again, other = (RandomFeatures((3, 9, 8), seed=seed) for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(first[0].weight, again[0].weight)
    assert not torch.equal(first[0].weight, other[0].weight)
    assert not [p for p in first.parameters() if p.requires_grad]


@pytest.mark.parametrize("shape", [(3, 40, 40), (500,)])
def test_random_features_are_as_large_as_what_they_see(shape):
    x = drawn(64, *shape)
    made = RandomFeatures(shape, (64, 256, 1024)).double()(x)
    assert 0.5 < made.square().mean() * 2 / x.square().mean() < 2


def model_of(shape):
    dims = len(shape)
    encoder = MLP(int(np.prod(shape)), 8, hidden=[8])
    decoder = MLP(4, shape, hidden=[8])
    return VAE(
        Conditional(encoder, DiagonalNormal(), [dims]),
        StandardNormal(4),
        Conditional(decoder, Pixels(dims), [1]),
    )


CASES = [(MultiscaleSimilarity, shape) for shape in SHAPES]
CASES += [(FeatureDistance, shape) for shape in [*SHAPES, (7,)]]


def step_of(kind, shape, samples=2):
    given = () if kind is MultiscaleSimilarity else (RandomFeatures(shape),)
    return Step(model_of(shape), Objective(kind(*given, weight=9.0), Rate(), samples=samples))


@pytest.mark.parametrize(("kind", "shape"), CASES)
def test_the_loss_trains_the_model_along_its_slope(kind, shape):
    step, x = step_of(kind, shape).double(), torch.rand(5, *shape).double()
    parameters = list(step.model.parameters())
    with torch.no_grad():
        for p in parameters:
            p.add_(0.1 * torch.randn_like(p))

    def loss():
        with seeded(3):
            return step(x)["loss"]

    gradients = torch.autograd.grad(loss(), parameters)
    assert all(bool(g.any()) for g in gradients)
    ways = [torch.randn_like(g) for g in gradients]
    slope = sum((g * w).sum() for g, w in zip(gradients, ways, strict=True)).item()
    ends = []
    for move in (1e-6, -2e-6):
        with torch.no_grad():
            for p, w in zip(parameters, ways, strict=True):
                p.add_(move * w)
        ends.append(loss().item())
    assert (ends[0] - ends[1]) / 2e-6 == pytest.approx(slope, rel=1e-4, abs=1e-7)


@pytest.mark.parametrize(("kind", "shape"), [CASES[0], CASES[1], CASES[5], CASES[-1]])
def test_it_is_one_graph_and_can_be_written_down(kind, shape):
    torch.compiler.reset()
    step, x = step_of(kind, shape), torch.rand(5, *shape)
    with seeded(5):
        eager = step(x)
    compiled = torch.compile(step, backend="eager", fullgraph=True)
    with seeded(5):
        torch.testing.assert_close(compiled(x), eager)
    again = build(describe(step.objective))
    assert describe(again) == describe(step.objective)
    assert again.load_state_dict(step.objective.state_dict())


@pytest.mark.parametrize(
    ("network", "layers", "sentence"),
    [
        (MLP(4, 2), [0], "a plain nn.Sequential, and MLP is none"),
        (nn.Linear(4, 2), [0], "a plain nn.Sequential, and Linear is none"),
        (RandomFeatures((4,)), [1, 4], r"from 0 to 3 of this RandomFeatures, not \[1, 4\]"),
        (RandomFeatures((4,)), [], r"not \[\]"),
        (RandomFeatures((4,)), [-1], r"not \[-1\]"),
    ],
)
def test_layers_are_checked(network, layers, sentence):
    with pytest.raises(CompositionError, match=sentence):
        FeatureDistance(network, layers)


def test_a_layer_that_is_used_twice_counts_twice():
    act = nn.ReLU()
    network = nn.Sequential(nn.Linear(3, 3), act, nn.Linear(3, 3), act)
    term = FeatureDistance(network, layers=[0, 3])
    x = torch.randn(5, 3)
    first, last = term.features(x)
    torch.testing.assert_close(first, network[0](x))
    torch.testing.assert_close(last, network(x))
