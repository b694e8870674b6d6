"""What the map shows: items projected to a plane, and the way back where there is one."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int64
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from reparam.errors import CompositionError
from reparam.explorer.space import Space
from reparam.plots.plane import limits

Lift = Callable[[Float[NDArray, "K 2"], Float[NDArray, "D"]], Float[NDArray, "K D"]]
"""Places in the plane, and the code that stands for all other directions, to codes."""


@dataclass(frozen=True, eq=False)
class Plane:
    """A map of a latent space.

    Args:
        title: What it is called.
        names: Its axes' names.
        points: The items, (N, 2).
        project: Codes to places; `None` where only the items have places.
        lift: Places to codes; `None` where there is no way back.
        axes: Which dimensions its axes are; `None` where they are none.
        whole: Whether the axes are all there is, so that nothing else is held.
        items: Which items are shown; all by default.
    """

    title: str
    names: tuple[str, str]
    points: Float[NDArray, "N 2"]
    project: Callable[[Float[NDArray, "K D"]], Float[NDArray, "K 2"]] | None
    lift: Lift | None
    axes: tuple[int, int] | None = None
    whole: bool = False
    items: Int64[NDArray, "N"] | None = None

    @property
    def frame(self) -> tuple[float, float, float, float]:
        """Left, right, bottom, top: a square that holds nearly all items."""
        (left, right), (low, high) = limits(self.points, share=0.998)
        return left, right, low, high


def dimensions(space: Space, across: int, up: int) -> Plane:
    """Two of the dimensions; or a single one, over which the items are strewn.

    Args:
        space: The latent space.
        across: Which goes across.
        up: Which goes up.
    """
    if across == up:
        return _alone(space, across)
    axes = [across, up]

    def lift(places: NDArray, held: NDArray) -> NDArray:
        z = np.repeat(np.asarray(held, "float32")[None], len(places), 0)
        z[:, axes] = places
        return z

    return Plane(
        f"dimensions {across} and {up}",
        (f"dimension {across}", f"dimension {up}"),
        space.z[:, axes],
        lambda z: z[:, axes],
        lift,
        (across, up),
        whole=space.dimensions == 2,
    )


def principal(space: Space) -> Plane:
    """The plane in which the codes spread most.

    Args:
        space: The latent space.

    Raises:
        CompositionError: If it has a single dimension.
    """
    if space.dimensions < 2:
        raise CompositionError("one dimension has no principal components: look at dimensions")
    fitted = PCA(2, random_state=0).fit(space.z)
    shares = fitted.explained_variance_ratio_

    def lift(places: NDArray, held: NDArray) -> NDArray:
        z = np.asarray(held, "float32")[None]
        return z + ((places - fitted.transform(z)) @ fitted.components_).astype("float32")

    return Plane(
        "principal components",
        (f"first component ({shares[0]:.0%})", f"second component ({shares[1]:.0%})"),
        fitted.transform(space.z).astype("float32"),
        fitted.transform,
        lift,
    )


def _alone(space: Space, k: int) -> Plane:
    """One dimension; up and down the items are strewn, so that they can be told apart."""
    values = space.z[:, k]
    strewn = np.random.default_rng(0).uniform(-0.25, 0.25, len(values)) * max(np.ptp(values), 1e-3)

    def lift(places: NDArray, held: NDArray) -> NDArray:
        z = np.repeat(np.asarray(held, "float32")[None], len(places), 0)
        z[:, k] = places[:, 0]
        return z

    return Plane(
        f"dimension {k}",
        (f"dimension {k}", "strewn at random"),
        np.stack([values, strewn.astype(values.dtype)], 1),
        lambda z: np.stack([z[:, k], np.zeros(len(z), z.dtype)], 1),
        lift,
        whole=space.dimensions == 1,
    )
