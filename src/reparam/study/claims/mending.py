"""What a variational autoencoder mends: the autoencoder's measures, side by side with its own."""

from reparam.metrics.estimate import Estimate
from reparam.study.claim import Claim, Measures
from reparam.study.evidence import Evidence
from reparam.study.measures import areas, centre, gaps, separable, uneven

PLAIN, VARIATIONAL = "autoencoder-bce-2", "vae-bce-2"
WHAT = "autoencoder-bce-2 and vae-bce-2, measured alike. "


def side_by_side(name: str, plain: Estimate, variational: Estimate, how: str) -> Measures:
    """Both models' measures, and how they differ.

    Args:
        name: The measure's name.
        plain: The autoencoder's.
        variational: The variational autoencoder's.
        how: `minus` or `over`.
    """
    compared = plain - variational if how == "minus" else plain / variational
    return {
        f"{name}, autoencoder": plain,
        f"{name}, VAE": variational,
        f"{name}, autoencoder {how} VAE": compared,
    }


def mends_areas(evidence: Evidence) -> Measures:
    """Areas of classes in both planes."""
    plain, variational = (areas(evidence, name) for name in (PLAIN, VARIATIONAL))
    return side_by_side("largest class area over smallest", plain, variational, "over")


def mends_centre(evidence: Evidence) -> Measures:
    """Symmetry and extent of both planes."""
    plain, variational = (centre(evidence, name) for name in (PLAIN, VARIATIONAL))
    found: Measures = {}
    for name, value in plain.items():
        how = "minus" if name.startswith("distance") else "over"
        found |= side_by_side(name, value, variational[name], how)
    return found


def mends_gaps(evidence: Evidence) -> Measures:
    """Gaps in both planes, by one definition of the region."""
    plain, variational = (gaps(evidence, name) for name in (PLAIN, VARIATIONAL))
    return side_by_side("share of the region in gaps", plain, variational, "minus")


def mends_favoured(evidence: Evidence) -> Measures:
    """Classes of what one would sample: even draws from the box against draws from the prior."""
    plain, variational = uneven(evidence, PLAIN, "box"), uneven(evidence, VARIATIONAL, "prior")
    return side_by_side("unevenness of classes", plain, variational, "minus")


def mends_undefined(evidence: Evidence) -> Measures:
    """How well codes can be told from what one would sample: a fitted normal, or the prior."""
    plain, variational = (
        separable(evidence, PLAIN, "normal"),
        separable(evidence, VARIATIONAL, "prior"),
    )
    return {
        "separability, autoencoder from a fitted normal": plain,
        "separability, VAE from the prior": variational,
        "separability, autoencoder minus VAE": plain - variational,
    }


def mends_samples(evidence: Evidence) -> Measures:
    """How recognisable samples are: an autoencoder's by a fitted normal, a VAE's by the prior."""
    found: Measures = {}
    for latent in (2, 8, 32):
        plain = evidence.recognisable(f"autoencoder-bce-{latent}", "normal")
        variational = evidence.recognisable(f"vae-bce-{latent}", "prior")
        name = f"recognisable samples, {latent} latents"
        found |= {
            f"{name}, autoencoder": plain,
            f"{name}, VAE": variational,
            f"{name}, VAE minus autoencoder": variational - plain,
        }
    return found


MENDING = [
    Claim(
        "mends-areas",
        "In a variational autoencoder's plane, classes take more equal areas.",
        WHAT + "Area of each class's 90% highest-density region, largest over smallest.",
        mends_areas,
        judges=[VARIATIONAL],
    ),
    Claim(
        "mends-centre",
        "A variational autoencoder's codes are symmetric about the origin and bounded as a normal "
        "distribution is.",
        WHAT + "Distance of the mean from the origin, energy distance to the point reflection, "
        "quadrants' counts, extent.",
        mends_centre,
        judges=[VARIATIONAL],
    ),
    Claim(
        "mends-gaps",
        "A variational autoencoder embeds the values around each mean, which prevents holes.",
        WHAT + "Share of the region that lies in gaps.",
        mends_gaps,
        judges=[VARIATIONAL],
    ),
    Claim(
        "mends-favoured",
        "Samples of a variational autoencoder favour no class.",
        WHAT + "Cramer's V of the classes that even draws from the autoencoder's box decode to, "
        "and draws from the VAE's prior.",
        mends_favoured,
        judges=[VARIATIONAL],
    ),
    Claim(
        "mends-undefined",
        "A variational autoencoder's codes follow a known distribution, from which to sample.",
        WHAT + "AUC of a classifier: the autoencoder's codes against a normal fitted to them, the "
        "VAE's against its prior.",
        mends_undefined,
        judges=[VARIATIONAL],
    ),
    Claim(
        "mends-samples",
        "A variational autoencoder's samples are more likely to be well formed.",
        "Recognisable share of 2,000 samples at 2, 8 and 32 latents: autoencoders by a normal "
        "fitted to their codes, VAEs by their prior.",
        mends_samples,
        judges=["vae-bce-2", "vae-bce-8", "vae-bce-32"],
    ),
]
