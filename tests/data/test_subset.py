import hashlib
import runpy
from importlib import resources
from pathlib import Path

import torch

from reparam.data import describe, load
from reparam.data.builtin import FASHION_CLASSES

SCRIPT = Path(__file__).resolve().parents[2] / "scripts/build_subset.py"


def embedded(name):
    return resources.files("reparam.data") / "embedded" / name


def test_what_it_holds():
    train, test = load("fashion-mnist-subset")
    assert (len(train), len(test)) == (10_000, 2_000)
    assert train.shape == test.shape == (1, 28, 28)
    assert train.schema.dtype == "uint8"
    assert torch.bincount(train.labels).tolist() == [1000] * 10
    assert torch.bincount(test.labels).tolist() == [200] * 10
    assert train.schema.classes == FASHION_CLASSES
    assert (train.schema.split, test.schema.split) == ("train", "test")


def test_it_says_that_it_is_a_subset():
    train, _ = load("fashion-mnist-subset")
    assert train.schema.title == "Fashion-MNIST (subset)"
    assert "subset" in train.take(3).schema.title
    assert "subset" in repr(train)


def test_its_entropy_floor():
    _, test = load("fashion-mnist-subset")
    assert round(describe(test)["entropy_floor"], 2) == 189.55


def test_the_notice_lies_beside_it():
    notice = embedded("LICENSE-fashion-mnist.txt").read_text()
    assert "Copyright (c) 2017 Zalando SE" in notice
    assert "Permission is hereby granted, free of charge" in notice


def test_building_it_again_gives_the_same_bytes(debian, tmp_path):
    script = runpy.run_path(str(SCRIPT))
    script["build"](debian, tmp_path / "again.npz")
    again = hashlib.sha256((tmp_path / "again.npz").read_bytes()).hexdigest()
    shipped = hashlib.sha256(embedded("fashion-mnist-subset.npz").read_bytes()).hexdigest()
    assert again == shipped


def test_it_is_the_first_of_each_class_in_order(debian):
    train, _ = load("fashion-mnist-subset")
    whole, _ = load("fashion-mnist", path=debian)
    first = torch.cat([(whole.labels == label).nonzero()[:1000, 0] for label in range(10)])
    chosen = whole.subset(first.sort().values)
    assert torch.equal(chosen.pixels, train.pixels)
    assert torch.equal(chosen.labels, train.labels)
