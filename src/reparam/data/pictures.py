"""One picture file: what its header says, and its pixels as bytes."""

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from reparam.errors import DataError

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")
GREY = ("1", "L", "LA", "La", "I;16", "I;16L", "I;16B", "I;16N")
WIDE = ("I", "F")
ORIENTATION = 0x0112
SIDEWAYS = (5, 6, 7, 8)
BROKEN = (OSError, ValueError, SyntaxError, EOFError, IndexError, struct.error)


@dataclass(frozen=True)
class Header:
    """What is known of a picture before it is decoded.

    Args:
        height: Pixels, upright.
        width: Pixels, upright.
        grey: Whether it has no colour.
    """

    height: int
    width: int
    grey: bool


def read_header(place: Path) -> Header:
    """Read a picture's size, as it is meant to be seen, and whether it is grey.

    Args:
        place: The file.

    Raises:
        DataError: If it is no picture that can be read.
    """
    try:
        with Image.open(place) as picture:
            if picture.mode in WIDE:
                raise DataError(
                    f"{place} has pixels of 32 bits: save it with 8 or 16 bits, or give an .npy"
                )
            width, height = picture.size
            if picture.getexif().get(ORIENTATION) in SIDEWAYS:
                width, height = height, width
            return Header(height, width, picture.mode in GREY)
    except DataError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise DataError(
            f"{place} has more than {Image.MAX_IMAGE_PIXELS:,} pixels, which is taken for an "
            "attack: make it smaller or take it out"
        ) from error
    except BROKEN as error:
        raise _unreadable(place, error) from error


def read_picture(place: Path, *, grey: bool, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Decode a picture: upright, on white where it is transparent, and stretched to a size.

    Of an animation or a file of several pages it is the first.

    Args:
        place: The file.
        grey: Whether to give one channel instead of three.
        size: The height and width in pixels.

    Returns:
        (C, H, W) bytes.

    Raises:
        DataError: If the file is broken.
    """
    height, width = size
    try:
        with Image.open(place) as opened:
            picture = _flat(ImageOps.exif_transpose(opened), "L" if grey else "RGB")
    except BROKEN as error:
        raise _unreadable(place, error) from error
    if picture.size != (width, height):
        picture = picture.resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(picture).reshape(height, width, -1).transpose(2, 0, 1)


def _flat(picture: Image.Image, mode: str) -> Image.Image:
    """A picture of 8 bits a channel, without transparency."""
    if picture.mode.startswith("I;16"):
        numbers = np.asarray(picture).astype(np.float32)
        picture = Image.fromarray(np.rint(numbers / 257).astype(np.uint8))
    elif picture.has_transparency_data:
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture.convert("RGBA"))
    return picture.convert(mode)


def _unreadable(place: Path, error: BaseException) -> DataError:
    reason = "it is empty" if place.exists() and not place.stat().st_size else str(error)
    return DataError(f"{place} cannot be read as a picture ({reason}): replace it or take it out")
