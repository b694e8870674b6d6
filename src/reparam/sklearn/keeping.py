"""A fitted estimator as plain values: the model's tree of names, and its weights as safetensors.

Pickle asks an estimator for its state and gives it back. What stands in for the modules there is a
dictionary of strings, numbers and bytes, so that no module of torch's is ever pickled, and that
weights are read as `reparam.load` reads them.
"""

from collections.abc import Mapping
from typing import Any, cast

import reparam.zoo  # noqa: F401  (which registers every part)
from reparam.artifact.weights import dump, parse, restore
from reparam.artifact.writer import together
from reparam.objectives import Objective
from reparam.registry import build_all, describe_all

PARTS = ("model_", "objective_")
KEPT = "parts_"


def packed(state: Mapping[str, Any]) -> dict[str, Any]:
    """An estimator's attributes with plain values in the place of its modules.

    Args:
        state: All attributes by name.

    Example:
        >>> model, objective = reparam.zoo.vae((4,), latent=2, widths=[3])
        >>> kept = packed({"model_": model, "objective_": objective, "n_iter_": 5})
        >>> sorted(kept), type(kept["parts_"]["weights"])
        (['n_iter_', 'parts_'], <class 'bytes'>)
        >>> sorted(unpacked(kept))
        ['model_', 'n_iter_', 'objective_']
    """
    plain = {name: value for name, value in state.items() if name not in PARTS}
    if PARTS[0] in state:
        parts = {name: state[name] for name in PARTS}
        both = together(*parts.values())
        plain[KEPT] = {"trees": describe_all(parts), "weights": dump(both)}
    return plain


def unpacked(kept: Mapping[str, Any]) -> dict[str, Any]:
    """The inverse: the modules are built of registered parts, and their weights restored.

    Args:
        kept: From `packed`.

    Raises:
        ArtifactError: If a part is unknown here, or the weights are damaged or of another shape.
    """
    state = {name: value for name, value in kept.items() if name != KEPT}
    if KEPT in kept:
        parts = build_all(kept[KEPT]["trees"])
        tensors = parse(bytes(kept[KEPT]["weights"]), "a pickled estimator")
        restore(together(*parts.values()), tensors, "a pickled estimator")
        cast("Objective", parts["objective_"]).finish()
        state |= {name: part.eval() for name, part in parts.items()}
    return state
