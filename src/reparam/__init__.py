"""Autoencoders and variational autoencoders from parts.

A VAE is three conditional distributions. Calling it leaves a `Trace`. An objective is a weighted
sum of terms over a trace.

    from reparam import data, fit, zoo
    train, test = data.load("fashion-mnist-subset")
    model, objective = zoo.vae(train.shape, latent=16)
    fit(model, objective, train, epochs=5, out="runs/vae")
    images = model.sample(64)
"""

import importlib
from typing import TYPE_CHECKING, Any

from reparam._version import __version__

if TYPE_CHECKING:
    from reparam.artifact import Artifact, load, save
    from reparam.registry import register
    from reparam.training import fit

HOMES = {
    "Artifact": "reparam.artifact",
    "fit": "reparam.training",
    "load": "reparam.artifact",
    "register": "reparam.registry",
    "save": "reparam.artifact",
}
FLOORS = (
    "data",
    "distributions",
    "families",
    "flows",
    "latent",
    "metrics",
    "models",
    "networks",
    "objectives",
    "plots",
    "priors",
    "samplers",
    "zoo",
)

__all__ = ["Artifact", "__version__", "fit", "load", "register", "save", *FLOORS]


def __getattr__(name: str) -> Any:  # noqa: ANN401
    """Import a floor or a function when it is first asked for: `import reparam` stays fast."""
    if name in HOMES:
        return getattr(importlib.import_module(HOMES[name]), name)
    if name in FLOORS:
        return importlib.import_module(f"reparam.{name}")
    raise AttributeError(f"module 'reparam' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
