"""What a variant's arguments may be: a kind, a range or a choice, said once in the annotation."""

import ast
import inspect
import math
import typing
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any

import numpy as np

from reparam.errors import CompositionError

KINDS: dict[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a word",
}


@dataclass(frozen=True, repr=False)
class Range:
    """From one number to another.

    Args:
        low: The least.
        high: The largest.
        open: Whether the least itself is left out.
        below: Whether the largest itself is left out too.
    """

    low: float = -math.inf
    high: float = math.inf
    open: bool = False
    below: bool = False

    def __contains__(self, value: float) -> bool:
        """Whether a number lies within."""
        above = self.low < value if self.open else self.low <= value
        return above and (value < self.high if self.below else value <= self.high)

    def __str__(self) -> str:
        """The range in words."""
        low = f"above {self.low:g}" if self.open else f"of at least {self.low:g}"
        high = f"below {self.high:g}" if self.below else f"at most {self.high:,.12g}"
        return low if self.high == math.inf else f"{low} and {high}"

    __repr__ = __str__


@dataclass(frozen=True, repr=False)
class Length:
    """How long a schedule lasts.

    Args:
        never: Whether 0 is allowed, for none.
    """

    never: bool = False

    def __contains__(self, value: float) -> bool:
        """Whether a schedule may last so long."""
        if value == 0:
            return self.never
        return 0 < value <= 1 if isinstance(value, float) else value > 0

    def __str__(self) -> str:
        """The lengths in words."""
        none = ", or 0 for none" if self.never else ""
        return f"of whole steps, or the part of the training from 0.0 to 1.0{none}"

    __repr__ = __str__


@dataclass(frozen=True, repr=False)
class Choice:
    """One of some words.

    Args:
        words: Which.
    """

    words: Iterable[str]

    def __contains__(self, value: str) -> bool:
        """Whether a word is one of them."""
        return value in self.words

    def __str__(self) -> str:
        """The words."""
        return f"one of {', '.join(self.words)}"

    __repr__ = __str__


Positive = Annotated[float, Range(0, open=True)]
Weight = Annotated[float, Range(0)]
OptionalWeight = Annotated[float | None, Range(0)]
Part = Annotated[float, Range(0, 1, open=True)]
Inner = Annotated[float, Range(0, 1, open=True, below=True)]
Seed = Annotated[int, Range(0, 2**32 - 1)]
Share = Annotated[float, Range(0, 1)]
Count = Annotated[int, Range(1)]
Categories = Annotated[int, Range(2)]
Steps = Annotated[int | float, Length()]
Warmup = Annotated[int | float, Length(never=True)]
Widths = Annotated[Sequence[int] | None, Range(1)]


