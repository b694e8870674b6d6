"""A person's own picture in the latent space: where it lands, and what the model makes of it."""

import html
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import panel as pn
import torch
from bokeh.models import ColumnDataSource
from jaxtyping import Float
from numpy.typing import NDArray

from reparam.data import Dataset
from reparam.data.collection import FITS
from reparam.explorer.cards import Card, cards, named, numbers, pane
from reparam.explorer.dropper import Dropper
from reparam.explorer.fields import Choice
from reparam.explorer.gradually import gradually
from reparam.explorer.panel import telling
from reparam.explorer.upload import Prepared, Upload, edge, prepared
from reparam.explorer.usual import NEIGHBOURS, SCORES, Usual, completing, scored, usual
from reparam.plots.style import COLOURS

if TYPE_CHECKING:
    from reparam.explorer.window import Window

ON_DARK = 0.4
"""Edges below this lightness are dark; those above one less this are light."""


class Own:
    """Shows a person's picture on the map, its reconstruction, its oddness and its neighbours.

    Args:
        window: Its window.
    """

    title = "Your picture"

    def __init__(self, window: "Window") -> None:
        self.window = window
        self.upload: Upload | None = None
        self.z: NDArray[np.floating] | None = None
        self.scores: dict[str, float] = {}
        self.dropper = Dropper(self.receive, sizing_mode="stretch_width", margin=(5, 10))
        self.fit = Choice(label="Another shape is", options=list(FITS), width=110)
        self.background = pn.widgets.ColorPicker(label="Background", value="#ffffff", width=90)
        self.inverted = Choice(
            label="Light and dark", options={"as they are": False, "swapped": True}, width=120
        )
        self.hold = pn.widgets.Button(label="Hold its code", color="primary")
        self.pictures, self.place_words, self.table, self.near = pane(), pane(), pane(), pane()
        self.found = pn.Column(
            self.pictures, self.place_words, self.hold, self.table, self.near,
            visible=False, sizing_mode="stretch_width",
        )  # fmt: skip
        self.marker = ColumnDataSource(data={"x": [], "y": []})
        drawn = window.chart.figure.scatter(
            "x", "y", source=self.marker, marker="star", size=24, name="own",
            fill_color=COLOURS["vermilion"], line_color="white", line_width=1.5,
        )  # fmt: skip
        drawn.nonselection_glyph = None
        for widget in (self.fit, self.background, self.inverted):
            widget.param.watch(lambda _: self.again(), "value")
        self.hold.on_click(lambda _: self.keep())
        window.chart.source.on_change("data", lambda _attr, _old, _new: self.place())

    def view(self) -> pn.viewable.Viewable:
        """The field, how to bring a picture to the model's size, and what was found."""
        return pn.Column(
            self.dropper,
            pn.Row(self.fit, self.background, self.inverted),
            self.found,
            sizing_mode="stretch_width",
        )

    @telling
    def receive(self, upload: Upload) -> None:
        """Show a picture that was given.

        Args:
            upload: The file.
        """
        self.show(self._prepared(upload))
        self.upload = upload

    @telling
    def again(self) -> None:
        """Show the same file under other options."""
        if self.upload is not None:
            self.show(self._prepared(self.upload))

    def show(self, own: Prepared) -> None:
        """Encode a picture, and show what there is to show of it.

        Args:
            own: The picture as the model takes it.
        """
        space = self.window.space
        picture = Dataset(torch.from_numpy(own.pixels[None].copy()))
        x = picture.tensor()
        self.z = space.model.encode(x).float().cpu().numpy()[0]
        made = space.decode(self.z[None])[0]
        large = cards(
            [
                Card(x[0].numpy(), "as the model sees it", data={"own": "seen"}),
                Card(made, "its reconstruction", data={"own": "made", "z": numbers(self.z)}),
            ],
            "large",
        )
        words = f'<p class="done">{html.escape(own.words)}.{self._hint(own)}</p>'
        self.place()
        self.near.object = "<p>The nearest items:</p>" + cards(self._nearest(self.z))
        self.pictures.object = large + words
        self.found.visible = True
        self.scores = scored(space, picture, self.z)
        self._tell_scores(usual(space))
        gradually(self.window, self._judging(self.scores))

    def place(self) -> None:
        """Put the marker where the map has the picture's code."""
        plane, z = self.window.plane, self.z
        if z is None:
            return
        if plane.project is None:
            self.marker.data = {"x": [], "y": []}
            words = f"The map ({plane.title}) has places for the items alone, and none for this."
        else:
            x, y = (float(value) for value in np.asarray(plane.project(z[None]))[0])
            self.marker.data = {"x": [x], "y": [y]}
            words = f"On the map the star is it, at ({x:.2f}, {y:.2f})."
            left, right, low, high = plane.frame
            if not (left <= x <= right and low <= y <= high):
                words += " That is outside of where the items are: zoom out to see it."
        self.place_words.object = f"<p>{html.escape(words)}</p>"

    @telling
    def keep(self) -> None:
        """Let the window hold the picture's code."""
        if self.z is not None:
            self.window.state.held = self.z.copy()

    def _prepared(self, upload: Upload) -> Prepared:
        return prepared(
            upload,
            self.window.space.data.shape,
            self.fit.value,
            str(self.background.value),
            self.inverted.value,
        )

    def _hint(self, own: Prepared) -> str:
        """Whether swapping light and dark may help."""
        space = self.window.space
        some = np.linspace(0, len(space.z) - 1, min(100, len(space.z))).astype(int)
        theirs, its = edge(255 * space.pictures(some)), edge(own.pixels)
        if (theirs < ON_DARK and its > 1 - ON_DARK) or (theirs > 1 - ON_DARK and its < ON_DARK):
            light, dark = ("light", "dark") if its > theirs else ("dark", "light")
            return f" Its edges are {light}, and the items' {dark}: swapping may help."
        return ""

    def _nearest(self, z: Float[NDArray, "D"]) -> list[Card]:
        space = self.window.space
        far, which = space.nearest(z[None], NEIGHBOURS)
        items = which[0]
        return [
            Card(picture, f"{named(space, item)}, {distance:.2f} away", data={"near": item})
            for picture, item, distance in zip(
                space.pictures(items), items.tolist(), far[0].tolist(), strict=True
            )
        ]

    def _judging(self, scores: dict[str, float]) -> Iterator[None]:
        """Complete the items' scores, unless another picture comes."""
        for found in completing(self.window.space):
            if self.scores is not scores:
                return
            self._tell_scores(found)
            yield
        self._tell_scores(usual(self.window.space))

    def _tell_scores(self, found: Usual) -> None:
        percentiles = found.percentiles(self.scores) if found.done else {}
        rows = "".join(
            _row(name, self.scores[name], percentiles.get(name)) for name in self.scores
        )
        among = (
            f"odder than, of {len(found.items):,} items"
            if found.done
            else f"computing ({found.scored:,} of {len(found.items):,} items)"
        )
        self.table.object = (
            f'<table data-done="{str(found.done).lower()}"><thead><tr><th>Anomaly score</th>'
            f'<th></th><th class="among">{among}</th></tr></thead><tbody>{rows}</tbody></table>'
        )


def _row(name: str, score: float, percentile: float | None) -> str:
    among = (
        '<td class="number waiting">computing</td>'
        if percentile is None
        else f'<td class="number" data-percentile="{percentile!r}">{percentile:.0f}%</td>'
    )
    return (
        f'<tr data-score="{name}"><th>{html.escape(SCORES[name])}</th>'
        f'<td class="number" data-value="{score!r}">{score:.4g}</td>{among}</tr>'
    )
