"""The picture under the pointer: exact decodings, asked for by the page when the pointer rests."""

from pathlib import Path
from typing import Any

import numpy as np
import param
from jaxtyping import Float
from numpy.typing import NDArray
from panel.custom import JSComponent

from reparam.errors import ReparamError
from reparam.explorer.cards import named
from reparam.explorer.images import address, shown
from reparam.explorer.plane import Plane
from reparam.explorer.prior import log_density
from reparam.explorer.sheet import Sheet
from reparam.explorer.space import Space

NEAREST = 5
SCRIPTS = ("blend.js", "pointer.js")
FIGURES, MOST = 8, 4
"""So many numbers of a code are written out; of a longer one, those that carry most."""


class Pointer(JSComponent):
    """A canvas with the decoding of the place under the pointer, in words and with neighbours."""

    map = param.String(doc="Which map's pointer is followed.")
    sheet = param.String(doc="The sheet of decodings, as an address.")
    frame = param.List([0.0, 1.0, 0.0, 1.0], doc="Left, right, bottom, top of the sheet.")
    across = param.Integer(2, doc="How many pictures of the sheet there are along each side.")
    size = param.List([1, 1], doc="A picture's height and width.")
    axes = param.List([0, 1], doc="Which dimension of the sheet goes across, and which up.")
    nearest = param.Integer(-1, doc="The item nearest to the place that was asked for last.")

    _esm = "".join(Path(__file__).with_name(name).read_text("utf-8") for name in SCRIPTS)
    _stylesheets = [Path(__file__).with_name("pointer.css").read_text("utf-8")]  # noqa: RUF012

    def __init__(self, space: Space, **given: Any) -> None:  # noqa: ANN401
        super().__init__(size=list(space.data.shape[-2:]), sizing_mode="stretch_width", **given)
        self._space = space
        self.plane: Plane | None = None
        self.held: Float[NDArray, D] = space.z.mean(0)

    def follow(self, plane: Plane, sheet: Sheet | None) -> None:
        """Follow the pointer over a plane.

        Args:
            plane: The plane.
            sheet: Its decodings, where there are any.
        """
        self.plane = plane
        if sheet is None:
            self.sheet = ""
        else:
            self.param.update(
                frame=list(sheet.frame),
                across=sheet.across,
                axes=list(plane.axes or (0, 0)),
                sheet=address(sheet.content),
            )

    def _handle_msg(self, message: Any) -> None:  # noqa: ANN401
        try:
            answer = self.answer(float(message["x"]), float(message["y"]))
        except (KeyError, TypeError, ValueError, ReparamError):
            return  # not ours
        self._send_msg({"ask": message.get("ask"), "x": message["x"], "y": message["y"], **answer})

    def answer(self, x: float, y: float) -> dict[str, Any]:
        """What lies at a place: its picture, its code in words, and the nearest items.

        Args:
            x: Where, across.
            y: Where, up.
        """
        space, z = self._space, self.code_at(x, y)
        distances, items = space.nearest(z[None], NEAREST)
        self.nearest = int(items[0, 0])
        return {
            "picture": shown(space.decode(z[None])[0]),
            "z": [float(value) for value in z],
            "words": in_words(space, z),
            "near": [
                {"picture": shown(picture), "name": f"{named(space, item)}, {distance:.2f} away"}
                for picture, item, distance in zip(
                    space.pictures(items[0]), items[0], distances[0], strict=True
                )
            ],
        }

    def code_at(self, x: float, y: float) -> Float[NDArray, "D"]:
        """The code of a place; of the nearest item where the map has no way back.

        Args:
            x: Where, across.
            y: Where, up.
        """
        plane = self.plane
        if plane is None:
            raise ReparamError("there is no map yet")
        place = np.array([[x, y]], "float32")
        if plane.lift is not None:
            return plane.lift(place, self.held)[0]
        which = int(np.linalg.norm(plane.points - place, axis=1).argmin())
        return self._space.z[which if plane.items is None else int(plane.items[which])]


def in_words(space: Space, z: Float[NDArray, "D"]) -> str:
    """A code and how dense the prior is there.

    Args:
        space: The latent space.
        z: The code.
    """
    numbers = [f"{value + 0.0:.2f}" for value in np.round(z, 2)]
    words = f"z = ({', '.join(numbers)})"
    if len(z) > FIGURES:
        most = ", ".join(f"z[{k}] = {numbers[k]}" for k in space.order[:MOST])
        words = f"{most}, {len(z) - MOST} more that carry less"
    density = log_density(space, z[None])
    return words if density is None else f"{words}; log p(z) = {density[0]:.2f} nats"
