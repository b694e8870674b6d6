"""The report: everything that was found, as one HTML file that opens offline."""

import base64
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, select_autoescape

from reparam.study.drawing import Drawing
from reparam.study.verdict import FAILS, HOLDS, NOT_JUDGED, PARTLY

TEMPLATE = "page.html.jinja"


def page(
    found: Mapping[str, Any], drawings: Sequence[Drawing], pictures: Mapping[str, Path]
) -> str:
    """Write the report.

    Args:
        found: What `metrics.json` holds.
        drawings: The figures in order.
        pictures: Their PNG files by name; they are put into the page.
    """
    environment = Environment(
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": number, "estimate": estimate_text}
    source = (resources.files("reparam.study") / TEMPLATE).read_text(encoding="utf-8")
    sections: dict[str, list[Drawing]] = {}
    for drawing in drawings:
        sections.setdefault(drawing.section, []).append(drawing)
    return environment.from_string(source).render(
        found=found,
        sections=sections,
        images={name: embedded(path) for name, path in pictures.items()},
        counts=_counts(found),
    )


def embedded(path: Path) -> str:
    """A PNG file as an address that holds its bytes.

    Args:
        path: The file.
    """
    return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode()


def number(value: float) -> str:
    """A number in as few digits as tell something.

    Args:
        value: Any.

    Example:
        >>> number(0.12345), number(999.99), number(1234.5), number(0.0), number(4.6e-7)
        ('0.123', '1000', '1234', '0', '4.6e-07')
    """
    if value == 0:
        return "0"
    if abs(value) >= 999.5:
        return f"{value:.0f}" if abs(value) < 1e6 else f"{value:.2e}"
    return f"{value:.3g}" if abs(value) >= 1e-3 else f"{value:.1e}"


def estimate_text(estimate: Mapping[str, float]) -> str:
    """A measure with its interval.

    Args:
        estimate: Its `value`, `low` and `high`.

    Example:
        >>> estimate_text({"value": 1.0, "low": 0.5, "high": 1.5})
        '1 (0.5 to 1.5)'
    """
    text = number(estimate["value"])
    if estimate["low"] == estimate["high"]:
        return text
    return f"{text} ({number(estimate['low'])} to {number(estimate['high'])})"


def _counts(found: Mapping[str, Any]) -> dict[str, int]:
    verdicts = [claim["verdict"] for claim in found["claims"]]
    order = (HOLDS, PARTLY, FAILS, NOT_JUDGED)
    return {verdict: verdicts.count(verdict) for verdict in order if verdict in verdicts}
