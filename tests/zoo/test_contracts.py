"""What every variant must do, for every loss, network and shape."""

import json

import pytest
import torch

from reparam.errors import NoDensityError
from reparam.objectives import Objective
from reparam.randomness import seeded
from reparam.registry import build, describe
from reparam.training import Step
from reparam.zoo import ZOO


def loss_of(step, x):
    with seeded(3):
        return step(x)["loss"]


def unit(like):
    """A random tensor of length 1."""
    drawn = torch.randn_like(like)
    return drawn / drawn.norm()


def test_the_loss_is_finite_and_reaches_every_parameter(case):
    step = Step(*case.build())
    values = step(case.pictures())
    assert all(value.ndim == 0 and torch.isfinite(value) for value in values.values())
    step.objective.finish()
    step(case.pictures())["loss"].backward()
    silent = [n for n, p in step.named_parameters() if p.grad is None or not p.grad.any()]
    assert not silent


def test_the_gradient_is_the_losss_slope(case):
    """In float64, with the noise held fixed, along a direction with a random part in each tensor.

    The weights are moved off their start, where zero biases put many a ReLU exactly at its kink.
    """
    step, x = Step(*case.build()).double(), case.pictures().double()
    step.objective.finish()
    parameters = list(step.parameters())
    with torch.no_grad():
        for p in parameters:
            p.add_(0.02 * torch.randn_like(p))
    gradients = torch.autograd.grad(loss_of(step, x), parameters)
    directions = [torch.randn(()) * g / g.norm() + unit(g) for g in gradients]
    pairs = zip(gradients, directions, strict=True)
    slope = sum((g * d).sum() for g, d in pairs).item()
    ends = []
    for move in (1e-7, -2e-7):
        with torch.no_grad():
            for p, d in zip(parameters, directions, strict=True):
                p.add_(move * d)
        ends.append(loss_of(step, x).item())
    assert (ends[0] - ends[1]) / 2e-7 == pytest.approx(slope, rel=1e-4)


def test_shapes_and_ranges(case):
    model, _ = case.build()
    x = case.pictures(5)
    z = model.encode(x)
    assert z.shape == (5, 2)
    for pictures in (model.decode(z), model.reconstruct(x)):
        assert pictures.shape == x.shape
        assert bool(((pictures >= 0) & (pictures <= 1)).all())
    assert model.decode(torch.zeros(4, 5, 2)).shape == (4, *x.shape)
    torch.testing.assert_close(model.reconstruct(x), model.decode(z))
    assert not z.requires_grad


def test_samples_come_from_the_prior_or_are_refused(case):
    model, _ = case.build()
    if model.prior is None:
        with pytest.raises(NoDensityError, match=r"--sampler normal\|box") as refusal:
            model.sample(3)
        assert "\n" not in str(refusal.value)
        return
    pictures = model.sample(3, seed=0)
    assert pictures.shape == (3, *case.shape)
    assert bool(((pictures >= 0) & (pictures <= 1)).all())


def test_seeds_repeat_and_differ(case):
    (model, _), (again, _), (other, _) = case.build(seed=1), case.build(seed=1), case.build(seed=2)
    pairs = zip(model.parameters(), again.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
    pairs = zip(model.parameters(), other.parameters(), strict=True)
    assert any(not torch.equal(a, b) for a, b in pairs)
    if model.prior is not None:
        assert torch.equal(model.sample(3, seed=1), model.sample(3, seed=1))
        assert not torch.equal(model.sample(3, seed=1), model.sample(3, seed=2))


def test_the_description_builds_the_same_composition(case):
    for part in case.build():
        tree = describe(part)
        again = build(json.loads(json.dumps(tree)))
        assert describe(again) == tree
        assert str(again) == str(part)
        assert again.load_state_dict(part.state_dict())
    model, objective = case.build()
    assert isinstance(build(describe(objective)), Objective)
    again = build(describe(model))
    again.load_state_dict(model.state_dict())
    x = case.pictures(3)
    assert torch.equal(again.reconstruct(x), model.reconstruct(x))


def test_one_graph_gives_the_same_values(variant):
    """Compiled whole after one eager step: that step warms the divergences' dispatch."""
    torch.compiler.reset()
    step = Step(*variant.build())
    x = variant.pictures()
    with seeded(5):
        eager = step(x)
    compiled = torch.compile(step, backend="eager", fullgraph=True)
    with seeded(5):
        values = compiled(x)
    assert values.keys() == eager.keys()
    for name, value in values.items():
        torch.testing.assert_close(value, eager[name])


def test_schedules_do_not_recompile():
    torch.compiler.reset()
    step = Step(*ZOO["vae"].make((7,), latent=2, widths=[4], warmup=10, beta=2.0))
    x, graphs = torch.rand(4, 7), []

    def counting(graph, inputs):
        graphs.append(graph)
        return graph

    with seeded(0):
        step(x)
    compiled = torch.compile(step, backend=counting, fullgraph=True)
    losses = []
    for at in range(4):
        step.objective.advance(at)
        with seeded(0):
            losses.append(compiled(x)["loss"].item())
    assert len(graphs) == 1
    assert losses == sorted(losses)
    assert losses[0] < losses[3]


def test_every_entry_cites_its_source():
    for name, entry in ZOO.items():
        assert entry.make.__name__ == name
        assert entry.title
        assert entry.authors
        assert entry.url.startswith("https://")
        assert 1980 < entry.year < 2100
        assert "seed" in entry.defaults


def test_building_leaves_the_global_generator_alone(case):
    torch.manual_seed(9)
    case.build()
    found = torch.rand(1)
    torch.manual_seed(9)
    assert torch.equal(found, torch.rand(1))
