"""Two models side by side on the same items: two maps, one selection, each item twice."""

from html import escape
from typing import TYPE_CHECKING

import numpy as np
import panel as pn
import param
from bokeh.models import ColumnDataSource
from jaxtyping import Float
from numpy.typing import NDArray

from reparam.errors import CompositionError
from reparam.explorer.cards import label
from reparam.explorer.facts import table
from reparam.explorer.fields import ARROWS
from reparam.explorer.images import shown
from reparam.explorer.space import Space
from reparam.plots.style import COLOURS
from reparam.training.identity import fingerprint

if TYPE_CHECKING:
    from reparam.explorer.window import Window

OTHER = "other"
"""What the page calls the second map."""
NARROWEST = 340
"""Pixels that a map needs; side by side where there is room for two."""
STRIP = """
.strip { display: flex; gap: 0.8rem; color: var(--ink); }
.strip figure { margin: 0; width: 8rem; }
.strip img { width: 100%; image-rendering: pixelated; border: 1px solid var(--line); }
.strip figcaption { font: 0.8rem/1.3 system-ui, sans-serif; overflow-wrap: anywhere; }
.strip .more { color: var(--faint); }
"""


def check_same_items(space: Space, other: Space) -> None:
    """Refuse two spaces whose items are not the same.

    Args:
        space: A latent space.
        other: Another.

    Raises:
        CompositionError: If they are not.
    """
    if len(space.z) != len(other.z):
        raise CompositionError(
            f"{space.name} shows {len(space.z):,} items and {other.name} {len(other.z):,}: "
            "compare models on the same items"
        )
    if space.data is not other.data and fingerprint(space.data) != fingerprint(other.data):
        raise CompositionError(
            f"{space.name} and {other.name} show other items: compare models on the same items"
        )


class Pair(param.Parameterized):
    """Two windows that show the same items: what is found or selected in one is shown in both.

    Args:
        one: The page's own window.
        two: That of the other space, whose map is called `other`.

    Raises:
        CompositionError: If their items are not the same.
    """

    item = param.Integer(None, allow_None=True, bounds=(0, None), doc="The item that is shown.")

    def __init__(self, one: "Window", two: "Window") -> None:
        check_same_items(one.space, two.space)
        super().__init__()
        self.one, self.two = one, two
        self._linking = False
        self.rings = [_ring(window) for window in (one, two)]
        for here, there in ((one, two), (two, one)):
            here.state.param.watch(
                lambda event, there=there: self._link(event.new, there), "selected"
            )
            here.pointer.param.watch(self._rest, "nearest", onlychanged=False)
            here.view.param.watch(lambda _: self._mark(), ["map", "across", "up"])
        self.param.watch(lambda _: self._mark(), "item")
        two.state.param.watch(lambda event: one.state.param.update(message=event.new), "message")

    def view(self) -> pn.viewable.Viewable:
        """Both maps, an item with what each model makes of it, and the models' numbers."""
        last = len(self.one.space.z) - 1
        chosen = pn.widgets.IntInput.from_param(
            self.param.item,
            name=f"Item (0 to {last:,})",
            end=last,
            width=130,
            stylesheets=[ARROWS],
        )
        chosen.description = None
        strip = pn.pane.HTML(pn.bind(self.strip, self.param.item), stylesheets=[STRIP])
        return pn.Column(
            _wrapping(*(self._map(window) for window in (self.one, self.two))),
            _wrapping(pn.Row(chosen, strip), table(self.one.space, self.two.space)),
            sizing_mode="stretch_width",
        )

    def pointers(self) -> pn.viewable.Viewable:
        """What each model decodes under the pointer, beside each other."""
        for window in (self.one, self.two):
            window.pointer.margin = (0, 10)
        return pn.Row(
            *(
                pn.Column(_heading(window, 3), window.pointer, sizing_mode="stretch_width")
                for window in (self.one, self.two)
            ),
            sizing_mode="stretch_width",
        )

    def strip(self, item: int | None) -> str:
        """An item and both reconstructions of it, as HTML.

        Args:
            item: Its place in the data.
        """
        if item is None:
            return (
                '<p class="strip">Rest on a map, or give an item, to see it given back twice.</p>'
            )
        x = self.one.space.pictures(np.array([item]))[0]
        figures = [_figure(x, f"item {item}", label(self.one.space, item))]
        for window in (self.one, self.two):
            space = window.space
            made = space.decode(space.z[[item]])[0]
            error = float(((made - x) ** 2).mean() ** 0.5)
            figures.append(_figure(made, space.name, f"RMSE {error:.3f}"))
        return f'<div class="strip" data-item="{item}">{"".join(figures)}</div>'

    def _map(self, window: "Window") -> pn.viewable.Viewable:
        figure = window.chart.figure
        figure.update(min_width=NARROWEST, height=480, sizing_mode="stretch_width")
        return pn.Column(
            _heading(window, 2),
            window.controls.view(),
            pn.pane.Bokeh(figure, sizing_mode="stretch_width"),
            styles={"flex": f"1 1 {NARROWEST}px"},
        )

    def _rest(self, event: param.parameterized.Event) -> None:
        self.item = event.new

    def _link(self, items: NDArray, there: "Window") -> None:
        if self._linking:
            return
        self._linking = True
        try:
            there.chart.select(items)
        finally:
            self._linking = False

    def _mark(self) -> None:
        for window, ring in zip((self.one, self.two), self.rings, strict=True):
            ring.data = _place(window, self.item)


def _ring(window: "Window") -> ColumnDataSource:
    """A ring over a map, nowhere at first."""
    source = ColumnDataSource(data={"x": [], "y": []})
    drawn = window.chart.figure.scatter(
        "x", "y", source=source, name="ring", size=18, fill_color=None, line_width=3,
        line_color=COLOURS["vermilion"],
    )  # fmt: skip
    drawn.update(selection_glyph=None, nonselection_glyph=None, level="overlay")
    return source


def _place(window: "Window", item: int | None) -> dict[str, list[float]]:
    """Where an item lies on a window's map, if it is shown."""
    data = {axis: np.asarray(window.chart.source.data[axis]) for axis in ("x", "y", "item")}
    at = np.zeros(0, int) if item is None else np.flatnonzero(data["item"] == item)
    return {axis: data[axis][at].astype(float).tolist() for axis in ("x", "y")}


def _wrapping(*parts: pn.viewable.Viewable) -> pn.viewable.Viewable:
    return pn.FlexBox(*parts, flex_wrap="wrap", gap="1rem", sizing_mode="stretch_width")


def _heading(window: "Window", level: int) -> pn.viewable.Viewable:
    return pn.pane.HTML(
        f'<h{level} style="margin: 0; font: 600 1rem system-ui, sans-serif; color: var(--ink)">'
        f"{escape(window.space.name)}</h{level}>"
    )


def _figure(picture: Float[NDArray, "C H W"], name: str, words: str) -> str:
    return (
        f'<figure><img src="{shown(picture)}" alt="{escape(name)}"><figcaption>{escape(name)}'
        f'<br><span class="more">{escape(words)}</span></figcaption></figure>'
    )
