"""Threads get what they would get one after the other, and leave the process's settings alone."""

import subprocess
import sys
import threading
import warnings

import matplotlib
import pytest
import torch
from torch import nn

from reparam import fit, zoo
from reparam.alone import Turn, alone
from reparam.data import Dataset, pictures
from reparam.inference import inference
from reparam.metrics.effects import _one_thread
from reparam.plots.style import style
from reparam.randomness import seeded


def together(*works):
    """Run each in a thread of its own; gives what they return."""
    found, errors = {}, []

    def run(number, work):
        try:
            found[number] = work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if errors:
        raise errors[0]
    return [found[number] for number in range(len(works))]


@pytest.fixture
def often():
    """The interpreter changes threads as often as it can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.fixture
def model():
    return zoo.vae((7,), latent=2, widths=[8], seed=0).model.eval()


def test_samples_of_a_seed_are_the_same_in_four_threads(model, often):
    expected = [model.sample(20, seed=seed) for seed in range(4)]

    def count(seed):
        return sum(
            not torch.equal(model.sample(20, seed=seed), expected[seed]) for _ in range(100)
        )

    assert together(*(lambda seed=seed: count(seed) for seed in range(4))) == [0, 0, 0, 0]


def test_draws_without_a_seed_do_not_disturb_those_with_one(model, often):
    expected = model.sample(20, seed=1)

    def unseeded():
        for _ in range(200):
            model.sample(20)

    def seeded_ones():
        return sum(not torch.equal(model.sample(20, seed=1), expected) for _ in range(200))

    assert together(unseeded, seeded_ones)[1] == 0


@pytest.mark.filterwarnings("ignore::reparam.errors.CollapseWarning")
@pytest.mark.parametrize("precisions", [("no", "no"), ("bf16", "no")])
def test_two_trainings_in_two_threads_end_as_one_by_one(precisions, often):
    data = Dataset(torch.rand(64, 7, generator=torch.Generator().manual_seed(1)))

    def train(seed, precision):
        model, objective = zoo.vae((7,), latent=2, widths=[8], seed=seed)
        fit(model, objective, data, data, epochs=4, batch_size=8, seed=seed, device="cpu",
            precision=precision, progress=False)  # fmt: skip
        return torch.cat([p.detach().flatten() for p in model.parameters()])

    runs = [lambda s=s, p=p: train(s, p) for s, p in enumerate(precisions)]
    alone = [run() for run in runs]
    for expected, found in zip(alone, together(*runs), strict=True):
        assert torch.equal(expected, found)


@pytest.mark.filterwarnings("ignore::reparam.errors.CollapseWarning")
def test_one_may_sample_from_a_model_that_another_thread_trains(often):
    data = Dataset(torch.rand(64, 7, generator=torch.Generator().manual_seed(1)))

    def train(watch):
        model, objective = zoo.vae((7,), latent=2, widths=[8], seed=0)
        model.posterior.network = nn.Sequential(nn.Dropout(0.5), model.posterior.network)
        watch(model)
        fit(model, objective, data, epochs=4, batch_size=8, device="cpu", progress=False)
        return torch.cat([p.detach().flatten() for p in model.parameters()])

    expected, over, draws = train(lambda model: None), threading.Event(), []
    shared = []

    def sample():
        while not shared and not over.is_set():
            pass
        while not over.is_set():
            draws.append(shared[0].sample(2, seed=3))

    def training():
        try:
            return train(shared.append)
        finally:
            over.set()

    assert torch.equal(together(training, sample)[0], expected)
    assert len(draws) > 1


def overlapping(enter):
    """Two threads enter one after the other, and the first leaves first where it can."""
    inside, leave = threading.Event(), threading.Event()

    def first():
        with enter():
            inside.set()
            leave.wait(0.2)

    def second():
        inside.wait(10)
        with enter():
            leave.set()
            threading.Event().wait(0.05)

    together(first, second)


def test_the_number_of_threads_is_left_as_it_was():
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        overlapping(_one_thread)
        assert together(torch.get_num_threads) == [3]  # a new thread takes the process's number
    finally:
        torch.set_num_threads(before)


def test_warning_filters_are_left_as_they_were():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        before = list(warnings.filters)
        overlapping(pictures.quietly)
        assert warnings.filters == before


def test_matplotlibs_parameters_are_left_as_they_were():
    before = dict(matplotlib.rcParams)
    overlapping(style)
    assert dict(matplotlib.rcParams) == before


def test_a_module_is_left_in_the_mode_that_it_was_in():
    net, modes = nn.Dropout(), []

    def enter():
        class Inside:
            def __enter__(self):
                self.context = inference(net)
                self.context.__enter__()

            def __exit__(self, *error):
                modes.append(net.training)
                self.context.__exit__(*error)

        return Inside()

    overlapping(enter)
    assert modes == [False, False]
    assert net.training


def test_two_threads_that_import_zuko_leave_torchs_validation_on():
    code = """
import threading, torch
from torch.distributions import Distribution
from reparam.flows.masked import zuko
import reparam.flows.masked as masked
before = Distribution._validate_args
original, started = masked.importlib.import_module, threading.Event()
def slowly(name):
    Distribution._validate_args = False  # as zuko does while it is imported
    started.set()
    if threading.current_thread() is not first:
        first.join()
    threading.Event().wait(0.2)
    return original(name)
masked.importlib.import_module = slowly
first = threading.Thread(target=zuko)
first.start()
started.wait()
second = threading.Thread(target=zuko)
second.start()
first.join(); second.join()
assert Distribution._validate_args is before, Distribution._validate_args
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_who_waits_for_a_turn_gets_it_before_who_had_it_last():
    turn, order = Turn(), []

    def busy():
        for _ in range(50):
            with turn:
                order.append("busy")
                threading.Event().wait(0.002)

    def once():
        threading.Event().wait(0.01)
        with turn:
            order.append("once")

    together(busy, once)
    assert order.index("once") < 12


def test_a_thread_that_fails_inside_lets_others_in():
    def fails():
        with alone(), seeded(0):
            raise ValueError("inside")

    with pytest.raises(ValueError, match="inside"):
        together(fails)
    assert together(lambda: torch.rand(1).numel()) == [1]
    with alone():
        pass
