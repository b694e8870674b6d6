"""Whether a model has learnt too much of its training items, or too little."""

import numpy as np
from numpy.typing import NDArray

from reparam.latent.checkup import figures
from reparam.latent.checkup.finding import Seen
from reparam.latent.checkup.subject import NO_DATA, Subject
from reparam.metrics.estimate import Estimate, estimate
from reparam.metrics.memorisation import memorisation
from reparam.metrics.pictures import pca_reconstructions
from reparam.metrics.usage import ACTIVE

LEAST = 50
DRAWS = 5000
PART = 0.1
"""Of the training items: where fewer are compared, copies are too seldom seen."""
NO_TRAIN = "Without training items to compare with nothing is known: give them as train."


def overfitting(subject: Subject) -> Seen | str:
    """Whether training items fare better than others."""
    data, train = subject.data, subject.train
    if data is None:
        return NO_DATA
    if train is None:
        return NO_TRAIN
    n = min(len(data), len(train))

    def ratio(a: NDArray[np.floating], b: NDArray[np.floating]) -> float:
        return float(np.sqrt(np.square(a).mean() / np.square(b).mean()))

    error = estimate(ratio, data.error[:n], train.error[:n], seed=subject.seed)
    measured = {"error over that on training items": error}
    meaning = f"The reconstruction error is {error.value:.2f} times that on training items"
    if data.bound is not None and train.bound is not None:
        gap = float(data.bound.mean() - train.bound.mean())
        measured["bound above that of training items, in their spread"] = estimate(
            lambda a, b: float((a.mean() - b.mean()) / b.std()),
            data.bound[:n], train.bound[:n], seed=subject.seed,
        )  # fmt: skip
        meaning += f", and the bound is {gap:+.1f} nats from theirs"
    return Seen(
        measured,
        f"{meaning}.",
        "Train for fewer epochs or keep the best by validation (select='best'), with more data, "
        "augmentation, a smaller network or a larger beta.",
        lambda: figures.two_errors(data.error, train.error),
    )


def underfitting(subject: Subject) -> Seen | str:
    """Whether principal components, as many as latents that work, come closer to the items."""
    data = subject.data
    if data is None:
        return NO_DATA
    known = subject.train.x if subject.train is not None else data.x[::2]
    held = slice(None) if subject.train is not None else slice(1, None, 2)
    x, made = data.x[held], data.reconstructions[held]
    flat = (len(known), -1, 1, 1)
    components = _active(subject)
    if components >= min(len(known), known[0].size):
        return "As many principal components as latents would lose nothing of items this small."
    linear = pca_reconstructions(known.reshape(flat), x.reshape(len(x), -1, 1, 1), components)
    linear = linear.reshape(x.shape)

    def squares(other: NDArray[np.floating]) -> NDArray[np.floating]:
        return np.square(x - other).reshape(len(x), -1).mean(1)

    ratio = estimate(
        lambda a, b: float(np.sqrt(a.mean() / b.mean())),
        squares(made), squares(linear), seed=subject.seed,
    )  # fmt: skip
    return Seen(
        {"error over that of principal components": ratio},
        f"The reconstruction error is {ratio.value:.2f} times that of {components} principal "
        f"component{'s' * (components > 1)}, as many as latents that work.",
        "Train longer or with a higher learning rate, lower beta, or use a larger network: a "
        "linear model does better.",
        lambda: figures.beside_linear(x, made, linear, components),
    )


def memorised(subject: Subject) -> Seen | str:
    """Whether draws decode to training items."""
    data, train = subject.data, subject.train
    if subject.decode is None or data is None:
        return NO_DATA
    if train is None:
        return NO_TRAIN
    if subject.held is None or subject.known is None or len(subject.known) < LEAST:
        return f"Fewer than {LEAST} training items cannot be told from copies: give more."
    if min(len(subject.held), len(subject.known)) < PART * subject.known_of:
        return (
            f"{len(subject.held):,} other items are too few beside {subject.known_of:,} training "
            "items to tell copies: give more as data."
        )
    drawn = subject.made(subject.draws[:DRAWS]).reshape(-1, subject.held.shape[1])
    found = memorisation(drawn, subject.known, subject.held, subject.seed, progress=False)
    looked = len(subject.known) / subject.known_of
    copies = (found.share - 0.5) / (looked / 2)
    nearest = subject.known[found.nearest].reshape(-1, *data.x.shape[1:])
    return Seen(
        {
            "share of draws that copy training items": copies,
            "share of draws nearer to training items": found.share,
        },
        f"As many training items as others would be the nearest of {found.share.value:.0%} of "
        f"decoded draws (50% is chance; {found.compared:,} and {found.held_out:,} were compared); "
        f"of {subject.known_of:,} training items in all, {_copied(copies)}.",
        "Train for fewer epochs, on more data, or with a larger beta: the model repeats what it "
        "has seen.",
        lambda: figures.beside_nearest(drawn.reshape(nearest.shape), nearest, found.distance),
    )


def _copied(copies: Estimate) -> str:
    low, high = copies.interval
    if low > 1:
        return "more than copies could make, so that training items and the others are unlike"
    if high - low > 1:
        return "too few to say how many draws are copies"
    return f"so that about {min(max(copies.value, 0), 1):.0%} of draws are copies"


def _active(subject: Subject) -> int:
    """How many dimensions move with the item; at least one."""
    if subject.posteriors is None:
        return max(1, int(subject.live.sum()))
    moves = subject.posteriors.mean.var(0) > ACTIVE * subject.z.var(0)
    return max(1, int(moves.sum()))
