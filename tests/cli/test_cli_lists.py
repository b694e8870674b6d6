"""The commands that look and do not train: zoo, data, doctor."""

import json
from importlib.metadata import version

import pytest
import torch
from PIL import Image

from reparam import data
from reparam.data import load_split
from reparam.registry import describe
from reparam.zoo import ZOO


def test_the_zoo_lists_every_entry_with_its_paper(done):
    listing = done("zoo", "--out", "zoo.json", "--json").json
    assert [entry["name"] for entry in listing] == list(ZOO)
    words = " ".join(done("zoo").out.split())
    for entry in listing:
        known = ZOO[entry["name"]]
        assert entry["arguments"] == json.loads(json.dumps(known.defaults))
        assert known.make.__doc__.startswith(entry["summary"])
        for key in ("title", "authors", "year", "url", "family"):
            assert entry[key] == getattr(known, key)
        for key in ("name", "summary", "year", "url"):
            assert str(entry[key]) in words
        assert " + ".join(entry["parts"]["objective"]) in words
        assert entry["url"].startswith("https://")
        assert set(entry["accepts"]) == set(known.defaults)
    with open("zoo.json") as file:
        assert json.load(file) == listing


def test_one_variant_of_the_zoo(done):
    (entry,) = done("zoo", "vae", "--json").json
    assert entry["name"] == "vae"
    told = done("zoo", "info_vae", "--set", "alpha=0.25", "--shape", "3,8,9").out
    assert "Zhao, Song & Ermon 2019, InfoVAE" in told
    assert "alpha=0.5  a number of at least 0 and at most 1" in told
    names = {}
    exec(told[told.index("from reparam") : told.index("Train it")], names)
    made = ZOO["info_vae"].make((3, 8, 9), alpha=0.25)
    assert describe(names["model"]) == describe(made.model)
    assert describe(names["objective"]) == describe(made.objective)


def test_the_data_sets(done, monkeypatch):
    listing = done("data", "--json").json
    assert [entry["name"] for entry in listing] == [
        "fashion-mnist-subset", "fashion-mnist", "mnist",
    ]  # fmt: skip
    assert [entry["found"] for entry in listing] == ["inside the package", None, None]
    words = done("data").out
    assert words.count("not here: a download will be tried") == 2
    assert "classes        T-shirt/top, Trouser, Pullover, " in words


def test_a_source_is_described(sources, done):
    for name in ("tiny.npz", "colour.npy", "vectors.npy"):
        told = done("data", sources / name, "--json").json
        assert told == data.describe(load_split(str(sources / name), "all"))
    words = done("data", sources / "pictures", "--size", 8, 9).out
    assert "shape          3, 8, 9\n" in words
    assert "classes: cat   12\n" in words
    assert "classes        none\n" in done("data", sources / "vectors.npy").out


@pytest.mark.parametrize("name", ["tiny.npz", "colour.npy", "vectors.npy"])
@pytest.mark.parametrize("split", ["train", "test", "all"])
def test_a_source_is_written_as_arrays_that_can_be_read_again(name, split, sources, done):
    done("data", sources / name, "--split", split, "--out", "x.npz")
    part, again = load_split(str(sources / name), split), load_split("x.npz", "all")
    assert torch.equal(again.pixels, part.pixels)
    assert (again.labels is None) is (part.labels is None)
    assert part.labels is None or torch.equal(again.labels, part.labels)


def test_a_source_is_drawn(sources, done):
    told = done("data", sources / "colour.npy", "-n", 4, "--seed", 3, "--out", "x.png", "--json")
    assert told.json["out"] == "x.png"
    with Image.open("x.png") as sheet:
        assert sheet.size == (2 * 50 * 2 + 6, 2 * 37 * 2 + 6)
        assert sheet.convert("RGB").getextrema() != ((0, 0),) * 3


def test_the_doctor(done):
    found = done("doctor", "--device", "cpu", "--out", "doctor.json", "--json")
    told = found.json
    assert told["device"] == "cpu"
    assert told["threads"] == 1
    assert told["packages"]["torch"] == version("torch")
    assert told["data"] == {
        "fashion-mnist-subset": "inside the package",
        "fashion-mnist": "not here",
        "mnist": "not here",
    }
    training = told["training"]
    assert training["learns"] is True
    assert training["loss_at_last"] < training["loss_at_first"]
    assert training["examples_per_second"] > 0
    assert found.err == ""
    with open("doctor.json") as file:
        assert json.load(file) == told
