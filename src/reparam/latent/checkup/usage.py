"""Whether the latents are used: collapse, the rate, saturated log-variances."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from reparam.families.family import LIMIT
from reparam.latent.checkup import figures
from reparam.latent.checkup.finding import Seen
from reparam.latent.checkup.subject import PRIOR, Subject
from reparam.metrics.estimate import estimate
from reparam.metrics.usage import ACTIVE

POINT = 0.01
"""A posterior narrower than this, in the codes' standard deviations, is all but a point."""
FEW = 4.0
"""Nats of rate below which a dimension more would help."""
NEAR = 1.0
"""How near to its bound a log-variance is saturated."""


def collapse(subject: Subject) -> Seen | str:
    """Which dimensions carry nothing: their posterior's mean does not move with the item."""
    posteriors = subject.posteriors
    mean = subject.means if posteriors is None else posteriors.mean
    if mean is None and not subject.points:
        return (
            "Draws of a collapsed posterior look like any others: give the posteriors' means, or "
            "the whole model."
        )
    mean = subject.z if mean is None else mean
    if subject.source == PRIOR:
        unit, what = subject.draws.var(0), "over the prior's"
    else:
        unit, what = np.full(mean.shape[1], mean.var(0).max()), "over the largest"
    unit = np.maximum(unit, 1e-300)

    def idle(rows: NDArray[np.floating]) -> float:
        return float((rows.var(0) <= ACTIVE * unit).mean())

    measured = {"share of dimensions that carry nothing": estimate(idle, mean, seed=subject.seed)}
    spread = mean.var(0) / unit
    dead = np.flatnonzero(spread <= ACTIVE)
    advice = f"Use as few latents as the {mean.shape[1] - len(dead)} that work."
    if posteriors is not None and posteriors.rate is not None:
        measured["rate, nats"] = estimate(np.mean, posteriors.rate, seed=subject.seed)
        if posteriors.rate.mean() < FEW:
            advice = "Lower beta, warm it up, or give each dimension free bits."
    meaning = f"All {mean.shape[1]} dimensions say something about the item."
    if len(dead):
        meaning = (
            f"{len(dead)} of {mean.shape[1]} dimensions say nothing about the item: "
            f"{_listed(dead)}."
        )
    figure = partial(figures.spreads, spread, ACTIVE, f"variance of the mean {what}")
    return Seen(measured, meaning, advice, figure)


def rate(subject: Subject) -> Seen | str:
    """Whether the rate buys what it costs."""
    posteriors = subject.posteriors
    if posteriors is None or posteriors.rate is None:
        return (
            "A model without a prior, with points for posteriors, or with a sampler fitted after "
            "training has no rate."
        )
    found = estimate(np.mean, posteriors.rate, seed=subject.seed)
    measured = {"rate, nats": found}
    meaning = f"With {found.value:.1f} nats a code can tell {_kinds(found.value)} items apart"
    worth = posteriors.exchange
    if worth is None:
        return Seen(measured, f"{meaning}.", LOW)
    measured["nats of distortion that the last nat of rate saves"] = worth
    meaning += f", and the last of them saves {worth.value:.2f} nats of distortion: "
    if worth.value > 3:
        meaning += "more would be better for everything but to tell latents apart."
    elif worth.value < 0.3:
        meaning += "fewer would be better for sampling."
    else:
        meaning += "as an evidence lower bound wants it, where it saves 1."
    curve = posteriors.curve
    return Seen(
        measured,
        meaning,
        HIGH if worth.value < 1 and found.value > 4 else LOW,
        None if curve is None else lambda: figures.exchange(*curve),
    )


LOW = "Lower beta, or train longer: the rate is too low for reconstructions and features."
HIGH = (
    "Raise beta towards 1: the rate is too high for sampling, unless only reconstructions count."
)


def saturation(subject: Subject) -> Seen | str:
    """Whether log-variances have run away."""
    posteriors = subject.posteriors
    if posteriors is None:
        return "Points have no log-variance."
    log_variance = posteriors.log_variance
    scale = np.log(np.maximum(subject.z.var(0), 1e-300))
    narrow = (log_variance < scale + 2 * np.log(POINT)).mean(1)
    bound = (np.abs(log_variance) > LIMIT - NEAR).mean(1)
    measured = {
        "share of posteriors that are all but points": estimate(
            np.mean, narrow, seed=subject.seed
        ),
        "share of log-variances at their bound": estimate(np.mean, bound, seed=subject.seed),
    }
    low, high = np.exp(np.quantile(log_variance, [0.01, 0.99]) / 2)
    return Seen(
        measured,
        f"Posteriors' standard deviations lie between {low:.2g} and {high:.2g}; "
        f"{narrow.mean():.0%} of them are below a hundredth of the codes' own.",
        "Give the rate a weight, or raise it: nothing holds the noise up, and the model is an "
        "autoencoder in disguise.",
        lambda: figures.log_variances(log_variance),
    )


def _kinds(nats: float) -> str:
    many = float(f"{np.exp(min(nats, 600)):.2g}")
    return f"at most {many:,.0f}" if many < 1e9 else f"some 10^{nats / np.log(10):.0f}"


def _listed(dimensions: NDArray[np.integer], most: int = 16) -> str:
    names = [str(dimension) for dimension in dimensions[:most]]
    return ", ".join(names) + (" and others" if len(dimensions) > most else "")
