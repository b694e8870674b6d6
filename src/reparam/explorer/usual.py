"""How odd the items themselves are, so that a picture's anomaly scores say something."""

from collections.abc import Iterator
from weakref import WeakKeyDictionary

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray

from reparam.data import Dataset
from reparam.explorer.space import Space
from reparam.latent import anomaly_scores

COUNT = 1000
"""Of how many items the scores are taken, at most."""
AT_ONCE = 20
"""Of how many in one step."""
NEIGHBOURS = 5
SCORES = {
    "error": "error, RMSE in pixel units",
    "distortion": "distortion (reconstruction loss), nats",
    "excess": "distortion above the pixels' entropy, nats",
    "bound": "distortion + rate, nats",
    "importance_weighted": "bound of -log p(x) by 16 draws, nats",
    "latent_distance": "distance from the 5 nearest codes",
}
"""What each score is, in the order in which they are shown."""


class Usual:
    """The anomaly scores of up to 1,000 of a space's items, taken some at a time.

    An item's distance is that from the *other* items.

    Args:
        space: The latent space.
    """

    def __init__(self, space: Space) -> None:
        count = len(space.z)
        drawn = np.random.default_rng(0).permutation(count)[:COUNT]
        self.items = np.sort(drawn)
        self._found: dict[str, list[NDArray[np.floating]]] = {}
        self.scored = 0

    @property
    def done(self) -> bool:
        """Whether all have been scored."""
        return self.scored == len(self.items)

    @property
    def scores(self) -> dict[str, Float[NDArray, "N"]]:
        """What has been found so far, by name."""
        return {name: np.concatenate(parts) for name, parts in self._found.items()}

    def step(self, space: Space) -> None:
        """Score some more.

        Args:
            space: The latent space.
        """
        these = self.items[self.scored : self.scored + AT_ONCE]
        found = anomaly_scores(space.model, space.data.subset(torch.from_numpy(these)))
        scores = {name: values.double().numpy() for name, values in found.items()}
        if len(space.z) > 1:
            scores["latent_distance"] = distance(space, space.z[these], among_them=True)
        for name, values in scores.items():
            self._found.setdefault(name, []).append(values)
        self.scored += len(these)

    def percentiles(self, scores: dict[str, float]) -> dict[str, float]:
        """How many of the items, in percent, are less odd; of those alike, half.

        Args:
            scores: A picture's, by name.
        """
        usual = self.scores
        return {
            name: float(100 * ((usual[name] < score).mean() + (usual[name] == score).mean() / 2))
            for name, score in scores.items()
        }


_KEPT: "WeakKeyDictionary[Space, Usual]" = WeakKeyDictionary()


def usual(space: Space) -> Usual:
    """The scores of a space's items, which all windows share.

    Args:
        space: The latent space.
    """
    return _KEPT.setdefault(space, Usual(space))


def completing(space: Space) -> Iterator[Usual]:
    """Score what has not been scored yet, step by step.

    Args:
        space: The latent space.
    """
    found = usual(space)
    while not found.done:
        found.step(space)
        yield found


def scored(space: Space, picture: Dataset, z: Float[NDArray, "D"]) -> dict[str, float]:
    """A picture's anomaly scores, in the order in which they are shown.

    Args:
        space: The latent space.
        picture: A dataset of it alone.
        z: Its code.
    """
    found = {name: float(value) for name, value in anomaly_scores(space.model, picture).items()}
    if len(space.z) > 1:
        found["latent_distance"] = float(distance(space, z[None])[0])
    return {name: found[name] for name in SCORES if name in found}


def distance(
    space: Space, z: Float[NDArray, "K D"], among_them: bool = False
) -> Float[NDArray, "K"]:
    """How far codes are from their nearest items', on average.

    Args:
        space: The latent space.
        z: Codes.
        among_them: Whether they are items', so that each is its own nearest, which is left out.
    """
    first = int(among_them)
    distances, _ = space.nearest(z, min(NEIGHBOURS, len(space.z) - 1) + first)
    means: NDArray[np.floating] = distances[:, first:].mean(1)
    return means
