"""Damaged runs: configurations, weights and checkpoints, each with a command that opens them."""

import hashlib
import json
import shutil
from pathlib import Path
from random import Random
from typing import Any

import torch
from safetensors.torch import load_file
from safetensors.torch import save as to_bytes
from tests.fuzz.mutations import ABSURD, alter, damage, places

from reparam.artifact.folder import DIGEST, digest
from reparam.artifact.weights import metadata_of, with_metadata
from reparam.registry import PARTS

TYPES = ("float64", "float16", "bfloat16", "int32", "int8", "uint8", "bool", "complex64",
         "float8_e4m3fn", "float8_e5m2")  # fmt: skip
RUNS = ("run", "labelled", "flow", "autoencoder")


def artifacts(rng: Random, place: Path, base: Path) -> list[str]:
    """A trained model's folder."""
    folder = place / "run"
    shutil.copytree(base / rng.choice(RUNS), folder)
    config, weights = folder / "config.json", folder / "model.safetensors"
    if rng.random() < 0.75:
        tree = json.loads(config.read_text())
        if rng.random() < 0.3:
            _other_part(tree, rng)
            text = json.dumps(tree)
        elif rng.random() < 0.1:
            tree["model"]["arguments"]["prior"] = _doubled(rng.choice([5, 20, 60]))
            text = json.dumps(tree)
        elif rng.random() < 0.5:  # what leaves a model that can be built
            alter(tree[rng.choice(["schema", "schema", "objective", "recipe"])], rng)
            text = json.dumps(tree)
        else:
            text = alter(tree, rng)
        config.write_text(text if rng.random() < 0.95 else text[: rng.randrange(len(text))])
    else:
        weights.write_bytes(_weights(weights, rng))
    if rng.random() < 0.05:
        config.write_bytes(damage(config.read_bytes(), rng))
    if rng.random() < 0.85:
        _seal(config, weights)
    return _command(rng, folder, base)


def _command(rng: Random, folder: Path, base: Path) -> list[str]:
    run, data = str(folder), str(base / "x.npz")
    return rng.choice([
        ["encode", run, data, "--out", "z.npz"],
        ["encode", run, data, "--out", "z.npz"],
        ["sample", run, "-n", "3", "--out", "s.npz"],
        ["sample", run, "-n", "3", "--out", "s.npz", "--draw"],
        ["sample", run, "-n", "3", "--out", "s.npz", "--sampler", "normal", "--data", data],
        ["reconstruct", run, data, "--out", "r.npz"],
        ["score", run, data, "--samples", "2", "--out", "o.npz"],
        ["evaluate", run],
        ["interpolate", run, data, "-n", "2", "--steps", "3", "--out", "i.npz"],
        ["traverse", run, "--data", data, "--top", "1", "--steps", "3", "--out", "t.npz"],
        ["attribute", run, data, "--has", "0", "--split", "all", "--out", "a.npz"],
    ])  # fmt: skip


def _other_part(tree: Any, rng: Random) -> None:
    """Another part's name, or another part, in the place of one."""
    found = [at for at in places(tree) if at[-1] == "part"]
    *way, key = rng.choice(found)
    node = tree
    for step in way:
        node = node[step]
    node[key] = rng.choice(sorted(PARTS))
    if rng.random() < 0.5:
        node["arguments"] = {}
    if rng.random() < 0.3:
        node["arguments"][rng.choice(["shape", "dim", "inputs", "network"])] = rng.choice(ABSURD)


def _doubled(depth: int) -> Any:
    tree: Any = {"part": "StandardNormal", "id": 100, "arguments": {"shape": 1}}
    for number in range(101, 101 + depth):
        again = {"part": "JointPrior", "arguments": {"priors": [{"shared": number - 1}]}}
        inner = {"priors": [tree, again]}
        tree = {"part": "JointPrior", "id": number, "arguments": inner}
    return tree


def _weights(file: Path, rng: Random) -> bytes:
    content = file.read_bytes()
    what = rng.randrange(4)
    if what == 0:
        return damage(content, rng)
    if what == 1:
        end = 8 + int.from_bytes(content[:8], "little")
        header = alter(json.loads(content[8:end]), rng).encode()
        length = len(header) if rng.random() < 0.8 else rng.choice([0, 2**40, 2**63, 5])
        return length.to_bytes(8, "little") + header + content[end:]
    tensors = load_file(file)
    for name in rng.sample(sorted(tensors), rng.choice([1, len(tensors)])):
        if what == 2:
            tensors[name] = tensors[name].to(getattr(torch, rng.choice(TYPES)))
        else:
            shape = rng.choice([(), (0,), (1,), tuple(tensors[name].shape[::-1]), (2**20, 0)])
            tensors[name] = torch.full(shape, rng.choice([0.0, 1e38, float("nan")]))
    if rng.random() < 0.1:
        tensors["model.new"] = torch.zeros(1)
    return to_bytes(tensors, metadata_of(content))


def _seal(config: Path, weights: Path) -> None:
    """The digests that fit, where the files can be read at all."""
    try:
        tree = json.loads(config.read_text())
        held = with_metadata(weights.read_bytes(), {DIGEST: digest(tree)})
        tree["weights"] = {"sha256": hashlib.sha256(held).hexdigest()}
        text = json.dumps(tree)
    except Exception:  # then the damage is left as it is
        return
    weights.write_bytes(held)
    config.write_text(text)


def checkpoints(rng: Random, place: Path, base: Path) -> list[str]:
    """A run that was stopped, to go on with."""
    folder = place / "run"
    shutil.copytree(base / "unfinished", folder, symlinks=True)
    kept = sorted(file for file in (folder / "checkpoints").rglob("*") if file.is_file())
    files = [*kept, *kept, folder / "history.jsonl"]
    for _ in range(rng.choice([1, 1, 2])):
        file = rng.choice(files)
        what = rng.randrange(8)
        if what == 0:
            file.unlink(missing_ok=True)
        elif what == 1 and file.suffix in (".jsonl", ""):
            file.write_bytes(
                rng.choice([b"null\n", b"\0" * 99, b"\xff\n", b"{}\n", b"[]\n", b"step-x",
                            b"../..\n", b"step-999999", b"1\n" * 5, b'{"step": "x"}\n',
                            b'{"step": 1e999}\n'])
            )  # fmt: skip
        elif file.exists():
            file.write_bytes(damage(file.read_bytes(), rng))
    if rng.random() < 0.2:
        shutil.rmtree(
            rng.choice(sorted((folder / "checkpoints").glob("step-*"))), ignore_errors=True
        )
    return [
        *(base / "unfinished-command.txt").read_text().split("\n"),
        "--out",
        str(folder),
        "--resume",
    ]
