"""One function reads a name, a file, a folder or an array, as a training and a test set."""

import difflib
import inspect
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from reparam.data import places
from reparam.data.arrays import from_array
from reparam.data.builtin import NAMED, NamedSet
from reparam.data.collection import Collection, Decoding
from reparam.data.dataset import Dataset
from reparam.data.decode import decoded
from reparam.data.files import read_file
from reparam.data.folder import read_folder
from reparam.data.hub import PREFIX, is_saved, read_hub
from reparam.data.items import joined
from reparam.data.parquet import read_parquet
from reparam.errors import DataError

TEST = 0.1
SPLITS = ("train", "validation", "test", "all")
Source = str | os.PathLike[str] | np.ndarray[Any, Any] | Tensor


def load(
    source: Source,
    *,
    layout: str | None = None,
    size: tuple[int, int] | None = None,
    fit: str | None = None,
    background: str | None = None,
    strict: bool = False,
    labels: ArrayLike | Tensor | None = None,
    test: float | None = None,
    seed: int = 0,
    path: str | Path | None = None,
    download: bool = True,
) -> tuple[Dataset, Dataset]:
    """Read data as a training and a test set.

    Named sets, archives with `x_test` and folders with `train` and `test` have their own test set.
    Of every other source a random part is held out: a function of the seed and the number of
    items.

    Args:
        source: The name of a built-in set; the path of a folder of pictures, of an `.npy`, `.npz`
            or `.parquet` file, or of a folder that `datasets` saved; `hf://owner/name`; a NumPy
            array or a torch tensor.
        layout: How an array's axes are ordered: `NHW`, `NHWC` or `NCHW`. By default channels are
            last in NumPy's arrays and files and first in torch's tensors.
        size: The height and width in pixels that encoded pictures are brought to.
        fit: How: `stretch` (the default), `crop` or `pad`.
        background: A colour for what is transparent or padded: a name or `#rrggbb`; white by
            default.
        strict: Whether to refuse a picture that cannot be read, instead of leaving it out.
        labels: (N,) integers that go with an array, a tensor or an `.npy` file.
        test: The part to hold out where the source has no test set; 0.1 by default.
        seed: Which part to hold out.
        path: The folder that holds a named set, instead of the places where it is looked for.
        download: Whether a named set that is not on this machine may be downloaded.

    Returns:
        The training and the test set.

    Raises:
        DataError: If there is no such source, it cannot be read, or an option has no effect on it.

    Example:
        >>> train, test = load("fashion-mnist-subset")
        >>> train, len(test)
        (Dataset(10000 pictures of (1, 28, 28), Fashion-MNIST (subset), train), 2000)
    """
    how = {"size": size, "fit": fit, "background": background, "strict": strict}
    whole, held_out = _read(
        source, layout=layout, labels=labels, path=path, download=download, **how
    )
    options = {**whole.schema.options, "validation": 0.0}
    if held_out is None:
        fraction = TEST if test is None else test
        options = {**options, "test": fraction, "seed": seed}
        whole, held_out = whole.split(fraction, seed)
    elif test is not None:
        raise DataError(f"test={test} has no effect: {whole.schema.title} has its own test set")
    return (
        whole.described(split="train", options=options),
        held_out.described(split="test", options=options),
    )


def load_split(
    source: Source,
    split: str,
    *,
    validation: float = 0.1,
    seed: int = 0,
    **options: Any,  # noqa: ANN401
) -> Dataset:
    """Read one part of a source.

    An option that only another part needs is passed over, so that one set of options reads all
    four parts.

    Args:
        source: As in `load`.
        split: `train` is the training set without its validation part, `validation` that part,
            `test` the test set, and `all` every item in the source's order, training before test.
        validation: How much of the training set is for validation; 0 for none.
        seed: Which part is held out.
        options: As in `load`.

    Raises:
        DataError: If there is no such part, or as in `load`.

    Example:
        >>> load_split("fashion-mnist-subset", "validation")
        Dataset(1000 pictures of (1, 28, 28), Fashion-MNIST (subset), validation)
    """
    for name in set(options) - set(inspect.signature(load).parameters):
        raise DataError(f"there is no option {name!r} for reading data: leave it out")
    if split not in SPLITS:
        raise DataError(f"there is no split {split!r}: give one of {', '.join(SPLITS)}")
    if split == "all":
        return _everything(source, options)
    train, test = load(source, seed=seed, **options)
    again = {**train.schema.options, "validation": validation, "seed": seed}
    if split == "test":
        return test.described(options=again)
    if validation == 0:
        if split == "validation":
            raise DataError("validation=0 leaves no validation set: give a part such as 0.1")
        return train.described(options=again)
    rest, held_out = train.split(validation, seed)
    return (rest if split == "train" else held_out).described(split=split, options=again)


