"""Other people's conventions, turned into ours in one place.

Our law: summed over pixels and over latents, averaged over examples, and `beta` on the rate.
Elsewhere the reconstruction is averaged over pixels and weighted, or the rate is averaged over
latents or summed over the batch. A loss may be divided by a constant without changing its minimum,
so every such loss is ours for some beta.
"""

from reparam.errors import CompositionError


def equivalent_beta(
    pixels: int,
    *,
    reconstruction_weight: float = 1.0,
    reconstruction: str = "sum",
    rate_weight: float = 1.0,
    rate: str = "sum",
    latents: int = 1,
    rate_summed_over_batch_of: int = 1,
) -> float:
    r"""The beta that makes our objective a constant times somebody else's.

    .. math:: \beta = \frac{w_r \, b / d}{w / D}

    where D and d are 1 for sums, and b is 1 unless the rate alone is summed over a batch.

    Args:
        pixels: D, how many numbers one example has.
        reconstruction_weight: w, what they multiply the reconstruction with.
        reconstruction: Whether they take its `"sum"` or its `"mean"` over pixels.
        rate_weight: What they multiply the rate with.
        rate: Whether they take its `"sum"` or its `"mean"` over latents.
        latents: d, how many dimensions z has; needed for a mean.
        rate_summed_over_batch_of: The batch size, where they sum the rate over the batch but
            average the reconstruction.

    Raises:
        CompositionError: If a convention is neither, or a number is not positive.

    Example:
        >>> equivalent_beta(32 * 32, reconstruction_weight=500, reconstruction="mean")
        2.048
    """
    for name, value in (("reconstruction", reconstruction), ("rate", rate)):
        if value not in ("sum", "mean"):
            raise CompositionError(f"{name} is 'sum' or 'mean', not {value!r}")
    counts = (pixels, latents, rate_summed_over_batch_of, reconstruction_weight)
    if min(counts) <= 0:
        raise CompositionError("pixels, latents, batch size and weight must be positive")
    theirs = reconstruction_weight / (pixels if reconstruction == "mean" else 1)
    kl = rate_weight * rate_summed_over_batch_of / (latents if rate == "mean" else 1)
    return kl / theirs
