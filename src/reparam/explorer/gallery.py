"""Pictures that can be pressed: a film strip, a grid, a list of what is kept."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import param
from jaxtyping import Float
from numpy.typing import NDArray
from panel.custom import JSComponent

from reparam.explorer.images import shown

Heard = Callable[[int], Any]


class Gallery(JSComponent):
    """A list of pictures, each a button.

    Args:
        label: What the list is called.
        picked: Called with a picture's place when it is pressed.
        dropped: Called with a picture's place when its cross is pressed; without it there are no
            crosses.
        opened: Called when the page shows the gallery.
        wide: A picture's width in pixels.
    """

    label = param.String(doc="What the list is called.")
    pictures = param.List([], doc="Each picture: its address, its name, whether it is marked.")
    crosses = param.Boolean(False, doc="Whether each picture has a cross that removes it.")
    marks = param.Boolean(False, doc="Whether pictures can be marked.")
    one_row = param.Boolean(False, doc="Whether a few pictures share one row, however narrow.")
    opened = param.Integer(0, doc="How often the page has shown it.")
    wide = param.Integer(56, doc="A picture's width in pixels.")

    _esm = Path(__file__).with_name("gallery.js")
    _stylesheets = [Path(__file__).with_name("gallery.css").read_text("utf-8")]  # noqa: RUF012

    def __init__(
        self,
        label: str,
        picked: Heard | None = None,
        dropped: Heard | None = None,
        opened: Callable[[], Any] | None = None,
        **given: Any,  # noqa: ANN401
    ) -> None:
        given.setdefault("sizing_mode", "stretch_width")
        super().__init__(label=label, crosses=dropped is not None, **given)
        self._heard = {"pick": picked, "drop": dropped}
        if opened is not None:
            self.param.watch(lambda _: opened(), "opened")

    def fill(
        self,
        pictures: Float[NDArray, "K C H W"] | Sequence[Float[NDArray, "C H W"]],
        names: Sequence[str],
        marked: Sequence[bool] | None = None,
    ) -> None:
        """Show other pictures.

        Args:
            pictures: In [0, 1].
            names: What each is called.
            marked: Which of them are marked.
        """
        self.pictures = [
            {"picture": shown(picture), "name": name, "marked": bool(marked and marked[k])}
            for k, (picture, name) in enumerate(zip(pictures, names, strict=True))
        ]

    def mark(self, marked: Sequence[bool]) -> None:
        """Mark other pictures.

        Args:
            marked: Whether each is marked.
        """
        self.pictures = [
            {**picture, "marked": bool(mark)}
            for picture, mark in zip(self.pictures, marked, strict=True)
        ]

    def _handle_msg(self, message: Any) -> None:  # noqa: ANN401
        if not isinstance(message, dict):
            return
        for name, heard in self._heard.items():
            place = message.get(name)
            if heard is not None and isinstance(place, int) and 0 <= place < len(self.pictures):
                heard(place)
