"""Many small pictures as one.

Small pictures are enlarged by whole factors and without smoothing: what one sees are the pixels
that the model made.
"""

import math
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor

from reparam.atomic import replacing
from reparam.errors import DataError, ReparamError
from reparam.plots.formats import format_of

LEGIBLE = 64
"""Pixels that the longer side of a picture should have on the sheet."""
LARGEST = 2000
"""Pixels that a sheet should not exceed for the sake of legibility alone."""

_FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
_OPTIONS: dict[str, dict[str, Any]] = {
    "PNG": {"optimize": True},
    "JPEG": {"quality": 95, "subsampling": 0},
    "WEBP": {"lossless": True},
}
_LONGEST = {"PNG": 2**31 - 1, "JPEG": 65500, "WEBP": 16383}


def pixels(images: NDArray[Any], name: str = "pictures") -> NDArray[np.uint8]:
    """Check pictures and bring them to bytes, three channels, channels last.

    Args:
        images: Pictures (N, C, H, W), C 1 or 3: bytes, or floats in [0, 1].
        name: What to call them in an error.

    Returns:
        Bytes (N, H, W, 3).

    Raises:
        DataError: If these are no such pictures.

    Examples:
        >>> pixels(np.full((2, 1, 4, 5), 0.5)).shape
        (2, 4, 5, 3)
    """
    images = np.asarray(images)
    if images.ndim != 4 or images.shape[1] not in (1, 3):
        raise DataError(
            f"The {name} must have the shape (N, C, H, W) with 1 or 3 channels, "
            f"not {images.shape}."
        )
    if images.size == 0:
        raise DataError(f"The {name} are empty: their shape is {images.shape}.")
    if np.issubdtype(images.dtype, np.floating):
        if not np.isfinite(images).all():
            count = int((~np.isfinite(images)).sum())
            raise DataError(f"The {name} hold {count} values that are NaN or infinite.")
        low, high = float(images.min()), float(images.max())
        if low < -1e-4 or high > 1 + 1e-4:
            raise DataError(
                f"The {name} are floats from {low:.4g} to {high:.4g}: "
                "clip or scale them to [0, 1]."
            )
        images = np.rint(images.astype(np.float32).clip(0, 1) * 255).astype(np.uint8)
    elif images.dtype != np.uint8:
        raise DataError(f"The {name} must be floats in [0, 1] or uint8, not {images.dtype}.")
    last = images.transpose(0, 2, 3, 1)
    return np.ascontiguousarray(np.broadcast_to(last, (*last.shape[:3], 3)))


def tiled(
    pictures: NDArray[np.uint8],
    columns: int,
    gap: tuple[int, int],
    background: tuple[int, int, int],
) -> NDArray[np.uint8]:
    """Lay pictures of one size row by row onto a sheet without a margin.

    Args:
        pictures: Bytes (N, H, W, 3).
        columns: Pictures in a row.
        gap: Pixels between rows, and between columns.
        background: Red, green and blue of what no picture covers.

    Returns:
        The sheet's bytes (height, width, 3).

    Examples:
        >>> tiled(np.zeros((3, 4, 5, 3), np.uint8), 2, gap=(10, 1), background=(9, 9, 9)).shape
        (18, 11, 3)
    """
    number, height, width, _ = pictures.shape
    down, right = height + gap[0], width + gap[1]
    rows = math.ceil(number / columns)
    sheet = np.empty((rows * down - gap[0], columns * right - gap[1], 3), np.uint8)
    sheet[:] = background
    for i, picture in enumerate(pictures):
        row, column = divmod(i, columns)
        top, left = row * down, column * right
        sheet[top : top + height, left : left + width] = picture
    return sheet


def enlarged(pictures: NDArray[np.uint8], scale: int) -> NDArray[np.uint8]:
    """Repeat every pixel of (N, H, W, 3) `scale` times down and across."""
    return pictures.repeat(scale, axis=1).repeat(scale, axis=2)


