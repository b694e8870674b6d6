"""One open window: its view, its panels, and how they act on each other."""

import numpy as np
import panel as pn
from bokeh.events import Event, Tap

from reparam.errors import ReparamError
from reparam.explorer.chart import Chart
from reparam.explorer.compare import OTHER, Pair
from reparam.explorer.controls import Controls
from reparam.explorer.embedding import ROUNDS as COMPUTED
from reparam.explorer.own import Own
from reparam.explorer.panel import Panel, sentences
from reparam.explorer.plane import Plane, dimensions, principal
from reparam.explorer.pointer import Pointer
from reparam.explorer.sample import Sample
from reparam.explorer.selection import Selection
from reparam.explorer.sheet import sheet
from reparam.explorer.sliders import Sliders
from reparam.explorer.space import Space
from reparam.explorer.state import State, View
from reparam.explorer.walk import Walk

PANELS: tuple[type[Panel], ...] = (Sliders, Walk, Selection, Own, Sample)

HEIGHT = "max(24rem, calc(100vh - 14rem))"
"""The map's; above it is what one chooses."""
TABS = """
.bk-tab { color: var(--ink); }
.bk-tab.bk-active { color: var(--ink); background: var(--paper); border-color: var(--line); }
"""


class Window:
    """Everything that one open page holds; two windows share nothing but the space.

    Args:
        space: The latent space.
        other: Another model's, of the same items, to lie beside it.
        name: What the page calls its map.
        kinds: The panels it has.
        theme: light or dark.

    Raises:
        CompositionError: If the other space is of other items.
    """

    def __init__(
        self,
        space: Space,
        other: Space | None = None,
        name: str = "map",
        kinds: tuple[type[Panel], ...] = PANELS,
        theme: str = "light",
    ) -> None:
        self.space = space
        self.view = View(across=space.order[0], up=space.order[min(1, space.dimensions - 1)])
        for axis in ("across", "up"):
            self.view.param[axis].bounds = (0, space.dimensions - 1)
        self.state = State(held=space.z.mean(0))
        self.chart = Chart(space, name, theme)
        self.pointer = Pointer(space, map=self.chart.name)
        self.plane = dimensions(space, self.view.across, self.view.up)
        self.controls = Controls(self)
        self.panels = [kind(self) for kind in kinds]
        self.view.param.watch(lambda *_: self.look(), ["map", "across", "up"])
        self.state.param.watch(self._hold, "held")
        self.chart.source.selected.on_change("indices", self._select)
        self.chart.figure.on_event(Tap, self._click)
        self.look()
        beside = None if other is None else Window(other, name=OTHER, kinds=(), theme=theme)
        self.pair = None if beside is None else Pair(self, beside)

    def look(self) -> None:
        """Show the plane that the view asks for, or begin to compute it."""
        self.controls.stop()
        kind, space = self.view.map, self.space
        self.state.message = ""
        try:
            if kind in COMPUTED:
                self.controls.compute(kind)
            elif kind == "PCA":
                self.show(principal(space))
            else:
                self.show(dimensions(space, self.view.across, self.view.up))
        except ReparamError as error:
            self.state.message = str(error)

    def show(self, plane: Plane) -> None:
        """Show a plane.

        Args:
            plane: The plane.
        """
        self.plane = plane
        self.chart.show(self.plane)
        self.controls.draw()
        self.pointer.follow(self.plane, sheet(self.space, self.plane))

    def code_at(self, x: float, y: float) -> np.ndarray:
        """The code of a place on the map; of the nearest item where a map has no way back.

        Args:
            x: Where, across.
            y: Where, up.
        """
        return self.pointer.code_at(x, y)

    def close(self) -> None:
        """End what still runs for this window."""
        self.controls.stop()
        if self.pair is not None:
            self.pair.two.close()

    def parts(self, height: int | None = None) -> dict[str, pn.viewable.Viewable]:
        """The window's parts by name.

        Args:
            height: The map's in pixels; by default as the page has room.
        """
        message = sentences("message", self.state.param.message)
        tabs = pn.Tabs(
            *((panel.title, panel.view()) for panel in self.panels),
            dynamic=True,
            stylesheets=[TABS],
        )
        titles = [panel.title for panel in self.panels]
        if self.view.panel in titles:
            tabs.active = titles.index(self.view.panel)
        tabs.param.watch(lambda event: self.view.param.update(panel=titles[event.new]), "active")
        self.view.panel = titles[tabs.active] if titles else ""
        pair = self.pair
        return {
            "controls": pn.Spacer(height=0) if pair else self.controls.view(),
            "map": pair.view() if pair else self._map(height),
            "pointer": pair.pointers() if pair else self.pointer,
            "message": message,
            "panels": tabs,
        }

    def _map(self, height: int | None) -> pn.viewable.Viewable:
        figure = self.chart.figure
        if height is None:
            return pn.pane.Bokeh(figure, sizing_mode="stretch_both", styles={"height": HEIGHT})
        figure.update(height=height, sizing_mode="stretch_width")
        return pn.pane.Bokeh(figure, sizing_mode="stretch_width")

    def _hold(self, _: object) -> None:
        self.pointer.held = self.state.held

    def _select(self, _name: str, _old: object, new: list[int]) -> None:
        self.state.selected = np.asarray(self.chart.source.data["item"])[new].astype(int)

    def _click(self, event: Event) -> None:
        if isinstance(event, Tap) and event.x is not None and event.y is not None:
            self.state.clicked = self.code_at(event.x, event.y)
