"""Files that are damaged, or only named like data, are refused in one sentence."""

import io
import json
import os
import zipfile

import numpy as np
import pytest
from PIL import Image

from reparam.data import load, load_split
from reparam.errors import DataError, ReparamError

pa = pytest.importorskip("pyarrow")


def header(text, body=bytes(768)):
    said = text.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(said).to_bytes(2, "little") + said + body


def refused(place, match, **options):
    with pytest.raises(DataError, match=match) as refusal:
        load(place, **options)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    ["(" * 50, "", "[1]", "{'descr': '|u1', 'fortran_order': False, 'shape': (12, 0, 8), }",
     "{'descr': '|u1', 'fortran_order': False, 'shape': (12, 8), 'x': 1, }"],
)  # fmt: skip
def test_a_damaged_header(tmp_path, text):
    (tmp_path / "x.npy").write_bytes(header(text))
    refused(tmp_path / "x.npy", "x.npy")


def test_an_archive_whose_header_says_a_terabyte(tmp_path):
    said = "{'descr': '|u1', 'fortran_order': False, 'shape': (17179869184, 8, 8), }"
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as file:
        file.writestr("x.npy", header(said))
    refused(tmp_path / "x.npz", "is damaged: its x says that it has 1,099,511,627,776 bytes")


def test_an_archive_that_no_memory_holds(tmp_path, monkeypatch):
    """Zeros pack a thousandfold."""
    np.savez_compressed(tmp_path / "x.npz", x=np.zeros((2**14, 8, 8), np.uint8))
    monkeypatch.setattr("reparam.data.memory.available", lambda: 2**20)
    refused(tmp_path / "x.npz", r"x in .*x.npz would take")


@pytest.mark.parametrize("name", ["x.npy", "x.npz", "x.parquet", "x"])
def test_a_pipe_is_not_waited_for(tmp_path, name):
    os.mkfifo(tmp_path / name)
    refused(tmp_path / name, "is a pipe or a device")


def test_a_pipe_among_images_is_left_out(tmp_path):
    for number in range(3):
        Image.new("L", (4, 4), number).save(tmp_path / f"{number}.png")
    os.mkfifo(tmp_path / "3.png")
    with pytest.warns(UserWarning, match="it is no regular file"):
        train, test = load(tmp_path)
    assert len(train) + len(test) == 3


def test_a_name_that_is_not_utf_8(tmp_path):
    for name in (b"caf\xe9.png", b"a.png", b"b.png"):
        out = io.BytesIO()
        Image.new("L", (4, 4), 9).save(out, "PNG")
        with open(os.path.join(os.fsencode(tmp_path), name), "wb") as file:
            file.write(out.getvalue())
    train, test = load(tmp_path)
    assert len(train) + len(test) == 3


ODD = [b"{", b"\xff", b"[]", b"[" * 10**5, b'{"info": 3}', b'{"info": {"features": []}}',
       b'{"info": {"features": {"label": {"names": [1, null]}}}}']  # fmt: skip


@pytest.mark.parametrize("told", ODD, ids=range(len(ODD)))
def test_odd_metadata_of_a_parquet_file_say_nothing(tmp_path, told):
    train, _ = load(parquet(tmp_path, [0, 1] * 5, told))
    assert train.schema.classes is None
    assert train.labels is not None


def test_metadata_that_name_the_classes(tmp_path):
    told = json.dumps({"info": {"features": {"label": {"names": ["cat", "dog"]}}}}).encode()
    assert load(parquet(tmp_path, [0, 1] * 5, told))[0].schema.classes == ("cat", "dog")


def test_structs_whose_bytes_are_none(tmp_path):
    place = parquet(tmp_path, [0] * 3, b"{}", pa.array([{"bytes": [1]}] * 3))
    refused(place, "it has no bytes")


def parquet(folder, labels, told, pictures=None):
    from pyarrow import parquet

    if pictures is None:
        out = io.BytesIO()
        Image.new("L", (4, 4), 9).save(out, "PNG")
        pictures = pa.array([out.getvalue()] * len(labels))
    table = pa.table({"image": pictures, "label": pa.array(labels)})
    parquet.write_table(
        table.replace_schema_metadata({b"huggingface": told}), folder / "x.parquet"
    )
    return folder / "x.parquet"


def test_a_sentence_stays_on_one_line():
    assert str(ReparamError("one\n  two \x1b[31m")) == "one two \\x1b[31m"


def test_an_option_that_there_is_not():
    with pytest.raises(DataError, match="there is no option 'part' for reading data"):
        load_split(np.zeros((4, 3), np.float32), "train", part=3)
