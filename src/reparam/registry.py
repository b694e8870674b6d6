"""The record of each part's constructor arguments.

A part is a module that can be built again from a name and plain arguments. `@register` makes a
class a part: it remembers the arguments of each instance, so that a whole composition can be
written down as a tree (`describe`) and built again from it (`build`). Nothing outside the registry
is ever built.
"""

import functools
import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, overload

from torch import nn

from reparam.errors import ArtifactError, CompositionError

Part = TypeVar("Part", bound=type[nn.Module])
Tree = dict[str, Any]

PARTS: dict[str, type[nn.Module]] = {}
RECORD = "_constructor_arguments"


@overload
def register(cls: Part) -> Part: ...
@overload
def register(*, name: str | None = None) -> Callable[[Part], Part]: ...
def register(cls: Part | None = None, *, name: str | None = None) -> Part | Callable[[Part], Part]:
    """Make a module class a part that artifacts can name.

    Args:
        cls: The class; its constructor may take numbers, strings, booleans, `None`, lists and
            dictionaries of these, and other parts.
        name: The name to write down; the class's own by default.

    Raises:
        CompositionError: If another class already has the name.

    Example:
        >>> @register
        ... class Scale(nn.Module):
        ...     def __init__(self, factor: float = 2.0) -> None:
        ...         super().__init__()
        >>> describe(Scale(3.0))
        {'part': 'Scale', 'arguments': {'factor': 3.0}}
    """
    if cls is None:
        return lambda found: _register(found, name or found.__name__)
    return _register(cls, name or cls.__name__)


def _register(cls: Part, name: str) -> Part:
    known = PARTS.get(name)
    if known is not None and _place(known) != _place(cls):
        raise CompositionError(
            f"the name {name!r} already belongs to {_place(known)}: "
            f"register {_place(cls)} with another name="
        )
    original = cls.__init__
    signature = inspect.signature(original)

    @functools.wraps(original)
    def init(self: nn.Module, *args: object, **kwargs: object) -> None:
        if type(self) is cls:
            bound = signature.bind(self, *args, **kwargs)
            bound.apply_defaults()
            given = list(bound.arguments.items())[1:]
            object.__setattr__(self, RECORD, dict(given))
        original(self, *args, **kwargs)

    cls.__init__ = init  # type: ignore[method-assign]
    cls._part_name = name  # type: ignore[attr-defined]
    PARTS[name] = cls
    return cls


def describe(part: nn.Module) -> Tree:
    """Write a composition down as a tree of names and plain arguments.

    A part that occurs more than once is written once, with an `id`, and is later `{"shared": id}`.

    Args:
        part: A registered module.

    Raises:
        CompositionError: If the module, or one within it, is not registered or has an argument
            that cannot be written down.
    """
    name = type(part).__name__
    return describe_all({name: part})[name]


def describe_all(parts: Mapping[str, nn.Module]) -> dict[str, Tree]:
    """Write several compositions down; what they share is shared between their trees too.

    Args:
        parts: Registered modules by name.

    Raises:
        CompositionError: As `describe`.
    """
    counts: dict[int, int] = {}
    for part in parts.values():
        _count(part, counts)
    seen: dict[int, int] = {}
    return {name: _describe(part, counts, seen, name) for name, part in parts.items()}


def _count(value: object, counts: dict[int, int]) -> None:
    if isinstance(value, nn.Module):
        counts[id(value)] = counts.get(id(value), 0) + 1
        if counts[id(value)] == 1 and is_part(value):
            for inner in arguments(value).values():
                _count(inner, counts)
    elif isinstance(value, Mapping):
        for inner in value.values():
            _count(inner, counts)
    elif isinstance(value, list | tuple):
        for inner in value:
            _count(inner, counts)


def is_part(module: nn.Module) -> bool:
    """Whether a module's own class is registered."""
    return PARTS.get(getattr(type(module), "_part_name", "")) is type(module)


def arguments(part: nn.Module) -> dict[str, Any]:
    """The arguments that would build a part as it is now.

    A module that was put in the place of an argument after construction counts: `model.prior = p`.

    Args:
        part: A registered module.
    """
    given: dict[str, Any] = dict(getattr(part, RECORD))
    for key, value in given.items():
        current = getattr(part, key, value)
        if (value is None or isinstance(value, nn.Module)) and (
            current is None or isinstance(current, nn.Module)
        ):
            given[key] = current
    return given