def _everything(source: Source, options: dict[str, Any]) -> Dataset:
    whole, test = _read(source, **{key: options[key] for key in options if key != "test"})
    if test is None:
        return whole.described(split="all")
    items = joined(whole.items, test.items)
    parts = [part.labels for part in (whole, test) if part.labels is not None]
    labels = torch.cat(parts) if parts else None
    return Dataset(items, labels, whole.schema).described(split="all")


def _read(
    source: Source,
    *,
    layout: str | None = None,
    labels: ArrayLike | Tensor | None = None,
    path: str | Path | None = None,
    download: bool = True,
    **how: Any,  # noqa: ANN401
) -> tuple[Dataset, Dataset | None]:
    """Read a source whole, and its test set where it has one."""
    if isinstance(source, np.ndarray | Tensor):
        _refuse("an array", path=path, **how)
        return from_array(source, labels, layout=layout), None
    if not isinstance(source, str | os.PathLike):
        raise DataError(
            f"a {type(source).__name__} is no source of data: give a name, a path, a NumPy array "
            "or a torch tensor"
        )
    if source in NAMED:
        _refuse(str(source), layout=layout, labels=labels, **how)
        return _read_named(NAMED[str(source)], path, download)
    encoded = _encoded(str(source))
    if encoded is not None:
        what, read = encoded
        _refuse(what, layout=layout, labels=labels, path=path)
        strict = bool(how.pop("strict", False))
        return decoded(read(), Decoding(**how), strict=strict)
    place = Path(source).expanduser()
    if place.exists():
        if not place.is_file() and not place.is_dir():
            raise DataError(f"{place} is a pipe or a device: give a regular file or a folder")
        _refuse("a file of arrays", path=path, **how)
        return read_file(place, layout=layout, labels=labels)
    raise DataError(_unknown(str(source)))


def _encoded(source: str) -> tuple[str, Callable[[], Collection]] | None:
    """What a source of encoded pictures is called, and its reader; `None` for other sources."""
    place = Path(source).expanduser()
    if source.startswith(PREFIX) or (place.is_dir() and is_saved(place)):
        whole = source if source.startswith(PREFIX) else str(place)
        return "a set of encoded pictures", lambda: read_hub(whole)
    if place.is_dir():
        return "a folder of pictures", lambda: read_folder(place)
    if place.is_file() and place.suffix.lower() == ".parquet":
        return "a table of encoded pictures", lambda: read_parquet(place)
    return None


def _read_named(
    named: NamedSet, path: str | Path | None, download: bool
) -> tuple[Dataset, Dataset]:
    if not named.checksums:
        _refuse(named.name, path=path)
    arrays = places.read(named, path, network=download)
    parts = (
        from_array(arrays[f"x_{split}"], arrays[f"y_{split}"], name=named.name, source=named.name)
        for split in ("train", "test")
    )
    train, test = (part.described(classes=named.classes) for part in parts)
    return train, test


def _refuse(what: str, **options: object) -> None:
    for key, value in options.items():
        if value is not None and value is not False:
            raise DataError(f"{key}= has no effect on {what}: leave it out")


def _unknown(source: str) -> str:
    names = ", ".join(NAMED)
    close = difflib.get_close_matches(source, NAMED, n=1)
    hint = f"did you mean {close[0]!r}?" if close else "give one of these or a path that exists"
    return f"there is no file or folder {source!r}, and the built-in sets are {names}: {hint}"
