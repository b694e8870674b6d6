import json

import numpy as np
import pytest
import torch
from PIL import Image

from reparam.data import Schema, load, load_split
from reparam.errors import DataError


@pytest.fixture
def numbered():
    """Fifty pictures whose labels are their places."""
    pixels = np.zeros((50, 4, 4), np.uint8)
    pixels += np.arange(50, dtype=np.uint8)[:, None, None]
    return pixels


def places(dataset):
    return dataset.pixels[:, 0, 0, 0].tolist()


def test_a_tenth_is_held_out_by_the_seed(numbered):
    train, test = load(numbered)
    assert (len(train), len(test)) == (45, 5)
    assert sorted(places(train) + places(test)) == list(range(50))
    assert places(test) == places(load(torch.from_numpy(numbered))[1])
    assert places(test) != places(load(numbered, seed=1)[1])
    assert len(load(numbered, test=0.4)[1]) == 20
    assert (train.schema.split, test.schema.split) == ("train", "test")


def test_the_parts_are_the_whole(numbered):
    parts = {
        split: places(load_split(numbered, split, seed=2))
        for split in ("train", "validation", "test", "all")
    }
    assert [len(parts[split]) for split in ("train", "validation", "test")] == [41, 4, 5]
    assert sorted(parts["train"] + parts["validation"] + parts["test"]) == parts["all"]
    assert parts["all"] == list(range(50))
    train, test = load(numbered, seed=2)
    assert sorted(parts["train"] + parts["validation"]) == places(train)
    assert parts["test"] == places(test)
    assert parts["train"] == sorted(parts["train"])


def test_each_part_says_which_it_is(numbered):
    for split in ("train", "validation", "test", "all"):
        assert load_split(numbered, split).schema.split == split


def test_without_a_validation_set(numbered):
    assert places(load_split(numbered, "train", validation=0)) == places(load(numbered)[0])
    with pytest.raises(DataError, match="validation=0 leaves no validation set"):
        load_split(numbered, "validation", validation=0)
    with pytest.raises(DataError, match="between 0 and 1"):
        load_split(numbered, "train", validation=-0.1)


def test_the_parts_of_a_named_set():
    train = load_split("fashion-mnist-subset", "train")
    validation = load_split("fashion-mnist-subset", "validation")
    everything = load_split("fashion-mnist-subset", "all")
    assert (len(train), len(validation), len(everything)) == (9_000, 1_000, 12_000)
    first, last = load("fashion-mnist-subset")
    assert torch.equal(everything.pixels, torch.cat([first.pixels, last.pixels]))
    assert torch.equal(everything.labels, torch.cat([first.labels, last.labels]))


@pytest.mark.parametrize("split", ["train", "validation", "test", "all"])
def test_a_schema_reads_its_data_again(tmp_path, split):
    for index in range(30):
        Image.new("L", (5, 4 + index % 2), index).save(tmp_path / f"{index:02}.png")
    options = {"size": (4, 4), "test": 0.2, "validation": 0.3, "seed": 5}
    read = load_split(tmp_path, split, **options)
    schema = Schema.from_json(json.loads(json.dumps(read.schema.to_json())))
    again = load_split(schema.source, schema.split, **schema.options)
    assert torch.equal(again.pixels, read.pixels)
    assert again.schema == read.schema


def test_a_schema_of_load_reads_its_data_again(tmp_path, numbered):
    place = tmp_path / "mine.npy"
    np.save(place, numbered[..., None].transpose(0, 3, 1, 2))
    for part in load(place, layout="NCHW", seed=3):
        schema = part.schema
        again = load_split(schema.source, schema.split, **schema.options)
        assert torch.equal(again.pixels, part.pixels)
        assert again.schema == schema


@pytest.mark.parametrize(
    ("source", "options", "telling"),
    [
        ("fashion-mnist-subset", {"size": (8, 8)}, "size= has no effect on fashion-mnist-subset"),
        ("fashion-mnist-subset", {"layout": "NHW"}, "layout= has no effect"),
        ("fashion-mnist-subset", {"labels": [1]}, "labels= has no effect"),
        ("fashion-mnist-subset", {"path": "."}, "path= has no effect on fashion-mnist-subset"),
        ("fashion-mnist-subset", {"test": 0.2}, r"test=0.2 has no effect: Fashion-MNIST \(subset"),
        (np.zeros((9, 4, 4)), {"size": (8, 8)}, "size= has no effect on an array"),
        (np.zeros((9, 4, 4)), {"path": "."}, "path= has no effect on an array"),
        (".", {"layout": "NHW"}, "layout= has no effect on a folder of pictures"),
        (".", {"labels": [1]}, "labels= has no effect on a folder"),
        (".", {"path": "."}, "path= has no effect on a folder"),
        (np.zeros((9, 4, 4)), {"test": 0}, "between 0 and 1"),
        (np.zeros((1, 4, 4)), {}, "leaves none"),
        ([1, 2, 3], {}, "a list is no source of data"),
        (None, {}, "a NoneType is no source of data"),
        ("fashion_mnist", {}, "built-in sets are fashion-mnist-subset, fashion-mnist, mnist"),
        ("fashion_mnist", {}, "did you mean 'fashion-mnist'"),
        ("minst", {}, "did you mean 'mnist'"),
        ("pictures/of/nothing", {}, "no file or folder 'pictures/of/nothing'.* path that exists"),
        (".", {}, "holds no pictures"),
    ],
)
def test_refused(source, options, telling):
    with pytest.raises(DataError, match=telling):
        load(source, **options)


def test_options_of_files(tmp_path):
    np.save(tmp_path / "mine.npy", np.zeros((9, 4, 4)))
    with pytest.raises(DataError, match="size= has no effect on a file of arrays"):
        load(tmp_path / "mine.npy", size=(8, 8))
    with pytest.raises(DataError, match="path= has no effect on a file of arrays"):
        load(str(tmp_path / "mine.npy"), path=tmp_path)


def test_an_unknown_split(numbered):
    with pytest.raises(DataError, match="no split 'val': give one of train, validation, test"):
        load_split(numbered, "val")


def test_what_is_not_asked_for_is_not_refused(numbered):
    assert len(load_split(numbered, "all", strict=False)) == 50
    with pytest.raises(DataError, match="strict= has no effect on an array"):
        load(numbered, strict=True)


def test_values_of_no_kind():
    with pytest.raises(DataError, match="values are one of unit, real, not 'odd'"):
        Schema("x", "all", "vectors", (3,), "float32", values="odd")
