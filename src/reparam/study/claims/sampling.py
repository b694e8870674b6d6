"""What comes of drawing from an autoencoder's latent space."""

from functools import partial

import numpy as np

from reparam.metrics.classes import share_ratio
from reparam.metrics.effects import energy_over_own
from reparam.metrics.estimate import Estimate, estimate
from reparam.metrics.neighbours import novel
from reparam.metrics.plane import gap_points, whitened
from reparam.metrics.smoothness import change_by_step
from reparam.study.claim import Claim, Measures
from reparam.study.evidence import DRAWS, Evidence
from reparam.study.measures import FEW, ROUNDS, separable, uneven

SUBJECT = "autoencoder-bce-2"
BAG = 8
STEP = 0.1
LEAST = 20


def favoured(evidence: Evidence) -> Measures:
    """Which classes even draws from the codes' box decode to."""
    labels, seed = evidence.judged(SUBJECT, "box").label, evidence.seed
    return {
        "unevenness of classes": uneven(evidence, SUBJECT, "box"),
        "share of bags": estimate(np.mean, labels == BAG, seed=seed),
        "commonest class over rarest": estimate(share_ratio, labels, seed=seed),
    }


def undefined(evidence: Evidence) -> Measures:
    """How far the codes are from the two distributions that one would try."""
    z = evidence.draws(SUBJECT, "codes", FEW)
    found: Measures = {}
    for source, name, own in (
        ("prior", "N(0, I)", "the prior's from itself"),
        ("normal", "a fitted normal", "its own from itself"),
    ):
        draws = evidence.draws(SUBJECT, source, 3 * FEW)
        found[f"separability from {name}"] = separable(evidence, SUBJECT, source)
        found[f"energy distance from {name} over {own}"] = energy_over_own(
            z, draws[:FEW], draws[FEW:], evidence.seed, ROUNDS
        )
    return found


def any_point(evidence: Evidence) -> Measures:
    """Whether even draws decode to something recognisable that is in no training picture."""
    pictures = evidence.decode(SUBJECT, evidence.draws(SUBJECT, "box"))
    far = novel(pictures, evidence.items.tensor().numpy(), evidence.originals[:DRAWS])
    return {
        "recognisable decodings from the box": evidence.recognisable(SUBJECT, "box"),
        "novel decodings from the box": estimate(np.mean, far, seed=evidence.seed),
    }


def bad_gaps(evidence: Evidence) -> Measures:
    """How recognisable decodings of codes and of points in gaps are."""
    z, seed = evidence.codes(SUBJECT), evidence.seed
    holes = gap_points(z, seed=seed)
    at_codes = evidence.recognisable(SUBJECT, "codes")
    found = {"recognisable at codes": at_codes}
    half = np.median(np.linalg.norm(whitened(z), axis=1))
    middle = np.linalg.norm(whitened(holes, z), axis=1) < half
    for name, points in (("gaps", holes), ("central gaps", holes[middle])):
        if len(points) < LEAST:
            continue  # nothing to measure, so nothing to judge
        share = estimate(np.mean, evidence.judge(SUBJECT, points).recognisable, seed=seed)
        found[f"recognisable in {name}"] = share
        found[f"recognisable at codes minus in {name}"] = at_codes - share
    return found


def dimensions(evidence: Evidence) -> Measures:
    """How recognisable decoded draws are as dimensions are added."""
    shares = {
        (source, latent): evidence.recognisable(f"autoencoder-bce-{latent}", source)
        for source in ("box", "normal", "prior", "codes")
        for latent in (2, 8, 32)
    }
    names = {"box": "the box", "normal": "a fitted normal", "prior": "N(0, I)", "codes": "codes"}
    found = {f"recognisable from {names[s]}, {d} latents": v for (s, d), v in shares.items()}
    for source, few, many in (("box", 2, 8), ("box", 8, 32), ("normal", 2, 32)):
        name = f"recognisable from {names[source]}, {few} latents minus {many}"
        found[name] = shares[source, few] - shares[source, many]
    return found


def step_change(evidence: Evidence, name: str) -> Estimate:
    """The root mean squared change of decodings when a code moves by a tenth of the spread."""
    z = evidence.draws(name, "codes", FEW)
    return change_by_step(partial(evidence.decode, name), z, STEP, evidence.seed)


def discontinuous(evidence: Evidence) -> Measures:
    """How much a small step changes what is decoded, in the autoencoder and in the VAE."""
    both = [step_change(evidence, f"{kind}-bce-2") for kind in ("autoencoder", "vae")]
    return {
        "change of decodings by a small step, autoencoder over VAE": both[0] / both[1],
        "change of decodings by a small step, autoencoder": both[0],
        "change of decodings by a small step, VAE": both[1],
    }


SAMPLING = [
    Claim(
        "favoured",
        "Points picked evenly from a bounded part of the plane decode to some classes more often "
        "than to others, and most often to bags.",
        "2,000 even draws from the codes' bounding box, decoded by autoencoder-bce-2 and named by "
        "the independent classifier: Cramer's V against equal shares, and the share of bags.",
        favoured,
    ),
    Claim(
        "undefined",
        "It is not obvious how to choose a random point, since the codes' distribution is not a "
        "known one.",
        "2,000 codes of autoencoder-bce-2 against as many draws from N(0, I) and from a normal "
        "fitted to them: the AUC of a classifier, and the energy distance over that of draws from "
        "their own kind.",
        undefined,
    ),
    Claim(
        "any-point",
        "Any point of the latent space decodes to a novel and viable picture.",
        "2,000 even draws from the codes' bounding box, decoded: the share that is recognisable, "
        "and the share that is farther from every training picture than 5% of test pictures are.",
        any_point,
    ),
    Claim(
        "bad-gaps",
        "Points in gaps, even central ones, may decode to nothing well formed.",
        "Recognisable share of decodings at codes minus in gaps, and minus in gaps no farther "
        "from the mean than half of the codes.",
        bad_gaps,
    ),
    Claim(
        "dimensions",
        "This becomes much worse in spaces of more dimensions.",
        "Recognisable share of decoded draws from the codes' box and from a fitted normal, at 2, "
        "8 and 32 latents.",
        dimensions,
    ),
    Claim(
        "discontinuous",
        "The autoencoder is not forced to make its latent space continuous.",
        "Root mean squared change of decodings by a step of a tenth of the codes' standard "
        "deviation: autoencoder-bce-2 over vae-bce-2.",
        discontinuous,
        judges=["vae-bce-2"],
    ),
]
