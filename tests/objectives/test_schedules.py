"""Weights that change while training live in buffers."""

import pytest
import torch

from reparam.errors import CompositionError
from reparam.objectives import CyclicalSchedule, Distortion, LinearSchedule, Objective, Rate


def test_a_line_from_start_to_end():
    line = LinearSchedule(1.0, 3.0, steps=4)
    assert [line.at(step) for step in range(7)] == [1, 1.5, 2, 2.5, 3, 3, 3]
    assert line.final == 3.0


def test_it_may_go_down():
    assert [LinearSchedule(2.0, 0.0, steps=2).at(step) for step in range(4)] == [2, 1, 0, 0]


def test_advance_sets_the_weight_that_the_loss_uses(make):
    objective = Objective(Distortion(), Rate(LinearSchedule(0.0, 4.0, steps=10)))
    weight = objective.terms[1].weight
    assert weight == 0
    for step, beta in ((0, 0.0), (5, 2.0), (10, 4.0), (99, 4.0)):
        objective.advance(step)
        values = objective(make())
        torch.testing.assert_close(values["loss"], values["distortion"] + beta * values["rate"])
    assert objective.terms[1].weight is weight


def test_weights_are_scalar_buffers_that_move_with_the_module_and_are_not_saved():
    objective = Objective(Distortion(), Rate(LinearSchedule(0.0, 4.0, steps=10)))
    assert {name for name, _ in objective.named_buffers()} == {"terms.0.weight", "terms.1.weight"}
    assert all(buffer.ndim == 0 for buffer in objective.buffers())
    assert objective.double().terms[1].weight.dtype == torch.float64
    assert not objective.state_dict()


def test_finish_makes_every_weight_final():
    objective = Objective(
        Distortion(LinearSchedule(1.0, 0.5, steps=3)),
        Rate(LinearSchedule(0.0, 4.0, steps=10)),
        Rate(2.0, name="constant"),
    )
    assert objective.scheduled_steps == 10
    objective.finish()
    assert [term.weight.item() for term in objective] == [0.5, 4.0, 2.0]
    assert Objective(Distortion()).scheduled_steps == 0


@pytest.mark.parametrize(
    ("start", "end", "steps", "sentence"),
    [
        (0.0, 1.0, 0, "takes at least one step, not 0"),
        (1.0, 1.0, 5, "has no effect: give a number"),
        (-1.0, 1.0, 5, "of at least 0, not -1.0"),
        (0.0, float("inf"), 5, "a finite number"),
    ],
)
def test_schedules_that_make_no_sense_are_refused(start, end, steps, sentence):
    with pytest.raises(CompositionError, match=sentence):
        LinearSchedule(start, end, steps)


def test_cycles_of_a_part_of_the_training_must_fit_too():
    cycles = CyclicalSchedule(0.0, 1.0, 1.0, cycles=4)
    cycles.prepare(8)
    assert [cycles.at(step) for step in (0, 1, 2, 8)] == [0.0, 1.0, 0.0, 1.0]
    with pytest.raises(CompositionError, match="4 cycles do not fit into 3 steps"):
        cycles.prepare(3)
