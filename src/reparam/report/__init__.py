"""A run as figures, pictures and one page."""

from reparam.report.measure import evaluated, measured
from reparam.report.page import report
from reparam.report.pictures import (
    chosen,
    draw_reconstructions,
    draw_run,
    in_turn,
    root_mean_squared_error,
)

__all__ = [
    "chosen",
    "draw_reconstructions",
    "draw_run",
    "evaluated",
    "in_turn",
    "measured",
    "report",
    "root_mean_squared_error",
]
