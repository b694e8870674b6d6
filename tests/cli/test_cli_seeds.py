"""The same seed gives the same bytes, another seed others."""

from pathlib import Path

import numpy as np
import pytest

import reparam


def bytes_of(*paths):
    return [Path(path).read_bytes() for path in paths]


def test_weights(tiny, done, quick):
    for name, seed in {"a": 5, "b": 5, "c": 6}.items():
        done("fit", tiny, *quick, "--seed", seed, "--out", name)
    a, b, c = bytes_of(*(f"{name}/model.safetensors" for name in "abc"))
    assert a == b
    assert a != c
    a, b, c = bytes_of(*(f"{name}/samples.png" for name in "abc"))
    assert a == b
    assert a != c


def test_the_seed_of_the_weights_alone(tiny, done, quick):
    done("fit", tiny, *quick, "--out", "a")
    done("fit", tiny, *quick, "--set", "seed=7", "--out", "b")
    a, b = reparam.load("a"), reparam.load("b")
    assert a.schema == b.schema
    assert a.recipe == b.recipe
    assert len(set(bytes_of("a/model.safetensors", "b/model.safetensors"))) == 2


@pytest.mark.parametrize("suffix", ["png", "npz"])
@pytest.mark.parametrize("options", [(), ("--draw",), ("--sampler", "normal")])
def test_samples(suffix, options, runs, done):
    for name, seed in {"a": 5, "b": 5, "c": 6}.items():
        out = f"{name}.{suffix}"
        done("sample", runs / "vae", "-n", 4, *options, "--seed", seed, "--out", out)
    a, b, c = bytes_of(*(f"{name}.{suffix}" for name in "abc"))
    assert a == b
    assert a != c


def test_the_choice_of_what_to_reconstruct(runs, tiny, done):
    for name, seed in {"a": 5, "b": 5, "c": 6}.items():
        done("reconstruct", runs / "vae", tiny, "-n", 8, "--seed", seed, "--out", f"{name}.npz")
    a, b, c = bytes_of("a.npz", "b.npz", "c.npz")
    assert a == b
    assert a != c


def test_codes_need_no_seed(runs, tiny, done):
    for name in "ab":
        done("encode", runs / "vae", tiny, "--out", f"{name}.npz")
    a, b = bytes_of("a.npz", "b.npz")
    assert a == b


def test_the_parts_that_are_held_out(tiny, done):
    for name, seed in {"a": 0, "b": 1}.items():
        done("data", tiny, "--split", "test", "--seed", seed, "--out", f"{name}.npz")
    with np.load("a.npz") as a, np.load("b.npz") as b:
        assert len(a["x"]) == len(b["x"]) == 20
        assert not np.array_equal(a["x"], b["x"])


def test_a_runs_parts_are_its_own_whatever_seed_chooses_items(tiny, done, quick):
    done("fit", tiny, *quick, "--seed", 9, "--out", "run")
    done("reconstruct", "run", tiny, "--seed", 1, "-n", 99, "--out", "x.npz")
    test = reparam.data.load_split(str(tiny), "test", seed=9).tensor().numpy()
    with np.load("x.npz") as found:
        assert {row.tobytes() for row in found["originals"]} == {row.tobytes() for row in test}
