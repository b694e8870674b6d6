"""How loss, distortion and rate went while a model was trained."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from reparam.errors import DataError
from reparam.plots.style import COLOURS, FAINT, style

PANELS = {
    "loss": "Loss",
    "distortion": "Distortion (reconstruction loss)",
    "rate": "Rate (KL divergence)",
}
"""Titles of the panels, by the records' keys."""

_LOOKS: dict[str, dict[str, Any]] = {
    "train": {"color": COLOURS["blue"], "linewidth": 1.4, "zorder": 2},
    "validation": {
        "color": COLOURS["vermilion"], "linestyle": "none", "marker": "o", "markersize": 5.0,
        "markeredgecolor": "white", "markeredgewidth": 0.7, "zorder": 3,
    },
}  # fmt: skip
_EARLY = 0.1
"""The part of the training whose first, large values may leave the frame."""


def loss_curve(records: Iterable[Mapping[str, Any]], title: str | None = None) -> Figure:
    """Draw loss, distortion and rate against epochs, as far as the records have them.

    Each has its panel. Training is a line, validation are points. Where the first values lie far
    above all that follow, the frame is chosen for what follows, and a note says how high they
    went.

    Args:
        records: One mapping a line of the history, with `loss`, `distortion` and `rate` in nats
            per example, `split` (`train`, which is also meant where it lacks, or `validation`) and
            `epoch`, or else `step`. Other keys and other splits are not drawn.
        title: A line above all, or `None`.

    Returns:
        A figure with up to three panels.

    Raises:
        DataError: If there is nothing to draw.

    Examples:
        >>> history = [{"epoch": e / 10, "loss": 240 + 90 / (1 + e)} for e in range(50)]
        >>> figure = loss_curve(history, title="Fifty records")
        >>> [axes.get_title(loc="left") for axes in figure.axes]
        ['Loss']
    """
    records = list(records)
    time = "epoch" if any(_number(r.get("epoch")) is not None for r in records) else "step"
    series = {
        key: {split: _series(records, time, split, key) for split in _LOOKS} for key in PANELS
    }
    drawn = [k for k, v in series.items() if any(np.isfinite(y).any() for _, y in v.values())]
    if not drawn:
        raise DataError(
            f"None of the {len(records)} records has an epoch or a step, and a finite loss, "
            "distortion or rate: there is nothing to draw."
        )
    with style():
        figure = Figure(
            figsize=(0.6 + 3.9 * len(drawn), 3.7 + 0.3 * bool(title)),
            layout=ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.1),
        )
        panels = figure.subplots(1, len(drawn), sharex=True, squeeze=False)[0]
        for axes, key in zip(panels, drawn, strict=True):
            _panel(axes, series[key], PANELS[key])
            axes.set_xlabel(time)
            whole = time == "step" or np.ptp(axes.dataLim.intervalx) >= 3
            axes.xaxis.set_major_locator(MaxNLocator(6, integer=bool(whole), min_n_ticks=1))
            axes.set_ylabel("nats per example")
        if title:
            figure.suptitle(
                title, x=0.01, ha="left", fontsize=12, fontweight="bold", parse_math=False
            )
    return figure


def limits(time: NDArray[np.floating], values: NDArray[np.floating]) -> tuple[float, float]:
    """The frame in which the later part of a curve can be read.

    What comes after the first tenth of the training is always inside. So are the first values,
    unless they lie so far above that the rest would fill less than two fifths of the height.

    Args:
        time: When, (N,).
        values: What, (N,), finite.

    Returns:
        The lower and the upper limit.

    Examples:
        >>> time = np.arange(100.0)
        >>> limits(time, np.where(time < 5, 540.0, 250 - time / 10))  # 540 is far above
        (239.4..., 251.8...)
        >>> limits(time, 250 - time / 10)
        (239.5..., 250.5...)
    """
    late = values[time > time.min() + _EARLY * np.ptp(time)]
    low, high = float(values.min()), float(values.max())
    if late.size >= 3:
        height = float(late.max() - low)
        if height > 0 and high - low > 2.5 * height:
            high = float(late.max()) + 0.25 * height
    room = 0.06 * (high - low) or 0.5
    return low - room, high + room


def _panel(
    axes: Axes, series: Mapping[str, tuple[NDArray[np.floating], NDArray[np.floating]]], title: str
) -> None:
    for split, (time, values) in series.items():
        finite = np.flatnonzero(np.isfinite(values))
        if finite.size:
            alone: dict[str, Any] = {"marker": "o", "markersize": 5.0} if finite.size == 1 else {}
            look = alone | _LOOKS[split]  # a line through one point would not be seen
            last = values[finite[-1]]
            axes.plot(time, values, label=f"{split} (last {last:.4g})", **look)
    time, values = (np.concatenate([s[i] for s in series.values()]) for i in (0, 1))
    finite = np.isfinite(values)
    low, high = limits(time[finite], values[finite])
    axes.set_ylim(low, high)
    notes = []
    if values[finite].max() > high:
        notes.append(f"begins above the frame, at up to {values[finite].max():.4g}")
    if not finite.all():
        notes.append(f"not finite, not drawn: {np.count_nonzero(~finite)}")
    if notes:
        axes.text(
            0.98, 0.97, "\n".join(notes), transform=axes.transAxes, ha="right", va="top",
            fontsize=8.5, color=FAINT, bbox={"color": "white", "alpha": 0.8, "pad": 1.5}, zorder=4,
        )  # fmt: skip
    axes.set_title(title, pad=24)
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(-0.02, 0.985),
        ncols=2,
        handlelength=1.4,
        columnspacing=1.2,
    )


def _series(
    records: list[Mapping[str, Any]], time: str, split: str, key: str
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """When and what, (N,) each, of one split's records that have both; infinite becomes NaN."""
    pairs = [
        (_number(r.get(time)), _number(r.get(key)))
        for r in records
        if r.get("split", "train") == split
    ]
    both = [(when, what) for when, what in pairs if when is not None and what is not None]
    both.sort(key=lambda pair: pair[0])
    array = np.array(both, float).reshape(-1, 2)
    return array[:, 0], np.where(np.isfinite(array[:, 1]), array[:, 1], np.nan)


def _number(value: object) -> float | None:
    """The value as a float, where it is one."""
    if isinstance(value, int | float | np.number) and not isinstance(value, bool):
        return float(value)
    return None