def grid(
    images: NDArray[Any],
    columns: int | None = None,
    gap: int = 2,
    scale: int | None = None,
    background: str | tuple[int, int, int] = "white",
) -> Image.Image:
    r"""Tile pictures into one, row by row from the top left.

    With the gap $g$, the scale $s$ and pictures of $H \times W$ pixels, the picture in row $r$ and
    column $c$ has its top left corner at $(g + r (s H + g), \; g + c (s W + g))$.

    Args:
        images: Pictures (N, C, H, W), C 1 or 3: bytes, or floats in [0, 1].
        columns: Pictures in a row; about the square root of N if not given.
        gap: Pixels between the pictures and around them.
        scale: How many pixels, down and across, a pixel becomes; if not given, enough to see small
            pictures well.
        background: Colour of the gaps and of places without a picture: a name, `#rrggbb` or three
            bytes.

    Returns:
        The sheet, in RGB.

    Raises:
        DataError: If `images` are no such pictures.
        ReparamError: If an option makes no sense.

    Examples:
        >>> grid(np.zeros((64, 1, 28, 28))).size
        (690, 690)
        >>> grid(np.zeros((3, 3, 37, 50)), columns=3, gap=0, scale=1).size
        (150, 37)
    """
    pictures = pixels(images)
    number, height, width, _ = pictures.shape
    for name, value, least in (("columns", columns, 1), ("gap", gap, 0), ("scale", scale, 1)):
        if value is not None and (not isinstance(value, int | np.integer) or value < least):
            raise ReparamError(
                f"{name} must be a whole number of at least {least}, not {value!r}."
            )
    columns = min(columns or math.ceil(math.sqrt(number)), number)
    if scale is None:
        longest = max(columns * width, math.ceil(number / columns) * height)
        scale = max(1, min(math.ceil(LEGIBLE / max(height, width)), LARGEST // longest))
    colour = _colour(background)
    sheet = tiled(enlarged(pictures, scale), columns, (gap, gap), colour)
    framed = np.empty((sheet.shape[0] + 2 * gap, sheet.shape[1] + 2 * gap, 3), np.uint8)
    framed[:] = colour
    framed[gap : gap + sheet.shape[0], gap : gap + sheet.shape[1]] = sheet
    return Image.fromarray(framed)


def save_grid(
    path: str | os.PathLike[str],
    images: NDArray[Any],
    columns: int | None = None,
    gap: int = 2,
    scale: int | None = None,
    background: str | tuple[int, int, int] = "white",
) -> Path:
    """Tile pictures with `grid` and write the sheet whole or not at all.

    Args:
        path: Where to write; the name ends in `.png`, `.jpg`, `.jpeg` or `.webp`. PNG
            and WebP keep every pixel.
        images: As for `grid`.
        columns: As for `grid`.
        gap: As for `grid`.
        scale: As for `grid`.
        background: As for `grid`.

    Returns:
        The path.

    Raises:
        DataError: If `images` are no pictures.
        ReparamError: If an option makes no sense, the name ends otherwise or the file cannot be
            written.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = save_grid(Path(folder) / "samples.png", np.zeros((4, 1, 8, 8)))
        ...     with Image.open(path) as sheet:
        ...         sheet.size
        (134, 134)
    """
    kind = format_of(path, _FORMATS)
    sheet = grid(images, columns, gap, scale, background)
    if max(sheet.size) > _LONGEST[kind]:
        raise ReparamError(
            f"The sheet has {sheet.width} x {sheet.height} pixels, but {kind} ends at "
            f"{_LONGEST[kind]}: draw fewer pictures, give a smaller scale or write a .png file."
        )
    with replacing(path) as file:
        sheet.save(file, format=kind, **_OPTIONS[kind])
    return Path(path)


def _colour(background: str | tuple[int, int, int]) -> tuple[int, int, int]:
    if isinstance(background, str):
        try:
            red, green, blue = ImageColor.getrgb(background)[:3]
        except ValueError:
            raise ReparamError(
                f'"{background}" is no colour: give a name, #rrggbb or three bytes.'
            ) from None
        return red, green, blue
    if len(background) != 3 or not all(0 <= int(value) <= 255 for value in background):
        raise ReparamError(f"{background} is no colour: give a name, #rrggbb or three bytes.")
    return background
