"""What is wrong with an autoencoder's latent plane: areas, symmetry and gaps."""

from reparam.study.claim import Claim, Measures
from reparam.study.evidence import Evidence
from reparam.study.measures import areas, centre, gaps

SUBJECT = "autoencoder-bce-2"


def measure_areas(evidence: Evidence) -> Measures:
    """Areas in the autoencoder's plane."""
    return {"largest class area over smallest": areas(evidence, SUBJECT)}


def measure_centre(evidence: Evidence) -> Measures:
    """Symmetry and extent of the autoencoder's plane."""
    return centre(evidence, SUBJECT)


def measure_gaps(evidence: Evidence) -> Measures:
    """Gaps in the autoencoder's plane."""
    return {"share of the region in gaps": gaps(evidence, SUBJECT)}


PLANE = [
    Claim(
        "areas",
        "Some classes take a very small area of the autoencoder's plane and others a much larger "
        "one.",
        "Area of each class's 90% highest-density region in autoencoder-bce-2's plane, largest "
        "over smallest.",
        measure_areas,
    ),
    Claim(
        "off-centre",
        "The autoencoder's codes are neither symmetric about the origin nor bounded.",
        "Distance of the mean from the origin in units of spread; energy distance to the point "
        "reflection as a share; quadrants' counts; the 99% distance over the median (2.58 for a "
        "normal distribution).",
        measure_centre,
    ),
    Claim(
        "gaps",
        "There are large gaps that contain few points.",
        "Share of the region (the convex hull of the central 90%) that is farther from every code "
        "than 5 times the median distance of nearest neighbours.",
        measure_gaps,
    ),
]
