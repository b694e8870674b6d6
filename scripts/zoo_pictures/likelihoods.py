"""Reconstructions under every loss, and what likelihoods say of one pixel."""

import numpy as np
import torch
from matplotlib.figure import Figure

from reparam.inference import inference
from reparam.models import VAE
from reparam.plots import COLOURS, style
from reparam.plots.sheet import sheet
from reparam.randomness import seeded
from zoo_pictures.common import NAMES, TEST, labels, panels, told, trained

LOSSES = ["vae", "optimal_sigma_vae", "learned_sigma_vae", "laplace_vae", "student_t_vae",
          "continuous_bernoulli_vae", "logistic_mixture_vae", "ms_ssim_vae", "feature_vae",
          "vae_gan"]  # fmt: skip


SLOWLY = {"critic": (16, 32)}, {"learning_rate": 2e-3}


def with_loss(name: str) -> VAE:
    """A small convolutional model of 16 latents; the VAE-GAN's players learn more slowly."""
    given, recipe = SLOWLY if name == "vae_gan" else ({}, {})
    network = {"network": "convolutional", "widths": (16, 32)}
    return trained(name, latent=16, recipe=tuple(recipe.items()), **network, **given).model


def draw_likelihoods() -> Figure:
    """Test pictures and what each loss makes of them."""
    chosen = np.array([np.flatnonzero(labels() == label)[0] for label in range(10)])
    x = TEST.tensor()[chosen]
    rows = {"original": x.numpy()}
    for name in LOSSES:
        model = with_loss(name)
        rows[name] = model.reconstruct(x).numpy()
        error = (model.reconstruct(TEST.tensor()) - TEST.tensor()).square().mean().sqrt()
        with inference(model), seeded(0):
            rate = model(TEST.tensor()).kl.mean()
        told(name, root_mean_squared_error=error, rate=rate)
    return sheet(rows, NAMES, "Test pictures and their reconstructions")


DENSITIES = ["learned_sigma_vae", "laplace_vae", "student_t_vae", "logistic_mixture_vae",
             "continuous_bernoulli_vae"]  # fmt: skip
PIXELS, ENDS = [(1, 1), (14, 14)], [0.1, 1.02]


def draw_pixels() -> Figure:
    """What five likelihoods say of a black pixel and of a grey one of one picture."""
    item = int(np.flatnonzero(labels() == NAMES.index("Shirt"))[0])
    x = TEST.tensor()[item : item + 1]
    steps = torch.arange(256) / 255
    with style():
        figure, axes = panels(1, 2, width=4.7, height=3.9)
        for panel, (row, column), until in zip(axes[0], PIXELS, ENDS, strict=True):
            for name, dash in zip(DENSITIES, ("-", "--", "-.", "-", ":"), strict=True):
                changed = x.repeat(256, 1, 1, 1)
                changed[:, 0, row, column] = steps
                model = with_loss(name)
                with inference(model):
                    found = model.likelihood(model.encode(x)).log_prob(changed).double()
                density = (found.softmax(0) * 255).numpy()
                panel.plot(steps, density, dash, label=name, drawstyle="steps-mid")
            value = x[0, 0, row, column].item()
            foot = panel.get_xaxis_transform()
            panel.plot(value, 0.03, "^", color=COLOURS["black"], transform=foot)
            panel.set(xlabel="pixel", ylabel="density", yscale="log", ylim=(1e-3, 300))
            panel.set_xlim(-0.02 * until, until)
            panel.set_title(f"A pixel of {value:.2f}")
        figure.legend(*panel.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure
