import gzip

import numpy as np
import pytest
import torch

from reparam.data import load, places
from reparam.data.builtin import FASHION_MNIST
from reparam.data.download import cache
from reparam.data.idx import decode, encode
from reparam.errors import DataError

PLACES = {
    "the variable": "mine",
    "the variable, by name": "mine/tiny",
    "the variable, torchvision's": "mine/Tiny/raw",
    "torchvision in data": "elsewhere/data/Tiny/raw",
    "torchvision in ~/data": "home/data/Tiny/raw",
    "torchvision in the cache": "home/.cache/torchvision/Tiny/raw",
    "keras": "home/.keras/datasets/tiny",
    "Debian": "home/debian/tiny",
    "our cache": "home/cache/reparam/tiny",
}


@pytest.fixture
def at(bare_machine, tmp_path, monkeypatch):
    """The folder of one of the places."""

    def folder(place):
        base, _, rest = PLACES[place].partition("/")
        if base == "mine":
            monkeypatch.setenv("REPARAM_DATA", str(tmp_path))
            return tmp_path / rest
        if base == "elsewhere":
            monkeypatch.chdir(tmp_path)
            return tmp_path / rest
        return bare_machine / rest

    return folder


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("place", PLACES)
def test_found_in_each_place(tiny, tiny_arrays, write_idx, at, place, packed):
    write_idx(at(place), packed=packed)
    train, test = load("tiny", download=False)
    assert np.array_equal(train.pixels[:, 0].numpy(), tiny_arrays["x_train"])
    assert test.labels.tolist() == tiny_arrays["y_test"].tolist()
    assert train.schema.classes == ("a", "b", "c")
    assert train.schema.source == "tiny"


@pytest.mark.parametrize("damage", ["altered", "truncated", "broken packing"])
@pytest.mark.parametrize("place", PLACES)
def test_damaged_copies_are_named_in_each_place(tiny, write_idx, at, place, damage):
    folder = write_idx(at(place))
    file = folder / "t10k-images-idx3-ubyte.gz"
    content = bytearray(gzip.decompress(file.read_bytes()))
    content[-1] ^= 1
    file.write_bytes(
        {
            "altered": gzip.compress(content),
            "truncated": gzip.compress(content[:-5]),
            "broken packing": file.read_bytes()[:-9],
        }[damage]
    )
    with pytest.raises(DataError, match=r"t10k-images.*delete it or replace it"):
        load("tiny", download=False)


def test_an_explicit_folder(tiny, write_idx, tmp_path, bare_machine):
    write_idx(tmp_path / "good")
    bad = write_idx(bare_machine / ".keras/datasets/tiny") / "train-labels-idx1-ubyte.gz"
    bad.write_bytes(b"text")
    assert len(load("tiny", path=tmp_path / "good")[0]) == 6
    with pytest.raises(DataError, match=r"train-labels.* is truncated or altered"):
        load("tiny")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="empty does not hold 'tiny': put train-images"):
        load("tiny", path=tmp_path / "empty")
    with pytest.raises(DataError, match=r"path names .* which is not a folder"):
        load("tiny", path=tmp_path / "nowhere")


def test_the_variable_must_name_a_folder(tiny, monkeypatch, tmp_path):
    monkeypatch.setenv("REPARAM_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match="REPARAM_DATA names"):
        load("tiny")


def test_the_variable_may_hold_other_sets_only(tiny, write_idx, monkeypatch, tmp_path):
    monkeypatch.setenv("REPARAM_DATA", str(tmp_path))
    write_idx(cache(tiny))
    assert len(load("tiny", download=False)[0]) == 6


def test_dotted_names(tiny, write_idx, tmp_path):
    for file in write_idx(tmp_path).iterdir():
        file.rename(tmp_path / file.name.replace("-idx", ".idx"))
    assert len(load("tiny", path=tmp_path)[0]) == 6


def test_a_folder_that_lacks_a_file_is_passed_over(tiny, write_idx, bare_machine):
    (write_idx(bare_machine / ".keras/datasets/tiny") / "t10k-labels-idx1-ubyte.gz").unlink()
    assert places.find(tiny) is None


def test_keras_archive(tiny, tiny_arrays, bare_machine):
    file = bare_machine / ".keras/datasets/tiny.npz"
    file.parent.mkdir(parents=True)
    np.savez(file, **tiny_arrays)
    train, _ = load("tiny", download=False)
    assert torch.equal(train.pixels[:, 0], torch.from_numpy(tiny_arrays["x_train"]))
    np.savez(file, **{**tiny_arrays, "y_test": tiny_arrays["y_test"][::-1]})
    with pytest.raises(DataError, match=r"y_test in .*tiny.npz is truncated or altered"):
        load("tiny", download=False)
    file.write_bytes(file.read_bytes()[:-50])
    with pytest.raises(DataError, match=r"tiny.npz cannot be read"):
        load("tiny", download=False)
    np.savez(file, x_train=tiny_arrays["x_train"])
    with pytest.raises(DataError, match=r"tiny.npz cannot be read .*delete it or replace it"):
        load("tiny", download=False)


def test_idx_there_and_back():
    array = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    assert np.array_equal(decode(encode(array), "x"), array)


@pytest.mark.parametrize("content", [b"", b"\x00\x00\x0d\x01\x00\x00\x00\x01\x00", b"<html>"])
def test_what_is_no_idx(content):
    with pytest.raises(DataError, match="x is not an idx file of bytes"):
        decode(content, "x")


def test_idx_of_another_length():
    with pytest.raises(DataError, match=r"promises \(3,\) bytes and it holds 2"):
        decode(encode(np.zeros(3, np.uint8))[:-1], "x")


def test_the_whole_of_fashion_mnist(debian, monkeypatch):
    monkeypatch.setattr(places, "DEBIAN", debian.parent)
    train, test = load("fashion-mnist", download=False)
    assert (len(train), len(test)) == (60_000, 10_000)
    assert train.shape == (1, 28, 28)
    assert train.labels[:5].tolist() == [9, 0, 0, 3, 0]
    assert train.schema.classes == FASHION_MNIST.classes
    assert train.schema.title == "Fashion-MNIST"
