"""The model card: what a person wants to know before using a model, with measured figures."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

TEMPLATE = """---
library_name: reparam
tags:
- autoencoder
- latent-space
---

# {title}

Trained with [reparam](https://pypi.org/project/reparam/) {reparam} on torch {torch}.

| | |
| --- | --- |
{facts}

{ending}## Measured

Nats per example (summed over pixels and latents, averaged over examples) unless a name says
otherwise. {note}

{figures}
{pictures}
## Use

```python
import reparam

model = reparam.load("{place}").model
z = model.encode(x)              # the posterior's mean of pictures x, {shape}
```
"""

CROSS_ENTROPY = (
    "The distortion of a Bernoulli likelihood on grey pixels is their binary cross-entropy, "
    "which is no log-likelihood."
)


def card(
    config: Mapping[str, Any],
    place: str = "path/to/this/folder",
    pictures: Sequence[str] = (),
) -> str:
    """The card's text.

    Args:
        config: What `config.json` says.
        place: What to load it from.
        pictures: The names of pictures beside it.
    """
    schema = config["schema"] or {}
    name = schema.get("name", "data in memory")
    shape = f"(N, {', '.join(map(str, schema['shape']))})" if schema else "of its shape"
    facts = {
        **({"variant": config["variant"]} if config.get("variant") else {}),
        "data": f"{name}, {schema.get('split', 'all of it')}",
        "shape of one example": shape.replace("(N, ", "("),
        "parts": ", ".join(dict.fromkeys(_parts(config["model"]))) or "not registered",
        "terms": ", ".join(_terms(config["objective"])) or "not registered",
        "parameters": f"{config['parameters']:,}",
        **{key: value for key, value in config["recipe"].items() if value is not None},
    }
    figures = dict(config["figures"])
    ending = figures.pop("ending", {})
    return TEMPLATE.format(
        ending=_ending(ending if isinstance(ending, Mapping) else {}),
        title=f"A model of {plain(name)}",
        reparam=plain(config["reparam"]),
        torch=plain(config["torch"]),
        facts="\n".join(
            f"| {plain(key.replace('_', ' '))} | {plain(value)} |" for key, value in facts.items()
        ),
        note=CROSS_ENTROPY if "Bernoulli" in _parts(config["model"]) else "",
        figures="\n".join(_figures(figures)) or "Nothing was measured.",
        pictures="".join(f"\n![{plain(Path(file).stem)}]({quote(file)})\n" for file in pictures),
        place=place,
        shape=shape,
    )


def plain(value: object) -> str:
    r"""Text that Markdown shows as it is: on one line, without elements, links or table cells.

    Args:
        value: What to show.

    Example:
        >>> plain("<img src=x>|a" + chr(10) + "[b](c) `d`")
        '\\<img src=x\\>\\|a \\[b\\](c) \\`d\\`'
    """
    return re.sub(r"([\\`*<>\[\]|])", r"\\\1", " ".join(str(value).split()))


def _parts(node: object) -> Iterator[str]:
    if isinstance(node, Mapping):
        if "part" in node:
            yield str(node["part"])
        for inner in node.values():
            yield from _parts(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _parts(inner)


def _terms(tree: Mapping[str, Any] | None) -> Iterator[str]:
    for term in (tree or {}).get("arguments", {}).get("terms", []):
        weight = term["arguments"].get("weight", 1.0)
        if isinstance(weight, Mapping):
            ends = {"start": "?", "end": "?"} | weight.get("arguments", {})
            weight = f"{ends['start']} to {ends['end']}"
        yield f"{term['part']} x {weight}"


def _ending(sentences: Mapping[str, Any]) -> str:
    """What training said when it had ended."""
    lines = "".join(f"- {plain(sentence)}\n" for sentence in sentences.values())
    return f"## How training ended\n\n{lines}\n" if lines else ""


def _figures(figures: Mapping[str, Any]) -> Iterator[str]:
    flat = {k: v for k, v in figures.items() if not isinstance(v, Mapping)}
    for title, rows in [("", flat), *((k, v) for k, v in figures.items() if k not in flat)]:
        if not rows:
            continue
        yield f"| {plain(title)} | |\n| --- | ---: |"
        for key, value in rows.items():
            if key != "split":
                shown = ", ".join(map(_shown, value if isinstance(value, list) else [value]))
                yield f"| {plain(key.replace('_', ' '))} | {plain(shown)} |"
        yield ""


def _shown(value: object) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else f"{value}"
