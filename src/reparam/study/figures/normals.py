"""Normal distributions, log-variances, gradients and the KL divergence."""

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch.distributions import kl_divergence

from reparam.distributions import DiagonalNormal, IsotropicNormal
from reparam.plots.numbers import bars, curves, histograms
from reparam.plots.plane import planes
from reparam.study.claims.draws import SUBJECT, compared_gradients, raw_log_variances
from reparam.study.claims.normals import cheap
from reparam.study.drawing import Drawing
from reparam.study.evidence import Evidence
from reparam.study.figures.losses import point

SECTION = "Normals, draws and the KL divergence"


def draw_covariances(evidence: Evidence) -> Figure:
    """A thousand draws from a normal distribution of each covariance."""
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(1000, 2))
    roots = {
        "isotropic: one variance": np.eye(2),
        "diagonal: one for each": np.diag([1.8, 0.5]),
        "full: correlated": np.array([[1.5, 0.0], [1.1, 0.6]]),
    }
    clouds = [noise @ root.T for root in roots.values()]
    return planes(clouds, list(roots), frame=((-5, 5), (-5, 5)))


def draw_log_variance(evidence: Evidence) -> Figure:
    """What the network puts out for the log-variance."""
    raw = raw_log_variances(evidence)
    return histograms({f"{SUBJECT}": raw}, title="What the network puts out for the log-variance")


def draw_kl(evidence: Evidence) -> Figure:
    """The KL divergence of N(mean, sigma^2) from N(0, 1)."""
    zero = torch.zeros(())
    means, sigmas = torch.linspace(-3, 3, 121), torch.linspace(0.05, 3, 121)

    def divergence(mean: torch.Tensor, sigma: torch.Tensor) -> NDArray:
        q = DiagonalNormal(mean, 2 * sigma.log(), 0)
        return kl_divergence(q, IsotropicNormal(zero, zero, 0)).numpy()

    ones = torch.ones(121)
    return curves(
        {
            "by the mean": {
                f"sigma {s:g}": (means.numpy(), divergence(means, s * ones)) for s in (1, 0.5, 0.1)
            },
            "by sigma": {
                f"mean {m:g}": (sigmas.numpy(), divergence(m * ones, sigmas)) for m in (0, 1, 2)
            },
        },
        "mean, or sigma",
        ["KL divergence (nats)"] * 2,
        "KL divergence of N(mean, sigma²) from N(0, 1)",
    )


def draw_gradients(evidence: Evidence) -> Figure:
    """Both gradient estimates for one picture."""
    first, second = compared_gradients(evidence, 1)[0]
    scale = np.abs(first.mean(0))[:1]
    rows = {
        "reparameterised": first[:, :2] / scale,
        "score function": np.clip(second[:, :2] / scale, -60, 60),
    }
    return histograms(
        rows, title="2,000 gradients of one picture's distortion by its mean, over their mean size"
    )


def draw_cost(evidence: Evidence) -> Figure:
    """The time that covariances cost."""
    measured = cheap(evidence)
    groups: dict = {}
    for name, value in measured.items():
        what, dimensions = name.removeprefix("time of ").split(", ")
        groups.setdefault(what, {})[dimensions] = point(value)
    return bars(
        groups,
        "ratio of times",
        "Time of a draw and its density",
        reference=(1, "equal"),
    )


NORMALS = [
    Drawing(
        "covariances",
        SECTION,
        "A diagonal covariance is not isotropic: each dimension has a variance of its own.",
        draw_covariances,
    ),
    Drawing(
        "log-variance",
        SECTION,
        "The network's own outputs for the log-variance, of 5,000 pictures. Where they are below "
        "zero, they could be no variance and no standard deviation.",
        draw_log_variance,
    ),
    Drawing(
        "gradients",
        SECTION,
        "Both estimates have the same mean. The score function's scatters far more.",
        draw_gradients,
    ),
    Drawing("kl", SECTION, "What a posterior costs.", draw_kl),
    Drawing("cost", SECTION, "What a covariance costs.", draw_cost),
]
