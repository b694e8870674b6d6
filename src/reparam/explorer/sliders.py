"""A slider for each dimension, with what the dimension does beside it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import panel as pn
import param
import torch
from bokeh.models import ColumnDataSource
from jaxtyping import Float
from numpy.typing import NDArray
from panel.custom import JSComponent

from reparam.errors import CompositionError
from reparam.explorer.images import address, shown, strip
from reparam.explorer.panel import telling
from reparam.explorer.pointer import in_words
from reparam.explorer.prior import centre
from reparam.explorer.space import Space
from reparam.latent import traversals

if TYPE_CHECKING:
    from reparam.explorer.window import Window

STEPS = 7
"""Pictures of a traversal."""
MANY = 16
"""Dimensions that are shown at first, and how many more at a time."""
MARGIN = 0.1
"""Of a slider's range, how much lies beyond the codes at each end."""


class Rows(JSComponent):
    """The sliders as the page draws them."""

    dims = param.List([], doc="Each dimension: which, what it carries, its range, its death.")
    values = param.List([], doc="The held code.")
    picture = param.String(doc="Its decoding, as an address.")
    words = param.String(doc="It in words.")
    shown = param.Integer(MANY, doc="How many dimensions are shown.")
    opened = param.Integer(0, doc="How often the page has shown them.")

    _esm = Path(__file__).with_name("sliders.js")
    _stylesheets = [Path(__file__).with_name("sliders.css").read_text("utf-8")]  # noqa: RUF012

    def __init__(self, panel: "Sliders", **given: Any) -> None:  # noqa: ANN401
        super().__init__(sizing_mode="stretch_width", **given)
        self._panel = panel

    def _handle_msg(self, message: Any) -> None:  # noqa: ANN401
        if not isinstance(message, dict):
            return
        if "set" in message:
            try:
                self._panel.move({int(k): float(value) for k, value in message["set"]})
            except (TypeError, ValueError):
                return  # not ours
            self._send_msg({"moved": True})
        if "more" in message:
            self.shown = min(len(self.dims), self.shown + MANY)
        if "strips" in message:
            self._send_msg(self._panel.strips(self.shown))


class Sliders:
    """The held code, dimension by dimension.

    Args:
        window: Where it is shown.
    """

    title = "Sliders"

    def __init__(self, window: "Window") -> None:
        self.window, self.space = window, window.space
        self.ranges = ranges(self.space)
        self._chance = np.random.default_rng()
        self.rows = Rows(self, dims=self._dims())
        window.state.param.watch(self._follow, "held")
        self.marker = ColumnDataSource(data={"x": [], "y": []})
        drawn = window.chart.figure.scatter(
            "x", "y", source=self.marker, marker="circle_cross", size=15, name="held",
            fill_color="white", fill_alpha=0.85, line_color="black", line_width=1.5,
        )  # fmt: skip
        drawn.nonselection_glyph = None
        window.chart.source.on_change("data", lambda _attr, _old, _new: self.place())
        self._follow()

    def view(self) -> pn.viewable.Viewable:
        """Three buttons, the held code's decoding, and the sliders."""
        buttons = [
            pn.widgets.Button(label=f"to {words}", on_click=lambda _, go=go: go())
            for words, go in (
                (centre(self.space)[1], self.to_centre),
                ("the clicked place", self.to_clicked),
                ("a random item", self.to_item),
            )
        ]
        return pn.Column(pn.FlexBox(*buttons), self.rows, sizing_mode="stretch_width")

    @telling
    def move(self, values: dict[int, float]) -> None:
        """Hold a code that differs from the held one.

        Args:
            values: The dimensions that move, and where to.

        Raises:
            CompositionError: If there is no such dimension, or the value is no number.
        """
        z = self.window.state.held.copy()
        for k, value in values.items():
            if not 0 <= k < len(z) or not np.isfinite(value):
                raise CompositionError(f"there is no value {value} in dimension {k}")
            z[k] = value
        self.window.state.held = z

    @telling
    def to_centre(self) -> None:
        """Hold the prior's centre; where there is none, the mean of all codes."""
        self.window.state.held = centre(self.space)[0]

    @telling
    def to_clicked(self) -> None:
        """Hold the code of the place that was clicked last.

        Raises:
            CompositionError: If none was.
        """
        if self.window.state.clicked is None:
            raise CompositionError("no place has been clicked: click one on the map")
        self.window.state.held = np.array(self.window.state.clicked, "float32")

    @telling
    def to_item(self) -> None:
        """Hold any item's code."""
        self.window.state.held = self.space.z[self._chance.integers(len(self.space.z))].copy()

    def place(self) -> None:
        """Mark where the map has the held code."""
        project, held = self.window.plane.project, self.window.state.held
        at = [] if project is None else [project(held[None])[0]]
        self.marker.data = {"x": [float(x) for x, _ in at], "y": [float(y) for _, y in at]}

    def strips(self, many: int) -> dict[str, Any]:
        """The traversals of the held code, decoded all at once.

        Args:
            many: Of how many dimensions, the highest rate first.
        """
        space, held = self.space, self.window.state.held
        values = np.linspace(self.ranges[:, 0], self.ranges[:, 1], STEPS, axis=1).astype("float32")
        z = torch.from_numpy(np.array(held, "float32"))
        rates = torch.from_numpy(np.array(space.rates))
        which, places = traversals(z, torch.from_numpy(values), rates, many)
        pictures = space.decode(places.flatten(0, 1).numpy())
        parts = pictures.reshape(len(which), STEPS, *pictures.shape[1:])
        return {
            "strips": [
                {"k": k, "picture": address(strip(part)), "values": values[k].tolist()}
                for k, part in zip(which.tolist(), parts, strict=True)
            ],
            "z": [float(value) for value in held],
        }

    def _follow(self, _: object = None) -> None:
        held = self.window.state.held
        self.rows.param.update(
            values=[float(value) for value in held],
            picture=shown(self.space.decode(held[None])[0]),
            words=in_words(self.space, held),
        )
        self.place()

    def _dims(self) -> list[dict[str, Any]]:
        dead = set(self.space.dead)
        unit = "{:.2f} nats" if self.space.in_nats else "variance {:.2f}"
        return [
            {
                "k": k,
                "rate": unit.format(self.space.rates[k]) + (", dead" if k in dead else ""),
                "low": float(self.ranges[k, 0]),
                "high": float(self.ranges[k, 1]),
                "dead": k in dead,
            }
            for k in self.space.order
        ]


def ranges(space: Space) -> Float[NDArray, "D 2"]:
    """Where each slider begins and ends: around nearly all codes.

    Args:
        space: The latent space.
    """
    low, high = np.quantile(space.z, [0.005, 0.995], axis=0)
    wide = high - low
    wide = np.maximum(wide, max(wide.max() / 10, 1e-3))  # dead dimensions hardly vary
    middle, half = (low + high) / 2, wide * (0.5 + MARGIN)
    return np.stack([middle - half, middle + half], 1).astype("float32")
