"""Build the embedded subset of Fashion-MNIST from a whole copy of it.

The first 1,000 training and 200 test pictures of each class, in the order of the original files.
The same input gives the same bytes: the archive carries no dates.

    python scripts/build_subset.py [--source FOLDER] [--target FILE]
"""

import argparse
import io
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reparam.data.builtin import FASHION_MNIST
from reparam.data.places import read_folder

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "src/reparam/data/embedded/fashion-mnist-subset.npz"
SOURCE = Path("/usr/share/datasets/fashion-mnist")
PER_CLASS = {"train": 1000, "test": 200}


def first_of_each_class(labels: NDArray[np.uint8], count: int) -> NDArray[np.intp]:
    """The indices of the first `count` items of each class, in the order of the file."""
    chosen = [np.flatnonzero(labels == label)[:count] for label in np.unique(labels)]
    return np.sort(np.concatenate(chosen))


def archive(arrays: dict[str, NDArray[np.uint8]]) -> bytes:
    """An npz file whose bytes depend on the arrays alone."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, array, version=(1, 0))
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            target.writestr(entry, member.getvalue(), zipfile.ZIP_DEFLATED, compresslevel=9)
    return buffer.getvalue()


def build(source: Path, target: Path) -> None:
    """Read the whole set, choose, write."""
    whole = read_folder(FASHION_MNIST, source)
    subset = {}
    for split, count in PER_CLASS.items():
        chosen = first_of_each_class(whole[f"y_{split}"], count)
        subset[f"x_{split}"] = whole[f"x_{split}"][chosen]
        subset[f"y_{split}"] = whole[f"y_{split}"][chosen]
    target.write_bytes(archive(subset))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, default=SOURCE, help="the folder of idx files")
    parser.add_argument("--target", type=Path, default=TARGET, help="the file to write")
    given = parser.parse_args()
    build(given.source, given.target)
    print(f"{given.target}: {given.target.stat().st_size:,} bytes")
