"""A figure of the study: what it is called, what it shows, and what draws it."""

from collections.abc import Callable
from dataclasses import dataclass

from matplotlib.figure import Figure

from reparam.study.evidence import Evidence


@dataclass(frozen=True)
class Drawing:
    """One figure.

    Args:
        name: Its file's name, without the suffix.
        section: Under which heading of the report it stands.
        caption: What one sees, in one or two sentences.
        make: Draws it.
    """

    name: str
    section: str
    caption: str
    make: Callable[[Evidence], Figure]
