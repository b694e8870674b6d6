"""Codes: in planes, on the sphere, in the ball, under priors and labels."""

import math

import numpy as np
import torch
from matplotlib.figure import Figure

from reparam.inference import inference
from reparam.metrics import evidence, information
from reparam.plots import style
from reparam.plots.densities import SHARES, contours, mesh
from reparam.plots.maps import APART, hemispheres, rims, simplex, triangle
from reparam.plots.plane import limits, prepare, scatter
from reparam.plots.sheet import sheet
from zoo_pictures.common import (
    NAMES,
    SIDE,
    TEST,
    clouds,
    drawn,
    labels,
    name_colours,
    panels,
    posterior,
    told,
    trained,
)


def draw_autoencoders() -> Figure:
    """Six autoencoders' planes."""
    names = ["autoencoder", "denoising_autoencoder", "contractive_autoencoder",
             "rae_l2", "rae_gp", "rae_sn"]  # fmt: skip
    codes = {}
    for name in names:
        model = trained(name).model
        codes[name] = model.encode(TEST.tensor()).numpy()
        error = (model.reconstruct(TEST.tensor()) - TEST.tensor()).square().mean().sqrt()
        spread = np.median(np.linalg.norm(codes[name] - codes[name].mean(0), axis=1))
        told(name, root_mean_squared_error=error, spread=spread)
    return clouds(codes, rows=2)


def draw_matching() -> Figure:
    """Codes against the prior's circles."""
    codes = {}
    names = ["autoencoder", "wae_mmd", "sliced_wae", "adversarial_autoencoder", "vae"]
    for name in names:
        z = drawn(trained(name).model)
        inside = [(np.square(z).sum(1) < -2 * math.log(1 - share)).mean() for share in SHARES]
        told(name, **{f"within_{s}": part for s, part in zip(SHARES, inside, strict=True)})
        codes[name] = z
    codes["draws from N(0, I)"] = np.random.default_rng(0).normal(size=(len(TEST), 2))
    return clouds(codes, rows=2, circles=True)


def draw_spaces() -> Figure:
    """Codes on the sphere, in the ball and on the simplex."""
    with style():
        figure = Figure(figsize=(10, 6.2), layout="constrained")
        upper, lower = figure.subplots(2, 2, width_ratios=[2.1, 1])
        for panel, name in zip((upper[0], lower[0]), ("hyperspherical_vae", "power_spherical_vae"),
                               strict=True):  # fmt: skip
            scatter(panel, hemispheres(drawn(trained(name, latent=3).model)), labels())
            rims(panel, 0, APART)
            panel.set_title(f"{name}, latent=3: both halves of the sphere", fontsize=10)
        scatter(upper[1], drawn(trained("poincare_vae").model), labels())
        rims(upper[1], 0)
        upper[1].set_title("poincare_vae, latent=2", fontsize=10)
        model = trained("concrete_vae", latent=3, categories=3).model
        scatter(lower[1], simplex(drawn(model)), labels())
        triangle(lower[1])
        lower[1].set_title("concrete_vae, categories=3", fontsize=10)
        name_colours(figure)
    return figure


def draw_priors() -> Figure:
    """The priors' densities over the codes."""
    variants = {"vae: N(0, I)": ("vae", {}), "mixture_vae, components=10": ("mixture_vae", {}),
                "vamp_vae, components=100": ("vamp_vae", {"components": 100}),
                "flow_prior_vae": ("flow_prior_vae", {})}  # fmt: skip
    with style():
        figure, axes = panels(2, 2, width=4.2, height=4.2)
        for panel, (title, (name, given)) in zip(axes.flat, variants.items(), strict=True):
            model = trained(name, epochs=15, **given).model
            z = drawn(model)
            frame = limits(z, share=0.99, room=0.2)
            with inference(model):
                points = torch.from_numpy(mesh(frame, SIDE).reshape(-1, 2)).float()
                density = model.prior().log_prob(points).exp().reshape(SIDE, SIDE).numpy()
            prepare(panel, frame, "")
            panel.set_title(title, fontsize=10)
            scatter(panel, z, labels())
            contours(panel, density, frame)
            apart = information(posterior(model), model.prior(), progress=False)
            told(name, bound=evidence(model, TEST, 1, progress=False).nats,
                 mutual_information=apart.mutual_information,
                 aggregate_kl=apart.aggregate_kl)  # fmt: skip
        name_colours(figure)
    return figure


def draw_labels() -> Figure:
    """Codes without and with labels given."""
    return clouds({name: drawn(trained(name).model) for name in ("vae", "conditional_vae")})


def draw_conditional() -> Figure:
    """The same noise through every label's prior, decoded."""
    model = trained("conditional_vae").model
    noises = [(t, 0.0) for t in (-1.5, -0.75, 0.0, 0.75, 1.5)] + [(0.0, -1.5), (0.0, 1.5)]
    every = torch.arange(10)
    with inference(model):
        prior = model.prior(every)
    rows = {}
    for noise in noises:
        z = prior.mean + prior.stddev * torch.tensor(noise)
        rows[f"({noise[0]:g}, {noise[1]:g})"] = model.decode(z, every).numpy()
    spread = prior.mean.norm(dim=1).mean(), prior.stddev.mean()
    told("priors", distance_of_means_from_0=spread[0], standard_deviation=spread[1])
    return sheet(rows, NAMES, "One noise a row, through every label's prior")
