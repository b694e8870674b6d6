"""Long work in short steps, so that the pages go on answering in between."""

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, TypeGuard

from bokeh.document import Document

from reparam.errors import ReparamError

if TYPE_CHECKING:
    from reparam.explorer.window import Window

PAUSE = 5
"""Milliseconds between two steps, in which a page is answered."""


def gradually(window: "Window", steps: Iterator[None]) -> None:
    """Take the steps of a window's work; a mistake ends it, and becomes a sentence there.

    Args:
        window: Whose work it is.
        steps: The work, which yields after each step.
    """
    stepwise(window.chart.figure.document, _told(window, steps))


def stepwise(document: Document | None, steps: Iterator[None]) -> None:
    """Take the steps of some work one by one; all at once where no server is to answer others.

    Args:
        document: The page, whose end is the work's.
        steps: The work, which yields after each step.
    """
    if served(document):
        document.add_timeout_callback(partial(_step, document, steps), PAUSE)
    else:
        for _ in steps:
            pass


def served(document: Document | None) -> TypeGuard[Document]:
    """Whether a server takes a page's callbacks; none does in a notebook, or where none is open.

    Args:
        document: The page.
    """
    return document is not None and document.session_context is not None


def _step(document: Document, steps: Iterator[None]) -> None:
    with suppress(StopIteration):
        next(steps)
        stepwise(document, steps)


def _told(window: "Window", steps: Iterator[None]) -> Iterator[None]:
    try:
        yield from steps
    except ReparamError as error:
        window.state.message = str(error)
