"""What binary cross-entropy and the root mean squared error do to pictures."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.stats import skew

from reparam.metrics.estimate import Estimate, estimate
from reparam.metrics.pictures import fine_detail, greyness, sharpness
from reparam.study.claim import Claim, Measures
from reparam.study.evidence import Evidence

BCE, RMSE = "autoencoder-bce-2", "autoencoder-rmse-2"
VISIBLE = 0.02
Loss = Callable[[NDArray, NDArray], NDArray]


def cross_entropy(x: NDArray, y: NDArray) -> NDArray:
    """Binary cross-entropy of predictions y for pixels x, in nats."""
    return -x * np.log(y) - (1 - x) * np.log1p(-y)


def root_squared_error(x: NDArray, y: NDArray) -> NDArray:
    """The root mean squared error of one pixel."""
    return np.sqrt(np.square(x - y))


def lopsided(loss: Loss) -> dict[str, float]:
    """How much dearer an error toward the nearer extreme is than the same toward the middle.

    Args:
        loss: Of pixels and their predictions.
    """
    x, error = (part.ravel() for part in np.meshgrid(np.arange(0.05, 0.96, 0.05), [0.01, 0.04]))
    kept = np.abs(x - 0.5) > 1e-6  # the middle has no nearer extreme
    x, outward = x[kept], (np.sign(x - 0.5) * error)[kept]
    dearer = loss(x, x + outward) > loss(x, x - outward) + 1e-9

    def difference(pixel: float, outer: float, inner: float) -> float:
        return float(
            loss(np.array(pixel), np.array(outer)) - loss(np.array(pixel), np.array(inner))
        )

    return {
        "0.8 over 0.6 for 0.7": difference(0.7, 0.8, 0.6),
        "0.2 over 0.4 for 0.3": difference(0.3, 0.2, 0.4),
        "share of errors that cost more toward the extreme": float(dearer.mean()),
    }


def asymmetry(evidence: Evidence) -> Measures:
    """Both losses' lopsidedness; a matter of formulas, so without scatter."""
    return {
        f"{name}: {what}": Estimate(value)
        for name, loss in (("bce", cross_entropy), ("rmse", root_squared_error))
        for what, value in lopsided(loss).items()
    }


def error_symmetry(errors: NDArray, seed: int = 0) -> Measures:
    """How evenly errors fall on both sides of the truth.

    Args:
        errors: Prediction minus pixel, (N, D); only those that can be seen are counted.
        seed: Of the spread.
    """
    flat = errors.reshape(len(errors), -1)

    def over(part: NDArray) -> float:
        seen = part[np.abs(part) > VISIBLE]
        return float((seen > 0).mean())

    def skewness(part: NDArray) -> float:
        return float(skew(part[np.abs(part) > VISIBLE]))

    return {
        "rmse: share of overestimates": estimate(over, flat, seed=seed, rounds=40),
        "rmse: skewness of the errors": estimate(skewness, flat, seed=seed, rounds=40),
    }


def symmetric_errors(evidence: Evidence) -> Measures:
    """The symmetry of the RMSE autoencoder's errors on test pictures."""
    errors = evidence.reconstructions(RMSE) - evidence.originals
    return error_symmetry(errors, evidence.seed)


def ratio(a: NDArray, b: NDArray, seed: int) -> Estimate:
    """The ratio of two means over the same items.

    Args:
        a: (N,).
        b: (N,).
        seed: Of the spread.
    """
    return estimate(lambda p, q: p.mean() / q.mean(), a, b, seed=seed)


def grey(evidence: Evidence) -> Measures:
    """How grey reconstructions are."""
    bce, rmse = (greyness(evidence.reconstructions(name)) for name in (BCE, RMSE))
    real, seed = greyness(evidence.originals), evidence.seed
    return {
        "greyness of reconstructions, bce over rmse": ratio(bce, rmse, seed),
        "greyness of reconstructions, bce over originals": ratio(bce, real, seed),
        "greyness of reconstructions, rmse over originals": ratio(rmse, real, seed),
    }


def blur(evidence: Evidence) -> Measures:
    """How sharp reconstructions by autoencoders and samples of VAEs are."""
    real, seed = sharpness(evidence.originals), evidence.seed
    bce, rmse = (sharpness(evidence.reconstructions(name)) for name in (BCE, RMSE))
    z = evidence.draws("vae-bce-2", "prior")
    drawn, other = (sharpness(evidence.decode(f"vae-{loss}-2", z)) for loss in ("bce", "rmse"))
    return {
        "sharpness of reconstructions, bce over rmse": ratio(bce, rmse, seed),
        "sharpness of samples, bce over rmse": ratio(drawn, other, seed),
        "sharpness of reconstructions, bce over originals": ratio(bce, real, seed),
        "sharpness of reconstructions, rmse over originals": ratio(rmse, real, seed),
    }


def pixelised(evidence: Evidence) -> Measures:
    """How much stands in the finest frequencies, where jagged edges show."""
    bce, rmse = (fine_detail(evidence.reconstructions(name)) for name in (BCE, RMSE))
    real, seed = fine_detail(evidence.originals), evidence.seed
    return {
        "fine detail of reconstructions, rmse over bce": ratio(rmse, bce, seed),
        "fine detail of reconstructions, rmse over originals": ratio(rmse, real, seed),
    }


LOSSES = [
    Claim(
        "asymmetry",
        "RMSE penalises over- and underestimation alike; binary cross-entropy penalises errors "
        "toward the extremes more than errors toward the middle.",
        "The losses' values: 0.8 against 0.6 for a pixel of 0.7, 0.2 against 0.4 for one of 0.3, "
        "and pairs of errors of 0.01 and 0.04 around pixels from 0.05 to 0.95.",
        asymmetry,
    ),
    Claim(
        "symmetric-errors",
        "Trained for RMSE, the output is distributed symmetrically around the pixels' values.",
        "Errors of autoencoder-rmse-2 on test pictures, of more than 0.02 in pixel units.",
        symmetric_errors,
    ),
    Claim(
        "grey",
        "Binary cross-entropy pushes predictions toward 0.5.",
        "Greyness (the mean distance of pixels from black or white) of test reconstructions: "
        "autoencoder-bce-2 over autoencoder-rmse-2 and over the originals.",
        grey,
    ),
    Claim(
        "blur",
        "Binary cross-entropy gives blurrier pictures than RMSE.",
        "The standard deviation of the Laplacian: reconstructions by autoencoder-bce-2 over "
        "autoencoder-rmse-2, and samples of vae-bce-2 over vae-rmse-2.",
        blur,
        judges=["vae-bce-2", "vae-rmse-2"],
    ),
    Claim(
        "pixelised",
        "RMSE leads to obviously pixelised edges.",
        "Amplitude above half the highest frequency in reconstructions by autoencoder-rmse-2, "
        "over autoencoder-bce-2's and over the originals'.",
        pixelised,
    ),
]
