"""Every claim's rule, written before any result was seen.

A claim holds where all of its conditions hold, fails where all fail, and holds partly otherwise. A
condition reads a 95% interval: it holds where the whole interval is within its range. Thresholds
are sizes of effects that a person would notice, not levels of significance.
"""

from reparam.study.verdict import Condition, Rule


def above(measure: str, threshold: float) -> Condition:
    """The measure must exceed the threshold."""
    return Condition(measure, above=threshold)


def below(measure: str, threshold: float) -> Condition:
    """The measure must stay below the threshold."""
    return Condition(measure, below=threshold)


def between(measure: str, low: float, high: float) -> Condition:
    """The measure must lie in a range."""
    return Condition(measure, low, high)


RULES: dict[str, Rule] = {
    # Autoencoders and their losses
    "compression": [
        below("numbers in a code over pixels", 0.1),
        above("share of the pixels' variance that comes back", 0.5),
    ],
    "close": [
        below("error over PCA's, 2 latents, bce", 1),
        below("error over PCA's, 2 latents, rmse", 1),
        below("error over PCA's, 8 latents, bce", 1),
        below("error over PCA's, 32 latents, bce", 1),
    ],
    "asymmetry": [
        above("bce: 0.8 over 0.6 for 0.7", 0),
        above("bce: 0.2 over 0.4 for 0.3", 0),
        between("rmse: 0.8 over 0.6 for 0.7", -1e-6, 1e-6),
        between("rmse: 0.2 over 0.4 for 0.3", -1e-6, 1e-6),
        above("bce: share of errors that cost more toward the extreme", 0.99),
    ],
    "symmetric-errors": [
        between("rmse: share of overestimates", 0.45, 0.55),
        between("rmse: skewness of the errors", -0.5, 0.5),
    ],
    "grey": [
        above("greyness of reconstructions, bce over rmse", 1.02),
        above("greyness of reconstructions, bce over originals", 1.02),
    ],
    "blur": [
        below("sharpness of reconstructions, bce over rmse", 0.98),
        below("sharpness of samples, bce over rmse", 0.98),
    ],
    "pixelised": [
        above("fine detail of reconstructions, rmse over bce", 1.02),
        above("fine detail of reconstructions, rmse over originals", 1.02),
    ],
    # The autoencoder's plane
    "areas": [above("largest class area over smallest", 5)],
    "off-centre": [
        above("distance of the mean from the origin", 0.2),
        above("distance from the point reflection", 0.05),
        above("fullest quadrant over emptiest", 2),
        above("extent", 2.58),
    ],
    "gaps": [above("share of the region in gaps", 0.1)],
    "favoured": [
        above("unevenness of classes", 0.2),
        above("share of bags", 0.15),
    ],
    "undefined": [
        above("separability from N(0, I)", 0.6),
        above("separability from a fitted normal", 0.6),
        above("energy distance from N(0, I) over the prior's from itself", 5),
        above("energy distance from a fitted normal over its own from itself", 5),
    ],
    "any-point": [
        above("recognisable decodings from the box", 0.8),
        above("novel decodings from the box", 0.9),
    ],
    "bad-gaps": [
        above("recognisable at codes minus in gaps", 0.1),
        above("recognisable at codes minus in central gaps", 0.1),
    ],
    "dimensions": [
        above("recognisable from the box, 2 latents minus 8", 0.05),
        above("recognisable from the box, 8 latents minus 32", 0.05),
        above("recognisable from a fitted normal, 2 latents minus 32", 0.05),
    ],
    "discontinuous": [above("change of decodings by a small step, autoencoder over VAE", 1.2)],
    # What the variational autoencoder mends
    "mends-areas": [above("largest class area over smallest, autoencoder over VAE", 1.2)],
    "mends-centre": [
        above("distance of the mean from the origin, autoencoder minus VAE", 0.05),
        above("distance from the point reflection, autoencoder minus VAE", 0.02),
        above("fullest quadrant over emptiest, autoencoder over VAE", 1.2),
        above("extent, autoencoder over VAE", 1.05),
    ],
    "mends-gaps": [above("share of the region in gaps, autoencoder minus VAE", 0.05)],
    "mends-favoured": [above("unevenness of classes, autoencoder minus VAE", 0.05)],
    "mends-undefined": [above("separability, autoencoder minus VAE", 0.05)],
    "mends-samples": [
        above("recognisable samples, 2 latents, VAE minus autoencoder", 0.05),
        above("recognisable samples, 8 latents, VAE minus autoencoder", 0.05),
        above("recognisable samples, 32 latents, VAE minus autoencoder", 0.05),
    ],
    # Normals, draws and the KL divergence
    "point-or-normal": [
        below("autoencoder: distance of two encodings of one item", 1e-6),
        above("VAE: posterior's standard deviation over the codes'", 0.01),
    ],
    "density": [
        below("relative difference from SciPy, full", 1e-5),
        below("relative difference from SciPy, diagonal", 1e-5),
        below("relative difference from SciPy, isotropic", 1e-5),
    ],
    "log-variance": [
        above("share of raw outputs below zero", 0.05),
        above("share of raw outputs from -1000 to 1000 that give a variance", 0.999),
        below("slope of the KL at variance 1e-6, by log-variance", 1),
        above("slope of the KL at variance 1e-6, by variance", 1000),
    ],
    "reparameterised": [
        below("largest distance of distribution functions", 0.01),
        between("score-function gradient on reparameterised, slope", 0.9, 1.1),
        above("variance of score-function over reparameterised gradient", 10),
    ],
    "deterministic": [
        below("spread of dz/dmean over draws", 1e-6),
        below("spread of dz/dsigma over draws", 1e-6),
    ],
    "kl": [
        below("relative difference from torch's", 1e-5),
        between("Monte Carlo over closed form", 0.98, 1.02),
    ],
    "uncorrelated": [
        below("correlation within items", 0.05),
        below("correlation across items, 2 latents", 0.1),
        below("correlation across items, 8 latents", 0.1),
        below("correlation across items, 32 latents", 0.1),
    ],
    "cheap": [
        above("time of full over diagonal, 32 dimensions", 1.2),
        above("time of full over diagonal, 128 dimensions", 1.2),
        above("time of diagonal over isotropic, 128 dimensions", 1.02),
    ],
}
