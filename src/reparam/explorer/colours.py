"""The explorer's colours, on light paper and on dark."""

from dataclasses import dataclass

from bokeh.palettes import interp_palette

from reparam.plots.style import CLASSES, COLOURS

LIFT = 0.35
"""How far towards white the classes' colours go on dark paper."""


@dataclass(frozen=True)
class Colours:
    """What is drawn in which colour.

    Args:
        classes: Of the classes, in turn.
        accent: Of what lies over the items.
    """

    classes: tuple[str, ...]
    accent: str


def lifted(colour: str) -> str:
    """A colour that can be read on dark paper.

    Args:
        colour: As #rrggbb.

    Example:
        >>> lifted("#332288")
        '#7a6fb2'
    """
    parts = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return "#" + "".join(f"{round(part + (255 - part) * LIFT):02x}" for part in parts)


THEMES = {
    "light": Colours(CLASSES, COLOURS["blue"]),
    "dark": Colours(tuple(lifted(colour) for colour in CLASSES), COLOURS["sky blue"]),
}
SCORES = interp_palette(("#6a5acd", "#a24bb5", "#cf4c8a", "#ec6f5c", "#f5a623"), 128)
"""From the least to the most; each can be read on both papers."""
