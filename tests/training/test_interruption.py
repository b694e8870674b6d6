"""Ctrl-C while a step takes long: it is answered at once, and the checkpoint before is whole."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
import torch

from reparam.errors import Interrupted
from reparam.training import Callback, interruption
from reparam.training.interruption import finishing_the_step


def weights(model):
    return torch.cat([p.detach().flatten() for p in model.parameters()])


def soon(number=signal.SIGINT, after=0.05):
    threading.Timer(after, os.kill, (os.getpid(), number)).start()


@pytest.fixture
def slow(monkeypatch):
    """A training whose seventh step takes a minute once Ctrl-C comes."""
    from reparam.training.engine import Engine

    take = Engine.take

    def slowly(engine, batch, step, measure=True):
        take(engine, batch, step, measure)
        if step == 6:
            soon()
            time.sleep(60)

    monkeypatch.setattr(Engine, "take", slowly)


@pytest.fixture
def go(small, vectors, train):
    def call(out, *callbacks, **options):
        variant = small()
        options = {"epochs": 2, "batch_size": 8, "checkpoint_seconds": 0.0} | options
        train(variant, vectors, out=out, callbacks=callbacks, **options)
        return variant[0]

    return call


def test_a_long_step_is_given_up_and_goes_on_bit_for_bit(go, slow, tmp_path, monkeypatch, capfd):
    began = time.monotonic()
    with pytest.raises(Interrupted, match=r"stopped at once; step 6 is saved in .*run: go on from "
                       r"there with resume=True \(--resume\)"):  # fmt: skip
        go(tmp_path / "run")
    assert time.monotonic() - began < 20
    assert "stopping once this step is done; Ctrl-C again stops at once" in capfd.readouterr().err
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    monkeypatch.undo()
    model = go(tmp_path / "run", resume=True)
    assert torch.equal(weights(model), weights(go(tmp_path / "whole")))


def test_before_the_first_checkpoint_there_is_nothing_to_go_on_from(go, slow, tmp_path):
    with pytest.raises(Interrupted, match="stopped before the first checkpoint: begin again"):
        go(tmp_path, checkpoint_seconds=1e9, batch_size=4)


def test_a_checkpoint_that_is_being_written_is_waited_for(go, tmp_path, monkeypatch):
    from reparam.training.checkpoints import Checkpoints

    monkeypatch.setattr(interruption, "AT_ONCE", 0.05)
    monkeypatch.setattr(interruption, "PATIENCE", 0.1)
    write = Checkpoints.write

    def slowly(checkpoints, step, state):
        if step == 7:
            soon(after=0)
            time.sleep(0.5)
        write(checkpoints, step, state)

    monkeypatch.setattr(Checkpoints, "write", slowly)
    with pytest.raises(Interrupted, match="stopped at step 7 of 10 and saved"):
        go(tmp_path)


def test_sigterm_waits_for_the_step(go, tmp_path, monkeypatch):
    monkeypatch.setattr(interruption, "AT_ONCE", 0.05)
    monkeypatch.setattr(interruption, "PATIENCE", 0.1)

    class Asks(Callback):
        def on_record(self, state, record):
            if state.step == 7:
                soon(signal.SIGTERM, after=0)
                time.sleep(0.5)

    with pytest.raises(Interrupted, match="stopped at step 7 of 10 and saved"):
        go(tmp_path, Asks())


def test_a_second_ctrl_c_stops_at_once():
    with finishing_the_step() as asked:
        signal.raise_signal(signal.SIGINT)
        assert asked.signal == signal.SIGINT
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        asked.answered = True


def test_an_event_loop_still_hears_its_signals():
    import asyncio

    async def wait():
        heard = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, heard.set)
        with finishing_the_step():
            signal.raise_signal(signal.SIGUSR1)
            await asyncio.wait_for(heard.wait(), 10)

    asyncio.run(wait())


STUCK = """
import hashlib, sys
from reparam.training.engine import Engine
take = Engine.take
def slowly(engine, batch, step, measure=True):
    take(engine, batch, step, measure)
    if step == 3:
        print("in the step", file=sys.stderr, flush=True)
        hashlib.pbkdf2_hmac("sha256", b"", b"", 400_000_000)  # a minute within C
Engine.take = slowly
from reparam.cli import main
sys.argv = ["reparam", "fit", "fashion-mnist-subset", "--set", "widths=4", "--set", "network=mlp",
            "--validation", "0", "--epochs", "1", "--checkpoint-seconds", "0", "--out", "run"]
main()
"""


@pytest.mark.parametrize("again", [False, True])
def test_the_command_line_ends_within_two_seconds_of_a_step_that_is_stuck(tmp_path, again):
    process = subprocess.Popen(
        [sys.executable, "-c", STUCK], cwd=tmp_path, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    try:
        while "in the step" not in (line := process.stderr.readline()):
            assert line
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert "Ctrl-C again stops at once" in process.stderr.readline()
        if again:
            process.send_signal(signal.SIGINT)
        said = process.stderr.read()
    finally:
        process.kill()
        process.wait()
        process.stderr.close()
    assert said == (
        "stopped at once; step 3 is saved in run: go on from there with resume=True (--resume)\n"
    )
    assert process.returncode == 130
    assert time.monotonic() - began < 10  # two seconds, on a machine with nothing else to do
    assert (tmp_path / "run/checkpoints/latest").read_text() == "step-3"
