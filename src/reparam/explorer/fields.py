"""The fields that a person fills in, with arrows that are seen on light and on dark paper."""

from functools import partial
from typing import Any

import panel as pn

from reparam.errors import CompositionError

ARROWS = """
select:not([multiple]).bk-input { background-image: url('data:image/svg+xml;utf8,\
<svg version="1.1" viewBox="0 0 25 20" xmlns="http://www.w3.org/2000/svg">\
<path d="M 0,0 25,0 12.5,20 Z" fill="gray" /></svg>'); }
.bk-spin-wrapper .bk-spin-btn.bk-spin-btn-up:before { border-bottom-color: gray !important; }
.bk-spin-wrapper .bk-spin-btn.bk-spin-btn-down:before { border-top-color: gray !important; }
"""
TRACK = """
.noUi-target, .noUi-connects { background: var(--line, #ccc); border-color: var(--line, #ccc); }
.noUi-target { box-shadow: none; }
.noUi-connect { background: var(--accent, #0072b2) !important; }
"""

Choice = partial(pn.widgets.Select, stylesheets=[ARROWS])
Count = partial(pn.widgets.IntInput, stylesheets=[ARROWS])
Number = partial(pn.widgets.FloatInput, stylesheets=[ARROWS])
Slider = partial(pn.widgets.FloatSlider, stylesheets=[TRACK])


def written(widget: pn.widgets.Widget) -> Any:  # noqa: ANN401
    """The number in a field.

    Args:
        widget: The field.

    Raises:
        CompositionError: If the field is empty.
    """
    if widget.value is None:
        raise CompositionError(f"there is no number under {widget.label}: write one")
    return widget.value
