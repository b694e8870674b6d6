"""Two processes train what one would, and go on together after a kill."""

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image
from safetensors.numpy import load_file

from reparam import data

REPARAM = ["-m", "reparam", "fit"]
SMALL = ["--latent", "2", "--set", "widths=16", "--set", "network=mlp", "--batch-size", "16"]
TOGETHER = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]


@pytest.fixture(autouse=True)
def pictures(tmp_path, monkeypatch):
    """A folder with 800 small pictures."""
    monkeypatch.chdir(tmp_path)
    train, _ = data.load("fashion-mnist-subset")
    np.save("small.npy", train[:800].pixels[:, 0, ::2, ::2].numpy())
    return tmp_path


def folder():
    """The same pictures as files, one of them broken."""
    Path("pictures").mkdir()
    for index, picture in enumerate(np.load("small.npy")):
        Image.fromarray(picture).save(f"pictures/{index:03}.png")
    Path("pictures/broken.png").write_bytes(b"no picture")
    return "pictures"


def start(processes, *options, source="small.npy"):
    launcher = TOGETHER if processes == 2 else []
    return subprocess.Popen(
        [sys.executable, *launcher, *REPARAM, source, *SMALL, *options],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip


def finish(processes, *options, status=0, source="small.npy"):
    process = start(processes, *options, source=source)
    try:
        _, said = process.communicate(timeout=180)
    finally:
        kill(process)
    assert (process.returncode == 0) == (status == 0), said
    return said


def kill(process):
    """End the launcher and its children, which have sessions of their own."""
    with contextlib.suppress(psutil.NoSuchProcess):
        parent = psutil.Process(process.pid)
        for each in [parent, *parent.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
    process.communicate()


def records(run):
    lines = map(json.loads, (run / "history.jsonl").read_text().splitlines())
    return [{k: v for k, v in line.items() if k != "examples_per_second"} for line in lines]


def test_a_process_leaves_the_others_before_it_ends():
    """One that ends inside its group aborts now and then, after all its work is done."""
    script = (
        "import atexit\n"
        "from torch import distributed\n"
        "from reparam.training.device import accelerator_on\n"
        "atexit.register(lambda: print('after', distributed.is_initialized()))\n"
        "accelerator_on('cpu', 'no')\n"
        "print('before', distributed.is_initialized())\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--no-python",
         sys.executable, "-c", script],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["before", "True", "after", "False"], done.stderr


def test_two_processes_with_half_the_batch_match_one_with_the_whole(pictures):
    """An autoencoder draws no noise, so that rounding alone can differ."""
    options = ("--model", "autoencoder", "--epochs", "3", "--clip", "300", "--ema", "0.9")
    finish(1, *options, "--out", "alone")
    one, theirs = (found(pictures / "alone") for found in (weights, records))
    for how in ((), ("--shard",)):
        finish(2, *options, *how, "--out", "together", "--overwrite")
        two, ours = (found(pictures / "together") for found in (weights, records))
        assert one.keys() == two.keys()
        for name in one:
            np.testing.assert_allclose(two[name], one[name], atol=2e-4)
        assert [r["step"] for r in ours] == [r["step"] for r in theirs]
        for a, b in zip(ours, theirs, strict=True):
            assert a["loss"] == pytest.approx(b["loss"], rel=1e-5)
            assert a.get("gradient_norm", 0) == pytest.approx(b.get("gradient_norm", 0), rel=1e-3)


def weights(run):
    return load_file(run / "model.safetensors")


@pytest.mark.parametrize(
    ("how", "make"),
    [((), folder), (("--shard", "--select", "best"), lambda: "small.npy")],
    ids=["DDP on a folder", "FSDP"],
)
def test_two_processes_killed_together_go_on_bit_for_bit(pictures, how, make):
    options = ("--epochs", "3", "--ema", "0.99", "--resume", *how)
    source = make()
    finish(2, *options, "--out", "whole", source=source)
    run = pictures / "killed"
    process = start(2, *options, "--checkpoint-seconds", "0.05", "--out", "killed", source=source)
    deadline = time.monotonic() + 120
    latest = run / "checkpoints" / "latest"
    while time.monotonic() < deadline and process.poll() is None:
        if latest.exists() and int(latest.read_text().removeprefix("step-")) > 30:
            break
        time.sleep(0.005)
    assert process.poll() is None, process.stderr.read()
    kill(process)
    assert not (run / "model.safetensors").exists()
    said = finish(1, *options, "--out", "killed", status=2, source=source)
    assert ("shard has no effect" if how else "processes was 2 and is 1") in said
    finish(2, *options, "--out", "killed", source=source)
    whole = pictures / "whole"
    assert (run / "model.safetensors").read_bytes() == (whole / "model.safetensors").read_bytes()
    assert records(run) == records(whole)


def test_a_batch_that_does_not_fall_into_parts_is_refused():
    said = finish(2, "--batch-size", "15", "--epochs", "1", "--out", "run", status=2)
    assert "a batch of 15 does not fall into 2 equal parts" in said
