"""A rate drawn to a capacity, and the schedules that weights and capacities follow."""

import math

import pytest
import torch

from reparam.errors import CompositionError
from reparam.objectives import (
    CosineSchedule,
    CyclicalSchedule,
    Distortion,
    LinearSchedule,
    Objective,
    Rate,
)


def test_the_rate_is_drawn_to_the_capacity_from_both_sides(make):
    trace = make()
    rate = trace.kl.mean()
    for capacity in (0.0, float(rate) / 2, float(rate) * 3):
        values = Objective(Distortion(), Rate(7.0, capacity=capacity))(trace)
        expected = (rate - capacity).abs()
        torch.testing.assert_close(values["rate_from_capacity"], expected)
        torch.testing.assert_close(values["loss"], values["distortion"] + 7 * expected)


def test_a_capacity_grows_with_its_schedule_and_is_waited_for():
    objective = Objective(Distortion(), Rate(7.0, capacity=LinearSchedule(0.0, 25.0, steps=50)))
    term = objective.terms[1]
    for step, capacity in ((0, 0.0), (10, 5.0), (50, 25.0), (99, 25.0)):
        objective.advance(step)
        assert (term.capacity.item(), term.weight.item()) == (capacity, 7.0)
    assert objective.scheduled_steps == 50
    assert not objective.state_dict()


def test_weight_and_capacity_may_both_move():
    line, curve = LinearSchedule(0.0, 25.0, steps=50), CosineSchedule(1.0, 3.0, steps=80)
    term = Rate(curve, capacity=line)
    assert term.scheduled_steps == 80
    term.advance(40)
    assert term.capacity.item() == 20.0
    assert term.weight.item() == pytest.approx(2.0)


def test_free_bits_and_capacity_exclude_each_other():
    with pytest.raises(CompositionError, match="not both"):
        Rate(free_bits=0.5, capacity=3.0)
    with pytest.raises(CompositionError, match="at least 0"):
        Rate(capacity=-1.0)


def test_a_cosine_is_slow_at_both_ends():
    curve = CosineSchedule(2.0, 0.0, steps=10)
    expected = [1 + math.cos(math.pi * step / 10) for step in range(11)]
    assert [curve.at(step) for step in range(11)] == pytest.approx(expected)
    assert curve.at(50) == curve.final == 0.0


def test_cycles_rise_and_stay():
    cycles = CyclicalSchedule(0.5, 1.5, steps=40, cycles=2, rising=0.25)
    found = [cycles.at(step) for step in (0, 1, 5, 10, 19, 20, 21, 25, 39, 40, 99)]
    assert found == pytest.approx([0.5, 0.7, 1.5, 1.5, 1.5, 0.5, 0.7, 1.5, 1.5, 1.5, 1.5])


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: CosineSchedule(1.0, 1.0, 5), "has no effect"),
        (lambda: CosineSchedule(1.0, 2.0, 0), "at least one step"),
        (lambda: CyclicalSchedule(0.0, 1.0, 3, cycles=4), "4 cycles do not fit into 3 steps"),
        (lambda: CyclicalSchedule(0.0, 1.0, 30, rising=0.0), "rising is a part of a cycle"),
        (lambda: CyclicalSchedule(0.0, -1.0, 30), "at least 0"),
    ],
)
def test_schedules_that_make_no_sense(make, said):
    with pytest.raises(CompositionError, match=said):
        make()
