"""Where one samples and nothing real is: holes.

Each measure asks of the draws what held-out codes are asked, and counts those that are worse off
than 95% of the codes: 5% by chance.
"""

from functools import partial

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from reparam.latent.checkup import figures
from reparam.latent.checkup.finding import Seen
from reparam.latent.checkup.subject import PICTURES, Subject
from reparam.metrics.estimate import Estimate, estimate
from reparam.metrics.plane import gap_points, gap_share

USUAL = 0.95
ROUNDS = 40


def holes(subject: Subject) -> Seen | str:
    """How often one samples where nothing real is."""
    z, draws = subject.moving
    if not z.shape[1]:
        return "All codes are the same."
    half, scale = len(z) // 2, z.std(0)
    known, others, draws = z[:half], z[half : half + PICTURES], draws[:PICTURES]
    measured = {
        "share of draws away from all codes": beyond(
            _nearest(others / scale, known / scale), _nearest(draws / scale, known / scale),
            subject.seed,
        )
    }  # fmt: skip
    figure, more = None, ""
    if subject.decode is not None:
        pool, what = subject.pool
        real = subject.seen(pool)
        of_codes = _nearest(subject.seen(subject.decoded[subject.apart]), real)
        of_draws = _nearest(subject.seen(subject.drawn), real)
        if np.ptp(of_codes) > 0:  # else everything decodes to the same
            name = "share of draws that decode to nothing real"
            measured[name] = beyond(of_codes, of_draws, subject.seed)
            figure = partial(figures.worst_draws, subject, of_codes, of_draws, what)
    if subject.decode is not None and subject.encode is not None:
        live = subject.live
        of_codes_back, of_draws_back = (
            np.linalg.norm((subject.encode(made) - start)[:, live] / scale, axis=1)
            for start, made in (
                (subject.some, subject.decoded), (subject.draws[:PICTURES], subject.drawn),
            )
        )  # fmt: skip
        measured["share of draws that do not come back"] = beyond(
            of_codes_back, of_draws_back, subject.seed
        )
    if subject.z.shape[1] == z.shape[1] == 2:
        share = estimate(
            partial(gap_share, seed=subject.seed), subject.z, seed=subject.seed, rounds=ROUNDS
        )
        measured["share of the occupied plane in gaps"] = share
        more = f", and {share.value:.0%} of the plane that codes occupy is empty"
        figure = partial(figures.gaps, subject, gap_points(subject.z, seed=subject.seed))
    worst = max(
        share.value for name, share in measured.items() if name.startswith("share of draws")
    )
    return Seen(
        measured,
        f"Up to {worst:.0%} of draws from {subject.source} lie where nothing real is "
        f"(5% by chance){more}.",
        "Sample from a density fitted to the codes, at a temperature below 1; or train a VAE, "
        "whose noise fills the holes.",
        figure,
        "" if subject.decode is not None else "A decoder would show what lies in the holes.",
    )


def beyond(usual: Float[NDArray, "N"], others: Float[NDArray, "M"], seed: int = 0) -> Estimate:
    """The share of others that exceed 95% of what is usual.

    Args:
        usual: Distances of what is as it should be.
        others: Distances to compare.
        seed: Of the interval.

    Example:
        >>> beyond(np.arange(100.0), np.arange(100.0) + 50).value
        0.55
    """
    n = min(len(usual), len(others))

    def share(a: NDArray[np.floating], b: NDArray[np.floating]) -> float:
        return float((b > np.quantile(a, USUAL)).mean())

    return estimate(share, usual[:n], others[:n], seed=seed)


def _nearest(points: NDArray[np.floating], known: NDArray[np.floating]) -> NDArray[np.floating]:
    search = NearestNeighbors(n_neighbors=1).fit(known)
    distances: NDArray[np.floating] = search.kneighbors(points)[0]
    return distances[:, 0]
