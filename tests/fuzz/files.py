"""Damaged data: arrays, images, Parquet files and tables, each with a command that reads them."""

import io
import os
import struct
import zipfile
import zlib
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image
from tests.fuzz.mutations import ABSURD, damage

DTYPES = (
    "u1", "i1", "u2", ">u2", "i4", "i8", "u8", "f2", "f4", ">f4", "f8", "g", "?", "c8", "c16",
    "S3", "U2",
    "M8[s]", "m8[s]", "V4", "O",
)  # fmt: skip
SHAPES = (
    (), (0,), (12,), (12, 8), (12, 64), (0, 8, 8), (12, 8, 8), (12, 0, 8), (12, 1, 1), (12, 8, 8,
    1),
    (12, 8, 8, 2), (12, 8, 8, 3), (12, 1, 8, 8), (12, 2, 8, 8), (1, 8, 8), (12, 1, 8, 8, 1), (3,
    8, 8, 3),
    (2, 1), (12, 300, 1), (12,) + (1,) * 30,
)  # fmt: skip
SPECIAL = (float("nan"), float("inf"), -1.0, 1e30, 300.0, 0.0, -1e-40, 255.0, 1e-30)
HEADERS = (
    "{'descr': '|u1', 'fortran_order': False, 'shape': (1099511627776, 8, 8), }",
    "{'descr': '|u1', 'fortran_order': False, 'shape': (12, 18446744073709551616, 8), }",
    "{'descr': '|u1', 'fortran_order': False, 'shape': (-12, 8, 8), }",
    "{'descr': '|u1', 'fortran_order': False, 'shape': (12.0, 8, 8), }",
    "{'descr': '|u1', 'fortran_order': False, 'shape': 'x', }",
    "{'descr': '|u1', 'fortran_order': 'no', 'shape': (12, 8, 8), }",
    "{'descr': '|u99999999999', 'fortran_order': False, 'shape': (12, 8, 8), }",
    "{'descr': [('a', 'u1')], 'fortran_order': False, 'shape': (12, 8, 8), }",
    "{'descr': None, 'fortran_order': False, 'shape': (12, 8, 8), }",
    "{'descr': ('|u1', (8, 8)), 'fortran_order': False, 'shape': (12,), }",
    "{'descr': '|V8', 'fortran_order': False, 'shape': (12, 8), }",
    "{'descr': '<f4', 'fortran_order': True, 'shape': (12, 4, 4), }",
    "{'descr': '|u1', 'shape': (12, 8, 8), }",
    "[1, 2]",
    "9 ** 9 ** 9",
    "(" * 200,
    "",
    "\0" * 50,
    "{'descr': '|u1', 'fortran_order': False, 'shape': (" + "1, " * 40 + "), }",
    "{'descr': '|u1', 'fortran_order': False, 'shape': (True, 8, 8), }",
)


def array(rng: Random) -> np.ndarray:
    """An array of any type and shape, now and then with a number that is none."""
    shape = rng.choice(SHAPES) if rng.random() < 0.5 else (12, 8, 8)
    kind = rng.choice(DTYPES) if rng.random() < 0.6 else rng.choice(["u1", "f4"])
    values = np.random.default_rng(rng.randrange(2**32)).random(shape)
    if kind == "O":
        return np.array([None] * 3, dtype=object)
    if kind in ("u1", "i1", "u2", ">u2", "i4", "i8", "u8"):
        values = values * rng.choice([1.5, 100, 256, 60000])
    if rng.random() < 0.3 and values.size:
        values.flat[rng.randrange(values.size)] = rng.choice(SPECIAL)
    with np.errstate(all="ignore"):
        return values.astype("i8").astype(kind) if kind[0] in "Mm" else values.astype(kind)


def npy(rng: Random) -> bytes:
    """An .npy file, sound or not."""
    out = io.BytesIO()
    if rng.random() < 0.35:
        text = rng.choice(HEADERS).encode() + b"\n"
        version, width = rng.choice([(1, "<H"), (2, "<I"), (3, "<I"), (9, "<H")])
        length = len(text) if rng.random() < 0.8 else rng.choice([0, 10**4, 65535])
        body = bytes(768)
        return b"\x93NUMPY" + bytes([version, 0]) + struct.pack(width, length) + text + body
    np.save(out, array(rng), allow_pickle=True)
    return damage(out.getvalue(), rng) if rng.random() < 0.5 else out.getvalue()


def npz(rng: Random) -> bytes:
    """An .npz file, sound or not."""
    out = io.BytesIO()
    keys = ["x", "y"] if rng.random() < 0.6 else rng.choices(
        ["x", "y", "X", "data", "images", "labels", "x_train", "x_test", "y_train", "../x"],
        k=3
    )  # fmt: skip
    with zipfile.ZipFile(out, "w", rng.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])) as file:
        for key in dict.fromkeys(keys):
            content = npy(rng)
            if key.startswith(("y", "lab")) and rng.random() < 0.8:
                inner = io.BytesIO()
                labels = rng.choice(
                    [np.arange(12) % 3, np.arange(12) - 3, np.arange(5), np.full(12, 2**62),
                     np.full(12, np.nan), np.array(["a", "b"] * 6), np.zeros((12, 2)),
                     np.ones(12) > 0, np.full(12, 2**63, np.uint64), np.float32([0.5] * 12),
                     np.array(3), np.arange(12) * 10**6]
                )  # fmt: skip
                np.save(inner, labels)
                content = inner.getvalue()
            file.writestr(rng.choice([key + ".npy", key + ".npy", key]), content)
    return damage(out.getvalue(), rng) if rng.random() < 0.4 else out.getvalue()


