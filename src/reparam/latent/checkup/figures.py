"""What shows a finding."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float, Int
from matplotlib.figure import Figure
from numpy.typing import NDArray

from reparam.latent.checkup.subject import Items, Subject
from reparam.plots import comparisons
from reparam.plots.numbers import bars
from reparam.plots.plane import limits, planes
from reparam.plots.strips import strips
from reparam.plots.style import COLOURS

SHOWN = 12
POINTS = 4000

Numbers = Float[NDArray, "..."]


def spreads(spread: Numbers, threshold: float, what: str) -> Figure:
    """How much each dimension's posterior mean moves."""
    return comparisons.ranked(
        spread, what, "What each dimension says", (threshold, "nothing below")
    )


def exchange(rates: Numbers, distortions: Numbers) -> Figure:
    """Distortion against rate as the posteriors' spread changes."""
    return comparisons.trade(rates, distortions, len(rates) // 2, "What a nat of rate is worth")


def log_variances(log_variance: Numbers) -> Figure:
    """The posteriors' log-variances."""
    values = {"posteriors": log_variance.ravel()}
    return comparisons.overlaid(
        values, "log-variance", "Log-variances of all dimensions", {"the prior's": 0.0}
    )


def about_origin(subject: Subject) -> Figure:
    """The codes about the origin, along the two dimensions that vary most."""
    i, j = sorted(np.argsort(-subject.z.std(0))[:2])
    figure = planes([subject.z[:POINTS, [i, j]]], ["Codes about the origin"])
    figure.axes[0].set(xlabel=f"dimension {i}", ylabel=f"dimension {j}")
    return figure


def codes_and_draws(subject: Subject) -> Figure:
    """Codes beside draws, in one frame."""
    view, what = subject.plane
    both = [view(subject.z[:POINTS]), view(subject.draws[:POINTS])]
    figure = planes(
        both, [f"Codes, {len(both[0]):,}", f"Draws, {len(both[1]):,}"],
        frame=limits(np.concatenate(both), share=0.995),
    )  # fmt: skip
    return _named(figure, what)


def by_class(subject: Subject) -> Figure:
    """Codes coloured by class."""
    view, what = subject.plane
    labels = np.zeros(len(subject.z), int) if subject.labels is None else subject.labels
    keep = np.flatnonzero(labels >= 0)[:POINTS]
    names = _names(subject, int(labels.max()) + 1)
    figure = planes([view(subject.z[keep])], ["Codes by class"], labels[keep], names)
    return _named(figure, what)


def gaps(subject: Subject, empty: Float[NDArray, "P 2"]) -> Figure:
    """The plane, with the points of the occupied region where no code is near."""
    figure = planes([subject.z[:POINTS]], ["Codes, and gaps between them"])
    figure.axes[0].scatter(
        empty[:, 0], empty[:, 1], s=3, color=COLOURS["vermilion"], linewidths=0, label="in a gap"
    )
    figure.axes[0].legend(loc="upper right", markerscale=4)
    return figure


def worst_draws(subject: Subject, of_codes: Numbers, of_draws: Numbers, what: str) -> Figure:
    """What draws decode to, from the nearest to real items to the farthest."""
    if subject.drawn.ndim != 4:
        ends = {"codes": of_codes, "draws": of_draws}
        mark = {"95% of codes": float(np.quantile(of_codes, 0.95))}
        return comparisons.overlaid(
            ends, f"distance to {what}, {subject.feature_space}", "Decoded draws", mark
        )
    made = subject.decoded[subject.apart]
    rows = {}
    for name, pictures, distance in (
        ("codes", made, of_codes), ("draws", subject.drawn, of_draws),
    ):  # fmt: skip
        order = np.argsort(distance)
        places = np.linspace(0.04, 1, SHOWN) * (len(order) - 1)
        rows[f"decoded\n{name}"] = pictures[order[places.astype(int)]]
    note = f"from near to far from {what}"
    return _rows(rows, "Decoded draws among real items", note)


def confusion(subject: Subject, labels: Int[NDArray, "N"], named: Int[NDArray, "N"]) -> Figure:
    """Each class by the classes of its neighbours."""
    many = int(max(labels.max(), named.max())) + 1
    counts = np.bincount(labels * many + named, minlength=many**2).reshape(many, many)
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    return comparisons.matrix(
        shares, _names(subject, many), "class", "most of the 11 nearest codes",
        "Whose neighbours are whose, %",
    )  # fmt: skip


def shares(usual: Int[NDArray, "N"], drawn: Int[NDArray, "M"], names: Sequence[str]) -> Figure:
    """Shares of classes among items and among draws."""
    groups = {}
    for series, found in (("items", usual), ("draws", drawn)):
        of = np.bincount(found, minlength=len(names)) / len(found)
        error = 1.96 * np.sqrt(of * (1 - of) / len(found))
        groups[series] = {
            name: (value, max(value - e, 0.0), value + e)
            for name, value, e in zip(names, of, error, strict=True)
        }
    return bars(groups, "share", "What is drawn, and what there is")


def two_errors(error: Numbers, train: Numbers) -> Figure:
    """Errors of reconstructions of training items and of others."""
    return comparisons.overlaid(
        {"training items": train, "other items": error},
        "root mean squared error, pixel units",
        "Reconstruction errors",
    )


def beside_linear(x: Numbers, made: Numbers, linear: Numbers, components: int) -> Figure:
    """Originals, reconstructions, and what principal components make of them."""
    if x.ndim != 4:
        axes = tuple(range(1, x.ndim))
        errors = [np.sqrt(np.square(x - other).mean(axes)) for other in (made, linear)]
        return comparisons.overlaid(
            {"the model": errors[0], f"{components} components": errors[1]},
            "root mean squared error", "Reconstruction errors",
        )  # fmt: skip
    rows = {"originals": x, "the model": made, f"{components} components": linear}
    return _rows({k: v[:SHOWN] for k, v in rows.items()}, "Beside a linear model")


def beside_nearest(drawn: Numbers, nearest: Numbers, distances: Numbers) -> Figure:
    """Decoded draws above the training items that they are nearest to, the nearest first."""
    places = np.linspace(0, 0.5, SHOWN) * (len(distances) - 1)
    order = np.argsort(distances)[places.astype(int)]
    if drawn.ndim != 4:
        return comparisons.overlaid(
            {"draws": distances}, "distance to the nearest training item", "Decoded draws"
        )
    rows = {"decoded draws": drawn[order], "nearest\ntraining items": nearest[order]}
    note = "from the nearest of all to the median"
    return _rows(rows, "Draws and their nearest training items", note)


def movement(moves: Numbers) -> Figure:
    """How much each pixel's reconstructions vary, as a part of what the pixel does."""
    label = "reconstructions' spread over the items'"
    flat = np.ma.masked_invalid(moves).mean(0).filled(np.nan) if moves.ndim == 3 else moves[None]
    return comparisons.heat(flat, label, "How pixels move")


def originals(data: Items, order: Int[NDArray, "N"]) -> Figure:
    """Originals above reconstructions, from the most to the least blurred."""
    places = order[np.linspace(0, len(order) - 1, SHOWN).astype(int)]
    rows = {"originals": data.x[places], "reconstructions": data.reconstructions[places]}
    return _rows(rows, "What is lost", "from the most to the least blurred")


def _rows(rows: Mapping[str, Numbers], title: str, note: str = "") -> Figure:
    many = min(map(len, rows.values()))
    pictures = np.stack([pictures[:many].clip(0, 1) for pictures in rows.values()])
    return strips(pictures, list(rows), [""] * many, title, note)


def _names(subject: Subject, many: int) -> list[str]:
    return [subject.classes[k] if k < len(subject.classes) else str(k) for k in range(many)]


def _named(figure: Figure, what: str) -> Figure:
    if what != "the latent plane":
        for axes in figure.axes:
            axes.set(xlabel="first principal direction", ylabel="second principal direction")
    return figure
