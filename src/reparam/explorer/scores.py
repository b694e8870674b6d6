"""A number of each item, to colour the map by; kept beside the run."""

from contextlib import suppress

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray

from reparam.atomic import replacing
from reparam.data import Batches
from reparam.errors import ReparamError
from reparam.explorer.prior import log_density
from reparam.explorer.space import Space
from reparam.metrics.bound import split

DENSITY = "log p(z)"
ERROR = "error"
OF_BOUND = ("distortion", "rate")

UNITS = {
    ERROR: "error, RMSE in pixel units",
    "distortion": "distortion, nats",
    "rate": "rate, nats",
    DENSITY: "log p(z), nats",
}


def score_names(space: Space) -> list[str]:
    """Which numbers a model has of each item.

    Args:
        space: The latent space.
    """
    bounded = space.log_variance is not None and space.model.prior is not None
    dense = log_density(space, space.z[:1]) is not None
    return [ERROR, *(OF_BOUND if bounded else ()), *((DENSITY,) if dense else ())]


def scores(space: Space, name: str) -> Float[NDArray, "N"]:
    """One number of each item.

    ==============  ==============================================================
    `error`         root mean squared error of the reconstruction, pixel units
    `distortion`    minus the log-likelihood of a draw's reconstruction, nats
    `rate`          the posterior's divergence from the prior, nats
    `log p(z)`      the prior's log-density at the code, nats
    ==============  ==============================================================

    Args:
        space: The latent space.
        name: Which.

    Raises:
        ReparamError: If the model has no such score.
    """
    if name not in score_names(space):
        known = ", ".join(score_names(space))
        raise ReparamError(f"{space.name} has no score {name!r}: it has {known}")
    if name == DENSITY:
        found = log_density(space, space.z)
        assert found is not None
        return found
    file = None if space.cache is None else space.cache / f"{name}.npy"
    if file is not None and file.exists():
        with suppress(OSError, ValueError):
            kept: NDArray[np.floating] = np.load(file)
            return kept
    if name == ERROR:
        parts = zip(Batches(space.data, 500), torch.from_numpy(space.z).split(500), strict=True)
        values = np.concatenate([
            (space.decode(z.numpy()) - x.cpu().numpy()).reshape(len(x), -1).__pow__(2).mean(1)
            for (x, *_), z in parts
        ]) ** 0.5  # fmt: skip
    else:
        distortion, rate = split(space.model, space.data, seed=0)
        values = (distortion if name == "distortion" else rate).cpu().numpy()
    if file is not None:
        with suppress(ReparamError), replacing(file) as target:
            np.save(target, values)
    return values