def arrays(rng: Random, place: Path, base: Path) -> list[str]:
    """A file of arrays."""
    kind = rng.choice(["npy", "npz"])
    suffix = kind if rng.random() < 0.9 else rng.choice(["npy", "npz", "NPY", "txt", "parquet"])
    file = place / f"x.{suffix}"
    if rng.random() < 0.05:
        _strange(file, rng)
    else:
        file.write_bytes(npy(rng) if kind == "npy" else npz(rng))
    options = rng.choice([[], [], [], ["--layout", rng.choice(["NHW", "NHWC", "NCHW", "x"])]])
    return reading(rng, base, file) + options


def reading(rng: Random, base: Path, file: Path) -> list[str]:
    """A command that reads data."""
    if rng.random() < 0.5:
        return ["data", str(file)]
    return ["encode", str(base / "run"), str(file), "--out", "z.npz"]


def _strange(file: Path, rng: Random) -> None:
    """What is named like a file and is none."""
    what = rng.randrange(6)
    if what == 0:
        os.mkfifo(file)
    elif what == 1:
        file.symlink_to(file.name)
    elif what == 2:
        file.symlink_to("/dev/zero")
    elif what == 3:
        file.symlink_to("nowhere")
    elif what == 4:
        file.mkdir()
    else:
        file.write_bytes(b"")


FORMATS = {
    "png": ("PNG", ["L", "RGB", "RGBA", "P", "1", "I;16", "LA"]),
    "jpg": ("JPEG", ["L", "RGB", "CMYK"]),
    "gif": ("GIF", ["L", "P"]),
    "tif": ("TIFF", ["L", "RGB", "RGBA", "CMYK", "F", "I;16", "I", "1", "LAB", "YCbCr"]),
    "bmp": ("BMP", ["L", "RGB", "1"]),
    "webp": ("WEBP", ["RGB", "RGBA"]),
    "ppm": ("PPM", ["L", "RGB", "1"]),
}


MANY = ("PNG", "GIF", "TIFF", "WEBP")


def image(rng: Random, suffix: str) -> bytes:
    """An image, sound or not."""
    name, modes = FORMATS[suffix]
    size = rng.choice([(8, 8)] * 6 + [(1, 1), (8, 9), (300, 2), (64, 64)])
    mode = rng.choice(modes)
    raw = np.frombuffer(rng.randbytes(size[0] * size[1]), np.uint8).reshape(size[::-1])
    grey = Image.fromarray(raw)
    if mode == "F":
        made = Image.fromarray(raw.astype(np.float32) * rng.choice([1, np.nan, 1e30]))
    elif mode == "I;16":
        made = Image.fromarray(raw.astype(np.uint16) * 16)
    else:
        made = (
            grey.convert("RGB").convert(mode) if mode in ("LAB", "YCbCr") else grey.convert(mode)
        )
    out = io.BytesIO()
    more = (
        {"save_all": True, "append_images": [made] * 2}
        if name in MANY and rng.random() < 0.2
        else {}
    )
    made.save(out, name, **more)
    content = out.getvalue()
    if suffix == "png" and rng.random() < 0.15:
        wide, high = rng.choice([(60_000, 60_000), (2**31 - 1, 1), (0, 8), (20_000, 9_000)])
        header = b"IHDR" + struct.pack(">II", wide, high) + content[24:29]
        checked = header + struct.pack(">I", zlib.crc32(header))
        content = content[:12] + checked + content[33:]
    return damage(content, rng) if rng.random() < 0.35 else content


NAMES = (
    b"caf\xe9.png",
    "é.png".encode(),
    b"a\nb.png",
    b".png",
    b"x.PNG",
    b"<b>.png",
    b"x.png.txt",
)


def images(rng: Random, place: Path, base: Path) -> list[str]:
    """A folder of images."""
    folder = place / "folder"
    within = [
        folder / name for name in rng.choice([["."], ["."], ["a", "b"], ["train/a", "test/a"]])
    ]
    for inner in within:
        inner.mkdir(parents=True, exist_ok=True)
    for number in range(rng.choice([1, 3, 6])):
        suffix = rng.choice(list(FORMATS))
        called = suffix if rng.random() < 0.85 else rng.choice([*FORMATS, "eps", "txt", "jpeg"])
        file = rng.choice(within) / f"{number}.{called}"
        if rng.random() < 0.08:
            _strange(file, rng)
        else:
            file.write_bytes(image(rng, suffix))
    if rng.random() < 0.15:
        with open(os.path.join(os.fsencode(within[0]), rng.choice(NAMES)), "wb") as file:
            file.write(image(rng, "png"))
    if rng.random() < 0.1:
        (
            folder / rng.choice(["metadata.csv", "labels.csv", "state.json", "dataset_info.json"])
        ).write_bytes(csv(rng))
    options = [["--size", "8", "8"]] * 5 + [
        [], ["--strict"], ["--size", "8", "8", "--fit", "pad"], ["--size", "8", "8", "--fit",
        "crop"],
        ["--size", "8", "8", "--background", rng.choice(["white", "#123456", "", "#",
        "nocolour"])],
    ]  # fmt: skip
    return reading(rng, base, folder) + rng.choice(options)


