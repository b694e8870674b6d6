"""A loop of one's own: what `fit` does besides, and what is refused where it was forgotten."""

import pytest
import torch

from reparam import zoo
from reparam.errors import CompositionError
from reparam.objectives import Distortion, ImportanceWeighted, LinearSchedule, Objective, Rate


@pytest.fixture
def model():
    return zoo.vae((6,), latent=2, widths=[4]).model


def test_a_warm_up_whose_step_nobody_said_is_refused(model):
    """It would stay at its first weight for ever."""
    objective = Objective(Distortion(), Rate(LinearSchedule(0.0, 4.0, 10)))
    with pytest.raises(CompositionError, match=r"call objective.advance\(step\) before each step"):
        objective(model(torch.rand(3, 6)))
    for step, weight in ((0, 0.0), (5, 2.0), (10, 4.0), (99, 4.0)):
        objective.advance(step)
        values = objective(model(torch.rand(3, 6)))
        expected = values["distortion"] + weight * values["rate"]
        torch.testing.assert_close(values["loss"], expected)


def test_a_capacity_is_a_schedule_too(model):
    objective = Objective(Distortion(), Rate(10.0, capacity=LinearSchedule(0.0, 5.0, 10)))
    with pytest.raises(CompositionError, match="nobody said which step it is"):
        objective(model(torch.rand(3, 6)))
    objective.finish()
    objective(model(torch.rand(3, 6)))


def test_looking_asks_nothing(model):
    """Without gradients, or in evaluation, nothing is trained on the first weight."""
    objective = Objective(Distortion(), Rate(LinearSchedule(0.0, 4.0, 10)))
    with torch.no_grad():
        objective(model(torch.rand(3, 6)))
    objective.eval()(model(torch.rand(3, 6)))


def test_a_part_of_a_training_of_unknown_length_is_refused():
    objective = Objective(Rate(LinearSchedule(0.0, 4.0, 0.5)))
    with pytest.raises(CompositionError, match=r"call objective.prepare\(examples, steps\)"):
        objective.advance(0)
    objective.prepare(examples=100, steps=20)
    objective.advance(5)
    assert objective.terms[0].weight == 2
    unprepared = Objective(Rate(LinearSchedule(0.0, 4.0, 0.5)))
    unprepared.finish()
    assert unprepared.terms[0].weight == 4


def test_fewer_draws_than_the_objective_needs_are_refused(model):
    """One draw of an importance-weighted bound of five is another bound."""
    objective = Objective(ImportanceWeighted(), samples=5)
    with pytest.raises(
        CompositionError, match="needs 5 draws of each example, and the trace has 1"
    ):
        objective(model(torch.rand(3, 6)))
    objective(model(torch.rand(3, 6), samples=objective.samples))
    objective(model(torch.rand(3, 6), samples=10))
