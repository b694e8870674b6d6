"""The look that all figures share, and how a figure becomes a file.

The colours are Okabe and Ito's, which people with any common colour blindness can tell apart.

References:
    Color Universal Design (Okabe, Ito, 2008)
    https://jfly.uni-koeln.de/color/
"""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import matplotlib
from cycler import cycler
from matplotlib.figure import Figure

from reparam.alone import alone
from reparam.atomic import replacing
from reparam.plots.formats import format_of

COLOURS = {
    "black": "#000000",
    "orange": "#E69F00",
    "sky blue": "#56B4E9",
    "green": "#009E73",
    "yellow": "#F0E442",
    "blue": "#0072B2",
    "vermilion": "#D55E00",
    "purple": "#CC79A7",
}
"""Okabe and Ito's colours by name."""

CLASSES = (
    "#332288", "#88CCEE", "#44AA99", "#117733", "#999933",
    "#B8860B", "#CC6677", "#882255", "#AA4499", "#777777",
)  # fmt: skip
"""Colours of ten classes, after Paul Tol's muted scheme, for colour-blind eyes."""

INK = "#222222"
FAINT = "#666666"
DPI = 150
"""Dots per inch of every figure that is saved as PNG."""

ORDER = ("blue", "vermilion", "green", "purple", "orange", "sky blue", "black", "yellow")
_PARAMETERS: dict[str, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": FAINT,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.labelsize": 10.0,
    "axes.prop_cycle": cycler(color=[COLOURS[name] for name in ORDER]),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11.0,
    "axes.titleweight": "bold",
    "figure.dpi": DPI,
    "figure.facecolor": "white",
    "font.family": ["DejaVu Sans"],
    "font.size": 10.0,
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.7,
    "legend.fontsize": 9.0,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "savefig.facecolor": "white",
    "svg.hashsalt": "reparam",
    "text.color": INK,
    "xtick.color": FAINT,
    "xtick.labelcolor": INK,
    "xtick.labelsize": 9.0,
    "ytick.color": FAINT,
    "ytick.labelcolor": INK,
    "ytick.labelsize": 9.0,
}


@contextmanager
def style() -> Iterator[None]:
    """Give every figure made or saved within the block the library's look.

    A user's own settings do not leak in, and come back afterwards.

    Examples:
        >>> with style():
        ...     figure = Figure()
        ...     line, = figure.subplots().plot([1, 2, 3])
        >>> line.get_color() == COLOURS["blue"]
        True
    """
    # The backend is the user's: naming it here would choose one, and may need a display.
    defaults: Any = {
        k: v for k, v in matplotlib.rcParamsDefault.items() if not k.startswith("backend")
    }
    with alone(), matplotlib.rc_context(defaults | _PARAMETERS):  # they are the process's
        yield


def save(figure: Figure, path: str | os.PathLike[str], *more: str | os.PathLike[str]) -> Path:
    """Write a figure whole or not at all, and close it.

    Equal figures make equal files: no date and no random name is written.

    Args:
        figure: A figure. It is emptied once the file stands, so that many figures do not fill
            the memory.
        path: Where to write; the name ends in `.png` (150 dots per inch) or `.svg`. Missing
            folders are made.
        *more: Where to write it besides, in the same or another format.

    Returns:
        The path.

    Raises:
        ReparamError: If the name ends otherwise, or the file cannot be written.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save(Figure(), Path(folder) / "empty.png").stat().st_size > 0
        True
    """
    for place in (path, *more):
        kind = format_of(place, {".png": "png", ".svg": "svg"})
        with replacing(place) as file:
            _write(figure, file, kind)
    figure.clear()
    return Path(path)


def png(figure: Figure) -> bytes:
    """A figure as the bytes of a PNG file; it is emptied.

    Args:
        figure: A figure.

    Example:
        >>> png(Figure())[1:4]
        b'PNG'
    """
    file = io.BytesIO()
    _write(figure, file, "png")
    figure.clear()
    return file.getvalue()


def _write(figure: Figure, file: IO[bytes], kind: str) -> None:
    metadata = {"Date": None} if kind == "svg" else {"Software": "reparam"}
    with style():
        figure.savefig(file, format=kind, dpi=DPI, metadata=metadata)
