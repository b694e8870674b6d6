"""The dictionary of variants: one entry buys the listing and every contract test."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, ParamSpec, Protocol, cast

from reparam.models import VAE
from reparam.objectives import Objective
from reparam.randomness import seeded

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
    """

    make: Maker
    title: str
    authors: str
    year: int
    url: str

    @property
    def defaults(self) -> dict[str, object]:
        """The function's arguments, without the data's shape, and their defaults."""
        parameters = list(inspect.signature(self.make).parameters.values())[1:]
        return {p.name: p.default for p in parameters}


ZOO: dict[str, Entry] = {}


def published(
    title: str, authors: str, year: int, url: str
) -> Callable[[Callable[P, Variant]], Callable[P, Variant]]:
    """Enter a function in the zoo under its own name, and seed the weights it makes.

    Args:
        title: The paper's title.
        authors: Who wrote it.
        year: When.
        url: Where to read it.
    """

    def enter(make: Callable[P, Variant]) -> Callable[P, Variant]:
        @functools.wraps(make)
        def seeded_make(*args: P.args, **kwargs: P.kwargs) -> Variant:
            bound = inspect.signature(make).bind(*args, **kwargs)
            bound.apply_defaults()
            with seeded(bound.arguments["seed"]):
                return make(*args, **kwargs)

        maker = cast("Maker", seeded_make)
        ZOO[make.__name__] = Entry(maker, title, authors, year, url)
        return seeded_make

    return enter
