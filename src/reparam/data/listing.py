"""Which files of a folder are pictures, and what its sub-folders say of them."""

import os
from dataclasses import dataclass
from pathlib import Path

from reparam.data.pictures import SUFFIXES
from reparam.errors import DataError

PARTS = ("train", "test")


@dataclass(frozen=True)
class Listing:
    """The pictures of a folder, in order.

    Args:
        files: Their paths, sorted by class and name; training before test.
        labels: The index of each one's class; `None` where there are no classes.
        classes: The classes' names, sorted.
        train: How many of the files are the training set; `None` where the folder has no parts.
    """

    files: list[str]
    labels: list[int] | None
    classes: tuple[str, ...] | None
    train: int | None = None


def list_folder(folder: Path) -> Listing:
    """List a folder's pictures.

    Hidden files, files that are no pictures, and symbolic links that lead out of the folder or to
    another folder are passed over.

    Args:
        folder: It holds pictures, or a sub-folder for each class, or `train` and `test`.

    Raises:
        DataError: If it holds none, or pictures both beside and in its sub-folders.
    """
    root = folder.resolve()
    groups = _by_class(folder, root)
    if all((folder / part).is_dir() for part in PARTS):
        strange = sorted(set(groups) - set(PARTS))
        if strange:
            raise DataError(
                f"{folder} has train and test, and pictures in {strange[0] or 'itself'} that "
                "belong to neither: move these or take them out"
            )
        return _joined(*(_listing(folder / part, root) for part in PARTS))
    return _listing(folder, root)


def _listing(folder: Path, root: Path) -> Listing:
    groups = _by_class(folder, root)
    if not groups:
        raise DataError(
            f"{folder} holds no pictures: give a folder of {', '.join(SUFFIXES)} files "
            "(links that lead out of it are not followed)"
        )
    if "" not in groups:
        classes = tuple(sorted(groups))
        files = [file for name in classes for file in groups[name]]
        labels = [label for label, name in enumerate(classes) for _ in groups[name]]
        return Listing(files, labels, classes)
    if len(groups) > 1:
        inside = sorted(groups)[1]
        raise DataError(
            f"{folder} holds pictures both beside and inside its sub-folders "
            f"({_name(groups[''])} and {inside}/{_name(groups[inside])}): put every picture "
            "into a sub-folder named for its class, or none"
        )
    return Listing(groups[""], None, None)


def _joined(train: Listing, test: Listing) -> Listing:
    if train.classes != test.classes:
        raise DataError(
            f"{_folder(train)} and {_folder(test)} do not have the same classes "
            f"({_names(train)} and {_names(test)}): give train and test the same sub-folders"
        )
    labels = None if train.labels is None else [*train.labels, *(test.labels or [])]
    return Listing([*train.files, *test.files], labels, train.classes, len(train.files))


def _names(listing: Listing) -> str:
    return "none" if listing.classes is None else ", ".join(listing.classes)


def _name(group: list[str]) -> str:
    return os.path.basename(group[0])


def _folder(listing: Listing) -> str:
    return os.path.dirname(listing.files[0])


def _by_class(folder: Path, root: Path) -> dict[str, list[str]]:
    """The pictures by first sub-folder; those right in the folder under the empty name."""
    groups: dict[str, list[str]] = {}
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        inner = Path(place).relative_to(folder).parts
        for name in sorted(names):
            file = os.path.join(place, name)
            if _is_picture(file, name, root):
                groups.setdefault(inner[0] if inner else "", []).append(file)
    return groups


def _is_picture(file: str, name: str, root: Path) -> bool:
    if name.startswith(".") or os.path.splitext(name)[1].lower() not in SUFFIXES:
        return False
    if not os.path.islink(file):
        return True
    return os.path.isfile(file) and Path(file).resolve().is_relative_to(root)
