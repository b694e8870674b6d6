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
    shared: Shared = {}
    used: set[str] = set()
    for name, tree in trees.items():
        _survey(tree, name, shared, used)
    names = _names(shared, trees)
    lines = [_write(tree, names, 0, f"{names[i]} = ", own=True) for i, (_, tree) in shared.items()]
    rest = {name: _write(tree, names, 0, f"{name} = ") for name, tree in trees.items()}
    lines += [line for name, line in rest.items() if line != f"{name} = {name}"]
    return "\n".join([*_imports(used), "", *lines])


Shared = dict[int, tuple[str, Tree]]
"""What occurs more than once by its number: the first place where it stands, and its tree."""


def _names(shared: Shared, trees: Mapping[str, Tree]) -> dict[int, str]:
    """What each shared part is assigned to: a name that nothing else has."""
    names: dict[int, str] = {}
    for number, (place, _) in shared.items():
        tree = trees.get(place, {})
        alone = not tree or number in (tree.get("id"), tree.get("shared"))
        free = alone and place not in names.values()
        names[number] = place if free else f"{place}_{number}"
    return names


def _survey(node: Any, place: str, shared: Shared, used: set[str]) -> None:  # noqa: ANN401
    if isinstance(node, list):
        for inner in node:
            _survey(inner, place, shared, used)
    elif isinstance(node, dict) and "part" in node:
        used.add(node["part"])
        for key, inner in node["arguments"].items():
            _survey(inner, key, shared, used)
        if "id" in node:
            shared[node["id"]] = (place, node)
    elif isinstance(node, dict) and "shared" not in node:
        for key, inner in node.items():
            _survey(inner, key, shared, used)


def _imports(used: set[str]) -> list[str]:
    places: dict[str, list[str]] = {}
    for name in used:
        places.setdefault(_home(PARTS[name]), []).append(PARTS[name].__name__)
    return [_import(place, sorted(places[place])) for place in sorted(places)]


def _import(place: str, classes: list[str]) -> str:
    line = f"from {place} import {', '.join(classes)}"
    if len(line) <= WIDTH:
        return line
    inside = "".join(f"{STEP}{name},\n" for name in classes)
    return f"from {place} import (\n{inside})"


def _home(cls: type) -> str:
    whole = cls.__module__
    return ".".join(whole.split(".")[:2]) if whole.startswith("reparam.") else whole


def _write(
    node: Any,  # noqa: ANN401
    names: Mapping[int, str],
    depth: int,
    label: str = "",
    own: bool = False,
) -> str:
    if isinstance(node, dict) and "shared" in node:
        return label + names[node["shared"]]
    if isinstance(node, dict) and "id" in node and not own:
        return label + names[node["id"]]
    if isinstance(node, dict) and "part" in node:
        cls = PARTS[node["part"]]
        items = _arguments(cls, node["arguments"])
        return _bracketed(f"{label}{cls.__name__}(", items, ")", names, depth)
    if isinstance(node, dict):
        pairs = [(f"{_text(k)}: ", v) for k, v in node.items()]
        return _bracketed(label + "{", pairs, "}", names, depth)
    if isinstance(node, list):
        return _bracketed(label + "[", [("", inner) for inner in node], "]", names, depth)
    return label + (_text(node) if isinstance(node, str) else repr(node))


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _arguments(cls: type, given: Mapping[str, Any]) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    parameters = inspect.signature(cls.__init__).parameters  # type: ignore[misc]
    many = any(p.kind is p.VAR_POSITIONAL and given.get(key) for key, p in parameters.items())
    for key, value in given.items():
        p = parameters[key]
        by_place = p.kind is not p.KEYWORD_ONLY and (many or p.default is p.empty)
        if p.kind is p.VAR_POSITIONAL:
            found += [("", inner) for inner in value]
        elif p.kind is p.VAR_KEYWORD:
            found += [(f"{inner}=", held) for inner, held in value.items()]
        elif by_place or p.kind is p.POSITIONAL_ONLY:
            found.append(("", value))
        elif value != (list(p.default) if isinstance(p.default, tuple) else p.default):
            found.append((f"{key}=", value))
    return found


def _bracketed(
    start: str, items: list[tuple[str, Any]], end: str, names: Mapping[int, str], depth: int
) -> str:
    written = [_write(value, names, depth + 1, label) for label, value in items]
    line = start + ", ".join(written) + end
    if "\n" not in line and len(line) + len(STEP) * depth + bool(depth) <= WIDTH:
        return line
    inside = "".join(f"{STEP * (depth + 1)}{item},\n" for item in written)
    return f"{start}\n{inside}{STEP * depth}{end}"
