"""The choices above the map: what it shows, what colours the items, what lies over them."""

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import panel as pn
from markupsafe import escape
from panel.io.callbacks import PeriodicCallback

from reparam.explorer.embedding import Embedding
from reparam.explorer.fields import Choice
from reparam.explorer.gradually import served
from reparam.explorer.overlays import ellipses, probes
from reparam.explorer.panel import telling
from reparam.explorer.prior import contours
from reparam.explorer.scores import UNITS, score_names, scores
from reparam.explorer.space import Space
from reparam.explorer.state import MAPS

if TYPE_CHECKING:
    from reparam.explorer.window import Window

PROBED = ("away from all codes", "nothing real")
ELLIPSES = 300
POLL = 400
"""Milliseconds between two looks at a map that is being computed."""


class Controls:
    """A row of choices; it sets the window's view and draws what lies over the map.

    Args:
        window: The window.
    """

    title = "Map"

    def __init__(self, window: "Window") -> None:
        self.window = window
        self.poller: PeriodicCallback | None = None
        self.computing: Embedding | None = None
        space, view = window.space, window.view
        names = {f"{k} ({space.rates[k]:.2f})": k for k in space.order}
        self.map = Choice(label="Map", options=list(MAPS), value=view.map, width=130)
        self.across = Choice(label="Dimension across", options=names, value=view.across, width=140)
        self.up = Choice(label="Dimension up", options=names, value=view.up, width=140)
        self.colour = Choice(label="Colour", options=self._colours(), value="class", width=150)
        self.over = pn.widgets.CheckBoxGroup(
            label="Over it", options=_over(space), value=[], inline=True
        )
        self.legend = pn.pane.HTML(
            _legend(space.classes, window.chart.theme.classes), sizing_mode="stretch_width"
        )
        self.bar = pn.indicators.Progress(value=-1, max=100, visible=False, width=200)
        self.stage = pn.pane.Str("")
        self.map.link(view, value="map", bidirectional=True)
        self.across.link(view, value="across", bidirectional=True)
        self.up.link(view, value="up", bidirectional=True)
        self.colour.link(view, value="colour", bidirectional=True)
        self.over.link(view, value="over")
        view.param.watch(self._tick, "over")
        view.param.watch(self._recolour, "colour")
        view.param.watch(lambda _: self.draw(), "over")
        window.state.param.watch(lambda _: self._redraw(), "selected")

    def view(self) -> pn.viewable.Viewable:
        """What is shown."""
        return pn.Column(
            pn.FlexBox(self.map, self.across, self.up, self.colour, self.bar, self.stage),
            self.over,
            self.legend,
            sizing_mode="stretch_width",
        )  # fmt: skip

    def compute(self, kind: str) -> None:
        """Compute a map in the background, and show it when it is there.

        Args:
            kind: UMAP or t-SNE.
        """
        self.stop()
        self.computing = Embedding(self.window.space, kind)
        self._look()
        if self.computing is not None:
            self.bar.visible = True
            self.poller = pn.state.add_periodic_callback(self._look, period=POLL)

    def stop(self) -> None:
        """End what is being computed."""
        if self.poller is not None:
            self.poller.stop()
        if self.computing is not None:
            self.computing.stop()
        self.computing = self.poller = None
        self.bar.visible, self.stage.object = False, ""

    @telling
    def _look(self) -> None:
        if self.computing is None:
            return
        part = self.computing.progress
        self.bar.value = min(99, round(100 * part)) if part else -1
        self.stage.object = f"{self.computing.kind}: {self.computing.stage}"
        try:
            plane = self.computing.poll()
        except BaseException:
            self.stop()
            raise
        if plane is not None:
            self.stop()
            self.window.show(plane)

    @telling
    def draw(self) -> None:
        """Draw what was chosen over the map."""
        window, over, chart = self.window, self.window.view.over, self.window.chart
        space, plane = window.space, window.plane
        held = contours(space, plane) if "prior" in over else []
        lines = list(chain(*held))
        chart.draw_lines([line[:, 0] for line in lines], [line[:, 1] for line in lines])
        places: dict[str, Any] = {"x": np.zeros(0), "y": np.zeros(0), "kind": []}
        if set(PROBED) & set(over):
            found = probes(space, plane)
            if found is not None:
                chosen = zip(PROBED, (found.away, found.unreal), strict=True)
                marks = [(found.points[mask], name) for name, mask in chosen if name in over]
                points = np.concatenate([part for part, _ in marks])
                kinds = [name for part, name in marks for _ in part]
                places = {"x": points[:, 0], "y": points[:, 1], "kind": kinds}
        chart.draw_marks(places)
        shown = np.zeros(0, int)
        if "posteriors" in over:
            chosen_items = window.state.selected
            everything = np.random.default_rng(0).permutation(len(space.z))
            shown = (chosen_items if len(chosen_items) else everything)[:ELLIPSES]
        chart.draw_ellipses(ellipses(space, plane, shown))

    def _redraw(self) -> None:
        """Draw the posteriors of other items, once the page may be changed."""
        if "posteriors" not in self.window.view.over:
            return
        document = self.window.chart.figure.document
        if served(document):
            document.add_next_tick_callback(self.draw)
        else:
            self.draw()

    def _tick(self, _: object) -> None:
        self.over.value = [name for name in self.over.options if name in self.window.view.over]

    @telling
    def _recolour(self, _: object) -> None:
        name, window = self.window.view.colour, self.window
        self.legend.visible = name == "class"
        if name == "class":
            window.chart.colour_by_class()
            return
        window.chart.colour_by(scores(window.space, name), UNITS[name])

    def _colours(self) -> list[str]:
        return ["class", *score_names(self.window.space)]


def _over(space: Space) -> list[str]:
    """What a space has to lie over its map."""
    prior = () if space.model.prior is None else ("prior",)
    posteriors = () if space.log_variance is None else ("posteriors",)
    return [*prior, *posteriors, *PROBED]


def _legend(classes: list[str], colours: Sequence[str]) -> str:
    """The classes' names beside their colours."""
    names = (
        f'<span style="white-space: nowrap"><b style="color: {colours[k % len(colours)]}">&#9679;'
        f"</b> {escape(name)}</span>"
        for k, name in enumerate(classes)
    )
    return " ".join(names)
