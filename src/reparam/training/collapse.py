"""A warning while training when the latents stop carrying anything."""

import warnings
from typing import Any

from reparam.errors import CollapseWarning
from reparam.objectives import Objective, Term
from reparam.training.callbacks import Callback, Record, State

COLLAPSED = 0.1
PATIENCE = 100


class WatchRate(Callback):
    """Warns once when the rate has fallen below 0.1 nats in all.

    It looks at train's records after the first 100 steps, and only while the rate weighs
    something: the posterior starts near the prior and takes a while to leave it.
    """

    def __init__(self) -> None:
        self.warned = False

    def state_dict(self) -> dict[str, Any]:
        """Whether it has warned."""
        return {"warned": self.warned}

    def load_state_dict(self, kept: dict[str, Any]) -> None:
        """Go on from there."""
        self.warned = kept["warned"]

    def on_record(self, state: State, record: Record) -> None:
        """Look at the rate."""
        rate = record.get("rate")
        if self.warned or rate is None or rate >= COLLAPSED or state.step < PATIENCE:
            return
        weighing = weighing_rates(state.objective)
        if not weighing:
            return
        self.warned = True
        warnings.warn(
            f"the rate (KL divergence) has fallen to {rate:.3f} nats at step {state.step}: the "
            "posterior has collapsed onto the prior and the latents carry nothing; lower beta "
            f"(it is {float(weighing[0].weight):g}), warm it up, or give each dimension free bits",
            CollapseWarning,
            stacklevel=2,
        )


def weighing_rates(objective: Objective) -> list[Term]:
    """The terms that draw the rate down, as their weights are now.

    Args:
        objective: Whose terms.
    """
    return [term for term in objective if term.name.startswith("rate") and term.weight > 0]
