"""Decodings of a grid over a plane, so that a page can show a picture at once."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from reparam.atomic import replacing
from reparam.errors import CompositionError, ReparamError
from reparam.explorer.images import png, tiled, to_bytes
from reparam.explorer.plane import Plane
from reparam.explorer.space import Space

SIDE = 1600
"""The most pixels along the side of all pictures together."""
TILES = (12, 49)
"""The fewest and the most pictures along it."""


@dataclass(frozen=True)
class Sheet:
    """A grid of decodings as one PNG.

    Args:
        content: The file.
        frame: Left, right, bottom, top: what of the plane it covers; a picture stands for the
            middle of its part.
        across: How many pictures there are along each side.
        size: A picture's (height, width).
    """

    content: bytes
    frame: tuple[float, float, float, float]
    across: int
    size: tuple[int, int]


def sheet(space: Space, plane: Plane) -> Sheet | None:
    """Decode a grid, or read it where it was kept; `None` where the plane is not all there is.

    Args:
        space: The latent space.
        plane: The plane.
    """
    if not plane.whole or plane.lift is None:
        return None
    name = f"sheet-{plane.title.replace(' ', '-')}-{_across(space)}.png"
    file = None if space.cache is None else space.cache / name
    content = _kept(file)
    if content is not None:
        return Sheet(content, plane.frame, _across(space), _size(space))
    made = decoded(space, plane, np.zeros(space.dimensions, "float32"))
    if file is not None:
        with suppress(ReparamError), replacing(file) as target:
            target.write(made.content)
    return made


def decoded(space: Space, plane: Plane, held: Float[NDArray, "D"]) -> Sheet:
    """Decode a grid over a plane.

    Args:
        space: The latent space.
        plane: The plane, which has a way back.
        held: The code that stands for all directions but the plane's.

    Raises:
        CompositionError: If the plane has no way back.
    """
    if plane.lift is None:
        raise CompositionError(f"no place of {plane.title} has a code to decode")
    across = _across(space)
    left, right, low, high = plane.frame
    middles = (np.arange(across) + 0.5) / across
    x, y = left + middles * (right - left), high - middles * (high - low)
    places = np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)
    pictures = to_bytes(space.decode(plane.lift(places, held)))
    return Sheet(png(tiled(pictures, across)), plane.frame, across, _size(space))


def _across(space: Space) -> int:
    return int(np.clip(SIDE // max(_size(space)), *TILES))


def _size(space: Space) -> tuple[int, int]:
    height, width = space.data.shape[-2:]
    return height, width


def _kept(file: Path | None) -> bytes | None:
    with suppress(OSError):
        return None if file is None else file.read_bytes()
    return None
