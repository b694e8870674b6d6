"""What is checked, as arrays: codes, draws, pictures. The checks read this and know no model.

A code is one draw of z from an item's posterior; for an autoencoder, whose posterior is a point,
it is the code itself. The draws come from where one would sample: the prior, or, where there is
none, the normal distribution fitted to the codes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from reparam.metrics.estimate import Estimate

Array = NDArray[Any]
Map = Callable[[Array], Array]
"""Many rows to as many rows."""

PRIOR = "the prior"
FITTED = "a normal distribution fitted to the codes"
NO_DATA = "Without the items that the codes belong to nothing is known: check the model itself."
PICTURES = 2000
"""How many draws and how many items are decoded."""
COMPONENTS = 50
DEAD = 1e-6
"""A dimension is dead that varies less than this part of the most varying one."""
TINY = 1e-12


@dataclass(frozen=True, eq=False)
class Posteriors:
    """The items' posteriors.

    Args:
        mean: (N, D).
        log_variance: (N, D), of each dimension for itself.
        rate: KL(q || p) of each item in nats, (N,); `None` without a prior.
        exchange: Nats of distortion that the last nat of rate saves; `None` where unknown.
        curve: Rates and distortions around it, each (T,); `None` where unknown.
    """

    mean: Float[NDArray, "N D"]
    log_variance: Float[NDArray, "N D"]
    rate: Float[NDArray, "N"] | None
    exchange: Estimate | None
    curve: tuple[Array, Array] | None


@dataclass(frozen=True, eq=False)
class Items:
    r"""Real items, and what a model makes of them.

    Args:
        x: (N, \*X), numbers in [0, 1].
        reconstructions: (N, \*X).
        bound: Distortion + rate of each, in nats, (N,); `None` where there is none.
    """

    x: Array
    reconstructions: Array
    bound: Float[NDArray, "N"] | None

    def __len__(self) -> int:
        return len(self.x)

    @cached_property
    def error(self) -> Float[NDArray, "N"]:
        """The root mean squared error of each reconstruction, in pixel units."""
        squares = np.square(self.x - self.reconstructions).reshape(len(self), -1)
        return np.sqrt(squares.mean(1))


@dataclass(frozen=True, eq=False)
class Subject:
    r"""A latent space under examination.

    Args:
        z: Codes, (N, D).
        draws: As many as can be compared, from where one would sample, (M, D).
        source: What the draws come from, in words.
        labels: The codes' classes, (N,), or `None`.
        classes: Their names.
        decode: Codes (n, D) to items (n, \*X), or `None`.
        encode: Items (n, \*X) to the means of their posteriors (n, D), or `None`.
        posteriors: The codes' posteriors, or `None` where they are points.
        data: The first of the items that the codes belong to, or `None`.
        train: Items that the model was trained on, or `None`.
        features: Items (n, \*X) to features (n, F); principal components by default.
        space: What the features are called.
        held: Items that the model was not trained on, as rows of pixels, or `None`.
        known: Items that it was trained on, as rows of pixels, or `None`.
        known_of: How many it was trained on in all.
        points: Whether the codes are known to be points, and no draws.
        means: The means of the codes' posteriors where only these are known, (N, D), or `None`.
        seed: Of every choice.
    """

    z: Float[NDArray, "N D"]
    draws: Float[NDArray, "M D"]
    source: str
    labels: Int[NDArray, "N"] | None = None
    classes: tuple[str, ...] = ()
    decode: Map | None = None
    encode: Map | None = None
    posteriors: Posteriors | None = None
    data: Items | None = None
    train: Items | None = None
    features: Map | None = None
    space: str = ""
    held: Array | None = None
    known: Array | None = None
    known_of: int = 0
    points: bool = False
    means: Float[NDArray, "N D"] | None = None
    seed: int = 0

    @property
    def some(self) -> Float[NDArray, "n D"]:
        """The codes that are decoded: of the items in `data`, where there are any."""
        return self.z[: PICTURES if self.data is None else len(self.data)]

    @cached_property
    def live(self) -> Bool[NDArray, "D"]:
        """Which dimensions vary at all; where nothing varies, none."""
        spread = self.z.std(0)
        return spread > DEAD * max(float(spread.max()), TINY)

    @property
    def moving(self) -> tuple[Array, Array]:
        """Codes and draws in the dimensions that vary."""
        return self.z[:, self.live], self.draws[:, self.live]

    @cached_property
    def decoded(self) -> Array:
        """What `some` decode to."""
        return self.made(self.some)

    @cached_property
    def drawn(self) -> Array:
        """What the first draws decode to."""
        return self.made(self.draws[:PICTURES])

    def made(self, z: Float[NDArray, "n D"]) -> Array:
        """Decode codes.

        Args:
            z: Codes.
        """
        if self.decode is None:
            raise ValueError("nothing decodes these codes")
        return self.decode(z)

    @cached_property
    def pool(self) -> tuple[Array, str]:
        """What stands for the manifold of real items, and what it is.

        Training items, where there are any; else half of the items; else half of the codes,
        decoded.
        """
        if self.train is not None:
            return self.train.x, "training items"
        if self.data is not None:
            return self.data.x[::2], "half of the items"
        return self.decoded[::2], "half of the decoded codes"

    @cached_property
    def apart(self) -> slice:
        """Which of `some` have no part in the pool."""
        return slice(None) if self.train is not None else slice(1, None, 2)

    def seen(self, x: Array) -> Float[NDArray, "n F"]:
        """Items as features.

        Args:
            x: Items.
        """
        return self._map(x)

    @cached_property
    def feature_space(self) -> str:
        """What the features are called."""
        if self.features is not None:
            return self.space or "the given features"
        if not np.ptp(self.pool[0], axis=0).any():
            return "pixels"
        return f"{self._pca.n_components_} principal components"

    @cached_property
    def _map(self) -> Map:
        if self.features is not None:
            return self.features
        if not np.ptp(self.pool[0], axis=0).any():  # all alike: there are no directions
            return lambda x: x.reshape(len(x), -1)
        return lambda x: self._pca.transform(x.reshape(len(x), -1))

    @cached_property
    def _pca(self) -> PCA:
        pool, _ = self.pool
        flat = pool.reshape(len(pool), -1)
        return PCA(min(COMPONENTS, *flat.shape), random_state=0).fit(flat)

    @cached_property
    def plane(self) -> tuple[Map, str]:
        """A view of the codes in two dimensions, and what it is."""
        if self.z.shape[1] == 2:
            return (lambda z: z), "the latent plane"
        pca = PCA(2, random_state=0).fit(self.z[: 10 * PICTURES])
        return pca.transform, "the codes' two principal directions"
