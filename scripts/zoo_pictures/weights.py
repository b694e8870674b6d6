"""Rates while training, and in parts."""

import math

import numpy as np
import torch
from matplotlib.figure import Figure

from reparam.distributions import marginals
from reparam.inference import inference
from reparam.metrics.aggregate import log_aggregate
from reparam.models import VAE
from reparam.plots import COLOURS, style
from reparam.plots.style import ORDER
from reparam.randomness import seeded
from zoo_pictures.common import (
    TEST,
    panels,
    posterior,
    told,
    trained,
)


def draw_vae() -> Figure:
    """Rates while training, and of each dimension afterwards."""
    names = {"vae": {}, "beta_vae": {}, "annealed_vae": {"gamma": 10.0}, "cyclical_vae": {},
             "free_bits_vae": {}}  # fmt: skip
    with style():
        figure, axes = panels(1, 3, width=3.4, height=3.5)
        (training, trade, dimensions) = axes[0]
        for number, (name, given) in enumerate(names.items()):
            model, _, records = trained(name, latent=16, **given)
            colour = COLOURS[ORDER[number]]
            epochs, rates = (np.array([r[key] for r in records]) for key in ("epoch", "rate"))
            training.plot(epochs, rates, color=colour, label=name, linewidth=1.3)
            with inference(model), seeded(0):
                trace = model(TEST.tensor())
            each = np.sort(trace.latents[0].kl_per_dimension.mean(0).numpy())[::-1]
            distortion = -trace.log_likelihood.mean().item()
            trade.scatter(each.sum(), distortion, color=colour, s=45, zorder=3)
            dimensions.plot(np.arange(1, 17), each, color=colour, marker="o", markersize=3.5)
            told(name, distortion=distortion, rate=each.sum(), bound=distortion + each.sum(),
                 active=(each > 0.01).sum())  # fmt: skip
        training.set(xlabel="epoch", ylabel="rate (nats)")
        training.set_title("While training")
        trade.set(xlabel="rate (nats)", ylabel="distortion (nats)")
        trade.set_title("On test pictures")
        dimensions.set(
            xlabel="dimension, by its rate", ylabel="rate (nats)", xticks=[1, 4, 8, 12, 16]
        )
        dimensions.set_title("Of each dimension")
        figure.legend(*training.get_legend_handles_labels(), loc="outside lower center", ncols=5)
    return figure


def rate_in_parts(model: VAE) -> dict[str, float]:
    """Mutual information, total correlation and dimension-wise rate of the empirical aggregate."""
    q = posterior(model)
    with torch.no_grad(), seeded(0):
        z = q.sample()
        own, prior = q.log_prob(z).double(), model.prior().log_prob(z).double()
        joint, _ = log_aggregate(q, z, progress=False)
        each = marginals(q).log_prob(z[:, None, :, None])
        product = (each.logsumexp(1) - math.log(len(z))).sum(-1)
    return {
        "mutual information": (own - joint).mean().item(),
        "total correlation": (joint - product).mean().item(),
        "dimension-wise rate": (product - prior).mean().item(),
    }


def draw_disentangling() -> Figure:
    """The rate in its three parts, and the means' correlations."""
    names = ["vae", "beta_vae", "beta_tcvae", "factor_vae", "dip_vae_i", "dip_vae_ii", "info_vae",
             "mmd_vae"]  # fmt: skip
    with style():
        figure = Figure(figsize=(10.2, 3.9), layout="constrained")
        left, right = figure.subfigures(1, 2, width_ratios=[1, 1.15])
        bars, matrices = left.subplots(), right.subplots(2, 4)
        for number, (name, panel) in enumerate(zip(names, matrices.flat, strict=True)):
            given = {"critic": (256, 256)} if name == "factor_vae" else {}
            model = trained(name, latent=6, **given).model
            matrix = np.corrcoef(model.encode(TEST.tensor()).numpy().T)
            shown = panel.imshow(matrix, cmap="RdBu_r", vmin=-1, vmax=1)
            panel.set(xticks=[], yticks=[])
            panel.grid(False)
            panel.set_title(name, fontsize=9)
            parts, base = rate_in_parts(model), 0.0
            for (part, nats), colour in zip(parts.items(), ORDER, strict=False):
                bars.barh(number, nats, 0.7, left=base, color=COLOURS[colour],
                          label=part if number == 0 else None)  # fmt: skip
                base += nats
            off = np.abs(matrix[~np.eye(6, dtype=bool)]).mean()
            told(name, **parts, rate=base, correlation=off)
        right.colorbar(shown, ax=matrices, shrink=0.7, label="correlation")
        bars.set_yticks(range(len(names)), names)
        bars.invert_yaxis()
        bars.set(xlabel="nats")
        bars.grid(axis="y", visible=False)
        left.legend(loc="outside upper center", ncols=3, columnspacing=1.2, handlelength=1.2)
    return figure
