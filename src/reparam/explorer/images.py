"""Pictures as PNG, alone and in sheets."""

import base64
import io
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8
from numpy.typing import NDArray
from PIL import Image


def to_bytes(pictures: Float[NDArray, "*K C H W"]) -> UInt8[NDArray, "*K C H W"]:
    """Pixel values from 0 to 255.

    Args:
        pictures: In [0, 1].
    """
    return (np.clip(pictures, 0, 1) * 255).round().astype("u1")


def png(picture: UInt8[NDArray, "C H W"]) -> bytes:
    """One picture as a PNG file.

    Args:
        picture: One or three channels.
    """
    stream = io.BytesIO()
    channels = picture.transpose(1, 2, 0)
    Image.fromarray(channels[:, :, 0] if len(picture) == 1 else channels[:, :, :3]).save(
        stream, "PNG"
    )
    return stream.getvalue()


def address(content: bytes) -> str:
    """A PNG file as an address that a page can show.

    Args:
        content: The file.
    """
    return "data:image/png;base64," + base64.b64encode(content).decode()


def shown(picture: Float[NDArray, "C H W"]) -> str:
    """A picture as an address that a page can show.

    Args:
        picture: In [0, 1].
    """
    return address(png(to_bytes(picture)))


def tiled(
    pictures: UInt8[NDArray, "K C H W"], across: int, gap: int = 0
) -> UInt8[NDArray, "C h w"]:
    """Pictures in rows, from the top left.

    Args:
        pictures: Which.
        across: How many a row holds.
        gap: Pixels between them, white.
    """
    count, channels, height, width = pictures.shape
    rows = -(-count // across)
    sheet = np.full(
        (channels, rows * (height + gap) - gap, across * (width + gap) - gap), 255, "u1"
    )
    for k, picture in enumerate(pictures):
        y, x = k // across * (height + gap), k % across * (width + gap)
        sheet[:, y : y + height, x : x + width] = picture
    return sheet


def strip(pictures: Float[NDArray, "K C H W"], across: int | None = None) -> bytes:
    """Pictures side by side, or in rows, as one PNG file.

    Args:
        pictures: In [0, 1].
        across: How many a row holds; all by default.
    """
    return png(tiled(to_bytes(pictures), across or len(pictures), gap=2))


def arrays(**named: NDArray[Any]) -> bytes:
    """Arrays as an NPZ file, as `numpy.load` reads it.

    Args:
        named: The arrays by name.
    """
    stream = io.BytesIO()
    np.savez_compressed(stream, **named)  # type: ignore[arg-type]
    return stream.getvalue()
