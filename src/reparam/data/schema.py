"""What a dataset is, without its numbers: enough to read it again and to refuse a misfit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from reparam.data.builtin import TITLES
from reparam.errors import DataError

KINDS = {1: "vectors", 3: "pictures"}
VALUES = ("unit", "real")


@dataclass(frozen=True)
class Schema:
    """The description of a dataset that goes into a model's folder.

    Args:
        name: What the data are called.
        split: Which part of the source this is: train, validation, test or all.
        kind: `pictures`, or `vectors` for items of one axis.
        shape: One item's shape: (C, H, W) or (D,).
        dtype: How the pixels are stored: `uint8` or `float32`.
        classes: The names of the labels, in order; `None` where they have none.
        source: What `load_split` accepts to read the data again; `None` for arrays in memory.
        options: What `load_split` needs besides, by keyword.
        values: What a number may be: `unit`, in [0, 1], or `real`, any finite number.

    Raises:
        DataError: If values are neither.

    Example:
        >>> digits = Schema("digits", "train", "pictures", (1, 28, 28), "uint8")
        >>> Schema.from_json(digits.to_json()) == digits
        True
    """

    name: str
    split: str
    kind: str
    shape: tuple[int, ...]
    dtype: str
    classes: tuple[str, ...] | None = None
    source: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)
    values: str = "unit"

    def __post_init__(self) -> None:
        if self.values not in VALUES:
            raise DataError(f"values are one of {', '.join(VALUES)}, not {self.values!r}")

    @property
    def title(self) -> str:
        """The name as figures show it: a subset always says that it is one."""
        return TITLES.get(self.name, self.name)

    def check(self, shape: Sequence[int]) -> None:
        """Refuse items that a model of this schema cannot take.

        Args:
            shape: The other items' shape: (C, H, W) or (D,).

        Raises:
            DataError: If it differs from this schema's.

        Example:
            >>> Schema("digits", "train", "pictures", (1, 28, 28), "uint8").check((3, 37, 50))
            Traceback (most recent call last):
            reparam.errors.DataError: the model takes pictures of (1, 28, 28), these are (3, ...
        """
        if tuple(shape) != self.shape:
            kind = KINDS.get(len(shape), "items")
            these = "these are" if kind == self.kind else f"these are {kind} of"
            raise DataError(
                f"the model takes {self.kind} of {self.shape}, {these} {tuple(shape)}: "
                "give data of the model's shape or train a model on these"
            )

    def to_json(self) -> dict[str, Any]:
        """Write the schema as a plain dictionary."""
        return {
            **asdict(self),
            "shape": list(self.shape),
            "classes": None if self.classes is None else list(self.classes),
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Schema":
        """Read what `to_json` wrote.

        Args:
            plain: The dictionary.

        Raises:
            DataError: If a key is missing or unknown, or a value is of another type.
        """
        try:
            _check_types(plain)
            schema = cls(**plain)
            classes = None if schema.classes is None else tuple(schema.classes)
            options = {
                key: tuple(value) if isinstance(value, list) else value
                for key, value in schema.options.items()
            }
            return cls(
                **{**plain, "shape": tuple(schema.shape), "classes": classes, "options": options}
            )
        except (TypeError, ValueError, AttributeError, KeyError) as error:
            if isinstance(error, DataError):
                raise
            raise DataError(
                f"this is no description of a dataset ({error}): write it again with to_json"
            ) from error


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and 0 <= value <= 1


def _are_words(value: object) -> bool:
    return isinstance(value, Sequence) and all(isinstance(word, str) for word in value)


def _are_sizes(value: object) -> bool:
    sizes = value if isinstance(value, list | tuple) else [None]
    return all(type(size) is int and 0 < size < 2**31 for size in sizes) and len(sizes) > 0


def _check_types(plain: Mapping[str, Any]) -> None:
    """Refuse values that no schema has: some of them decide what is read, and from where."""
    texts = ("name", "split", "kind", "dtype", "values")
    checks = {name: isinstance(plain.get(name, ""), str) for name in texts}
    checks["shape"] = _are_sizes(plain["shape"])
    checks["source"] = isinstance(plain.get("source"), str | None)
    classes = plain.get("classes")
    checks["classes"] = classes is None or (_are_words(classes) and not isinstance(classes, str))
    options = plain.get("options", {})
    checks["options"] = isinstance(options, Mapping)
    for name, value in options.items():
        known = OPTIONS.get(name, lambda _: True)  # others are for `load_split`
        checks[f"options.{name}"] = value is None or known(value)
    for name, sound in checks.items():
        if not sound:
            raise TypeError(f"its {name} is of another kind")


OPTIONS: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("layout", "fit", "background", "path"), lambda value: isinstance(value, str)),
    **dict.fromkeys(("test", "validation"), _is_share),
    **dict.fromkeys(("strict", "download"), lambda value: isinstance(value, bool)),
    "size": lambda value: _are_sizes(value) and len(value) == 2,
    "seed": lambda value: type(value) is int and 0 <= value < 2**63,
}
"""What may be needed to read the data again, and what it may be."""
