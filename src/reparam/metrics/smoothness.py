"""How much what is decoded changes when a code moves a little."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from reparam.metrics.estimate import Estimate, estimate


def change_by_step(
    decode: Callable[[Float[NDArray, "N D"]], Float[NDArray, "N *X"]],
    z: Float[NDArray, "N D"],
    step: float = 0.1,
    seed: int = 0,
) -> Estimate:
    r"""The root mean squared change of decodings by a step in a random direction.

    .. math:: \sqrt{E \|g(z + \epsilon \, \sigma u) - g(z)\|^2 / |X|}, \quad \|u\| = 1

    with sigma the codes' standard deviation in each dimension.

    Args:
        decode: g, codes to what they decode to.
        z: Codes.
        step: epsilon, the length of the step in standard deviations.
        seed: Of the directions and the interval.

    Example:
        >>> z = np.random.default_rng(0).normal(size=(500, 1))
        >>> round(change_by_step(lambda z: 3 * z, z / z.std()).value, 6)  # linear: 3 times 0.1
        0.3
    """
    rng = np.random.default_rng([seed, 2])
    direction = rng.normal(size=z.shape)
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    moved = z + step * direction * z.std(0)
    change = np.square(decode(moved) - decode(z))
    return estimate(
        lambda part: float(np.sqrt(part.mean())), change.reshape(len(z), -1).mean(1), seed=seed
    )
