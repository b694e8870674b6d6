"""What the pages share: the environment of their templates, their look, numbers and pictures."""

import base64
import hashlib
import json
from collections.abc import Mapping
from importlib import resources
from typing import Any

from jinja2 import Environment, StrictUndefined, select_autoescape
from markupsafe import Markup

STYLE = "style.css"


def environment() -> Environment:
    """What templates are rendered in: everything is escaped, and what is missing is an error."""
    found = Environment(
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {"number": number, "estimate": estimate_text}
    found.globals["style"] = Markup(text("reparam.report", STYLE))
    return found


def text(package: str, name: str) -> str:
    """A file that comes with a package.

    Args:
        package: Where it lies.
        name: The file.
    """
    return (resources.files(package) / name).read_text(encoding="utf-8")


def embedded(content: bytes) -> str:
    """A PNG file's bytes as an address that holds them.

    Args:
        content: The bytes.

    Example:
        >>> embedded(b"abc")
        'data:image/png;base64,YWJj'
    """
    return "data:image/png;base64," + base64.b64encode(content).decode()


def content_policy(*scripts: str) -> str:
    """What a browser may run and fetch for a page: its own scripts by their digest, and nothing.

    Args:
        scripts: The text of each script element, exactly.

    Example:
        >>> content_policy()  # doctest: +ELLIPSIS
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'none'; ..."
    """
    digests = (base64.b64encode(hashlib.sha256(each.encode()).digest()) for each in scripts)
    allowed = " ".join(f"'sha256-{digest.decode()}'" for digest in digests) or "'none'"
    return (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src {allowed}; base-uri 'none'; form-action 'none'"
    )


def script_data(document: Any) -> Markup:  # noqa: ANN401
    r"""Plain values for a script in the page: no text in them can end the element.

    Args:
        document: Plain values.

    Example:
        >>> script_data({"a": "</script>"})
        Markup('{"a":"\\u003c/script>"}')
    """
    plain = json.dumps(document, separators=(",", ":"), allow_nan=False)
    return Markup(plain.replace("<", "\\u003c"))


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
    shown = number(estimate["value"])
    if estimate["low"] == estimate["high"]:
        return shown
    return f"{shown} ({number(estimate['low'])} to {number(estimate['high'])})"
