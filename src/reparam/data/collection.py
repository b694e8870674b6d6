"""Pictures before they are decoded: names, labels, how to get each one's bytes, and how to decode.

A folder, a table of encoded pictures and a set from a hub are all collections; what follows, from
the survey to the cache, knows no difference.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from PIL import ImageColor

from reparam.errors import DataError

FITS = ("crop", "pad", "stretch")
Size = tuple[int, int]


@dataclass(frozen=True)
class Collection:
    """Encoded pictures, in order; training before test.

    Args:
        name: What the data are called.
        source: What `load` accepts to find them again.
        files: Each picture's name; no two are alike.
        read: The bytes of the picture with an index; raises `OSError` where it cannot.
        stamp: What the source looks like from outside; it changes when a picture does.
        labels: The index of each one's class, -1 for none; `None` where there are no classes.
        classes: The classes' names.
        train: How many are the training set; `None` where there is no test set.
    """

    name: str
    source: str
    files: Sequence[str]
    read: Callable[[int], bytes]
    stamp: Sequence[Any]
    labels: Sequence[int] | None = None
    classes: tuple[str, ...] | None = None
    train: int | None = None


@dataclass(frozen=True)
class Decoding:
    """How pictures become arrays of one size.

    Args:
        size: The height and width in pixels; `None` where all have one size.
        fit: How a picture of another shape gets there: `stretch`; `crop`, whatever is too much
            at two sides; or `pad`, with the background.
        background: A colour that lies behind what is transparent, and around what is padded.

    Raises:
        DataError: If one of them is none.

    Example:
        >>> Decoding((64, 64), fit="crop").options
        {'size': (64, 64), 'fit': 'crop'}
    """

    size: Size | None = None
    fit: str | None = None
    background: str | None = None
    colour: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        if self.size is not None and (len(self.size) != 2 or min(self.size) < 1):
            raise DataError(
                f"size={self.size}: give the height and the width in pixels, such as (64, 64)"
            )
        if self.fit is not None and self.fit not in FITS:
            raise DataError(f"there is no fit {self.fit!r}: give one of {', '.join(FITS)}")
        if self.fit is not None and self.size is None:
            raise DataError(
                f"fit={self.fit!r} has no effect without a size: give size=(H, W), too"
            )
        try:
            colour = ImageColor.getrgb(self.background or "white")[:3]
        except ValueError:
            raise DataError(
                f"there is no colour {self.background!r}: give a name such as black, or #rrggbb"
            ) from None
        object.__setattr__(self, "colour", colour)

    @property
    def options(self) -> dict[str, Any]:
        """What was given, by keyword."""
        given = {"size": self.size, "fit": self.fit, "background": self.background}
        return {
            key: tuple(value) if isinstance(value, list | tuple) else value
            for key, value in given.items()
            if value is not None
        }
