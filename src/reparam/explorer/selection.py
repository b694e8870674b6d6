"""Items that are selected on the map: what they are, their mean, and the way towards them."""

import html
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import panel as pn
import torch
from jaxtyping import Float, Int64
from numpy.typing import NDArray

from reparam.errors import CompositionError
from reparam.explorer.cards import Card, cards, named, numbers, pane
from reparam.explorer.fields import Choice, Slider
from reparam.explorer.gradually import gradually
from reparam.explorer.panel import telling
from reparam.explorer.saver import Saver
from reparam.explorer.space import Space
from reparam.explorer.table import table
from reparam.latent import Attribute, attribute

if TYPE_CHECKING:
    from reparam.explorer.window import Window

SHOWN = 48
"""Pictures, at most."""
AT_ONCE = 500
NOTHING = "Nothing is selected. Draw around items with the map's lasso, or select a class."


class Selection:
    """Shows the selected items, and moves the held code along the way from all others to them.

    Args:
        window: Its window.
    """

    title = "Selection"

    def __init__(self, window: "Window") -> None:
        self.window = window
        self.attribute: Attribute | None = None
        classes = {name: k for k, name in enumerate(window.space.classes)}
        self.kind = Choice(label="Class", options=classes, width=150)
        self.choose = pn.widgets.Button(label="Select the class", align="end")
        self.clear = pn.widgets.Button(label="Clear", align="end")
        self.words, self.pictures, self.means = pane(), pane(), pane()
        self.separation, self.made = pane(), pane()
        self.strength = Slider(
            label="Strength, added to the held code", start=-2, end=2, step=0.05, value=0,
            sizing_mode="stretch_width",
        )  # fmt: skip
        self.hold = pn.widgets.Button(label="Hold this code", color="primary")
        self.export = Saver(
            self.file, label="Export as CSV", filename="selection.csv", margin=(5, 10)
        )
        self.way = pn.Column(
            self.strength, self.made, self.hold, visible=False, sizing_mode="stretch_width"
        )
        self.body = pn.Column(
            self.export, self.means, self.separation, self.way, self.pictures,
            visible=False, sizing_mode="stretch_width",
        )  # fmt: skip
        self.choose.on_click(lambda _: self.select(self.of_class(self.kind.value)))
        self.clear.on_click(lambda _: self.select(np.zeros(0, int)))
        self.hold.on_click(lambda _: self.keep())
        self.strength.param.watch(lambda _: self.make(), "value")
        window.state.param.watch(lambda _: self.look(), "selected")
        window.state.param.watch(lambda _: self.make(), "held")
        window.chart.source.on_change("data", self._follow)
        self.look()

    def view(self) -> pn.viewable.Viewable:
        """Buttons, and what is selected."""
        by_class = (self.kind, self.choose) if self.kind.options else ()
        return pn.Column(
            pn.Row(*by_class, self.clear), self.words, self.body, sizing_mode="stretch_width"
        )

    @property
    def items(self) -> Int64[NDArray, "K"]:
        """The selected items' places in the data, in its order."""
        return np.unique(np.asarray(self.window.state.selected, np.int64))

    def of_class(self, label: int) -> Int64[NDArray, "K"]:
        """The items of a class.

        Args:
            label: The class's number.
        """
        labels = self.window.space.labels
        return np.zeros(0, np.int64) if labels is None else np.flatnonzero(labels == label)

    def select(self, items: Int64[NDArray, "K"]) -> None:
        """Select items, on the map as well.

        Args:
            items: Their places in the data.
        """
        source = self.window.chart.source
        source.selected.indices = np.flatnonzero(np.isin(source.data["item"], items)).tolist()
        self.window.state.selected = items  # the map may show some of them alone

    @telling
    def look(self) -> None:
        """Show what is selected."""
        items, space = self.items, self.window.space
        self.attribute = None
        self.words.object = (
            f'<p role="status" data-count="{len(items)}">{_count(space, items)}</p>'
        )
        self.body.visible, self.way.visible = bool(len(items)), False
        if not len(items):
            return
        self.means.object = self._means(items)
        self.pictures.object = self._pictures(items)
        self.separation.object = '<p class="waiting">computing the direction</p>'
        gradually(self.window, self._directing(items))

    def make(self) -> None:
        """Decode the held code with the direction added."""
        z = self.code()
        if z is None:
            return
        held = self.window.state.held
        before, after = self.window.space.decode(np.stack([held, z]))
        self.made.object = cards(
            [
                Card(before, "the held code", data={"way": "held", "z": numbers(held)}),
                Card(
                    after,
                    f"with {self.strength.value:g} of the direction",
                    data={"way": "made", "z": numbers(z)},
                ),
            ],
            "large",
        )

    def code(self) -> Float[NDArray, "D"] | None:
        """The held code with the direction added; `None` where there is no direction."""
        if self.attribute is None:
            return None
        held = torch.from_numpy(np.asarray(self.window.state.held, "float32"))
        added: NDArray[np.floating] = self.attribute.add(
            held, float(self.strength.value or 0)
        ).numpy()
        return added

    @telling
    def keep(self) -> None:
        """Let the window hold the code that is shown, from which the strength counts anew."""
        z = self.code()
        if z is not None:
            self.window.state.held = z
            self.strength.value = 0

    def file(self) -> str:
        """The selected items' codes as CSV."""
        return table(self.window.space, self.items)

    def _directing(self, items: Int64[NDArray, "K"]) -> Iterator[None]:
        yield  # the pictures first
        if not np.array_equal(items, self.items):
            return  # the selection has gone on
        space = self.window.space
        has = np.isin(np.arange(len(space.z)), items)
        try:
            self.attribute = attribute(torch.from_numpy(space.z), torch.from_numpy(has))
        except CompositionError as error:
            self.separation.object = (
                f'<p class="refused">No direction: {html.escape(str(error))}.</p>'
            )
            return
        found = self.attribute.separation
        low, high = found.interval
        self.separation.object = (
            f'<p class="separation" data-value="{found.value!r}" data-low="{low!r}" '
            f'data-high="{high!r}">The direction from all other items to these tells them apart '
            f"by {found.value:.3f} ({low:.3f} to {high:.3f}): the area under the ROC curve, 0.5 "
            "for chance.</p>"
        )
        self.way.visible = True
        self.make()

    def _means(self, items: Int64[NDArray, "K"]) -> str:
        space = self.window.space
        z = space.z[items].mean(0)
        total = sum(
            space.pictures(items[k : k + AT_ONCE]).sum(0, dtype="float64")
            for k in range(0, len(items), AT_ONCE)
        )
        return cards(
            [
                Card(space.decode(z[None])[0], "picture of the mean code",
                     data={"mean": "code", "z": numbers(z)}),
                Card(np.asarray(total / len(items)), "mean of the pictures",
                     data={"mean": "pictures"}),
            ],
            "large",
        )  # fmt: skip

    def _pictures(self, items: Int64[NDArray, "K"]) -> str:
        space = self.window.space
        some = items[np.linspace(0, len(items) - 1, min(SHOWN, len(items))).astype(int)]
        few = f"<p>{len(some)} of them:</p>" if len(some) < len(items) else ""
        return few + cards(
            (
                Card(picture, "", f"{named(space, item)} (item {item})", {"item": item})
                for picture, item in zip(space.pictures(some), some.tolist(), strict=True)
            ),
            "small",
        )

    def _follow(self, _name: str, old: dict[str, NDArray], new: dict[str, NDArray]) -> None:
        """Keep the selection when the map shows other items, or the same in another order."""
        if len(self.items) and not np.array_equal(old["item"], new["item"]):
            self.select(self.items)


def _count(space: Space, items: Int64[NDArray, "K"]) -> str:
    """How many items, and of which classes, the most frequent first."""
    if not len(items):
        return NOTHING
    words = f"{len(items):,} item{'s' if len(items) > 1 else ''}"
    if space.labels is None:
        return words
    found = Counter(space.labels[items].tolist()).most_common()
    kinds = [
        f"{count:,} {space.classes[k] if k >= 0 else 'without a label'}" for k, count in found
    ]
    return html.escape(f"{words}: {', '.join(kinds)}")
