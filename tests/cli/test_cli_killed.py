"""A real run, killed at twenty instants, many of them within a write, and resumed each time."""

import json
import os
import random
import subprocess
import sys
import time

import numpy as np
import pytest

from reparam import data

KILLS = 20
COMMAND = [sys.executable, "-m", "reparam", "fit", "small.npy", "--latent", "2", "--set",
           "widths=4", "--set", "network=mlp", "--epochs", "40", "--batch-size", "16",
           "--checkpoint-seconds", "0.02", "--augment", "noise=0.1", "--resume"]  # fmt: skip


@pytest.fixture
def pictures(tmp_path, monkeypatch):
    """A folder with 800 small pictures."""
    monkeypatch.chdir(tmp_path)
    train, _ = data.load("fashion-mnist-subset")
    np.save("small.npy", train[:800].pixels[:, 0, ::2, ::2].numpy())
    return tmp_path


def start(out):
    return subprocess.Popen(
        [*COMMAND, "--out", out],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip


def finish(out):
    process = start(out)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 0, said


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
    run, chance = pictures / "killed", random.Random(0)
    reached, within_a_write = 0, 0
    for kill in range(KILLS):
        process = start("killed")
        deadline = time.monotonic() + 120
        while latest(run) <= reached and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.002)
        if kill % 2:
            while not writing(run) and process.poll() is None:
                pass
        else:
            time.sleep(chance.uniform(0, 0.05))
        assert process.poll() is None, process.stderr.read()
        process.kill()
        process.communicate()
        assert latest(run) > reached
        reached = latest(run)
        within_a_write += writing(run)
    assert within_a_write >= KILLS // 5
    assert not (run / "model.safetensors").exists()
    finish("killed")
    whole = pictures / "whole"
    assert (run / "model.safetensors").read_bytes() == (whole / "model.safetensors").read_bytes()
    assert records(run) == records(whole)
    assert not writing(run)