def csv(rng: Random) -> bytes:
    """A table as text."""
    cells = ["1", "x", '"', "", "nan", "\0", "é", "1e999", "a" * 3000, '"a\nb"', "=1+1", "-1"]
    rows = [",".join(rng.choices(cells, k=rng.randrange(1, 5))) for _ in range(rng.randrange(8))]
    content = rng.choice(["\n", "\r\n", "\r"]).join(["file_name,label", *rows]).encode()
    return damage(content, rng) if rng.random() < 0.3 else content


def tables(rng: Random, place: Path, base: Path) -> list[str]:
    """A table as text where data is asked for, and its labels where classes are."""
    file = place / rng.choice(["labels.csv", "x.csv", "x.tsv", "x.json", "x.npy"])
    file.write_bytes(csv(rng))
    words = [
        "0",
        "1",
        "2",
        "0,1",
        "",
        ",",
        "T-shirt",
        "-1",
        "99",
        "0,0",
        "x" * 500,
        "1.0",
        "é",
        "\0",
    ]
    if rng.random() < 0.5:
        return reading(rng, base, file)
    has = ["--has", rng.choice(words), *rng.choice([[], ["--lacks", rng.choice(words)]])]
    if rng.random() < 0.5:
        return [
            "sample",
            str(base / "labelled"),
            "-n",
            "2",
            "--label",
            rng.choice(words),
            "--out",
            "s.npz",
        ]
    data = rng.choice([str(base / "x.npz"), str(file)])
    return ["attribute", str(base / "run"), data, *has, "--out", "a.npz", "--split", "all"]


def parquet(rng: Random, place: Path, base: Path) -> list[str]:
    """A Parquet file."""
    import pyarrow as pa
    from pyarrow import parquet as pq

    pictures = [image(rng, "png") for _ in range(4)]
    columns: dict[str, pa.Array] = rng.choice([
        {"image": pa.array(pictures)},
        {"image": pa.array([{"bytes": each, "path": None} for each in pictures])},
        {"image": pa.array([{"bytes": "text"}] * 4)},
        {"image": pa.array([{"bytes": [1, 2]}] * 4)},
        {"image": pa.array([None, *pictures[:3]])},
        {"image": pa.array([None] * 4, pa.binary())},
        {"image": pa.array([], pa.binary())},
        {"image": pa.array(pictures, pa.large_binary())},
        {"image": pa.array([[each] for each in pictures])},
        {"image": pa.array([{"bytes": None}, None, *[{"bytes": each} for each in pictures[:2]]])},
        {"image": pa.array(pictures), "other": pa.array(pictures)},
        {"x": pa.array([1.0, 2.0, float("nan"), None])},
        {},
    ])  # fmt: skip
    count = len(columns.get("image", []))
    labels = [
        [1, 0, 2, -1], [2**62] * 4, [1.5] * 4, [None] * 4, ["a", None, "b", ""], [True, False] * 2,
        [[1]] * 4, [{"a": 1}] * 4, [b"x"] * 4, [-5] * 4, [0] * 4,
    ]  # fmt: skip
    if rng.random() < 0.7 and count == 4:
        columns["label"] = pa.array(rng.choice(labels))
        if rng.random() < 0.2:
            columns["label"] = pa.array(["a", "b", "a", "b"]).dictionary_encode()
    table = pa.table(columns)
    if rng.random() < 0.5:
        told = rng.choice([
            b"", b"{", b"[]", b"null", b'{"info": 3}', b'{"info": {"features": []}}', b"\xff",
            b"[" * 10**5,
            b'{"info": {"features": {"label": "x"}}}',
            b'{"info": {"features": {"label": {"names": 5}}}}',
            b'{"info": {"features": {"label": {"names": ["a"]}}}}',
            b'{"info": {"features": {"label": {"names": [1, null, []]}}}}',
            b'{"info": {"features": {"label": {"names": "abc"}}}}',
        ])  # fmt: skip
        table = table.replace_schema_metadata({b"huggingface": told})
    out = io.BytesIO()
    pq.write_table(table, out, row_group_size=rng.choice([1, 2, 100]))
    file = place / rng.choice(["x.parquet"] * 8 + ["x.PARQUET", "x.npy"])
    content = out.getvalue()
    file.write_bytes(damage(content, rng) if rng.random() < 0.4 else content)
    return reading(rng, base, file) + rng.choice([["--size", "8", "8"], []])


__all__ = ["ABSURD", "arrays", "images", "parquet", "tables"]
