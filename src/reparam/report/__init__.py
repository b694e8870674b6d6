"""A run as pictures; later as a page."""

from reparam.report.measure import evaluated, measured
from reparam.report.pictures import (
    chosen,
    draw_reconstructions,
    draw_run,
    root_mean_squared_error,
)

__all__ = [
    "chosen",
    "draw_reconstructions",
    "draw_run",
    "evaluated",
    "measured",
    "root_mean_squared_error",
]
