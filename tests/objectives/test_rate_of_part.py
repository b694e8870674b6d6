"""The rate of one part of a joint latent, against each part's divergence in numpy."""

import math

import numpy as np
import pytest
import torch

from reparam import fit, zoo
from reparam.data import Dataset
from reparam.errors import CompositionError
from reparam.families import DiagonalNormal, Joint, StraightThroughCategorical
from reparam.objectives import LinearSchedule, Objective, Rate, RateOfPart
from reparam.priors import JointPrior, StandardNormal, UniformCategorical
from reparam.trace import Latent, Trace


@pytest.fixture
def trace():
    """Two normal latents, then one of three categories, for 5 pictures in 2 draws."""
    family = Joint([DiagonalNormal(), StraightThroughCategorical(3)], [2, 3])
    q = family(torch.randn(5, 7).double())
    prior = JointPrior([StandardNormal(2), UniformCategorical(3, 3)]).double()()
    x = torch.zeros(5, 4).double()
    return Trace(x, x, (Latent.draw(q, prior, 2),), q, torch.nn.Identity())


def by_hand(trace):
    """Each example's divergence of the normal part, and of the categorical one."""
    normal, kind = trace.latents[0].q.parts
    mean, log_variance = normal.mean.detach().numpy(), normal.log_variance.detach().numpy()
    continuous = 0.5 * (mean**2 + np.exp(log_variance) - 1 - log_variance).sum(1)
    p = np.exp(kind.logits.detach().numpy())[:, 0]
    p /= p.sum(1, keepdims=True)
    return continuous, (p * np.log(3 * p)).sum(1)


@pytest.mark.parametrize("part", [0, 1])
def test_it_is_how_far_the_mean_rate_of_the_part_is_from_its_capacity(trace, part):
    rate = by_hand(trace)[part].mean()
    for capacity in (0.0, rate / 2, rate * 3):
        term = RateOfPart(part, 5.0, capacity=capacity).double()
        assert term(trace).item() == pytest.approx(abs(rate - capacity))
        assert Objective(term)(trace)["loss"].item() == pytest.approx(5 * abs(rate - capacity))


def test_the_distance_is_of_the_batchs_mean_and_no_mean_of_distances(trace):
    rates = by_hand(trace)[0]
    capacity = float(np.median(rates))
    assert abs(rates.mean() - capacity) < np.abs(rates - capacity).mean() - 0.05
    found = RateOfPart(0, capacity=capacity).double()(trace)
    assert found.item() == pytest.approx(abs(rates.mean() - capacity))


def test_both_parts_are_the_rate(trace):
    parts = RateOfPart(0).double()(trace) + RateOfPart(1).double()(trace)
    torch.testing.assert_close(parts, Rate()(trace).mean())
    np.testing.assert_allclose(parts, sum(by_hand(trace)).mean())


def test_names_tell_the_parts_apart():
    assert [RateOfPart(i).name for i in (0, 1)] == ["rate_of_part_0", "rate_of_part_1"]
    assert RateOfPart(0, name="style").name == "style"


def test_joint_vaes_objective():
    model, objective = zoo.joint_vae(
        (6,), latent=5, categories=3, gamma=4.0, continuous_capacity=2.0, steps=10, widths=[5]
    )
    model, objective = model.double(), objective.double()
    trace = model(torch.rand(8, 6).double())
    rates = [part.mean() for part in by_hand(trace)]
    for step, passed in ((0, 0.0), (5, 0.5), (10, 1.0), (50, 1.0)):
        objective.advance(step)
        capacities = 2.0 * passed, min(5.0, math.log(3)) * passed
        expected = -trace.log_likelihood.mean().item()
        for rate, capacity in zip(rates, capacities, strict=True):
            expected += 4 * abs(rate - capacity)
        assert objective(trace)["loss"].item() == pytest.approx(expected, rel=1e-6)


def test_a_part_is_held_at_its_capacity_and_the_other_at_its_own():
    """Nothing else to do: each rate goes to where it should be."""
    family = Joint([DiagonalNormal(), StraightThroughCategorical(3)], [2, 3])
    features = (0.1 * torch.randn(1, 7)).double().requires_grad_()
    prior = JointPrior([StandardNormal(2), UniformCategorical(3, 3)]).double()()
    terms = [RateOfPart(0, capacity=1.5).double(), RateOfPart(1, capacity=0.6).double()]
    optimizer = torch.optim.SGD([features], lr=0.02)
    for _ in range(800):
        optimizer.zero_grad()
        q = family(features)
        trace = Trace(features, features, (Latent.draw(q, prior, 1),), q, torch.nn.Identity())
        sum(term(trace) for term in terms).backward()
        optimizer.step()
    rates = by_hand(trace)
    assert [rate.item() for rate in rates] == pytest.approx([1.5, 0.6], abs=0.05)


def test_the_capacity_is_a_part_of_the_training_that_fit_knows():
    term = RateOfPart(1, 2.0, LinearSchedule(0.0, 1.0, 0.5))
    variant = zoo.joint_vae((6,), latent=5, categories=3, widths=[5])
    data = Dataset(torch.rand(20, 6))
    fit(variant.model, Objective(term), data, epochs=4, batch_size=10, device="cpu",
        progress=False)  # fmt: skip
    assert term.scheduled_steps == 4
    assert term.capacity.item() == 1.0


def test_what_has_no_such_part_is_refused(trace, make):
    for term, given in ((RateOfPart(2), trace), (RateOfPart(0), make())):
        with pytest.raises(CompositionError, match=f"the latent has no part {term.part}"):
            term(given)
    with pytest.raises(CompositionError, match="at least 0"):
        RateOfPart(0, capacity=-1.0)


def test_parts_are_counted_from_zero():
    with pytest.raises(CompositionError, match="parts are counted from 0, and -1 is none"):
        RateOfPart(-1)
