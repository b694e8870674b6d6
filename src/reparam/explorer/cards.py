"""Pictures with a line of words under each, as HTML."""

import html
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import panel as pn
from jaxtyping import Float
from numpy.typing import NDArray

from reparam.explorer.images import shown
from reparam.explorer.space import Space

STYLE = Path(__file__).with_name("cards.css").read_text("utf-8")


@dataclass(frozen=True, eq=False)
class Card:
    """A picture and what is said of it.

    Args:
        picture: In [0, 1], (C, H, W).
        words: What stands under it.
        alt: What it is for who cannot see it; by default the words.
        data: What the page knows of it, as `data-*`.
    """

    picture: Float[NDArray, "C H W"]
    words: str
    alt: str = ""
    data: dict[str, Any] = field(default_factory=dict)


def cards(some: Iterable[Card], size: str = "") -> str:
    """Cards side by side.

    Args:
        some: Which.
        size: `small`, `large` or neither.
    """
    return f'<div class="cards {size}">{"".join(map(_card, some))}</div>'


def named(space: Space, item: int) -> str:
    """An item's class, or its place in the data where it has none.

    Args:
        space: The latent space.
        item: Its place in the data.
    """
    return label(space, item) or f"item {item}"


def label(space: Space, item: int) -> str:
    """An item's class; nothing where it has none.

    Args:
        space: The latent space.
        item: Its place in the data.
    """
    labels = space.labels
    return "" if labels is None or labels[item] < 0 else space.classes[labels[item]]


def pane(**options: Any) -> pn.pane.HTML:  # noqa: ANN401
    """An empty place for cards, tables and words.

    Args:
        options: Panel's.
    """
    return pn.pane.HTML("", stylesheets=[STYLE], sizing_mode="stretch_width", **options)


def numbers(z: Float[NDArray, "D"]) -> str:
    """A code as JSON that keeps every bit.

    Args:
        z: The code.
    """
    return "[" + ", ".join(f"{value:.9g}" for value in np.asarray(z, "float32")) + "]"


def _card(card: Card) -> str:
    data = "".join(f' data-{key}="{html.escape(str(value))}"' for key, value in card.data.items())
    words = html.escape(card.words)
    alt = html.escape(card.alt or card.words)
    caption = f"<figcaption>{words}</figcaption>" if card.words else ""
    picture = f'<img src="{shown(card.picture)}" alt="{alt}" title="{alt}">'
    return f"<figure{data}>{picture}{caption}</figure>"
