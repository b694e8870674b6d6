"""What `fit` tells an objective before training: how long it will be, and how many examples."""

import pytest
import torch

from reparam import fit, zoo
from reparam.data import Dataset
from reparam.errors import CompositionError, TrainingError
from reparam.objectives import (
    CosineSchedule,
    CyclicalSchedule,
    Distortion,
    LinearSchedule,
    MutualInformation,
    Objective,
    Rate,
    Term,
    TotalCorrelation,
)
from reparam.registry import build, describe

KINDS = [LinearSchedule, CosineSchedule, CyclicalSchedule]


class Watch(Term):
    """Keeps what it is told, and the weights of another term at every step."""

    name = "watch"

    def __init__(self, other):
        super().__init__(0.0)
        self.other, self.told, self.seen = other, [], []

    def prepare(self, examples, steps):
        super().prepare(examples, steps)
        self.told.append((examples, steps))

    def forward(self, trace):
        if trace.model.training:
            self.seen.append(self.other.weight.item())
        return 0 * trace.x.flatten(1).sum(1)


def train(term, epochs=2, examples=20, watch=None, **options):
    """With 5 batches of 4 an epoch; gives the watcher."""
    model = zoo.vae((6,), latent=2, widths=[4]).model
    watch = watch or Watch(term)
    options = {"batch_size": 4, "device": "cpu", "progress": False} | options
    data = Dataset(torch.rand(examples, 6, generator=torch.Generator().manual_seed(0)))
    fit(model, Objective(Distortion(), term, watch), data, epochs=epochs, **options)
    return watch


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("part", "whole"), [(1.0, 40), (0.5, 20), (0.26, 10), (0.001, 1)])
def test_a_part_of_the_training_is_so_many_of_its_steps(kind, part, whole):
    schedule, same = kind(0.5, 2.0, part), kind(0.5, 2.0, max(whole, 4))
    if kind is CyclicalSchedule and whole < 4:
        with pytest.raises(CompositionError, match="4 cycles do not fit into 1 steps"):
            schedule.prepare(40)
        return
    schedule.prepare(40)
    assert schedule.steps == whole
    if whole >= 4:
        assert [schedule.at(s) for s in range(50)] == [same.at(s) for s in range(50)]
    assert schedule.at(whole) == schedule.final == 2.0


@pytest.mark.parametrize("kind", KINDS)
def test_whole_steps_stay_as_many_however_long_training_is(kind):
    schedule = kind(0.5, 2.0, 12)
    before = [schedule.at(s) for s in range(20)]
    schedule.prepare(1000)
    assert (schedule.steps, [schedule.at(s) for s in range(20)]) == (12, before)


def test_one_step_and_the_whole_training_are_told_apart_by_a_point():
    one, whole = LinearSchedule(0.0, 1.0, 1), LinearSchedule(0.0, 1.0, 1.0)
    for schedule in (one, whole):
        schedule.prepare(10)
    assert (one.steps, whole.steps) == (1, 10)


def test_it_may_be_prepared_again_for_another_length():
    schedule = LinearSchedule(0.0, 1.0, 0.5)
    for steps in (10, 400, 20):
        schedule.prepare(steps)
        assert schedule.steps == steps // 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("part", [0.0, 1.5, -0.2, float("nan")])
def test_a_part_lies_between_nothing_and_all(kind, part):
    with pytest.raises(CompositionError, match=r"a part of the training up to 1\.0"):
        kind(0.0, 1.0, part)


@pytest.mark.parametrize("steps", [0.25, 10])
def test_the_part_survives_being_written_down(steps):
    again = build(describe(Objective(Rate(LinearSchedule(0.0, 1.0, steps)))))
    again.prepare(examples=7, steps=40)
    assert again.scheduled_steps == 10


@pytest.mark.parametrize("kind", KINDS)
def test_fit_says_how_long_and_every_step_has_its_weight(kind):
    """10 steps, of which half are 5: the weight of each step is the schedule's at that step."""
    term = Rate(kind(0.0, 2.0, 0.5))
    watch = train(term)
    assert watch.told == [(20, 10)]
    schedule = kind(0.0, 2.0, 5)
    expected = torch.tensor([schedule.at(step) for step in range(10)])
    assert watch.seen[-10:] == expected.tolist()
    assert term.weight == 2


def test_a_longer_training_after_a_short_one_is_told_anew():
    term = TotalCorrelation(LinearSchedule(0.0, 1.0, 0.5))
    watch = train(term)
    del watch.seen[:]
    train(term, epochs=4, examples=24, watch=watch)
    assert watch.told == [(20, 10), (24, 24)]
    assert watch.seen[-24:] == torch.tensor([min(s / 12, 1) for s in range(24)]).tolist()
    assert term.examples == 24


def test_a_batch_left_out_is_no_step():
    """22 examples in batches of 4: the loader says how many steps an epoch has."""
    term = Rate(LinearSchedule(0.0, 1.0, 1.0))
    watch = train(term, epochs=1, examples=22)
    ((examples, steps),) = watch.told
    assert examples == 22
    assert len(watch.seen[-steps:]) == steps == term.scheduled_steps


def test_two_numbers_of_one_term_are_both_told():
    term = Rate(LinearSchedule(0.0, 1.0, 0.2), capacity=LinearSchedule(0.0, 25.0, 1.0))
    train(term)
    assert [schedule.steps for schedule in term.schedules.values()] == [2, 10]
    assert (term.weight.item(), term.capacity.item()) == (1.0, 25.0)
    assert term.scheduled_steps == 10


def test_whole_steps_that_are_too_many_are_refused_and_a_part_never_is():
    with pytest.raises(TrainingError, match="final only after 11 steps, but training takes 10"):
        train(Rate(LinearSchedule(0.0, 1.0, 11)))
    train(Rate(LinearSchedule(0.0, 1.0, 1.0)))


def test_stopping_early_waits_for_the_part():
    """With a loss that cannot fall: one epoch after the first whose weight is final."""
    for part, stopped in ((0.25, 3), (0.75, 7)):
        model = zoo.vae((6,), latent=2, widths=[4]).model
        data = Dataset(torch.rand(20, 6))
        objective = Objective(Rate(LinearSchedule(0.0, 1.0, part)))
        with torch.no_grad():
            for p in model.posterior.parameters():
                p.zero_()
        history = fit(model, objective, data, data, epochs=8, patience=1, batch_size=4,
                      schedule="constant", device="cpu", progress=False)  # fmt: skip
        assert len(history.of("validation")) == stopped


@pytest.mark.parametrize("term", [MutualInformation, TotalCorrelation])
def test_the_examples_are_told_to_every_term_that_asks(term):
    told, said = term(), term(examples=500, name="said")
    Objective(told, said).prepare(examples=60, steps=1)
    assert (told.examples.item(), said.examples.item()) == (60, 500)
    again = build(describe(Objective(told, said)))
    again.prepare(examples=70, steps=1)
    assert [t.examples.item() for t in again] == [70, 500]


@pytest.mark.parametrize("warmup", [0, 3, 0.5])
def test_a_zoo_variants_warm_up(warmup):
    _, objective = zoo.vae((6,), latent=2, widths=[4], beta=4.0, warmup=warmup)
    objective.prepare(examples=1, steps=20)
    objective.advance(0)
    assert objective.terms[1].weight == (0 if warmup else 4)
    assert objective.scheduled_steps == {0: 0, 3: 3, 0.5: 10}[warmup]
    objective.finish()
    assert objective.terms[1].weight == 4
