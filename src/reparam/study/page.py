"""The report: everything that was found, as one HTML file that opens offline."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from reparam.report.html import content_policy, embedded, environment, text
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
    source = text("reparam.study", TEMPLATE)
    sections: dict[str, list[Drawing]] = {}
    for drawing in drawings:
        sections.setdefault(drawing.section, []).append(drawing)
    return (
        environment()
        .from_string(source)
        .render(
            policy=content_policy(),
            found=found,
            sections=sections,
            images={name: embedded(path.read_bytes()) for name, path in pictures.items()},
            counts=_counts(found),
        )
    )


def _counts(found: Mapping[str, Any]) -> dict[str, int]:
    verdicts = [claim["verdict"] for claim in found["claims"]]
    order = (HOLDS, PARTLY, FAILS, NOT_JUDGED)
    return {verdict: verdicts.count(verdict) for verdict in order if verdict in verdicts}