@dataclass(frozen=True)
class Argument:
    """One argument of a zoo function.

    Args:
        name: What it is called.
        default: What it is if nothing is said.
        types: Which types it may have.
        limit: Its range or choice, or `None`.
    """

    name: str
    default: object
    types: tuple[Any, ...]
    limit: Range | Length | Choice | None

    @classmethod
    def read(cls, name: str, annotation: object, default: object) -> "Argument":
        """Read an annotation.

        Args:
            name: The argument's.
            annotation: A type, possibly of several, possibly `Annotated` with a range or choice.
            default: The argument's.
        """
        limit = None
        if typing.get_origin(annotation) is Annotated:
            annotation, limit = typing.get_args(annotation)
        several = isinstance(annotation, UnionType)
        return cls(name, default, typing.get_args(annotation) if several else (annotation,), limit)

    @property
    def words(self) -> str:
        """What it may be, in words."""
        if any(typing.get_origin(kind) is Sequence for kind in self.types):
            return "whole numbers of at least 1 with commas between"
        if isinstance(self.limit, Choice):
            return str(self.limit)
        kind = next(KINDS[kind] for kind in (float, int, bool, str) if kind in self.types)
        return f"{kind} {self.limit}" if self.limit else kind

    def check(self, value: object) -> None:
        """Refuse a value that it may not be.

        Args:
            value: What was given.

        Raises:
            CompositionError: If it is of another kind, or out of range.
        """
        if value is None and NoneType in self.types:
            return
        if not self._fits(value):
            raise CompositionError(f"{self.name} must be {self.words}, not {value!r}")

    def _fits(self, value: object) -> bool:
        items: Any = [value]
        if any(typing.get_origin(kind) is Sequence for kind in self.types):
            if isinstance(value, str) or not isinstance(value, Sequence) or not value:
                return False
            items = value
            kinds: tuple[type, ...] = (int,)
        else:
            kinds = tuple(kind for kind in self.types if kind is not NoneType)
        if float in kinds:
            kinds = (*kinds, int)
        boolean = any(isinstance(item, bool) for item in items) and bool not in kinds
        if boolean or not all(isinstance(item, kinds) for item in items):
            return False
        if any(isinstance(item, float) and not math.isfinite(item) for item in items):
            return False
        return self.limit is None or all(item in self.limit for item in items)

    def parse(self, text: str) -> object:
        """Read a value from text.

        Args:
            text: As somebody typed it.

        Raises:
            CompositionError: If it is of another kind, or out of range.

        Example:
            >>> Argument.read("widths", Widths, None).parse("32,64")
            (32, 64)
        """
        try:
            value: Any = ast.literal_eval(text)
        except (ValueError, SyntaxError):
            value = {"true": True, "false": False, "none": None}.get(text.lower(), text)
        if any(typing.get_origin(kind) is Sequence for kind in self.types) and value is not None:
            value = tuple(value) if isinstance(value, list | tuple) else (value,)
        elif str in self.types and (value is not None or self._fits(text)):
            value = text
        try:
            self.check(value)
        except CompositionError:
            raise CompositionError(f"{self.name} must be {self.words}, not {text!r}") from None
        whole = isinstance(value, int) and not isinstance(value, bool) and int not in self.types
        return float(value) if whole and float in self.types else value


def arguments_of(function: object, defaults: dict[str, object]) -> dict[str, Argument]:
    """Every argument of a zoo function but the data's shape.

    Args:
        function: Its last parameter may be `**parts: Unpack[...]` of a `TypedDict`.
        defaults: What the parts are if nothing is said.
    """
    found: dict[str, Argument] = {}
    hints = typing.get_type_hints(function, include_extras=True)
    for p in list(inspect.signature(function).parameters.values())[1:]:  # type: ignore[arg-type]
        if p.kind is not inspect.Parameter.VAR_KEYWORD:
            found[p.name] = Argument.read(p.name, hints[p.name], p.default)
            continue
        (parts,) = typing.get_args(hints[p.name])
        named = typing.get_type_hints(parts, include_extras=True)
        for name in (name for name in defaults if name in named):
            found[name] = Argument.read(name, named[name], defaults[name])
    return found


def plain(value: object) -> object:
    """A number that may be NumPy's as Python's own.

    Args:
        value: Anything; what is no single number of NumPy's stays as it is.

    Example:
        >>> import numpy as np
        >>> plain(np.int64(3)), plain("bce")
        (3, 'bce')
    """
    return value.item() if isinstance(value, np.generic) else value


def checked_shape(shape: object) -> tuple[int, ...]:
    """The shape of a picture or of a vector, if it is one.

    Args:
        shape: (C, H, W) or (D,).

    Raises:
        CompositionError: If it is anything else.
    """
    sizes = list(shape) if isinstance(shape, Iterable) and not isinstance(shape, str) else []
    whole = all(isinstance(size, int | np.integer) and size > 0 for size in sizes)
    if len(sizes) not in (1, 3) or not whole:
        raise CompositionError(
            "shape is a picture's (C, H, W) or a vector's (D,), whole numbers above 0, "
            f"not {shape}"
        )
    return tuple(int(size) for size in sizes)
