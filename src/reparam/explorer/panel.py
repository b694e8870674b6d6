"""What a panel of the explorer is, and how its mistakes become sentences."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Protocol

import panel as pn

from reparam.errors import ReparamError

if TYPE_CHECKING:
    from reparam.explorer.window import Window

SENTENCES = """
pre { margin: 0; white-space: pre-wrap; color: var(--ink); }
pre { font: 0.85rem/1.4 system-ui, sans-serif; }
:host(.message) pre { color: var(--warn); font-size: 1rem; }
"""


class Panel(Protocol):
    """A part of the window with a name of its own.

    It is made with the window, which it may look at: `space`, `view`, `state`, `plane`, `chart`.
    """

    title: str

    def __init__(self, window: "Window") -> None: ...

    def view(self) -> pn.viewable.Viewable:
        """What is shown."""


def telling(method: Callable[..., Any]) -> Callable[..., Any]:
    """Let a panel's method show a mistake as a sentence in its window instead of raising it.

    Args:
        method: A method of a panel that keeps its window as `window`.
    """

    @wraps(method)
    def told(self: Any, *given: Any, **options: Any) -> Any:  # noqa: ANN401
        self.window.state.message = ""
        try:
            return method(self, *given, **options)
        except ReparamError as error:
            self.window.state.message = str(error)
            return None

    return told


def sentences(name: str, words: Any = "") -> pn.pane.Str:  # noqa: ANN401
    """Words that change, as a paragraph.

    Args:
        name: The paragraph's CSS class.
        words: The words, or the parameter that holds them.
    """
    return pn.pane.Str(
        words, css_classes=[name], stylesheets=[SENTENCES], sizing_mode="stretch_width"
    )
