"""What reconstructions lose: pixels that never move, and sharpness."""

import numpy as np

from reparam.latent.checkup import figures
from reparam.latent.checkup.finding import Seen
from reparam.latent.checkup.subject import NO_DATA, Subject
from reparam.metrics.estimate import estimate
from reparam.metrics.pictures import sharpness

VARIES = 0.05
"""The standard deviation, in pixel units, from which a pixel is taken to vary."""
STILL = 0.02
"""A pixel is dead whose reconstructions vary by less than this part of what it varies."""


def dead(subject: Subject) -> Seen | str:
    """Which pixels vary in the items and do not in their reconstructions."""
    data = subject.data
    if data is None:
        return NO_DATA
    x, made = (part.reshape(len(data), -1) for part in (data.x, data.reconstructions))
    alive = x.std(0) > VARIES
    if not alive.any():
        return "No pixel of these items varies."

    def share(a: np.ndarray, b: np.ndarray) -> float:
        return float((b.std(0) < STILL * np.maximum(a.std(0), 1e-12)).mean())

    value = estimate(share, x[:, alive], made[:, alive], seed=subject.seed, rounds=40)
    moves = made.std(0) / np.maximum(x.std(0), 1e-12)
    still = alive & (moves < STILL)
    return Seen(
        {"share of dead pixels": value},
        f"{still.sum()} of the {alive.sum()} pixels that vary do not in reconstructions.",
        "Lower the learning rate or look for collapse: a decoder's unit that always says the same "
        "gets no gradient.",
        lambda: figures.movement(np.where(alive, moves, np.nan).reshape(data.x.shape[1:])),
    )


def blur(subject: Subject) -> Seen | str:
    """How much of the items' sharpness comes back."""
    data = subject.data
    if data is None:
        return NO_DATA
    if data.x.ndim != 4:
        return "Only pictures can be blurred."
    real, made = (sharpness(part) for part in (data.x, data.reconstructions))
    if not real.mean() > 0:
        return "These pictures have no edges."
    value = estimate(lambda a, b: float(a.mean() / b.mean()), made, real, seed=subject.seed)
    return Seen(
        {"sharpness over that of real items": value},
        f"Reconstructions have {value.value:.0%} of the originals' sharpness.",
        "Use more latents, a lower beta, a longer training or a likelihood whose noise is learnt.",
        lambda: figures.originals(data, np.argsort(made / np.maximum(real, 1e-12))),
    )