def _describe(value: object, counts: dict[int, int], seen: dict[int, int], place: str) -> Any:  # noqa: ANN401
    if isinstance(value, nn.Module):
        if not is_part(value):
            raise CompositionError(
                f"{place} is a {type(value).__name__}, which is not registered: "
                "put @reparam.register on its class"
            )
        if id(value) in seen:
            return {"shared": seen[id(value)]}
        node: Tree = {"part": type(value)._part_name}  # type: ignore[attr-defined]
        if counts[id(value)] > 1:
            node["id"] = seen[id(value)] = len(seen)
        node["arguments"] = {
            key: _describe(inner, counts, seen, f"{place}.{key}")
            for key, inner in arguments(value).items()
        }
        return node
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value) or {"part", "shared"} & set(value):
            raise CompositionError(f"{place} has keys that cannot be written down: {list(value)}")
        return {k: _describe(v, counts, seen, f"{place}.{k}") for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_describe(v, counts, seen, f"{place}[{i}]") for i, v in enumerate(value)]
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise CompositionError(f"{place} is {value!r}, which cannot be written down as a plain value")


def build(tree: object) -> nn.Module:
    """Build a composition from the tree that `describe` wrote.

    Args:
        tree: The tree. Only registered names are built; anything else is refused.

    Raises:
        ArtifactError: If the tree names an unknown part, or a part refuses its arguments.

    Example:
        >>> from reparam.networks import MLP
        >>> build(describe(MLP(4, 2, hidden=[8])))
        MLP(
          (0): Linear(in_features=4, out_features=8, bias=True)
          (1): ReLU()
          (2): Linear(in_features=8, out_features=2, bias=True)
          (3): Unflatten(dim=1, unflattened_size=(2,))
        )
    """
    return build_all({"part": tree})["part"]


def build_all(trees: Mapping[str, object]) -> dict[str, nn.Module]:
    """Build several compositions from the trees that `describe_all` wrote.

    Args:
        trees: The trees by name, in the order of their writing.

    Raises:
        ArtifactError: As `build`.
    """
    seen: dict[int, nn.Module] = {}
    built = {name: _build(tree, seen) for name, tree in trees.items()}
    for name, part in built.items():
        if not isinstance(part, nn.Module):
            raise ArtifactError(f"a part was expected where {trees[name]!r} stands")
    return built


def _build(node: Any, seen: dict[int, nn.Module]) -> Any:  # noqa: ANN401
    if isinstance(node, list):
        return [_build(inner, seen) for inner in node]
    if not isinstance(node, dict):
        return node
    if "shared" in node:
        if not isinstance(node["shared"], int) or node["shared"] not in seen:
            raise ArtifactError(
                f"a shared part {node['shared']!r} is named before it is described"
            )
        return seen[node["shared"]]
    if "part" not in node:
        return {key: _build(inner, seen) for key, inner in node.items()}
    name, given = node["part"], node.get("arguments", {})
    if not isinstance(name, str) or name not in PARTS:
        raise ArtifactError(
            f"the part {name!r} is unknown here: import the module that defines it with "
            "@reparam.register first, or a newer version of reparam"
        )
    if not isinstance(given, dict):
        raise ArtifactError(f"the arguments of {name} are not a table of names")
    part = _construct(PARTS[name], {key: _build(inner, seen) for key, inner in given.items()})
    if isinstance(node.get("id"), int):
        seen[node["id"]] = part
    return part


def _construct(cls: type[nn.Module], given: dict[str, Any]) -> nn.Module:
    positional: list[Any] = []
    named: dict[str, Any] = {}
    parameters = inspect.signature(cls.__init__).parameters
    try:
        for key, value in given.items():
            kind = getattr(parameters.get(key), "kind", None)
            if kind is inspect.Parameter.VAR_POSITIONAL:
                positional, named = [*named.values(), *value], {}
            elif kind is inspect.Parameter.VAR_KEYWORD:
                named |= value
            else:
                named[key] = value
        return cls(*positional, **named)
    except ArtifactError:
        raise
    except Exception as error:  # a constructor may raise anything at arguments of a wrong type
        said = str(error).strip().split("\n")[0] or type(error).__name__
        raise ArtifactError(f"{cls.__name__} refused its arguments: {said}") from error


def _place(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"
