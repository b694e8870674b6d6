"""A button that saves a file, by the mouse or by the keyboard."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import param
from panel.custom import JSComponent


class Saver(JSComponent):
    """A button whose file is made when it is pressed.

    Panel's own answers the mouse alone.

    Args:
        made: Gives the file's text.
    """

    label = param.String(doc="What stands on the button.")
    filename = param.String(doc="What the file is called.")

    _esm = Path(__file__).with_name("saver.js")
    _stylesheets: ClassVar[list[Any]] = [Path(__file__).with_name("saver.css")]

    def __init__(self, made: Callable[[], str], **options: Any) -> None:  # noqa: ANN401
        super().__init__(**options)
        self._made = made

    def _handle_msg(self, _message: Any) -> None:  # noqa: ANN401
        self._send_msg({"name": self.filename, "text": self._made()})
