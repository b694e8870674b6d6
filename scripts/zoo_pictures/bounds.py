"""Bounds from many draws, and how much of their gradients is signal."""

import math

import torch
from matplotlib.figure import Figure
from torch import Tensor, nn

from reparam.conditional import Conditional
from reparam.distributions import DiagonalNormal
from reparam.families import Normal
from reparam.metrics import evidence
from reparam.models import VAE
from reparam.objectives import ImportanceWeighted, Objective
from reparam.plots import style
from reparam.priors import StandardNormal
from reparam.randomness import seeded
from zoo_pictures.common import (
    TEST,
    panels,
    told,
    trained,
)


class Guess(nn.Module):
    """A posterior for each of many copies of one picture: the same, but with its own parameters.

    Args:
        mean: (R, D).
        log_variance: Of all.
    """

    def __init__(self, mean: Tensor, log_variance: float) -> None:
        super().__init__()
        self.mean, self.log_variance = nn.Parameter(mean), log_variance

    def forward(self, x: Tensor) -> DiagonalNormal:
        """The posteriors."""
        return DiagonalNormal(self.mean, torch.full_like(self.mean, self.log_variance))


def gradient_signal(gradient: str, groups: int, draws: int, copies: int = 20_000) -> float:
    """The length of the posterior mean's mean gradient over its noise's, in a linear model.

    z ~ N(0, I) and x ~ N(z, I) in 8 dimensions have the posterior N(x / 2, I / 2); the guess has
    a mean that is off by about 0.1 in each and the variance 2 / 3.
    """
    with seeded(0):
        x, off = torch.randn(8), 0.1 * torch.randn(8)
    guess = Guess((x / 2 + off).expand(copies, 8).clone(), math.log(2 / 3))
    likelihood = Conditional(nn.Identity(), Normal(1.0, link="identity", event_dims=1), [1])
    model = VAE(guess, StandardNormal(8), likelihood)
    objective = Objective(ImportanceWeighted(groups, gradient), samples=draws)
    with seeded(1):
        (copies * objective(model(x.expand(copies, 8), samples=draws))["loss"]).backward()
    found = guess.mean.grad
    assert found is not None
    noise = found.var(0).sum()
    signal = found.mean(0).square().sum() - noise / copies
    return (signal.clamp_min(0) / noise).sqrt().item()


def draw_bounds() -> Figure:
    """The bound against K, and the gradient's signal against K."""
    with style():
        figure, axes = panels(1, 2, width=4.9, height=3.9)
        tight, signal = axes[0]
        models = {"vae": trained("vae", latent=16),
                  "iwae, draws=20": trained("iwae", latent=16, draws=20)}  # fmt: skip
        many = [1, 2, 5, 10, 20, 50, 100, 200]
        for name, (model, *_) in models.items():
            nats = [evidence(model, TEST[:300], k, progress=False).nats for k in many]
            tight.plot(many, nats, marker="o", markersize=3.5, label=name)
            told(name, **{f"K={k}": v for k, v in zip(many, nats, strict=True)})
        kinds = {"iwae": ("plain", 0), "miwae, 4 draws a group": ("plain", 4),
                 "dreg": ("doubly", 0)}  # fmt: skip
        for name, (gradient, each) in kinds.items():
            draws = [k for k in (1, 2, 4, 8, 16, 32, 64) if k >= each]
            ratios = [gradient_signal(gradient, k // each if each else 1, k) for k in draws]
            signal.plot(draws, ratios, marker="o", markersize=3.5, label=name)
            told(name, **{f"draws={k}": v for k, v in zip(draws, ratios, strict=True)})
        tight.set(xlabel="draws K", ylabel="bound of $-\\log p(x)$ (nats)", xscale="log")
        tight.set_title("Bounds of two trained models")
        signal.set(xlabel="draws", ylabel="signal over noise", xscale="log", yscale="log")
        signal.set_title("The posterior mean's gradient")
        for panel, ticks in ((tight, many), (signal, [1, 2, 4, 8, 16, 32, 64])):
            panel.set_xticks(ticks, [str(tick) for tick in ticks])
            panel.minorticks_off()
            panel.legend()
        heights = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2]
        signal.set_yticks(heights, [f"{height:g}" for height in heights])
    return figure
