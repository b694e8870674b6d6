"""What an autoencoder's parameters may be, asked when it is fitted, as scikit-learn's habit is."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from reparam.errors import CompositionError

WHOLE = ("n_components", "batch_size", "max_iter", "n_iter_no_change", "n_draws")


def check(given: Mapping[str, Any]) -> None:
    """Refuse numbers that make no sense; the zoo and the recipe check what is theirs.

    Args:
        given: The parameters by name.

    Raises:
        CompositionError: If one makes no sense.

    Example:
        >>> check({name: 1 for name in WHOLE} | {"validation_fraction": 2.0})
        Traceback (most recent call last):
        reparam.errors.CompositionError: validation_fraction is between 0 and 1, or None, not 2.0
    """
    for name in WHOLE:
        value = given[name]
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if (not whole or value < 1) and not (name == "n_iter_no_change" and value is None):
            raise CompositionError(f"{name} must be a whole number above 0, not {value!r}")
    part = given["validation_fraction"]
    if part is not None and not (isinstance(part, float | np.floating) and 0 < part < 1):
        raise CompositionError(f"validation_fraction is between 0 and 1, or None, not {part!r}")
    widths = given.get("hidden_layer_sizes")
    if widths is not None and not isinstance(widths, list | tuple):
        raise CompositionError(f"hidden_layer_sizes is a tuple of widths or None, not {widths!r}")
