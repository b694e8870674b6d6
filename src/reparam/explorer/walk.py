"""A walk: the pictures on the way between two places."""

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import panel as pn
import torch
from bokeh.models import ColumnDataSource
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from reparam.explorer.fields import Choice, Count, written
from reparam.explorer.gallery import Gallery
from reparam.explorer.images import arrays, strip
from reparam.explorer.panel import sentences, telling
from reparam.explorer.pointer import in_words
from reparam.latent import linear, spherical
from reparam.plots.style import COLOURS

if TYPE_CHECKING:
    from reparam.explorer.window import Window

WAYS: dict[str, Callable[[Tensor, Tensor, int], Tensor]] = {
    "in a line": linear,
    "on an arc about the origin": spherical,
}
Code = Float[NDArray, "D"]
STEPS = 10
LEAST, MOST = 3, 32


class Walk:
    """Two clicks on the map, and the decodings on the way from the first to the second.

    Args:
        window: Where it is shown.
    """

    title = "Walk"

    def __init__(self, window: "Window") -> None:
        self.window, self.space = window, window.space
        self.ends: list[Code] = []
        self.z: Float[NDArray, "K D"] = np.zeros((0, self.space.dimensions), "float32")
        self.x: Float[NDArray, "K C H W"] = np.zeros((0, *self.space.data.shape), "float32")
        self.trail = ColumnDataSource(data={"x": [], "y": []}, name="walk")
        self._draw_on_map()
        self._widgets()
        self._tell()
        window.state.param.watch(self._click, "clicked")
        window.chart.source.on_change("data", self._replaced)

    def view(self) -> pn.viewable.Viewable:
        """How to walk, where from and to, the film strip, and the files."""
        return pn.Column(
            pn.FlexBox(self.way, self.steps),
            pn.FlexBox(self.first, self.last, self.between, align_items="flex-end"),
            self.words,
            self.film,
            pn.FlexBox(*self.files, self.clear, align_items="center"),
            sizing_mode="stretch_width",
        )

    @telling
    def walk(self) -> None:
        """Walk between the two ends, once there are two.

        Raises:
            CompositionError: If no such way leads from one to the other.
        """
        self._forget()
        try:
            if len(self.ends) == 2:
                start, end = (torch.from_numpy(np.array(z, "float32")) for z in self.ends)
                z = WAYS[self.way.value](start, end, written(self.steps)).numpy()
                self.x, self.z = self.space.decode(z), z
                count = len(z)
                self.film.fill(self.x, [f"step {k + 1} of {count}" for k in range(count)])
        finally:
            for file in self.files:
                file.disabled = not len(self.z)
            self.clear.disabled = not self.ends
            self._trace()
            self._tell()

    @telling
    def walk_items(self) -> None:
        """Walk between the two items whose numbers are written."""
        self.ends = [self.space.z[written(which)].copy() for which in (self.first, self.last)]
        self.walk()

    def _click(self, _: object) -> None:
        clicked = self.window.state.clicked
        if clicked is None or not self._open:
            return
        self.ends = [clicked] if len(self.ends) == 2 else [*self.ends, clicked]
        self.walk()

    @property
    def _open(self) -> bool:
        """Whether clicks on the map are for this panel."""
        return self.window.view.panel.lower() in ("", self.title.lower())

    def _again(self, _: object = None) -> None:
        if len(self.ends) == 2:
            self.walk()

    def _stop(self, _: object = None) -> None:
        self.ends = []
        self.walk()

    def _hold(self, step: int) -> None:
        self.window.state.held = self.z[step].copy()

    def _forget(self) -> None:
        self.z, self.x = self.z[:0], self.x[:0]
        self.film.pictures = []

    def _replaced(self, _name: str, _old: object, _new: object) -> None:
        self._trace()  # the map shows another plane

    def _trace(self) -> None:
        """Draw the way on the map, where the map knows the places of codes."""
        z = self.z if len(self.z) else np.array(self.ends, "float32")
        project = self.window.plane.project
        if project is None or not len(z):
            self.trail.data = {"x": [], "y": []}
        else:
            places = np.asarray(project(z), "float32")
            self.trail.data = {"x": places[:, 0], "y": places[:, 1]}
        self._tell()

    def _tell(self) -> None:
        if not self.ends:
            words = "Click two places on the map, or write two items' numbers."
        elif len(self.ends) == 1:
            words = f"From {in_words(self.space, self.ends[0])}. Click where to go."
        else:
            apart = float(np.linalg.norm(self.ends[1] - self.ends[0]))
            start, end = (in_words(self.space, z) for z in self.ends)
            words = f"From {start}\nto {end};\n{apart:.2f} apart."
        if self.ends and self.window.plane.project is None:
            words += "\nThis map has no place for codes that are no item's: no line is drawn."
        self.words.object = words

    def _draw_on_map(self) -> None:
        figure, colour = self.window.chart.figure, COLOURS["vermilion"]
        for line, width in (("white", 5), (colour, 2.5)):
            figure.line("x", "y", source=self.trail, line_color=line, line_width=width)
        figure.scatter(
            "x", "y", source=self.trail, size=8, fill_color=colour, line_color="white",
            nonselection_fill_alpha=1, nonselection_line_alpha=1,
        )  # fmt: skip

    def _widgets(self) -> None:
        last = len(self.space.z) - 1
        self.way = Choice(label="The way", options=list(WAYS), width=220)
        self.steps = Count(label="Pictures", value=STEPS, start=LEAST, end=MOST, width=90)
        self.first = Count(label="From item", value=0, start=0, end=last, width=110)
        self.last = Count(label="To item", value=last, start=0, end=last, width=110)
        self.between = pn.widgets.Button(
            label="walk between these items", on_click=lambda _: self.walk_items()
        )
        self.clear = pn.widgets.Button(label="clear", on_click=self._stop, disabled=True)
        self.words = sentences("way")
        self.film = Gallery("the pictures on the way", picked=self._hold, one_row=True, wide=80)
        self.files = [
            pn.widgets.FileDownload(
                label=f"download {kind.upper()}", filename=f"walk.{kind}", callback=callback,
                disabled=True,
            )
            for kind, callback in (
                ("png", lambda: io.BytesIO(strip(self.x))),
                ("npz", lambda: io.BytesIO(arrays(z=self.z, x=self.x))),
            )
        ]  # fmt: skip
        self.way.param.watch(self._again, "value")
        self.steps.param.watch(self._again, "value")
