"""How the codes lie: symmetry and extent, and whether one samples from where they are."""

import numpy as np
from scipy.stats import chi2

from reparam.latent.checkup import figures
from reparam.latent.checkup.finding import Seen
from reparam.latent.checkup.subject import Subject
from reparam.metrics.estimate import estimate
from reparam.metrics.plane import extent, offset
from reparam.metrics.two_sample import reflection, two_sample

FEW = 2000
ROUNDS = 40
MANY = 20
"""Codes for each dimension, below which a covariance flattens every distance."""
ALIKE = "All codes are the same."


def symmetry(subject: Subject) -> Seen | str:
    """Whether the codes lie evenly about the origin, and how far they reach."""
    z, seed = subject.moving[0], subject.seed
    if not z.shape[1]:
        return ALIKE
    measured = {
        "distance of the mean from the origin": estimate(offset, z, seed=seed),
        "distance from the point reflection": estimate(
            reflection, z[:FEW], seed=seed, rounds=ROUNDS
        ),
    }
    mean = measured["distance of the mean from the origin"].value
    meaning = f"The codes' centre lies {mean:.2f} of their spread from the origin"
    if 1 < z.shape[1] <= len(z) / MANY:
        normal = extent_of_normal(z.shape[1])
        reach = estimate(lambda rows: extent(rows) / normal, z, seed=seed)
        measured["extent over a normal distribution's"] = reach
        meaning += (
            f", and their outer hundredth reaches {reach.value:.2f} times as far as a normal "
            "distribution's"
        )
    return Seen(
        measured,
        f"{meaning}.",
        "Train with a rate, longer, or with a larger beta, so that the codes are drawn to the "
        "prior; until then fit a sampler to the codes, and do not sample about the origin.",
        lambda: figures.about_origin(subject),
    )


def extent_of_normal(dimensions: int) -> float:
    """The distance that one draw in 100 of N(0, I) exceeds, over the one that half exceed.

    Args:
        dimensions: D.

    Example:
        >>> round(extent_of_normal(2), 2)
        2.58
    """
    return float(np.sqrt(chi2.ppf(0.99, dimensions) / chi2.ppf(0.5, dimensions)))


def aggregate(subject: Subject) -> Seen | str:
    """Whether the codes, all together, are where one would sample."""
    z, draws = subject.moving
    if not z.shape[1]:
        return ALIKE
    found = two_sample(z, draws, FEW, subject.seed, progress=False)
    measured = {
        "separability (AUC)": found.separability,
        "energy distance": found.energy,
        "sliced Wasserstein distance": found.wasserstein,
        "maximum mean discrepancy": found.discrepancy,
    }
    return Seen(
        measured,
        f"A classifier tells a code from a draw of {subject.source} in "
        f"{found.separability.value:.0%} of pairs (50% is chance).",
        "Sample from a density fitted to the codes instead; or train longer, with a larger beta, "
        "or with a prior that learns.",
        lambda: figures.codes_and_draws(subject),
    )
