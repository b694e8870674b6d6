"""Where copies of the named sets are found on a machine, and how they are checked.

The order: the folder that the user names, the one that `REPARAM_DATA` names, the places where
torchvision, keras and Debian put them, our own cache, a download. A damaged copy is never passed
over in silence: whoever has one wants to know.
"""

import io
import os
import zipfile
import zlib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reparam.data.builtin import STEMS, NamedSet
from reparam.data.download import cache, download
from reparam.data.idx import checksum, decode, encode, unpack
from reparam.errors import DataError

Arrays = dict[str, NDArray[np.uint8]]

VARIABLE = "REPARAM_DATA"
DEBIAN = Path("/usr/share/datasets")


def read(named: NamedSet, path: str | Path | None = None, *, network: bool = True) -> Arrays:
    """Read a named set from the first place that has it, downloading it where none has.

    Args:
        named: The set.
        path: A folder that must hold it; no other place is then looked at.
        network: Whether a download may be tried.

    Returns:
        `x_train` and `x_test` (N, H, W) and `y_train` and `y_test` (N,), all uint8.

    Raises:
        DataError: If the set is nowhere, or the copy that was found is damaged.
    """
    if not named.checksums:
        return read_embedded(named)
    found = find(named, path)
    if found is None:
        download(named, cache(named), network=network)
        found = cache(named)
    return read_npz(named, found) if found.is_file() else read_folder(named, found)


def find(named: NamedSet, path: str | Path | None = None) -> Path | None:
    """The folder or npz file that holds a set, by the names of the files alone.

    Args:
        named: The set.
        path: A folder that must hold it.

    Raises:
        DataError: If a folder that the user named does not exist, or `path` does not hold the set.
    """
    if path is not None:
        found = _first(named, around(named, _folder(path, "path")))
        if found is None:
            missing = " and ".join(f"{stem}.gz" for stem in STEMS.values())
            raise DataError(f"{path} does not hold {named.name!r}: put {missing} there")
        return found
    return _first(named, conventional(named))


def conventional(named: NamedSet) -> Iterator[Path]:
    """The places where a copy may already be, in the order in which they are looked at.

    Args:
        named: The set.
    """
    if os.environ.get(VARIABLE):
        yield from around(named, _folder(os.environ[VARIABLE], VARIABLE))
    home = Path.home()
    for root in (Path("data"), home / "data", home / ".cache/torchvision"):
        yield root / named.torchvision / "raw"
    yield from around(named, Path(os.environ.get("KERAS_HOME", home / ".keras")) / "datasets")
    yield DEBIAN / named.name
    yield cache(named)


def around(named: NamedSet, folder: Path) -> Iterator[Path]:
    """A folder itself, and where within it a set may be.

    Args:
        named: The set.
        folder: The folder.
    """
    yield folder
    yield folder / named.name
    yield folder / named.torchvision / "raw"
    yield folder / f"{named.name}.npz"


def read_folder(named: NamedSet, folder: Path) -> Arrays:
    """Read and check the four idx files of a folder.

    Args:
        named: The set.
        folder: Where they are, packed or not.

    Raises:
        DataError: If one is missing or damaged.
    """
    arrays = {}
    for key, stem in STEMS.items():
        place = _file(folder, stem)
        if place is None:
            raise DataError(f"{folder} has no {stem}.gz: put it there")
        content = unpack(place)
        _check(named, key, content, place)
        arrays[key] = decode(content, place)
    return arrays


def read_npz(named: NamedSet, place: Path) -> Arrays:
    """Read and check the one npz file that keras keeps.

    Args:
        named: The set.
        place: The file.

    Raises:
        DataError: If it is damaged or is another file of the same name.
    """
    try:
        with place.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {key: archive[key].astype(np.uint8, copy=False) for key in STEMS}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(
            f"{place} cannot be read ({error}): delete it or replace it by a fresh copy"
        ) from error
    for key, array in arrays.items():
        _check(named, key, encode(array), f"{key} in {place}")
    return arrays


def read_embedded(named: NamedSet) -> Arrays:
    """Read the set that comes with the package.

    Args:
        named: The set.
    """
    file = resources.files("reparam.data") / "embedded" / f"{named.name}.npz"
    with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as arrays:
        return {key: arrays[key] for key in STEMS}


def _check(named: NamedSet, key: str, content: bytes, place: Path | str) -> None:
    if checksum(content) != named.checksums[key]:
        raise DataError(
            f"{place} is truncated or altered (its checksum is not {named.title}'s): "
            "delete it or replace it by a fresh copy"
        )


def _first(named: NamedSet, places: Iterator[Path]) -> Path | None:
    return next((place for place in places if _holds(place)), None)


def _holds(place: Path) -> bool:
    if place.suffix == ".npz":
        return place.is_file()
    return all(_file(place, stem) for stem in STEMS.values())


def _file(folder: Path, stem: str) -> Path | None:
    dotted = stem.replace("-idx", ".idx")
    names = (stem, f"{stem}.gz", dotted, f"{dotted}.gz")
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _folder(path: str | Path, giver: str) -> Path:
    folder = Path(path).expanduser()
    if not folder.is_dir():
        raise DataError(f"{giver} names {str(path)!r}, which is not a folder: give one that is")
    return folder
