"""A person's own picture, brought to what a model takes, and what was done to it in words."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8
from numpy.typing import NDArray

from reparam.data.collection import Decoding
from reparam.data.pictures import FORMATS, SUFFIXES, Header, quietly, read_header, read_picture
from reparam.errors import CompositionError, DataError

LIMIT = 20_000_000
"""Bytes that a file may have."""
KINDS = "PNG, JPEG, WebP, BMP or TIFF"
ACCEPTED = ",".join(SUFFIXES)
NAME = 60
"""Letters of a file's name that are repeated."""
FITTED = {"crop": "cropped", "pad": "padded", "stretch": "stretched"}


@dataclass(frozen=True)
class Upload:
    """A file as it came.

    Args:
        name: What its owner calls it.
        size: Its bytes' number.
        content: Its bytes; `None` where it was too large to be sent, or could not be read.
        together: How many files came at once.
    """

    name: str
    size: int
    content: bytes | None
    together: int = 1


@dataclass(frozen=True, eq=False)
class Prepared:
    """A picture as a model takes it.

    Args:
        pixels: Bytes, (C, H, W).
        words: What was done to it.
    """

    pixels: UInt8[NDArray, "C H W"]
    words: str


def prepared(
    upload: Upload, shape: tuple[int, ...], fit: str, background: str, inverted: bool
) -> Prepared:
    """Decode an upload and bring it to a shape.

    Args:
        upload: The file.
        shape: The model's (C, H, W).
        fit: `crop`, `pad` or `stretch`.
        background: A colour that lies behind what is transparent, and around what is padded.
        inverted: Whether to swap light and dark.

    Raises:
        DataError: If it is not one file of at most 20 MB that holds a picture.
        CompositionError: If the model takes pictures of neither one nor three channels.
    """
    channels, height, width = shape
    if channels not in (1, 3):
        raise CompositionError(
            f"the model takes pictures of {channels} channels, and a file has one or three: look "
            "at the data's items instead"
        )
    content = checked(upload)
    how = Decoding((height, width), fit, background)
    try:
        with quietly():
            header = read_header(content, FORMATS)
            pixels = read_picture(
                content, grey=channels == 1, size=(height, width), how=how, formats=FORMATS
            )
    except DataError as error:
        raise DataError(
            f"{called(upload)} cannot be read: {error}: give another {KINDS} picture"
        ) from error
    if inverted:
        pixels = 255 - pixels
    return Prepared(pixels, told(header, shape, how, inverted))


def checked(upload: Upload) -> bytes:
    """An upload's bytes.

    Args:
        upload: The file.

    Raises:
        DataError: If it is not one file of at most 20 MB.
    """
    if upload.together == 0:
        raise DataError(f"what was dropped is no file: give a {KINDS} picture")
    if upload.together > 1:
        raise DataError(f"{upload.together} files came at once: give one picture")
    if upload.size > LIMIT:
        raise DataError(
            f"{called(upload)} has {upload.size / 1e6:,.1f} MB, and at most {LIMIT / 1e6:.0f} MB "
            "are taken: save the picture smaller"
        )
    if upload.content is None:
        raise DataError(f"{called(upload)} cannot be read by the browser: give a {KINDS} picture")
    return upload.content


def called(upload: Upload) -> str:
    """A file's name, or the beginning and the end of a long one.

    Args:
        upload: The file.
    """
    name = "".join(letter for letter in upload.name if letter.isprintable()) or "the file"
    return name if len(name) <= NAME else f"{name[: NAME - 13]}...{name[-10:]}"


def told(header: Header, shape: tuple[int, ...], how: Decoding, inverted: bool) -> str:
    """What is done to a picture, such as '640x480 to 28x28: made grey, cropped'.

    Args:
        header: The picture as it was.
        shape: What it becomes, (C, H, W).
        how: How.
        inverted: Whether light and dark are swapped.
    """
    channels, height, width = shape
    other = header.width * height != header.height * width
    steps = [
        "turned upright" if header.turned else "",
        "brought from 16 bits to 8" if header.deep else "",
        f"laid on {how.background}" if header.transparent else "",
        "made grey" if channels == 1 and not header.grey else "",
        "given three equal channels" if channels == 3 and header.grey else "",
        FITTED[how.fit or "stretch"] if other else "",
        "inverted" if inverted else "",
    ]
    done = ", ".join(step for step in steps if step)
    sizes = f"{header.width}x{header.height}"
    if (header.height, header.width) != (height, width):
        sizes += f" to {width}x{height}"
    return f"{sizes}: {done or 'nothing else was done'}"


def edge(pixels: UInt8[NDArray, "*K C H W"]) -> float:
    """How light the outermost pixels are, from 0 to 1.

    Args:
        pixels: Pictures.
    """
    rows = pixels[..., [0, -1], :].astype(float)
    columns = pixels[..., [0, -1]].astype(float)
    return float(np.mean([rows.mean(), columns.mean()])) / 255
