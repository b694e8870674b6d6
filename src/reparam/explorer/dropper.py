"""A field that a picture file is dropped on; the file comes in parts."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import param
from panel.custom import JSComponent

from reparam.explorer.upload import ACCEPTED, KINDS, LIMIT, Upload


class Dropper(JSComponent):
    """A field for one file.

    The page refuses a file that is too large before it sends anything; whoever sends one all the
    same is stopped here.

    Args:
        given: What to do with a file that has come, or that could not.
    """

    limit = param.Integer(LIMIT, doc="Bytes that a file may have.")
    accepted = param.String(ACCEPTED, doc="The suffixes that the page's file dialog shows.")
    hint = param.String(f"{KINDS}, at most {LIMIT // 10**6} MB", doc="What may be given.")

    _esm = Path(__file__).with_name("dropper.js")
    _stylesheets: ClassVar[list[Any]] = [Path(__file__).with_name("dropper.css")]

    def __init__(self, given: Callable[[Upload], None], **options: Any) -> None:  # noqa: ANN401
        super().__init__(**options)
        self._given = given
        self._turn: object = None
        self._parts = bytearray()
        self._about = Upload("", 0, None)

    def _handle_msg(self, message: Any) -> None:  # noqa: ANN401
        try:
            if "part" in message:
                whole = self._gather(message["turn"], bytes(message["part"]))
            else:
                whole = self._begin(message)
        except (KeyError, TypeError, ValueError):
            return  # not ours
        if whole is not None:
            self._turn, self._parts = None, bytearray()
            self._given(whole)

    def _begin(self, message: dict[str, Any]) -> Upload | None:
        about = Upload(str(message["name"]), int(message["size"]), None, int(message["together"]))
        self._about, self._turn, self._parts = about, message["turn"], bytearray()
        if message["refused"] or about.size > self.limit or about.together != 1:
            return about
        return None if about.size else replace(about, content=b"")

    def _gather(self, turn: object, part: bytes) -> Upload | None:
        if self._turn is None or turn != self._turn:
            return None
        self._parts += part
        if len(self._parts) > self._about.size:
            return self._about
        if len(self._parts) == self._about.size:
            return replace(self._about, content=bytes(self._parts))
        return None
