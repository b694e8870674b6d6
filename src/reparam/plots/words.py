"""How much room words take in a saved figure."""

import math

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from reparam.plots.style import DPI


def line_height(size: float) -> int:
    """Height of a line of text, in pixels.

    Args:
        size: Of the letters, in points.

    Example:
        >>> line_height(10.0)
        29
    """
    return round(size * 1.4 * DPI / 72)


def length(text: str, size: float, bold: bool = False) -> int:
    r"""Length of the longest line of a text, in pixels.

    Args:
        text: Any number of lines.
        size: Of the letters, in points.
        bold: Whether they are bold.

    Example:
        >>> length("", 10.0), length("mm", 10.0) == length("mm\nm", 10.0)
        (0, True)
    """
    font = FontProperties(family=["DejaVu Sans"], weight="bold" if bold else "normal")
    lines = [line.replace("$", "S") for line in text.splitlines() if line.strip()]
    paths = [TextPath((0, 0), line, size=size, prop=font) for line in lines]
    widest = max((path.get_extents().width for path in paths), default=0.0)
    return math.ceil(widest * DPI / 72)
