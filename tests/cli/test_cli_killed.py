"""A real run, killed at twenty instants, many of them within a write, and resumed each time."""

import json
import multiprocessing
import random
import sys
import time

import numpy as np
import pytest

from reparam import data
from reparam.cli import main

KILLS = 20
COMMAND = ["fit", "small.npy", "--latent", "2", "--set",
           "widths=4", "--set", "network=mlp", "--epochs", "40", "--batch-size", "16",
           "--checkpoint-seconds", "0.02", "--augment", "noise=0.1", "--resume"]  # fmt: skip


@pytest.fixture
def pictures(tmp_path, monkeypatch):
    """A folder with 800 small pictures."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setattr(sys, "argv", sys.argv)
    train, _ = data.load("fashion-mnist-subset")
    np.save("small.npy", train[:800].pixels[:, 0, ::2, ::2].numpy())
    return tmp_path


PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["reparam.cli.fit", "reparam.report", "reparam.training"])
"""Twenty-two processes of which each is fresh, but torch is read in once."""


def start(out):
    sys.argv = ["reparam", *COMMAND, "--out", out]
    process = PROCESSES.Process(target=main)  # which has this one's arguments
    process.start()
    return process


def finish(out):
    process = start(out)
    process.join(120)
    assert process.exitcode == 0


def latest(run):
    try:
        return int((run / "checkpoints" / "latest").read_text().removeprefix("step-"))
    except FileNotFoundError:
        return 0


def writing(run):
    return any(run.glob("checkpoints/.*"))


def records(run):
    lines = map(json.loads, (run / "history.jsonl").read_text().splitlines())
    return [{k: v for k, v in line.items() if k != "examples_per_second"} for line in lines]


def test_a_run_killed_at_twenty_instants_ends_with_the_bytes_of_a_whole_one(pictures):
    finish("whole")
    killed, chance = pictures / "killed", random.Random(0)
    reached, within_a_write = 0, 0
    for kill in range(KILLS):
        process = start("killed")
        deadline = time.monotonic() + 120
        while latest(killed) <= reached and process.is_alive() and time.monotonic() < deadline:
            time.sleep(0.002)
        if kill % 2:
            while not writing(killed) and process.is_alive():
                pass
        else:
            time.sleep(chance.uniform(0, 0.05))
        assert process.is_alive()
        process.kill()
        process.join()
        assert latest(killed) > reached
        reached = latest(killed)
        within_a_write += writing(killed)
    assert within_a_write >= KILLS // 5
    assert not (killed / "model.safetensors").exists()
    finish("killed")
    whole = pictures / "whole"
    ours, theirs = ((run / "model.safetensors").read_bytes() for run in (killed, whole))
    assert ours == theirs
    assert records(killed) == records(whole)
    assert not writing(killed)
