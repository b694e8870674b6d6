"""A composition as the Python that builds it: what `describe` writes as a tree, to be read."""

import inspect
import json
from collections.abc import Mapping
from typing import Any

from torch import nn

from reparam.registry import PARTS, Tree, describe_all

WIDTH = 88
STEP = "    "


def python(parts: Mapping[str, nn.Module]) -> str:
    """Imports, and an assignment for each part; what they share is assigned first.

    Arguments that are a constructor's defaults are left out.

    Args:
        parts: Registered modules by the name to assign them to.

    Raises:
        CompositionError: If a module, or one within it, is not registered or has an argument that
            cannot be written down.

    Example:
        >>> from reparam.networks import MLP
        >>> print(python({"network": MLP(4, 2, hidden=(8,))}))
        from reparam.networks import MLP
        <BLANKLINE>
        network = MLP(4, 2, hidden=[8])
    """
    trees = describe_all(parts)
    shared: dict[int, tuple[str, Tree]] = {}
    used: set[str] = set()
    for name, tree in trees.items():
        _survey(tree, name, shared, used)
    names = {number: name for number, (name, _) in shared.items()}
    lines = [f"{name} = {_write(tree, names, 0, own=True)}" for name, tree in shared.values()]
    lines += [
        f"{name} = {_write(tree, names, 0)}" for name, tree in trees.items() if "id" not in tree
    ]
    return "\n".join([*_imports(used), "", *lines])


def _survey(node: Any, place: str, shared: dict[int, tuple[str, Tree]], used: set[str]) -> None:  # noqa: ANN401
    if isinstance(node, list):
        for inner in node:
            _survey(inner, place, shared, used)
    elif isinstance(node, dict) and "part" in node:
        used.add(node["part"])
        for key, inner in node["arguments"].items():
            _survey(inner, key, shared, used)
        if "id" in node:
            taken = [name for name, _ in shared.values()]
            shared[node["id"]] = (place if place not in taken else f"{place}_{node['id']}", node)
    elif isinstance(node, dict) and "shared" not in node:
        for key, inner in node.items():
            _survey(inner, key, shared, used)


def _imports(used: set[str]) -> list[str]:
    places: dict[str, list[str]] = {}
    for name in used:
        places.setdefault(_home(PARTS[name]), []).append(PARTS[name].__name__)
    return [f"from {place} import {', '.join(sorted(places[place]))}" for place in sorted(places)]


def _home(cls: type) -> str:
    whole = cls.__module__
    return ".".join(whole.split(".")[:2]) if whole.startswith("reparam.") else whole


def _write(node: Any, names: dict[int, str], depth: int, own: bool = False) -> str:  # noqa: ANN401
    if isinstance(node, dict) and "shared" in node:
        return names[node["shared"]]
    if isinstance(node, dict) and "id" in node and not own:
        return names[node["id"]]
    if isinstance(node, dict) and "part" in node:
        cls = PARTS[node["part"]]
        items = _arguments(cls, node["arguments"])
        return _bracketed(f"{cls.__name__}(", items, ")", names, depth)
    if isinstance(node, dict):
        return _bracketed("{", [(f"{k!r}: ", v) for k, v in node.items()], "}", names, depth)
    if isinstance(node, list):
        return _bracketed("[", [("", inner) for inner in node], "]", names, depth)
    return json.dumps(node) if isinstance(node, str) else repr(node)


def _arguments(cls: type, given: Mapping[str, Any]) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, value in given.items():
        p = inspect.signature(cls.__init__).parameters[key]  # type: ignore[misc]
        if p.kind is p.VAR_POSITIONAL:
            found += [("", inner) for inner in value]
        elif p.kind is p.VAR_KEYWORD:
            found += [(f"{inner}=", held) for inner, held in value.items()]
        elif p.default is p.empty:
            found.append(("", value))
        elif value != (list(p.default) if isinstance(p.default, tuple) else p.default):
            found.append((f"{key}=", value))
    return found


def _bracketed(
    start: str, items: list[tuple[str, Any]], end: str, names: dict[int, str], depth: int
) -> str:
    written = [label + _write(value, names, depth + 1) for label, value in items]
    line = start + ", ".join(written) + end
    if "\n" not in line and len(line) + len(STEP) * depth <= WIDTH:
        return line
    inside = "".join(f"{STEP * (depth + 1)}{item},\n" for item in written)
    return f"{start}\n{inside}{STEP * depth}{end}"
