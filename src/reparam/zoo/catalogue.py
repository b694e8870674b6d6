"""The dictionary of variants: one entry buys the listing and every contract test."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, ParamSpec, Protocol, cast

from reparam.errors import CompositionError
from reparam.models import VAE
from reparam.objectives import Objective
from reparam.randomness import seeded
from reparam.zoo.arguments import Argument, arguments_of, checked_shape, plain
from reparam.zoo.parts import DEFAULTS

P = ParamSpec("P")


class Variant(NamedTuple):
    """What a zoo function returns."""

    model: VAE
    objective: Objective


class Maker(Protocol):
    """A zoo function: a data shape first, the variant's own arguments after it."""

    def __call__(self, shape: tuple[int, ...], **arguments: object) -> Variant:
        """Build the variant."""


@dataclass(frozen=True)
class Entry:
    """One published variant.

    Args:
        make: The function that builds it.
        title: The paper's title.
        authors: Who wrote it.
        year: When.
        url: Where to read it.
        arguments: What it takes beside the data's shape.
    """

    make: Maker
    title: str
    authors: str
    year: int
    url: str
    arguments: dict[str, Argument]

    @property
    def defaults(self) -> dict[str, object]:
        """The arguments' defaults."""
        return {name: argument.default for name, argument in self.arguments.items()}

    @property
    def family(self) -> str:
        """Which file or folder of the zoo it stands in."""
        return inspect.unwrap(self.make).__module__.split(".")[2]

    @property
    def summary(self) -> str:
        """Its docstring's first line."""
        return (self.make.__doc__ or "").split("\n")[0]


ZOO: dict[str, Entry] = {}


def published(
    title: str, authors: str, year: int, url: str, **defaults: object
) -> Callable[[Callable[P, Variant]], Callable[P, Variant]]:
    """Enter a function in the zoo under its own name.

    The function is then called with arguments that were checked, and with the generator seeded
    from which it draws its weights.

    Args:
        title: The paper's title.
        authors: Who wrote it.
        year: When.
        url: Where to read it.
        **defaults: Parts whose default is another in this variant.
    """

    def enter(make: Callable[P, Variant]) -> Callable[P, Variant]:
        signature = inspect.signature(make)
        known = arguments_of(make, DEFAULTS | defaults)

        @functools.wraps(make)
        def checked(*args: P.args, **kwargs: P.kwargs) -> Variant:
            for name in set(kwargs) - {*known, "shape"}:
                raise CompositionError(
                    f"{make.__name__} has no argument {name!r}: it has {', '.join(known)}"
                )
            full = defaults | {key: plain(value) for key, value in kwargs.items()}
            bound = signature.bind(*[plain(value) for value in args], **full)
            bound.arguments["shape"] = checked_shape(bound.arguments["shape"])
            given = bound.arguments | bound.arguments.get("parts", {})
            for name, argument in known.items():
                if name in given:
                    argument.check(given[name])
            with seeded(cast("int", given.get("seed", DEFAULTS["seed"]))):
                made = make(*bound.args, **bound.kwargs)
            made.model.variant = make.__name__
            return made

        own = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
        parts = [
            inspect.Parameter(a.name, inspect.Parameter.KEYWORD_ONLY, default=a.default)
            for a in known.values()
            if a.name not in signature.parameters
        ]
        checked.__signature__ = signature.replace(parameters=[*own, *parts])  # type: ignore[attr-defined]
        maker = cast("Maker", checked)
        ZOO[make.__name__] = Entry(maker, title, authors, year, url, known)
        return checked

    return enter
