"""One page in one file that needs no server: the map, and what its places decode to."""

import base64
import os
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Int64
from markupsafe import Markup
from numpy.typing import NDArray

from reparam._version import __version__
from reparam.atomic import replacing
from reparam.explorer.plane import Plane, dimensions
from reparam.explorer.prior import HELD, centre, contours
from reparam.explorer.sheet import decoded, sheet
from reparam.explorer.space import Space
from reparam.plots.style import CLASSES
from reparam.report.html import content_policy, embedded, environment, number, script_data, text

PACKAGE = "reparam.explorer"
SCRIPTS = ("blend.js", "dots.js", "export.js")
MOST = 70_000
"""Of more items, that many are shown, evenly taken."""
AXES = 3
"""Of a model with more than two latents, the planes of so many of its dimensions are shown."""
STREWN = "strewn"
"""What the page calls the way up of a model with one latent."""
STEPS = 65535
"""In how many steps a code's number is written, from the least to the largest."""
FACTS = 12
"""Of how many dimensions the rates are told."""


def export(space: Space, path: str | os.PathLike[str]) -> Path:
    """Write one HTML file with the map of the items and the decodings of its places.

    It needs no server and fetches nothing: the pictures are interpolated between those of a grid,
    which are in it. Of a model with more than two latents it shows the planes of the three
    dimensions with the highest rates, two by two, with all others at the prior's centre.

    Args:
        space: The latent space.
        path: The file.

    Returns:
        The path.

    Raises:
        ReparamError: If the file cannot be written.
    """
    with replacing(path) as file:
        file.write(page(space).encode())
    return Path(path)


def page(space: Space) -> str:
    """The file's text.

    Args:
        space: The latent space.
    """
    step = -(-len(space.z) // MOST)
    items = np.arange(0, len(space.z), step)
    axes = space.order[: AXES if space.dimensions > 2 else 2]
    pairs = list(combinations(axes, 2)) or [(axes[0], axes[0])]
    held, whose = centre(space)
    planes = [_plane(space, dimensions(space, *pair), pair, held) for pair in pairs]
    of, names, colours = _classes(space, items)
    values = {str(k): space.z[:, k] for k in axes}
    if len(axes) == 1:
        values[STREWN] = dimensions(space, *pairs[0]).points[:, 1]
    data = {
        "of": _coded(of),
        "classes": names,
        "colours": colours,
        "values": {name: _values(each[items]) for name, each in values.items()},
        "planes": planes,
    }
    template = environment().from_string(text(PACKAGE, "export.html.jinja"))
    script = "\n".join(text(PACKAGE, name) for name in SCRIPTS)
    return template.render(
        policy=content_policy(script),
        title=f"{space.name}: {len(space.z):,} items",
        version=__version__,
        planes=planes,
        held=", ".join(f"{share:.0%}" for share in HELD),
        classes=list(zip(names, np.bincount(of, minlength=len(names)).tolist(), strict=True)),
        facts=list(facts(space, len(items), whose)),
        data=script_data(data),
        script=Markup(script),
    )


def facts(space: Space, shown: int, whose: str = "the prior's centre") -> list[str]:
    """What the page tells of the model, in sentences.

    Args:
        space: The latent space.
        shown: How many items the page shows.
        whose: Where what no plane shows is held.
    """
    model, schema = space.model, space.data.schema
    kind = model.variant or type(model).__name__
    many = f"{space.dimensions} latent" + ("s" if space.dimensions > 1 else "")
    items = f"{len(space.z):,} items of {schema.title} ({schema.split})"
    if shown < len(space.z):
        items += f", of which {shown:,} are shown"
    carried = ", ".join(
        f"dimension {k}: {number(float(space.rates[k]))}" for k in space.order[:FACTS]
    )
    if space.dimensions > FACTS:
        carried += f", and {space.dimensions - FACTS} more that carry less"
    what = "The variances of its codes" if model.prior is None else "Its rates in nats an item"
    told = [f"{space.name}, of variant {kind}, with {many}; {items}.", f"{what}: {carried}."]
    if model.prior is None:
        told.append("It has no prior.")
    if space.dimensions > 2:
        told.append(f"In each plane all other dimensions are held at {whose}.")
    return told


def _plane(
    space: Space, plane: Plane, axes: tuple[int, int], held: Float[NDArray, "D"]
) -> dict[str, Any]:
    found = sheet(space, plane) or decoded(space, plane, held)
    return {
        "title": plane.title,
        "names": plane.names,
        "axes": [str(axes[0]), STREWN if axes[0] == axes[1] else str(axes[1])],
        "frame": found.frame,
        "across": found.across,
        "size": found.size,
        "image": embedded(found.content),
        "contours": [
            [np.round(line, 4).tolist() for line in lines] for lines in contours(space, plane)
        ],
    }


def _classes(
    space: Space, items: Int64[NDArray, "n"]
) -> tuple[NDArray[np.uint16], list[str], list[str]]:
    """Each item's place in the legend, the legend's names and its colours."""
    names = list(space.classes)
    colours = [CLASSES[k % len(CLASSES)] for k in range(len(names))]
    labels = np.full(len(items), -1) if space.labels is None else space.labels[items]
    if (labels < 0).any():
        names, colours = [*names, "no class" if names else "item"], [*colours, CLASSES[-1]]
    return np.where(labels < 0, len(names) - 1, labels).astype("<u2"), names, colours


def _values(values: Float[NDArray, "n"]) -> dict[str, Any]:
    """Numbers in steps between the least and the largest."""
    low, high = float(values.min()), float(values.max())
    steps = np.round((values - low) / max(high - low, 1e-12) * STEPS)
    return {"low": low, "high": high, "content": _coded(steps.astype("<u2"))}


def _coded(values: NDArray[np.uint16]) -> str:
    return base64.b64encode(values.tobytes()).decode()
