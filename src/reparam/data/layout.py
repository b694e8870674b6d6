"""Which axis is which: an array's shape, read as items, channels, height and width.

NumPy's world puts channels last and torch's first. A shape that fits only the other convention, or
both, is never guessed at: the numbers would be read without an error and mean nothing.
"""

from collections.abc import Sequence

from reparam.errors import DataError

LAYOUTS = ("NHW", "NHWC", "NCHW")
CHANNELS = (1, 3)
NARROW, ELONGATED = 16, 3
"""A picture less high or wide than this, and so many times as long, may be a sequence."""


def resolve(shape: Sequence[int], layout: str | None, *, channels_last: bool) -> str:
    """Name the axes of an array.

    Args:
        shape: The array's shape.
        layout: What the user says, or `None`.
        channels_last: The convention of where the array comes from.

    Returns:
        `ND` for vectors, else `NHW`, `NHWC` or `NCHW`.

    Raises:
        DataError: If the axes cannot be told without `layout`, or do not fit it.

    Example:
        >>> resolve((100, 32, 48, 3), None, channels_last=True)
        'NHWC'
        >>> resolve((100, 3, 32, 3), None, channels_last=True)
        Traceback (most recent call last):
        reparam.errors.DataError: the array's shape (100, 3, 32, 3) may be NHWC or NCHW: say ...
    """
    shape = tuple(shape)
    if layout is not None:
        return _as_told(shape, layout)
    if len(shape) == 2:
        return "ND"
    if len(shape) == 3:
        return _of_three(shape)
    if len(shape) != 4:
        raise DataError(
            f"the array's shape is {shape}: give (N, H, W), (N, H, W, C) or (N, C, H, W) for "
            "pictures, or (N, D) for vectors"
        )
    return _of_four(shape, channels_last)


def _as_told(shape: tuple[int, ...], layout: str) -> str:
    if layout not in LAYOUTS:
        raise DataError(f"there is no layout {layout!r}: give one of {', '.join(LAYOUTS)}")
    if len(shape) != len(layout):
        raise DataError(
            f"layout={layout!r} has {len(layout)} axes and the array's shape is {shape}: "
            "give the layout that it has"
        )
    channels = shape[layout.index("C")] if "C" in layout else 1
    if channels not in CHANNELS:
        raise DataError(_wrong_channels(shape, channels, layout))
    return layout


def _of_three(shape: tuple[int, ...]) -> str:
    """Grey pictures; sequences of channels have the same number of axes, and other proportions."""
    height, width = sorted(shape[1:])
    if 0 < height < NARROW and width > ELONGATED * height:
        raise DataError(
            f"the array's shape {shape} may be grey pictures of {shape[1]} x {shape[2]} pixels, "
            "or sequences (N, C, T) of channels: say layout='NHW' if they are pictures, or give "
            "sequences as vectors, x.reshape(len(x), -1)"
        )
    return "NHW"


def _of_four(shape: tuple[int, ...], channels_last: bool) -> str:
    last, first = shape[3] in CHANNELS, shape[1] in CHANNELS
    if last and first:
        raise DataError(
            f"the array's shape {shape} may be NHWC or NCHW: say which with layout='NHWC' or "
            "layout='NCHW'"
        )
    usual, other = ("NHWC", "NCHW") if channels_last else ("NCHW", "NHWC")
    if last or first:
        found = "NHWC" if last else "NCHW"
        if found == other:
            kind = "a NumPy array" if channels_last else "a tensor"
            raise DataError(
                f"{kind} is read as {usual}, and the shape {shape} looks like {other}: "
                f"say layout='{other}' if it is"
            )
        return usual
    raise DataError(_wrong_channels(shape, shape[3 if channels_last else 1], usual))


def _wrong_channels(shape: tuple[int, ...], channels: int, layout: str) -> str:
    slices = "x[..., :3]" if layout == "NHWC" else "x[:, :3]"
    advice = (
        f"drop the transparency first ({slices})"
        if channels == 4
        else "give 1 channel for grey or 3 for colour"
    )
    return f"the array's shape {shape}, read as {layout}, has {channels} channels: {advice}"
