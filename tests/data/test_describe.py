import json
import math

import pytest
import torch

from reparam.data import Dataset, catalogue, describe, entropy_floor, load


def test_catalogue_on_a_bare_machine():
    entries = {entry["name"]: entry for entry in catalogue()}
    assert entries["fashion-mnist-subset"]["found"] == "inside the package"
    assert entries["fashion-mnist-subset"]["counts"] == {"train": 10_000, "test": 2_000}
    assert entries["fashion-mnist"]["found"] is None
    assert entries["mnist"]["found"] is None
    assert all(entry["licence"] and entry["title"] for entry in entries.values())
    json.dumps(catalogue())


def test_catalogue_finds_without_checking(tiny, bare_machine):
    folder = bare_machine / "debian/tiny"
    folder.mkdir(parents=True)
    for stem in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
        (folder / f"{stem}-ubyte.gz").write_bytes(b"not checked")
    assert {entry["name"]: entry["found"] for entry in catalogue()}["tiny"] == str(folder)


def test_description_of_the_subset():
    train, _ = load("fashion-mnist-subset")
    facts = describe(train)
    assert facts["title"] == "Fashion-MNIST (subset)"
    assert facts["classes"]["Ankle boot"] == 1000
    assert facts["count"] == 10_000
    assert facts["shape"] == [1, 28, 28]
    assert (facts["minimum"], facts["maximum"]) == (0, 1)
    assert facts["mean"] == pytest.approx(train.tensor().double().mean().item(), rel=1e-6)
    json.dumps(facts)


def test_classes_without_names_or_items():
    pixels = torch.zeros(4, 2)
    assert describe(Dataset(pixels))["classes"] is None
    counted = Dataset(pixels, torch.tensor([0, 3, 3, -1]))
    assert describe(counted)["classes"] == {"-1": 1, "0": 1, "3": 2}
    named = Dataset(pixels, torch.tensor([1, 1, 1, 1])).described(classes=("a", "b"))
    assert describe(named)["classes"] == {"a": 0, "b": 4}


def test_the_floor_is_the_least_binary_cross_entropy():
    pixels = torch.rand(10, 7, generator=torch.Generator().manual_seed(0))
    least = torch.nn.functional.binary_cross_entropy(pixels, pixels, reduction="sum") / 10
    assert entropy_floor(Dataset(pixels)) == pytest.approx(least.item(), rel=1e-5)


def test_the_floor_of_bytes_and_floats_is_the_same():
    generator = torch.Generator().manual_seed(0)
    stored = torch.randint(0, 256, (5000, 1, 3, 3), generator=generator, dtype=torch.uint8)
    whole = Dataset(stored)
    assert entropy_floor(whole) == pytest.approx(entropy_floor(Dataset(whole.tensor())), rel=1e-6)
    described, floats = describe(whole), describe(Dataset(whole.tensor()))
    assert described["mean"] == pytest.approx(floats["mean"], rel=1e-6)


def test_black_and_white_have_no_floor():
    assert entropy_floor(Dataset(torch.eye(4))) == 0
    assert entropy_floor(Dataset(torch.full((2, 3), 0.5))) == pytest.approx(3 * math.log(2))


def test_the_floor_of_fashion_mnist(debian):
    _, test = load("fashion-mnist", path=debian)
    assert round(entropy_floor(test), 1) == 189.9
