"""The map: every item as a point, drawn by Bokeh in WebGL."""

from typing import Any

import numpy as np
from bokeh.events import MouseMove
from bokeh.models import (
    BoxZoomTool,
    ColumnDataSource,
    CustomJS,
    DataRange1d,
    LinearColorMapper,
    ResetTool,
)
from bokeh.models.annotations import ColorBar
from bokeh.plotting import figure
from bokeh.transform import factor_cmap, factor_mark
from jaxtyping import Float, Int64
from numpy.typing import NDArray

from reparam.explorer.colours import SCORES, THEMES
from reparam.explorer.plane import Plane
from reparam.explorer.space import Space
from reparam.plots.style import COLOURS

MARKED = ["away from all codes", "nothing real"]
MARKS = [COLOURS["vermilion"], COLOURS["orange"]]
MOVED = """
window.dispatchEvent(new CustomEvent("reparam-pointer", {
  detail: {map: name, x: cb_obj.x, y: cb_obj.y}
}))
"""
LOOK = """
Bokeh.index.find_one(figure)?.reset_range()
"""
"""What the page does when the map shows another plane."""


class Chart:
    """A Bokeh figure of the items in a plane.

    Args:
        space: The latent space.
        name: What the page calls this map.
        theme: light or dark.
        side: Its width in pixels at least.
    """

    def __init__(
        self, space: Space, name: str = "map", theme: str = "light", side: int = 400
    ) -> None:
        self.space, self.name, self.theme = space, name, THEMES[theme]
        self.source = ColumnDataSource(data={"x": [], "y": [], "colour": [], "item": []})
        self.colours = LinearColorMapper(palette=list(SCORES), low=0, high=1)
        self.scale = ColorBar(color_mapper=self.colours, width=10, padding=4)
        self._scores: NDArray[np.floating] | None = None
        self._paint_classes()
        self.corners = ColumnDataSource(data={"x": [0, 1], "y": [0, 1]})
        self.figure = figure(
            name=name,
            min_width=side,
            sizing_mode="stretch_both",
            x_range=DataRange1d(range_padding=0),
            y_range=DataRange1d(range_padding=0),
            match_aspect=True,
            tools="pan,wheel_zoom,lasso_select",
            active_scroll="wheel_zoom",
            output_backend="webgl",
        )
        self.figure.add_tools(BoxZoomTool(match_aspect=True), ResetTool())
        self.figure.toolbar.logo = None
        self.figure.add_layout(self.scale, "right")
        self.points = self.figure.scatter(
            "x", "y", source=self.source, size=4, line_color=None, fill_alpha=0.6,
            fill_color={"field": "colour", "transform": self.colours},
            nonselection_fill_alpha=0.2,
        )  # fmt: skip
        corners = self.figure.scatter("x", "y", source=self.corners, size=0, alpha=0)
        for axis in (self.figure.x_range, self.figure.y_range):
            axis.update(renderers=[corners])
        self.corners.js_on_change("data", CustomJS(args={"figure": self.figure}, code=LOOK))
        self.lines = ColumnDataSource(data={"xs": [], "ys": []})
        self.ellipses = ColumnDataSource(data={"x": [], "y": [], "width": [], "height": []})
        self.marks = ColumnDataSource(data={"x": [], "y": [], "kind": []})
        self.figure.ellipse(
            "x", "y", "width", "height", source=self.ellipses, fill_alpha=0.08,
            line_alpha=0.5, line_color=self.theme.accent, fill_color=self.theme.accent,
        )  # fmt: skip
        self.figure.multi_line(
            "xs", "ys", source=self.lines, line_color=self.theme.accent, line_width=1.5
        )
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
            "colour": self._coloured(items),
            "item": items.astype("int32"),
        }
        left, right, low, high = plane.frame
        self.corners.data = {"x": [left, right], "y": [low, high]}
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
        self._scores = None
        self._paint_classes()
        self._recolour()

    def colour_by(self, values: Float[NDArray, "N"], name: str) -> None:
        """Colour the items by a number of each, and tell which colour is which.

        Args:
            values: One for each item of the data.
            name: What they are.
        """
        low, high = np.quantile(values, [0.01, 0.99])
        self.colours.update(
            palette=list(SCORES), low=float(low), high=float(max(high, low + 1e-9))
        )
        self.scale.update(title=name, visible=True)
        self._scores = values.astype("float32")
        self._recolour()

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

    def _paint_classes(self) -> None:
        classes = self.theme.classes
        self.colours.update(palette=list(classes), low=-0.5, high=len(classes) - 0.5)
        self.scale.visible = False

    def _recolour(self) -> None:
        colour = self._coloured(np.asarray(self.source.data["item"]))
        self.source.data = {**self.source.data, "colour": colour}

    def _coloured(self, items: NDArray[Any]) -> NDArray[Any]:
        if self._scores is not None:
            return self._scores[items]
        labels = self.space.labels
        if labels is None:
            return np.full(len(items), 9, "float32")
        return (labels[items] % len(self.theme.classes)).astype("float32")
