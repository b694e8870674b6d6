"""Pictures from Hugging Face `datasets`: a saved folder, or `hf://owner/name`."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reparam.data.collection import Collection
from reparam.data.labels import numbered
from reparam.errors import DataError

PREFIX = "hf://"
NAME = re.compile(r"[A-Za-z0-9_][\w.-]*", re.ASCII)
SAVED = ("dataset_dict.json", "dataset_info.json")


def is_saved(folder: Path) -> bool:
    """Whether a folder was written by `save_to_disk`.

    Args:
        folder: The folder.
    """
    return any((folder / name).is_file() for name in SAVED)


def read_hub(source: str) -> Collection:
    """List the pictures of a saved or downloaded set; none is decoded.

    Args:
        source: A folder that `save_to_disk` wrote, or `hf://owner/name` and, after another slash,
            a configuration.

    Raises:
        DataError: If `datasets` is missing, the set cannot be had, or has no column of pictures.
    """
    try:
        import datasets
    except ImportError as error:
        raise DataError(f"{source} needs datasets: pip install 'reparam[hub]'") from error
    path = source.removeprefix(PREFIX).split("/")
    if source.startswith(PREFIX):
        _check_address(source, path)
    owner, name, *configuration = [*path, "", ""][:3]
    try:
        if source.startswith(PREFIX):
            whole = datasets.load_dataset(f"{owner}/{name}", *filter(None, configuration))
        else:
            whole = datasets.load_from_disk(source)
    except Exception as error:  # it raises what its many helpers raise
        raise DataError(f"{source} cannot be read ({_first_line(error)})") from error
    parts = dict(whole) if isinstance(whole, datasets.DatasetDict) else {"train": whole}
    first = parts.get("train") or next(iter(parts.values()))
    test = parts.get("test")
    column = _column(source, first, datasets.Image)
    kept = [first] if test is None else [first, test]
    plain = [part.cast_column(column, datasets.Image(decode=False)) for part in kept]
    labels, classes = _labels(kept)
    return Collection(
        name=source.removeprefix(PREFIX).rstrip("/").rsplit("/", 1)[-1],
        source=source,
        files=[
            f"{split} {row}"
            for split, part in zip(("train", "test"), kept, strict=False)
            for row in range(len(part))
        ],
        read=lambda index: _bytes(plain, column, index),
        stamp=[column, *(part._fingerprint for part in kept)],
        labels=labels,
        classes=classes,
        train=None if test is None else len(first),
    )


def _check_address(source: str, path: Sequence[str]) -> None:
    """Refuse what is no address, and what `datasets` would look for on this disk instead."""
    if len(path) not in (2, 3) or not all(map(NAME.fullmatch, path)):
        raise DataError(f"{source} names no set: write hf://owner/name")
    local = "/".join(path[:2])
    if os.path.lexists(local):
        raise DataError(
            f"{source} is on the Hub, and {local} lies in this folder, which datasets would read "
            "instead: give that folder as the source, or run this from another folder"
        )


def _bytes(parts: Sequence[Any], column: str, index: int) -> bytes:
    part, row = (0, index) if index < len(parts[0]) else (1, index - len(parts[0]))
    value = parts[part][row][column]
    if value is None:
        raise OSError("it has no picture")
    if value["bytes"] is not None:
        return value["bytes"]
    if not os.path.isfile(value["path"]):  # a pipe would be waited for
        raise OSError("it is no regular file")
    return Path(value["path"]).read_bytes()


def _column(source: str, part: Any, kind: type) -> str:  # noqa: ANN401
    found = [name for name, feature in part.features.items() if isinstance(feature, kind)]
    if len(found) != 1:
        what = "no column" if not found else f"{len(found)} columns ({', '.join(found)})"
        raise DataError(
            f"{source} has {what} of pictures, its columns are {', '.join(part.features)}: "
            "give a set with one"
        )
    return found[0]


def _labels(parts: Sequence[Any]) -> tuple[list[int] | None, tuple[str, ...] | None]:
    for name in ("label", "labels"):
        if all(name in part.features for part in parts):
            values = [value for part in parts for value in part[name]]
            return numbered(values, getattr(parts[0].features[name], "names", None), name)
    return None, None


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
