"""What a source may hide: formats that start programs, further frames, binary bytes, sequences."""

import os
import re

import numpy as np
import pytest
from PIL import Image

from reparam import data
from reparam.cli.models import own
from reparam.data import pictures
from reparam.data.hub import read_hub
from reparam.errors import DataError

POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\nshowpage\n%%EOF\n"


def save(folder, name, levels=(0, 255), **more):
    image = Image.fromarray(np.resize(np.array(levels, np.uint8), (8, 8)))
    image.save(folder / name, **more)


@pytest.fixture
def folder(tmp_path):
    for name in range(12):
        save(tmp_path, f"{name}.png", (name, 200))
    return tmp_path


def test_postscript_named_png_is_never_opened(folder, monkeypatch):
    """Pillow would hand it to Ghostscript."""
    from PIL import EpsImagePlugin

    def started(*args, **kwargs):
        raise AssertionError("Ghostscript was started")

    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", started)
    (folder / "bad.png").write_bytes(POSTSCRIPT)
    with pytest.warns(UserWarning, match=r"bad.png \(it is no picture of a kind that is known\)"):
        train, test = data.load(folder)
    assert len(train) + len(test) == 12
    with pytest.raises(DataError, match="no picture of a kind that is known"):
        pictures.read_header(POSTSCRIPT)
    how = data.collection.Decoding(size=(8, 8))
    with pytest.raises(DataError, match="no picture of a kind that is known"):
        pictures.read_picture(POSTSCRIPT, grey=True, size=(8, 8), how=how)


@pytest.mark.parametrize(("name", "kind"), [("scan.tiff", "TIFF"), ("move.webp", "WEBP")])
def test_further_frames_are_counted_and_said(folder, name, kind):
    frames = [Image.fromarray(np.full((8, 8), 60 * n, np.uint8)).convert("RGB") for n in range(4)]
    frames[0].save(folder / name, kind, save_all=True, append_images=frames[1:])
    for _ in range(2):  # read, and from the cache
        with pytest.warns(UserWarning, match=rf"1 of 13 files .* {name}, hold .* 3 are left out"):
            data.load(folder)


def test_a_folder_of_single_images_says_nothing(folder):
    data.load(folder)


def test_names_that_are_no_utf8_are_read_and_named(folder):
    os.rename(folder / "3.png", os.fsencode(folder) + b"/caf\xe9.png")
    (folder / "4.png").rename(folder / "4.txt")
    with open(os.fsencode(folder) + b"/b\xff.png", "wb") as file:
        file.write(b"no picture")
    with pytest.warns(UserWarning, match="1 of 12 pictures") as told:
        train, test = data.load(folder)
    assert len(train) + len(test) == 11
    str(told[0].message).encode()  # it can be printed anywhere


@pytest.mark.parametrize("dtype", [np.uint8, bool, np.float32])
def test_bytes_of_zeros_and_ones_are_binary(dtype):
    masks = np.random.default_rng(0).random((20, 8, 8)) < 0.5
    array = masks.astype(dtype)
    if dtype == np.uint8:
        with pytest.warns(UserWarning, match="all 0 or 1 and are taken for binary values"):
            train, test = data.load(array)
    else:
        train, test = data.load(array)
    values = [part.tensor().unique().tolist() for part in (train, test)]
    assert values == [[0, 1], [0, 1]]
    assert data.load(np.arange(200, dtype=np.uint8).reshape(50, 2, 2))[0].schema.dtype == "uint8"


def test_a_folder_of_masks_is_binary(tmp_path):
    for name in range(12):
        save(tmp_path, f"{name}.png", (0, 1))
    for _ in range(2):  # decoded, and from the cache
        with pytest.warns(UserWarning, match="the pixels of .* are all 0 or 1"):
            train, _ = data.load(tmp_path)
        assert train.tensor().unique().tolist() == [0, 1]


def test_an_archive_of_masks_is_one_set(tmp_path):
    masks = (np.random.default_rng(0).random((20, 8, 8)) < 0.5).astype(np.uint8)
    np.savez(tmp_path / "m.npz", x_train=masks, x_test=0 * masks)
    with pytest.warns(UserWarning, match="all 0 or 1"):
        train, test = data.load(tmp_path / "m.npz")
    assert train.schema.dtype == test.schema.dtype == "float32"
    assert train.tensor().max() == 1


@pytest.mark.parametrize("shape", [(20, 3, 100), (20, 100, 3), (20, 12, 1000)])
def test_sequences_of_channels_are_no_pictures(shape):
    with pytest.raises(DataError, match=r"sequences \(N, C, T\) of channels: say layout='NHW'"):
        data.load(np.zeros(shape, np.float32))
    train, _ = data.load(np.zeros(shape, np.float32), layout="NHW")
    assert train.shape == (1, *shape[1:])


@pytest.mark.parametrize("shape", [(20, 8, 8), (20, 12, 30), (20, 28, 28), (20, 17, 400)])
def test_pictures_need_no_layout(shape):
    assert data.load(np.zeros(shape, np.float32))[0].shape == (1, *shape[1:])


@pytest.mark.parametrize("source", ["hf://../..", "hf://a/../b", "hf://a/b/../c", "hf:///etc/x",
                                    "hf://a", "hf://a/b/c/d", "hf://-a/b"])  # fmt: skip
def test_an_address_never_walks_the_disk(source):
    with pytest.raises(DataError, match="names no set: write hf://owner/name"):
        read_hub(source)


def test_a_local_folder_of_a_hub_sets_name_is_not_read(tmp_path, monkeypatch):
    (tmp_path / "owner" / "name").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    sentence = "is on the Hub, and owner/name lies in this folder"
    with pytest.raises(DataError, match=sentence):
        data.load("hf://owner/name")


def test_a_runs_own_hub_set_is_asked_for_only_by_name(monkeypatch):
    class Found:
        path = "runs/vae"

        class schema:
            source, options = "hf://owner/name", {}

    monkeypatch.setattr("reparam.cli.models.load_split", None)  # would fail
    sentence = "was trained on hf://owner/name, and the Hub is asked only if you say so"
    with pytest.raises(DataError, match=re.escape(sentence)):
        own(Found, None, "test", {})
