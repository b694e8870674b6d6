"""What every variant must do, in every shape and with every part."""

import json

import pytest
import torch

from reparam.errors import NoDensityError
from reparam.objectives import Objective
from reparam.randomness import seeded
from reparam.registry import build, describe, describe_all
from reparam.source import python
from reparam.training import Step
from reparam.zoo import ZOO
from reparam.zoo.parts import POSTERIORS, PRIORS

TWO_GRADIENTS = {
    "sticking_the_landing": "the posterior's score is left out",
    "dreg": "the encoder's gradient is another estimate",
    "piwae": "encoder and decoder climb different bounds",
    "vae_gan": "encoder and decoder weigh distances differently",
    "categorical_vae": "a one-hot draw passes the relaxed draw's gradient",
    "joint_vae": "a one-hot draw passes the relaxed draw's gradient",
}
"""Variants whose gradient is, by design, not the slope of the value; each has its own tests."""


def loss_of(step, inputs, name="loss"):
    with seeded(3):
        return step(*inputs)[name]


def unit(like):
    """A random tensor of length 1."""
    drawn = torch.randn_like(like)
    return drawn / drawn.norm()


def trained(module):
    return [p for p in module.parameters() if p.requires_grad]


def slopes(step, inputs, name, parameters):
    """The gradient's slope along a direction with a random part in each tensor, and the loss's."""
    gradients = torch.autograd.grad(
        loss_of(step, inputs, name), parameters, allow_unused=True, materialize_grads=True
    )
    directions = [torch.randn(()) * g / g.norm().clamp_min(1e-12) + unit(g) for g in gradients]
    pairs = zip(gradients, directions, strict=True)
    slope = sum((g * d).sum() for g, d in pairs).item()
    ends = []
    for move in (1e-7, -2e-7):
        with torch.no_grad():
            for p, d in zip(parameters, directions, strict=True):
                p.add_(move * d)
        ends.append(loss_of(step, inputs, name).item())
    return slope, (ends[0] - ends[1]) / 2e-7


def begun(case):
    """A step at the start of a training of 40 steps."""
    step = Step(*case.build())
    step.objective.prepare(examples=100, steps=40)
    step.objective.advance(0)
    return step


def test_the_loss_is_finite_and_reaches_every_parameter(case):
    step = begun(case)
    values = step(*case.inputs())
    assert all(value.ndim == 0 and torch.isfinite(value) for value in values.values())
    step.objective.finish()
    values = step(*case.inputs(16))
    (values["loss"] + values.get("critic", 0)).backward()
    named = [(n, p) for n, p in step.named_parameters() if p.requires_grad]
    silent = [n for n, p in named if p.grad is None or not p.grad.any()]
    assert not silent
    assert all(torch.isfinite(p.grad).all() for _, p in named)


def test_the_gradient_is_the_losss_slope(case):
    """In float64, with the noise held fixed.

    The weights are moved off their start, where zero biases put many a ReLU exactly at its kink.
    A layer that counts its calls (a spectral norm) stands still in evaluation.
    """
    if case.name in TWO_GRADIENTS:
        return
    step = Step(*case.build()).double()
    inputs = [x.double() if x.is_floating_point() else x for x in case.inputs()]
    step.objective.finish()
    step.train(case.name != "rae_sn")
    with torch.no_grad(), seeded(0):
        for p in step.parameters():
            p.add_(0.02 * torch.randn_like(p))
    with seeded(1):
        slope, measured = slopes(step, inputs, "loss", trained(step.model))
        assert measured == pytest.approx(slope, rel=1e-4, abs=1e-6)
        if step.has_critic:
            slope, measured = slopes(step, inputs, "critic", trained(step.objective))
            assert measured == pytest.approx(slope, rel=1e-4, abs=1e-6)


def test_no_critic_leaks(variant):
    """The loss moves no critic, and the critic's loss nothing of the model."""
    step = begun(variant)
    if not step.has_critic:
        assert not trained(step.objective)
        return
    values = step(*variant.inputs())
    for name, module in (("loss", step.objective), ("critic", step.model)):
        found = torch.autograd.grad(
            values[name], trained(module), retain_graph=True, allow_unused=True
        )
        assert not any(g is not None and g.any() for g in found)


