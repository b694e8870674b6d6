import numpy as np
import pytest

from reparam.data import load, memory
from reparam.data.files import read_file
from reparam.errors import DataError

PIXELS = np.random.default_rng(0).integers(0, 256, (20, 6, 5, 3), np.uint8)
LABELS = np.arange(20) % 4


def test_npy(tmp_path):
    place = tmp_path / "mine.npy"
    np.save(place, PIXELS)
    read, test = read_file(place, labels=LABELS)
    assert test is None
    assert read.shape == (3, 6, 5)
    assert np.array_equal(read.pixels.numpy(), PIXELS.transpose(0, 3, 1, 2))
    assert read.labels.tolist() == LABELS.tolist()
    assert read.schema.name == "mine"
    assert read.schema.source is None  # the labels are not in the file
    assert read_file(place)[0].schema.source == str(place)


@pytest.mark.parametrize("key", ["x", "images", "X", "data"])
@pytest.mark.parametrize("label_key", ["y", "labels"])
def test_npz(tmp_path, key, label_key):
    place = tmp_path / "mine.npz"
    np.savez(place, **{key: PIXELS, label_key: LABELS, "more": LABELS})
    read, _ = read_file(place)
    assert read.shape == (3, 6, 5)
    assert read.labels.tolist() == LABELS.tolist()


def test_npz_with_a_test_set_of_its_own(tmp_path):
    place = tmp_path / "mine.npz"
    np.savez(
        place, x_train=PIXELS[:15], y_train=LABELS[:15], x_test=PIXELS[15:], y_test=LABELS[15:]
    )
    train, test = load(place)
    assert (len(train), len(test)) == (15, 5)
    assert test.labels.tolist() == LABELS[15:].tolist()
    with pytest.raises(DataError, match=r"test=0.2 has no effect: mine has its own test set"):
        load(place, test=0.2)


@pytest.mark.parametrize(
    ("arrays", "telling"),
    [
        ({"pictures": PIXELS}, "holds pictures: name its pixels one of x, images, X, data"),
        ({}, "holds nothing"),
        ({"x": PIXELS, "images": PIXELS}, "holds x, images"),
        ({"x_train": PIXELS, "x_test": PIXELS[:, :5]}, "give both the same"),
        ({"x_train": PIXELS, "x_test": PIXELS / 255}, "give both the same"),
        ({"x_train": PIXELS, "x_test": PIXELS, "y_train": LABELS}, "has no y_test"),
        ({"x": PIXELS, "y": LABELS[:3]}, r"mine.npz: there are 20 items and labels of"),
        ({"x": PIXELS.astype(int)}, r"mine.npz: the pixels are int64"),
        ({"x": np.array([PIXELS, None], object)}, "mine.npz holds Python objects"),
    ],
)
def test_archives_refused(tmp_path, arrays, telling):
    place = tmp_path / "mine.npz"
    np.savez(place, **arrays)
    with pytest.raises(DataError, match=telling):
        read_file(place)


def test_objects_are_never_unpickled(tmp_path):
    place = tmp_path / "mine.npy"
    np.save(place, np.array([PIXELS, None], object))
    with pytest.raises(DataError, match=r"mine.npy holds Python objects"):
        read_file(place)


@pytest.mark.parametrize("name", ["mine.npy", "mine.npz"])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no archive", b"\x93NUMPY", b"text"])
def test_broken_files(tmp_path, name, content):
    place = tmp_path / name
    place.write_bytes(content)
    with pytest.raises(DataError, match=name):
        read_file(place)


@pytest.mark.parametrize("name", ["mine.npy", "mine.npz"])
def test_truncated_files(tmp_path, name):
    place = tmp_path / name
    np.save(place, PIXELS) if name.endswith("y") else np.savez(place, x=PIXELS)
    place.write_bytes(place.read_bytes()[:-900])
    with pytest.raises(
        DataError, match=f"{name} (cannot be read|is no .npz archive, or is truncated)"
    ):
        read_file(place)


def test_an_npy_by_the_name_of_an_archive(tmp_path):
    place = tmp_path / "mine.npz"
    with place.open("wb") as file:
        np.save(file, PIXELS)
    with pytest.raises(DataError, match=r"is no .npz archive"):
        read_file(place)


def test_options_and_suffixes(tmp_path):
    np.savez(tmp_path / "mine.npz", x=PIXELS, y=LABELS)
    with pytest.raises(DataError, match="labels= has no effect"):
        load(tmp_path / "mine.npz", labels=LABELS)
    (tmp_path / "mine.csv").write_text("1,2")
    with pytest.raises(DataError, match=r"no .npy, .npz or .parquet file and no folder"):
        load(tmp_path / "mine.csv")


def test_what_would_not_fit(tmp_path, monkeypatch):
    place = tmp_path / "mine.npy"
    np.save(place, PIXELS / 255)
    needed = PIXELS.size * 4  # as float32
    monkeypatch.setattr(memory, "available", lambda: 2 * needed)
    assert len(read_file(place)[0]) == 20
    monkeypatch.setattr(memory, "available", lambda: 2 * needed - 1)
    with pytest.raises(DataError, match=r"mine.npy would take .* GiB of memory"):
        read_file(place)


def test_memory_is_known_here():
    free = memory.available()
    assert free is None or free > 2**20
