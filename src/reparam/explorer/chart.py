"""The map: every item as a point, drawn by Bokeh in WebGL."""

from typing import Any

import numpy as np
from bokeh.events import MouseMove
from bokeh.models import ColumnDataSource, CustomJS, LinearColorMapper, Range1d
from bokeh.plotting import figure
from bokeh.transform import factor_cmap, factor_mark
from jaxtyping import Float, Int64
from numpy.typing import NDArray

from reparam.explorer.plane import Plane
from reparam.explorer.space import Space
from reparam.plots.style import CLASSES, COLOURS

ACCENT = COLOURS["blue"]
MARKED = ["away from all codes", "nothing real"]
MARKS = [COLOURS["vermilion"], COLOURS["orange"]]
SCORES = ("#440154", "#3b528b", "#21918c", "#5ec962", "#fde725")
MOVED = """
window.dispatchEvent(new CustomEvent("reparam-pointer", {
  detail: {map: name, x: cb_obj.x, y: cb_obj.y}
}))
"""


class Chart:
    """A Bokeh figure of the items in a plane.

    Args:
        space: The latent space.
        name: What the page calls this map.
        side: Its width and height in pixels at least.
    """

    def __init__(self, space: Space, name: str = "map", side: int = 560) -> None:
        self.space, self.name = space, name
        self.source = ColumnDataSource(data={"x": [], "y": [], "colour": [], "item": []})
        self.colours = LinearColorMapper(palette=list(CLASSES), low=-0.5, high=len(CLASSES) - 0.5)
        self.figure = figure(
            name=name,
            min_width=side,
            height=side,
            sizing_mode="stretch_width",
            x_range=Range1d(start=0, end=1),
            y_range=Range1d(start=0, end=1),
            match_aspect=True,
            tools="pan,wheel_zoom,box_zoom,lasso_select,reset",
            active_scroll="wheel_zoom",
            output_backend="webgl",
        )
        self.figure.toolbar.logo = None
        self.points = self.figure.scatter(
            "x", "y", source=self.source, size=4, line_color=None, fill_alpha=0.6,
            fill_color={"field": "colour", "transform": self.colours},
            nonselection_fill_alpha=0.2,
        )  # fmt: skip
        self.lines = ColumnDataSource(data={"xs": [], "ys": []})
        self.ellipses = ColumnDataSource(data={"x": [], "y": [], "width": [], "height": []})
        self.marks = ColumnDataSource(data={"x": [], "y": [], "kind": []})
        self.figure.ellipse(
            "x", "y", "width", "height", source=self.ellipses, fill_alpha=0.08,
            line_alpha=0.5, line_color=ACCENT, fill_color=ACCENT,
        )  # fmt: skip
        self.figure.multi_line("xs", "ys", source=self.lines, line_color=ACCENT, line_width=1.5)
        self.figure.scatter(
            "x", "y", source=self.marks, marker=factor_mark("kind", ["x", "square"], MARKED),
            size=7, line_color=factor_cmap("kind", MARKS, MARKED), line_width=1.5,
            fill_color=None, legend_group="kind",
        )  # fmt: skip
        self.figure.js_on_event(MouseMove, CustomJS(args={"name": name}, code=MOVED))

    def show(self, plane: Plane) -> None:
        """Show a plane.

        Args:
            plane: The plane.
        """
        items = np.arange(len(self.space.z)) if plane.items is None else plane.items
        self.source.data = {
            "x": plane.points[:, 0].astype("float32"),
            "y": plane.points[:, 1].astype("float32"),
            "colour": self._by_class(items),
            "item": items.astype("int32"),
        }
        left, right, low, high = plane.frame
        self.figure.x_range.update(start=left, end=right, reset_start=left, reset_end=right)
        self.figure.y_range.update(start=low, end=high, reset_start=low, reset_end=high)
        self.figure.xaxis.axis_label, self.figure.yaxis.axis_label = plane.names

    def select(self, items: Int64[NDArray, "K"]) -> None:
        """Select items, as far as they are shown.

        Args:
            items: Their places in the data.
        """
        shown = np.asarray(self.source.data["item"])
        self.source.selected.indices = np.flatnonzero(np.isin(shown, items)).tolist()

    def colour_by_class(self) -> None:
        """Colour the items by their classes."""
        self.colours.update(palette=list(CLASSES), low=-0.5, high=len(CLASSES) - 0.5)
        self._recolour(self._by_class(np.asarray(self.source.data["item"])))

    def colour_by(self, values: Float[NDArray, "N"]) -> None:
        """Colour the items by a number of each.

        Args:
            values: One for each item of the data.
        """
        low, high = np.quantile(values, [0.01, 0.99])
        self.colours.update(
            palette=list(SCORES), low=float(low), high=float(max(high, low + 1e-9))
        )
        self._recolour(values[np.asarray(self.source.data["item"])].astype("float32"))

    def draw_lines(self, xs: list[NDArray[Any]], ys: list[NDArray[Any]]) -> None:
        """Draw contours.

        Args:
            xs: Of each line, where its points are across.
            ys: And up.
        """
        self.lines.data = {"xs": xs, "ys": ys}

    def draw_ellipses(self, places: dict[str, NDArray[Any]]) -> None:
        """Draw ellipses.

        Args:
            places: x, y, width and height of each.
        """
        self.ellipses.data = places

    def draw_marks(self, places: dict[str, Any]) -> None:
        """Mark places.

        Args:
            places: x, y and kind of each.
        """
        self.marks.data = places
        self.figure.legend.visible = len(places["kind"]) > 0

    def _recolour(self, values: NDArray[Any]) -> None:
        self.source.data = {**self.source.data, "colour": values}

    def _by_class(self, items: NDArray[Any]) -> NDArray[Any]:
        labels = self.space.labels
        if labels is None:
            return np.full(len(items), 9, "float32")
        return (labels[items] % len(CLASSES)).astype("float32")