def test_shapes_and_ranges(variant):
    model, _ = variant.build()
    x, *y = variant.inputs(5)
    z = model.encode(x, *y)
    assert z.shape == (5, variant.arguments["latent"])
    for pictures in (model.decode(z, *y), model.reconstruct(x, *y)):
        assert pictures.shape == x.shape
        assert bool(((pictures >= 0) & (pictures <= 1)).all())
    many = model.decode(z.expand(4, *z.shape), *y)
    assert many.shape == (4, *x.shape)
    torch.testing.assert_close(many[3], model.decode(z, *y))
    torch.testing.assert_close(model.reconstruct(x, *y), model.decode(z, *y))
    assert not z.requires_grad
    assert torch.equal(model.encode(x, *y), z)
    drawn = [model.encode(x, *y, sample=True, seed=1) for _ in range(2)]
    assert torch.equal(*drawn)


def test_samples_come_from_the_prior_or_are_refused(variant):
    model, _ = variant.build()
    y = variant.labels(3)
    if model.prior is None:
        with pytest.raises(NoDensityError, match=r"--sampler normal\|box") as refusal:
            model.sample(3)
        assert "\n" not in str(refusal.value)
        return
    pictures = model.sample(3, *y, seed=1)
    assert pictures.shape == (3, *variant.shape)
    assert bool(((pictures >= 0) & (pictures <= 1)).all())
    assert torch.equal(pictures, model.sample(3, *y, seed=1))
    assert not torch.equal(pictures, model.sample(3, *y, seed=2))


def test_seeds_repeat_and_differ(variant):
    built = [variant.build(seed=seed) for seed in (1, 1, 2)]
    weights = [
        [p for part in v for p in (*part.parameters(), *part.buffers()) if p.ndim] for v in built
    ]
    assert all(torch.equal(a, b) for a, b in zip(*weights[:2], strict=True))
    assert any(not torch.equal(a, b) for a, b in zip(*weights[1:], strict=True))


def test_the_description_builds_the_same_composition(case):
    variant = case.build()
    for part in variant:
        tree = describe(part)
        again = build(json.loads(json.dumps(tree)))
        assert describe(again) == tree
        assert str(again) == str(part)
        assert again.load_state_dict(part.state_dict())
    assert isinstance(build(describe(variant.objective)), Objective)


def test_the_python_that_is_shown_builds_the_same_composition(variant):
    built = variant.build()._asdict()
    names = {}
    exec(python(built), names)
    again = {name: names[name] for name in built}
    assert describe_all(again) == describe_all(built)


def test_one_graph_gives_the_same_values(variant):
    """Compiled whole after one eager step: that step warms the divergences' dispatch."""
    torch.compiler.reset()
    step = begun(variant)
    inputs = variant.inputs()
    with seeded(5):
        eager = step(*inputs)
    compiled = torch.compile(step, backend="eager", fullgraph=True)
    with seeded(5):
        values = compiled(*inputs)
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

    step.objective.advance(0)
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


def test_the_variants_have_every_posterior_and_prior():
    """So that the contracts above cover them."""
    built = [
        ZOO[name].make((7,), latent=8)
        for name in ZOO
        if name not in ("chapter", "ms_ssim_vae")
        if "categories" not in ZOO[name].defaults
    ]
    built += [
        ZOO[name].make((7,), latent=4, categories=2)
        for name in ZOO
        if "categories" in ZOO[name].defaults
    ]
    families = {type(model.posterior.family) for model, _ in built}
    priors = {type(model.prior) for model, _ in built}
    wanted = [posterior.family(4) for name, posterior in POSTERIORS.items() if name != "isotropic"]
    assert {type(family) for family in wanted} <= families
    posterior = built[0].model.posterior
    assert {type(make(4, posterior, (7,))) for make in PRIORS.values()} <= priors


def test_every_entry_cites_its_source():
    for name, entry in ZOO.items():
        assert entry.make.__name__ == name
        assert entry.title
        assert entry.authors
        assert entry.url.startswith("https://")
        assert 1980 < entry.year < 2100
        assert "seed" in entry.defaults


def test_building_leaves_the_global_generator_alone(variant):
    torch.manual_seed(9)
    variant.build()
    found = torch.rand(1)
    torch.manual_seed(9)
    assert torch.equal(found, torch.rand(1))
