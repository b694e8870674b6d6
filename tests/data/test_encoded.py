"""Encoded pictures in a parquet file, and in what `datasets` saves."""

import io

import numpy as np
import pytest
from PIL import Image

from reparam.data import load, load_split
from reparam.errors import DataError

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")


def encoded(grey, size=(4, 5)):
    file = io.BytesIO()
    Image.fromarray(np.full(size, grey, np.uint8)).save(file, "PNG")
    return file.getvalue()


def greys(dataset):
    return dataset.pixels[:, 0, 0, 0].tolist()


@pytest.mark.parametrize("struct", [True, False])
def test_parquet(tmp_path, struct):
    contents = [encoded(index) for index in range(10)]
    images = [{"bytes": content, "path": None} for content in contents] if struct else contents
    table = pa.table({"image": images, "label": ["cat", "dog"] * 5, "other": range(10)})
    parquet.write_table(table, tmp_path / "mine.parquet", row_group_size=3)
    whole = load_split(tmp_path / "mine.parquet", "all")
    assert greys(whole) == list(range(10))
    assert whole.schema.classes == ("cat", "dog")
    assert whole.labels.tolist() == [0, 1] * 5
    train, test = load(tmp_path / "mine.parquet", size=(2, 2))
    assert (len(train), len(test), train.shape) == (9, 1, (1, 2, 2))
    again = load_split(train.schema.source, "train", **train.schema.options)
    assert greys(again) == greys(train)


def test_parquet_rows_without_a_picture_are_left_out(tmp_path):
    table = pa.table({"image": [encoded(1), None, b"text", encoded(3)], "label": [0, 1, 2, 3]})
    parquet.write_table(table, tmp_path / "mine.parquet")
    with pytest.warns(UserWarning, match=r"row 1 \(it has no bytes\), row 2 \(it is no picture"):
        whole = load_split(tmp_path / "mine.parquet", "all")
    assert (greys(whole), whole.labels.tolist()) == ([1, 3], [0, 3])


@pytest.mark.parametrize(
    ("columns", "telling"),
    [
        ({"a": [1, 2]}, r"no column of encoded pictures, its columns are a \(int64\)"),
        ({"a": [b"1"], "b": [b"2"]}, r"2 columns \(a, b\) of encoded pictures"),
        ({"image": [b"1"], "label": [0.5]}, "the column 'label' holds neither"),
        ({"image": pa.array([], pa.binary())}, "has no rows"),
    ],
)
def test_parquets_refused(tmp_path, columns, telling):
    parquet.write_table(pa.table(columns), tmp_path / "mine.parquet")
    with pytest.raises(DataError, match=telling):
        load(tmp_path / "mine.parquet")


def test_a_broken_parquet(tmp_path):
    (tmp_path / "mine.parquet").write_text("text")
    with pytest.raises(DataError, match=r"mine\.parquet cannot be read as parquet"):
        load(tmp_path / "mine.parquet")


@pytest.fixture
def saved(tmp_path, monkeypatch):
    """A saved set of six training and four test pictures with class names."""
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    datasets = pytest.importorskip("datasets", reason="datasets is not installed")
    features = datasets.Features(
        {"picture": datasets.Image(), "label": datasets.ClassLabel(names=["a", "b"])}
    )

    def part(first, count):
        values = range(first, first + count)
        return datasets.Dataset.from_dict(
            {
                "picture": [{"bytes": encoded(value), "path": None} for value in values],
                "label": [value % 2 for value in values],
            },
            features=features,
        )

    datasets.DatasetDict({"train": part(0, 6), "test": part(6, 4)}).save_to_disk(tmp_path / "set")
    part(0, 5).save_to_disk(tmp_path / "one")
    return tmp_path


def test_a_saved_set(saved):
    train, test = load(saved / "set")
    assert (greys(train), greys(test)) == (list(range(6)), list(range(6, 10)))
    assert train.schema.classes == ("a", "b")
    assert test.labels.tolist() == [0, 1, 0, 1]
    assert greys(load_split(saved / "set", "all")) == list(range(10))
    assert len(load_split(saved / "one", "all")) == 5


def test_a_set_that_is_not_there(monkeypatch, tmp_path):
    datasets = pytest.importorskip("datasets", reason="datasets is not installed")

    def nowhere(*_):
        raise ConnectionError("no way there\nat all")

    monkeypatch.setattr(datasets, "load_dataset", nowhere)
    with pytest.raises(DataError, match=r"hf://some/set cannot be read \(no way there\)"):
        load("hf://some/set")


@pytest.mark.parametrize("source", ["hf://alone", "hf://", "hf:///name"])
def test_half_an_address(source):
    pytest.importorskip("datasets", reason="datasets is not installed")
    with pytest.raises(DataError, match="names no set: write hf://owner/name"):
        load(source)
