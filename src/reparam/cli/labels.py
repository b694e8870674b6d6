"""Classes as a user names them."""

import difflib

import torch
from jaxtyping import Int64
from torch import Tensor

from reparam.artifact import Artifact
from reparam.data import Dataset
from reparam.errors import DataError, ReparamError
from reparam.report import in_turn


def classes_of(dataset: Dataset, has: str, lacks: str | None) -> tuple[list[int], list[int]]:
    """The classes with an attribute, and those without it.

    Args:
        dataset: Whose classes.
        has: Names or numbers with commas between.
        lacks: The same for the others; `None` for all others.

    Raises:
        DataError: If the data have no labels, there is no such class, or one stands in both.

    Example:
        >>> import torch
        >>> three = Dataset(torch.zeros(3, 2), torch.tensor([0, 1, 4]))
        >>> classes_of(three, "1", None)
        ([1], [0, 4])
    """
    classes = _known(dataset)
    given = _read(dataset, classes, has, "--has")
    if lacks is None:
        return given, [label for label in classes if label not in given]
    others = _read(dataset, classes, lacks, "--lacks")
    for label in given:
        if label in others:
            raise DataError(
                f"{classes[label]!r} stands in --has and in --lacks: leave it out of one of them"
            )
    return given, others


def labels_of(dataset: Dataset) -> Int64[Tensor, "N"]:
    """The labels of data that must have some.

    Args:
        dataset: The data.

    Raises:
        DataError: If they have none.
    """
    if dataset.labels is None:
        raise DataError(
            f"{dataset.schema.title} has no labels, which say what has the attribute: give data "
            "with labels"
        )
    return dataset.labels.cpu()


def conditions(found: Artifact, n: int, label: str | None) -> list[Int64[Tensor, "n"]]:
    """What a model is to be sampled with: one label, or each in its turn.

    Args:
        found: The run.
        n: How many samples.
        label: A class's number or name, or `None`.

    Raises:
        ReparamError: If the model takes no labels, or has no such one.
    """
    model = found.model
    if not model.conditions:
        if label is not None:
            raise ReparamError(f"--label has no effect: the model in {found.path} takes no labels")
        return []
    if label is None:
        return in_turn(model, n)
    names = (found.schema.classes if found.schema else None) or ()
    known = {str(number): number for number in range(model.classes or 0)}
    known |= {name.casefold(): number for number, name in reversed(list(enumerate(names)))}
    if label.casefold() not in known:
        raise ReparamError(
            f"--label {label} is no class of the model in {found.path}: give one of "
            f"{', '.join(names) or f'0 to {len(known) - 1}'}"
        )
    return [torch.full((n,), known[label.casefold()], device=model.device)]


def class_name(dataset: Dataset, label: int) -> str:
    """What the class of one label is called.

    Args:
        dataset: Data with labels.
        label: Which; below 0 for none.
    """
    classes = dataset.schema.classes
    return "no class" if label < 0 else classes[label] if classes else str(label)


def _known(dataset: Dataset) -> dict[int, str]:
    """What each class is called: its name, or its number where it has none."""
    labels = labels_of(dataset).unique().tolist()
    if dataset.schema.classes is not None:
        return dict(enumerate(dataset.schema.classes))
    return {label: str(label) for label in labels if label >= 0}


def _read(dataset: Dataset, classes: dict[int, str], text: str, option: str) -> list[int]:
    names = {name.casefold(): label for label, name in reversed(classes.items())}
    numbers = {str(label): label for label in classes}
    found = []
    for part in text.split(","):
        word = part.strip()
        label = names.get(word.casefold(), numbers.get(word))
        if label is None:
            close = difflib.get_close_matches(word.casefold(), names, n=1)
            likely = close and not word.isdigit()
            hint = f": did you mean {classes[names[close[0]]]!r}?" if likely else ""
            raise DataError(
                f"{option} takes classes of {dataset.schema.title}, {dataset.schema.split}, which "
                f"has no {word!r} but {', '.join(classes.values())}{hint}"
            )
        found.append(label)
    return list(dict.fromkeys(found))
