"""A window as a page: its frame, its light, and an address that holds the view."""

from functools import partial
from importlib.resources import files
from typing import Any

import panel as pn
from bokeh.events import ConnectionLost
from bokeh.models import CustomJS
from bokeh.themes import Theme

from reparam.explorer.space import Space
from reparam.explorer.window import Window

THEMES = ("light", "dark")
INKS = {"light": ("#222222", "#dddddd", "#ffffff"), "dark": ("#eeeeee", "#444444", "#1b1b1b")}
LOST = """
const told = document.getElementById("lost");
told.hidden = false;
told.textContent = "The server has ended: run reparam explore again, and open the page it names.";
"""
POLICY = (
    "default-src 'none'; script-src 'self' blob: 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self' blob: data:; worker-src blob:; base-uri 'none'; form-action 'none'"
)
"""As strict as Bokeh allows: its page has scripts within it, and makes functions of text."""
KEPT = {
    "map": "map",
    "across": "x",
    "up": "y",
    "colour": "colour",
    "over": "over",
    "panel": "panel",
}
"""What of the view the address holds, and by which name."""


def page(space: Space, other: Space | None = None) -> pn.Template:
    """A fresh window as a page.

    Args:
        space: The latent space.
        other: Another model's, of the same items, to lie beside it.
    """
    theme = _theme()
    window = Window(space, other, theme=theme)
    here = files("reparam.explorer")
    template = pn.Template((here / "page.html.jinja").read_text("utf-8"))
    template.location = True
    template.add_variable("policy", POLICY)
    template.add_variable("heading", title(space, other))
    template.add_variable("app_favicon", "data:,")
    template.add_variable("facts", facts(space))
    template.add_variable("theme", theme)
    template.add_variable("other_theme", THEMES[1 - THEMES.index(theme)])
    template.add_variable("style", (here / "style.css").read_text("utf-8"))
    template.add_variable("drawing", (here / "drawing.js").read_text("utf-8"))
    template.add_variable("hand", (here / "hand.js").read_text("utf-8"))
    template.add_variable("tabs", (here / "tabs.js").read_text("utf-8"))
    if pn.state.curdoc is not None:
        pn.state.curdoc.theme = bokeh_theme(theme)
        pn.state.curdoc.js_on_event(ConnectionLost, CustomJS(code=LOST))
    if pn.state.location is not None:
        pn.state.location.sync(window.view, KEPT, on_error=partial(_not_there, window))
    for name, part in window.parts().items():
        template.add_panel(name, part)
    pn.state.on_session_destroyed(lambda _: window.close())
    return template


def title(space: Space, other: Space | None) -> str:
    """What a page is called.

    Args:
        space: The latent space.
        other: Another model's, beside it.
    """
    return space.name if other is None else f"{space.name} and {other.name}"


def facts(space: Space) -> str:
    """A space in a line of words.

    Args:
        space: The latent space.
    """
    variant = f"{space.model.variant}, " if space.model.variant else ""
    dead = f", {len(space.dead)} of them dead" if space.dead else ""
    return (
        f"{variant}{space.dimensions} dimensions{dead}; {len(space.z):,} items of "
        f"{space.data.schema.title}"
    )


def bokeh_theme(name: str) -> Theme:
    """How Bokeh's figures look by day and by night.

    Args:
        name: light or dark.
    """
    ink, line, paper = INKS[name]
    axis = {
        "axis_line_color": ink, "axis_label_text_color": ink, "major_label_text_color": ink,
        "major_tick_line_color": ink, "minor_tick_line_color": line,
    }  # fmt: skip
    return Theme(json={"attrs": {
        "Plot": {
            "background_fill_color": paper, "border_fill_color": paper, "outline_line_color": line,
        },
        "Axis": axis,
        "Grid": {"grid_line_color": line},
        "BaseColorBar": {
            "background_fill_color": paper, "major_label_text_color": ink, "title_text_color": ink,
        },
        "Legend": {"background_fill_color": paper, "label_text_color": ink},
    }})  # fmt: skip


def _not_there(window: Window, asked: dict[str, Any]) -> None:
    """Show what there is of a view that an address asks for, and tell of the rest."""
    missing = []
    for name, value in asked.items():
        try:
            window.view.param.update(**{name: value})
        except ValueError:
            missing.append(f"{KEPT[name]}={value}")
    window.state.message = (
        f"The address asks for {', '.join(missing)}, and {window.space.name} has no such view: "
        "choose one below."
    )


def _theme() -> str:
    asked = pn.state.session_args.get("theme", [b"light"])[0].decode("utf-8", "replace")
    return asked if asked in THEMES else THEMES[0]
