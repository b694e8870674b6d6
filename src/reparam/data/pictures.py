"""One encoded picture: what its header says, and its pixels as bytes.

What cannot be read raises `DataError` with the reason alone; who reads many knows their names.
"""

import io
import struct
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageOps, UnidentifiedImageError

from reparam.data.collection import Decoding, Size
from reparam.errors import DataError

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF")
"""What the suffixes stand for, by their names in pillow."""
READ = (*FORMATS, "GIF")
"""All that is ever opened, whatever a file is called: pillow knows formats that start programs."""
GREY = ("1", "L", "LA", "La", "I;16", "I;16L", "I;16B", "I;16N")
WIDE = ("I", "F")
ORIENTATION = 0x0112
UPRIGHT = 1
SIDEWAYS = (5, 6, 7, 8)
BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_COUNTING, _inside = threading.Lock(), 0
_filters = warnings.catch_warnings()
BROKEN = (OSError, ValueError, TypeError, SyntaxError, EOFError, LookupError, struct.error)


@dataclass(frozen=True)
class Header:
    """What is known of a picture before it is decoded.

    Args:
        height: Pixels, upright.
        width: Pixels, upright.
        grey: Whether it has no colour.
        deep: Whether it has 16 bits a channel.
        turned: Whether it is stored turned or mirrored, and says so.
        transparent: Whether something can be seen through it.
        frames: How many images the file holds: pages, or frames of an animation.
    """

    height: int
    width: int
    grey: bool
    deep: bool = False
    turned: bool = False
    transparent: bool = False
    frames: int = 1


def read_header(content: bytes, formats: tuple[str, ...] = READ) -> Header:
    """Read a picture's size, as it is meant to be seen, and whether it is grey.

    Args:
        content: The file's bytes.
        formats: Pillow's names of the formats to try; by default `READ`.

    Raises:
        DataError: If it is no picture that can be read.
    """
    if not content:
        raise DataError("it is empty")
    try:
        with Image.open(io.BytesIO(content), formats=formats) as picture:
            width, height = picture.size
            if width * height > (Image.MAX_IMAGE_PIXELS or width * height):
                raise Image.DecompressionBombError
            if picture.mode in WIDE:
                raise DataError("its pixels have 32 bits: save it with 8 or 16, or give an .npy")
            orientation = picture.getexif().get(ORIENTATION, UPRIGHT)
            if orientation in SIDEWAYS:
                width, height = height, width
            return Header(
                height,
                width,
                picture.mode in GREY,
                deep=picture.mode.startswith("I;16"),
                turned=orientation in range(UPRIGHT + 1, SIDEWAYS[-1] + 1),
                transparent=picture.has_transparency_data,
                frames=1 if picture.format == "MPO" else getattr(picture, "n_frames", 1),
            )
    except BOMBS as error:
        raise DataError(
            f"it has more than {Image.MAX_IMAGE_PIXELS:,} pixels, which is taken for an attack"
        ) from error
    except BROKEN as error:
        raise _unreadable(error) from error


def read_picture(
    content: bytes,
    *,
    grey: bool,
    size: Size,
    how: Decoding,
    formats: tuple[str, ...] = READ,
) -> NDArray[np.uint8]:
    """Decode a picture: upright, on a background where it is transparent, and of a size.

    Of an animation or a file of several pages it is the first.

    Args:
        content: The file's bytes.
        grey: Whether to give one channel instead of three.
        size: The height and width in pixels.
        how: How it gets there.
        formats: Pillow's names of the formats to try; by default `READ`.

    Returns:
        (C, H, W) bytes.

    Raises:
        DataError: If the file is broken.
    """
    height, width = size
    mode = "L" if grey else "RGB"
    try:
        with Image.open(io.BytesIO(content), formats=formats) as opened:
            picture = _flat(ImageOps.exif_transpose(opened), mode, how.colour)
    except BROKEN as error:
        raise _unreadable(error) from error
    if picture.size != (width, height):
        picture = _fitted(picture, (width, height), how)
    return np.asarray(picture).reshape(height, width, -1).transpose(2, 0, 1)


@contextmanager
def quietly() -> Iterator[None]:
    """Pillow's warnings of odd metadata are not a user's business; enter it around threads.

    Filters are the process's: whoever is inside last puts them back.
    """
    global _inside, _filters
    with _COUNTING:
        if _inside == 0:
            _filters = warnings.catch_warnings(action="ignore")
            _filters.__enter__()
        _inside += 1
    try:
        yield
    finally:
        with _COUNTING:
            _inside -= 1
            if _inside == 0:
                _filters.__exit__(None, None, None)


def _fitted(picture: Image.Image, size: tuple[int, int], how: Decoding) -> Image.Image:
    """A picture of (width, height)."""
    if how.fit == "crop":
        return ImageOps.fit(picture, size, Image.Resampling.BILINEAR)
    if how.fit == "pad":
        behind = _in_mode(how.colour, picture.mode)
        return ImageOps.pad(picture, size, Image.Resampling.BILINEAR, behind)
    return picture.resize(size, Image.Resampling.BILINEAR)


def _flat(picture: Image.Image, mode: str, colour: tuple[int, ...]) -> Image.Image:
    """A picture of 8 bits a channel, without transparency."""
    if picture.mode.startswith("I;16"):
        numbers = np.asarray(picture).astype(np.float32)
        picture = Image.fromarray(np.rint(numbers / 257).astype(np.uint8))
    elif picture.has_transparency_data:
        behind = Image.new("RGBA", picture.size, (*colour, 255))
        picture = Image.alpha_composite(behind, picture.convert("RGBA"))
    return picture.convert(mode)


def _in_mode(colour: tuple[int, ...], mode: str) -> int | tuple[int, ...]:
    red, green, blue = colour
    return ImageColor.getcolor(f"#{red:02x}{green:02x}{blue:02x}", mode)


def _unreadable(error: BaseException) -> DataError:
    if isinstance(error, UnidentifiedImageError):
        return DataError("it is no picture of a kind that is known")
    return DataError(str(error) or type(error).__name__)
