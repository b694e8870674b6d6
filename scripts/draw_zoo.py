"""Draw the zoo's pictures, docs/images/zoo/*.png, from models trained on Fashion-MNIST (subset).

    OMP_NUM_THREADS=1 python scripts/draw_zoo.py                 # all
    OMP_NUM_THREADS=1 python scripts/draw_zoo.py bounds priors   # some

The same machine, versions and number of threads give the same pictures. Numbers that the pages
quote are printed.
"""

import argparse
import functools
import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from reparam import data, fit, zoo
from reparam.conditional import Conditional
from reparam.distributions import DiagonalNormal, marginals
from reparam.families import Normal
from reparam.inference import inference
from reparam.metrics import evidence, information
from reparam.metrics.aggregate import log_aggregate
from reparam.models import VAE
from reparam.objectives import ImportanceWeighted, Objective
from reparam.plots import COLOURS, save, style
from reparam.plots.densities import SHARES, contours, mesh, shade
from reparam.plots.maps import APART, hemispheres, rims, simplex, triangle
from reparam.plots.plane import Limits, limits, prepare, scatter
from reparam.plots.sheet import sheet
from reparam.plots.style import CLASSES, ORDER
from reparam.priors import StandardNormal
from reparam.randomness import seeded
from reparam.trace import Latent
from reparam.training import Record
from reparam.zoo.parts import POSTERIORS

OUT = Path(__file__).resolve().parents[1] / "docs/images/zoo"
TRAIN, TEST = data.load("fashion-mnist-subset")
NAMES = TEST.schema.classes
SIDE = 201


class Trained(NamedTuple):
    """A model and what was recorded while it was trained."""

    model: VAE
    objective: Objective
    records: list[Record]


@functools.cache
def trained(
    name: str,
    latent: int = 2,
    epochs: int = 5,
    recipe: tuple[tuple[str, Any], ...] = (),
    **arguments: Any,
) -> Trained:
    """A variant after some epochs of the default recipe: a perceptron 512-256, seed 0."""
    parts = {"network": "mlp"} | arguments
    model, objective = zoo.ZOO[name].make(TRAIN.shape, latent=latent, **parts)
    history = fit(model, objective, TRAIN, epochs=epochs, progress=False, **dict(recipe))
    return Trained(model, objective, history.of("train"))


def posterior(model: VAE) -> Any:
    """The test pictures' posteriors."""
    given = [TEST.tensor(), torch.from_numpy(labels())][: 1 + model.conditions]
    with inference(model):
        return model.posterior(*given)


def drawn(model: VAE) -> NDArray:
    """One code of each test picture: a draw from its posterior."""
    with seeded(0):
        return posterior(model).sample().numpy()


def labels() -> NDArray:
    """The test pictures' classes."""
    assert TEST.labels is not None
    return TEST.labels.numpy()


def panels(rows: int, columns: int, width: float = 3.3, height: float = 3.5) -> tuple[Figure, Any]:
    """A figure with rows and columns of axes."""
    size = (width * columns, height * rows)
    figure = Figure(figsize=size, layout=ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.08))
    return figure, figure.subplots(rows, columns, squeeze=False)


def name_colours(figure: Figure) -> None:
    """The classes' colours below a figure."""
    dots = [Line2D([], [], marker="o", linestyle="", color=c, markersize=5) for c in CLASSES]
    figure.legend(dots, NAMES, loc="outside lower center", ncols=5, columnspacing=1.4)


def clouds(codes: Mapping[str, NDArray], rows: int = 1, circles: bool = False) -> Figure:
    """Planes of codes by class, each in its own frame; with the circles of N(0, I) if wished."""
    with style():
        figure, axes = panels(rows, len(codes) // rows)
        for panel, (title, z) in zip(axes.flat, codes.items(), strict=True):
            half = max(3.4, float(np.quantile(np.abs(z), 0.999)) * 1.05)
            square: Limits = ((-half, half), (-half, half))
            prepare(panel, square if circles else limits(z), "")
            panel.set_title(title, fontsize=10)
            scatter(panel, z, None if title.startswith("draws") else labels())
            for share in SHARES if circles else ():
                ring(panel, math.sqrt(-2 * math.log(1 - share)))
        name_colours(figure)
    return figure


def ring(axes: Axes, radius: float) -> None:
    """A circle around the origin."""
    turn = np.linspace(0, 2 * np.pi, 181)
    line = radius * np.cos(turn), radius * np.sin(turn)
    axes.plot(*line, color=COLOURS["black"], linewidth=1.1, zorder=4)


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
        dimensions.set(xlabel="dimension, by its rate", ylabel="rate (nats)")
        dimensions.set_title("Of each dimension")
        figure.legend(*training.get_legend_handles_labels(), loc="outside lower center", ncols=5)
    return figure


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


def tell_how_normal(model: VAE, many: int = 500) -> None:
    """How far true posteriors are from the normal with their mean and covariance."""
    p, points = true_posteriors(model, TEST.tensor()[:many], ((-3.2, 3.2), (-3.2, 3.2)))
    mean = p.T @ points
    spread = torch.einsum("gn,gi,gj->nij", p, points, points) - mean[:, :, None] * mean[:, None]
    entropy = -(p * p.clamp_min(1e-300).log()).sum(0) + 2 * math.log(6.4 / (SIDE - 1))
    away = torch.linalg.slogdet(spread).logabsdet / 2 + 1 + math.log(2 * math.pi) - entropy
    told("KL from the normal", median=away.median(), item=away[ITEM], largest=away.max())


def true_posteriors(model: VAE, x: Tensor, frame: Limits) -> tuple[Tensor, Tensor]:
    """p(z | x) at the points of a grid, (G, N), adding up to 1, and the points, (G, 2)."""
    points = torch.from_numpy(mesh(frame, SIDE).reshape(-1, 2)).float()
    with torch.no_grad():
        joint = torch.cat([log_joint(model, x, part) for part in points.split(5000)]).double()
    return joint.softmax(0), points.double()


def log_joint(model: VAE, x: Tensor, z: Tensor) -> Tensor:
    """Log p(x | z) + log p(z) for each code and picture, (G, N), of Bernoulli pixels."""
    logits = model.likelihood.network(z).flatten(1)
    pixels = logits @ x.flatten(1).T - nn.functional.softplus(logits).sum(1, keepdim=True)
    return pixels + model.prior().log_prob(z)[:, None]


def evidence_of(model: VAE, x: Tensor) -> float:
    """Log p(x) by a sum over a fine grid."""
    points = torch.from_numpy(mesh(((-4, 4), (-4, 4)), 401).reshape(-1, 2)).float()
    with torch.no_grad():
        parts = [log_joint(model, x[None], part).double() for part in points.split(5000)]
    return torch.cat(parts).logsumexp(0).item() + 2 * math.log(8 / 400)


def fitted(model: VAE, x: Tensor, kind: str, start: Tensor, steps: int = 1200) -> Any:
    """The posterior of a family that comes nearest to the true one, without an encoder."""
    with seeded(0):
        family = POSTERIORS[kind].family(2)
        features = torch.zeros(1, *family.features((2,)))
        features[0, :2], features[0, 2 : min(4, features.shape[1])] = start, -4.0
        features.requires_grad_()
        optimizer = torch.optim.Adam([features, *family.parameters()], 0.02)
        falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
        for _ in range(steps):
            optimizer.zero_grad()
            surplus(model, x, family(features), 64).mean().backward()
            optimizer.step()
            falling.step()
    for parameter in family.parameters():
        parameter.requires_grad_(False)
    return family(features.detach())


def surplus(model: VAE, x: Tensor, q: Any, draws: int) -> Tensor:
    """Log q(z) - log p(x, z) at some draws."""
    latent = Latent.draw(q, None, draws)
    log_q = q.log_prob(latent.z) if latent.log_q is None else latent.log_q
    return log_q[:, 0] - log_joint(model, x, latent.z[:, 0])[:, 0]


ITEM = 354
"""A test picture, a shirt, whose true posterior has two hills."""
FAMILIES = ["isotropic", "diagonal", "full", "planar", "radial", "autoregressive", "spline"]


def draw_posteriors() -> Figure:
    """One picture's true posterior, and the nearest density of each family."""
    model = trained("vae").model
    model.requires_grad_(False)
    tell_how_normal(model)
    x = TEST.tensor()[ITEM : ITEM + 1]
    p, points = true_posteriors(model, x, ((-3.2, 3.2), (-3.2, 3.2)))
    start = points[p.argmax()].float()
    with seeded(0):
        draws = points[torch.multinomial(p[:, 0], 4000, True)]
    frame = limits(draws.numpy(), share=0.998, room=0.2)
    truth = true_posteriors(model, x, frame)[0].reshape(SIDE, SIDE).numpy()
    log_p = evidence_of(model, x[0])
    with inference(model):
        found = {"diagonal, the encoder's": model.posterior(x)}
    found |= {kind: fitted(model, x, kind, start) for kind in FAMILIES}
    z = torch.from_numpy(mesh(frame, SIDE).reshape(-1, 1, 2)).float()
    with style():
        figure, axes = panels(2, 4, width=2.6, height=2.85)
        for panel, (title, q) in zip(axes.flat, found.items(), strict=True):
            with torch.no_grad(), seeded(0):
                away = surplus(model, x, q, 20_000).mean().item() + log_p
                density = q.log_prob(z).exp().reshape(SIDE, SIDE).numpy()
            shade(panel, truth, frame)
            prepare(panel, frame, "")
            panel.set_title(f"{title}\nKL {away:.2f} nats", fontsize=9)
            contours(panel, density, frame, colour=COLOURS["vermilion"])
            told(title, kl=away)
    return figure


def draw_spaces() -> Figure:
    """Codes on the sphere, in the ball and on the simplex."""
    with style():
        figure = Figure(figsize=(10, 6.2), layout="constrained")
        upper, lower = figure.subplots(2, 2, width_ratios=[2.1, 1])
        for panel, name in zip((upper[0], lower[0]), ("hyperspherical_vae", "power_spherical_vae"),
                               strict=True):  # fmt: skip
            scatter(panel, hemispheres(drawn(trained(name, latent=3, seed=1).model)), labels())
            rims(panel, 0, APART)
            panel.set_title(f"{name}, latent=3: both halves of the sphere", fontsize=10)
        scatter(upper[1], drawn(trained("poincare_vae").model), labels())
        rims(upper[1], 0)
        upper[1].set_title("poincare_vae, latent=2", fontsize=10)
        model = trained("concrete_vae", latent=3, categories=3).model
        scatter(lower[1], simplex(drawn(model)), labels())
        triangle(lower[1])
        lower[1].set_title("concrete_vae, latent=3, categories=3", fontsize=10)
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
            frame = limits(z, share=1.0, room=0.15)
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


DENSITIES = ["learned_sigma_vae", "laplace_vae", "student_t_vae", "continuous_bernoulli_vae",
             "logistic_mixture_vae"]  # fmt: skip


def draw_pixels() -> Figure:
    """What five likelihoods say of a black pixel and of a grey one of one picture."""
    item = int(np.flatnonzero(labels() == NAMES.index("Shirt"))[0])
    x = TEST.tensor()[item : item + 1]
    steps = torch.arange(256) / 255
    with style():
        figure, axes = panels(1, 2, width=4.7, height=3.9)
        for panel, (row, column) in zip(axes[0], [(1, 1), (14, 14)], strict=True):
            for name, dash in zip(DENSITIES, ("-", "--", "-.", ":", "-"), strict=True):
                changed = x.repeat(256, 1, 1, 1)
                changed[:, 0, row, column] = steps
                model = with_loss(name)
                with inference(model):
                    found = model.likelihood(model.encode(x)).log_prob(changed).double()
                density = (found.softmax(0) * 255).numpy()
                panel.plot(steps, density, dash, label=name)
            value = x[0, 0, row, column].item()
            panel.axvline(value, color=COLOURS["black"], linewidth=0.9)
            panel.set(xlabel="pixel", ylabel="density", yscale="log", ylim=(1e-3, 300))
            panel.set_title(f"A pixel of {value:.2f}")
        figure.legend(*panel.get_legend_handles_labels(), loc="outside lower center", ncols=3)
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


DRAWINGS: dict[str, Callable[[], Figure]] = {
    name.removeprefix("draw_"): function
    for name, function in list(globals().items())
    if name.startswith("draw_")
}


def told(name: str, **numbers: Any) -> None:
    """Print what was measured."""
    print(f"  {name}: " + ", ".join(f"{k} {float(v):.4g}" for k, v in numbers.items()), flush=True)


def in_few_colours(path: Path) -> None:
    """Write a picture again in its 256 most frequent colours."""
    with Image.open(path) as picture:
        whole = picture.convert("RGB")
    counted = sorted(whole.getcolors(whole.width * whole.height), reverse=True)[:256]
    palette = Image.new("P", (1, 1))
    palette.putpalette([level for _, colour in counted for level in colour])
    whole.quantize(palette=palette, dither=Image.Dither.NONE).save(path, optimize=True)


def write(name: str, folder: Path) -> None:
    """Draw one picture and write it in few colours."""
    began = time.time()
    print(name, flush=True)
    path = save(DRAWINGS[name](), folder / f"{name}.png")
    in_few_colours(path)
    print(f"  {path.name}: {path.stat().st_size // 1000} kB, {time.time() - began:.0f} s")


def main() -> None:
    """Draw what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(DRAWINGS))
    parser.add_argument("--out", type=Path, default=OUT, help="where the pictures go")
    options = parser.parse_args()
    if unknown := set(options.names) - set(DRAWINGS):
        parser.error(f"no picture is called {', '.join(unknown)}: there are {', '.join(DRAWINGS)}")
    for name in options.names or DRAWINGS:
        write(name, options.out)


if __name__ == "__main__":
    main()
