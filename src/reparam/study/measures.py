"""What several claims measure alike, for the autoencoder and for the VAE."""

from functools import partial

from reparam.metrics.classes import unevenness
from reparam.metrics.estimate import Estimate, estimate
from reparam.metrics.plane import area_ratio, extent, gap_share, offset, quadrant_ratio
from reparam.metrics.two_sample import reflection, separability
from reparam.study.evidence import DRAWS, Evidence

ROUNDS = 40
FEW = 2000


def areas(evidence: Evidence, name: str) -> Estimate:
    """The largest class's area over the smallest's in a model's plane."""
    z, labels, seed = evidence.codes(name), evidence.labels, evidence.seed
    return evidence.once(
        ("areas", name),
        lambda: estimate(area_ratio, z, labels, strata=labels, seed=seed, rounds=ROUNDS),
    )


def centre(evidence: Evidence, name: str) -> dict[str, Estimate]:
    """How far a model's codes are from symmetry about the origin, and how far they reach."""
    z, seed = evidence.codes(name), evidence.seed
    some = evidence.draws(name, "codes", FEW)
    return evidence.once(
        ("centre", name),
        lambda: {
            "distance of the mean from the origin": estimate(offset, z, seed=seed),
            "distance from the point reflection": estimate(
                reflection, some, seed=seed, rounds=ROUNDS
            ),
            "fullest quadrant over emptiest": estimate(quadrant_ratio, z, seed=seed),
            "extent": estimate(extent, z, seed=seed),
        },
    )


def gaps(evidence: Evidence, name: str) -> Estimate:
    """The share of the occupied region of a model's plane that lies in gaps."""
    z, seed = evidence.codes(name), evidence.seed
    return evidence.once(
        ("gaps", name),
        lambda: estimate(partial(gap_share, seed=seed), z, seed=seed, rounds=ROUNDS),
    )


def uneven(evidence: Evidence, name: str, source: str) -> Estimate:
    """How unevenly decoded draws from a source spread over the classes."""
    return estimate(unevenness, evidence.judged(name, source).label, seed=evidence.seed)


def separable(evidence: Evidence, name: str, source: str) -> Estimate:
    """How well a model's codes can be told from the draws that would stand for them."""
    return evidence.once(
        ("separable", name, source),
        lambda: separability(
            evidence.draws(name, "codes", DRAWS),
            evidence.draws(name, source, DRAWS),
            evidence.seed,
        ),
    )
