"""Long work in short steps, so that the pages go on answering in between."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from bokeh.document import Document

from reparam.errors import ReparamError

if TYPE_CHECKING:
    from reparam.explorer.window import Window

PAUSE = 5
"""Milliseconds between two steps, in which a page is answered."""


def gradually(window: "Window", steps: Iterator[None]) -> None:
    """Take the steps of some work one by one; all at once where no page is open.

    A mistake ends the work, and becomes a sentence in the window.

    Args:
        window: Whose work it is.
        steps: The work, which yields after each step.
    """
    document = window.chart.figure.document

    def step() -> bool:
        try:
            next(steps)
        except StopIteration:
            return False
        except ReparamError as error:
            window.state.message = str(error)
            return False
        return True

    def step_and_go_on(document: Document) -> None:
        if step():
            document.add_timeout_callback(partial(step_and_go_on, document), PAUSE)

    if document is None:
        while step():
            pass
    else:
        document.add_timeout_callback(partial(step_and_go_on, document), PAUSE)
