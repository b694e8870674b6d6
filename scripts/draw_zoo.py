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
from matplotlib.lines import Line2D
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from reparam import data, fit, zoo
from reparam.data import Dataset
from reparam.distributions import marginals
from reparam.inference import inference
from reparam.metrics import evidence
from reparam.metrics.aggregate import log_aggregate
from reparam.models import VAE
from reparam.objectives import ImportanceWeighted, Objective
from reparam.plots import COLOURS, save, style
from reparam.plots.densities import SHARES, contours, mesh, shade
from reparam.plots.maps import APART, hemispheres, rims, simplex, triangle
from reparam.plots.plane import Limits, limits, prepare, scatter
from reparam.plots.sheet import sheet
from reparam.plots.style import CLASSES, ORDER
from reparam.randomness import seeded
from reparam.training import Record

OUT = Path(__file__).resolve().parents[1] / "docs/images/zoo"
TRAIN, TEST = data.load("fashion-mnist-subset")
NAMES = TEST.schema.classes
FRAME: Limits = ((-4.2, 4.2), (-4.2, 4.2))
SIDE = 201
COLOURS_KEPT = 192


class Trained(NamedTuple):
    """A model and what was recorded while it was trained."""

    model: VAE
    objective: Objective
    records: list[Record]


@functools.cache
def trained(name: str, latent: int = 2, epochs: int = 5, **arguments: Any) -> Trained:  # noqa: ANN401
    """A variant after some epochs of the default recipe: a perceptron 512-256, seed 0."""
    parts = {"network": "mlp"} | arguments
    model, objective = zoo.ZOO[name].make(TRAIN.shape, latent=latent, **parts)
    history = fit(model, objective, TRAIN, epochs=epochs, progress=False)
    return Trained(model, objective, history.of("train"))


def posterior(model: VAE, items: Dataset = TEST) -> Any:  # noqa: ANN401
    """The posteriors of some pictures."""
    with inference(model):
        return model.posterior(items.tensor())


def drawn(model: VAE, items: Dataset = TEST) -> NDArray:
    """One code of each picture: a draw from its posterior."""
    with seeded(0):
        return posterior(model, items).sample().numpy()


def labels() -> NDArray:
    """The test pictures' classes."""
    assert TEST.labels is not None
    return TEST.labels.numpy()


def panels(rows: int, columns: int, width: float = 3.4, height: float = 3.6) -> tuple[Figure, Any]:
    """A figure with rows and columns of axes."""
    size = (width * columns, height * rows)
    figure = Figure(figsize=size, layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False)


def name_colours(figure: Figure) -> None:
    """The classes' colours below a figure."""
    dots = [Line2D([], [], marker="o", linestyle="", color=c, markersize=5) for c in CLASSES]
    figure.legend(dots, NAMES, loc="outside lower center", ncols=5, columnspacing=1.4)


def clouds(codes: Mapping[str, NDArray], rows: int = 1, circles: bool = False) -> Figure:
    """Planes of codes by class, each in its own frame; with the circles of N(0, I) if asked for."""
    with style():
        figure, axes = panels(rows, len(codes) // rows)
        for panel, (title, z) in zip(axes.flat, codes.items(), strict=True):
            prepare(panel, limits(np.concatenate([z, [[3, 3], [-3, -3]]] if circles else [z])), "")
            panel.set_title(title, fontsize=10)
            scatter(panel, z, labels())
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
    names = ["vae", "beta_vae", "annealed_vae", "cyclical_vae", "free_bits_vae"]
    with style():
        figure, axes = panels(1, 3, width=4.2, height=3.9)
        (training, trade, dimensions) = axes[0]
        for number, name in enumerate(names):
            model, _, records = trained(name, latent=16)
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
        training.set(xlabel="epoch", ylabel="rate (nats)", ylim=(0, 45))
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
    names = ["autoencoder", "vae", "wae_mmd", "sliced_wae", "adversarial_autoencoder"]
    for name in names:
        z = drawn(trained(name).model)
        inside = (np.square(z).sum(1) < -2 * math.log(0.1)).mean()
        codes[f"{name}\n{inside:.0%} within the 90% circle"] = z
    return clouds(codes, circles=True)


def gradient_signal(model: VAE, objective: Objective, repeats: int = 100) -> float:
    """The length of the encoder's mean gradient over its noise's, for 16 test pictures."""
    weights, x = [*model.posterior.parameters()][-2:], TEST.tensor()[:16]
    found = []
    for seed in range(repeats):
        with seeded(seed):
            loss = objective(model(x, samples=objective.samples))["loss"]
        parts = torch.autograd.grad(loss, weights)
        found.append(torch.cat([part.flatten() for part in parts]))
    gradients = torch.stack(found)
    noise = gradients.var(0).sum()
    signal = gradients.mean(0).square().sum() - noise / repeats
    return (signal.clamp_min(0) / noise).sqrt().item()


def draw_bounds() -> Figure:
    """The bound against K, and the gradient's signal against K."""
    some = TEST[:500]
    with style():
        figure, axes = panels(1, 2, width=5.0, height=3.9)
        tight, signal = axes[0]
        models = {"vae": trained("vae", latent=16),
                  "iwae, draws=20": trained("iwae", latent=16, draws=20)}  # fmt: skip
        many = [1, 2, 5, 10, 20, 50, 100, 200, 500]
        for name, (model, *_) in models.items():
            nats = [evidence(model, some, k, progress=False).nats for k in many]
            tight.plot(many, nats, marker="o", markersize=3.5, label=name)
            told(name, **{f"K{k}": v for k, v in zip(many, nats, strict=True)})
        early = trained("vae", latent=16, epochs=1).model
        kinds = {"iwae": ("plain", 1), "miwae, groups of 4": ("plain", 4), "dreg": ("doubly", 1)}
        for name, (gradient, each) in kinds.items():
            draws = [k for k in (1, 4, 16, 64, 256) if k >= each]
            ratios = []
            for k in draws:
                term = ImportanceWeighted(k // each if each > 1 else 1, gradient)
                ratios.append(gradient_signal(early, Objective(term, samples=k)))
            signal.plot(draws, ratios, marker="o", markersize=3.5, label=name)
            told(name, **{f"K{k}": v for k, v in zip(draws, ratios, strict=True)})
        tight.set(xlabel="draws K", ylabel="bound of −log p(x) (nats)", xscale="log")
        tight.set_title("The bound tightens with K")
        signal.set(xlabel="draws", ylabel="signal over noise", xscale="log", yscale="log")
        signal.set_title("The encoder's gradient")
        tight.legend()
        signal.legend()
    return figure


def rate_in_parts(model: VAE) -> dict[str, float]:
    """Mutual information, total correlation and dimension-wise rate of the empirical aggregate."""
    q = posterior(model)
    with torch.no_grad(), seeded(0):
        z = q.sample()
        own, prior = q.log_prob(z).double(), model.prior().log_prob(z).double()
        joint, _ = log_aggregate(q, z, progress=False)
        each = marginals(q).log_prob(z.unsqueeze(1)).double()
        product = (each.logsumexp(1) - math.log(len(z))).sum(-1)
    return {
        "mutual information": (own - joint).mean().item(),
        "total correlation": (joint - product).mean().item(),
        "dimension-wise rate": (product - prior).mean().item(),
    }


def draw_disentangling() -> Figure:
    """Correlations of the means, and the rate in its three parts."""
    names = ["vae", "beta_vae", "beta_tcvae", "factor_vae", "dip_vae_i", "dip_vae_ii", "info_vae",
             "mmd_vae"]  # fmt: skip
    with style():
        figure = Figure(figsize=(11.5, 5.6), layout="constrained")
        upper, lower = figure.subfigures(2, 1, height_ratios=[1, 1.55])
        tops = upper.subplots(1, len(names))
        bars = lower.subplots()
        for number, (name, panel) in enumerate(zip(names, tops, strict=True)):
            given = {"critic": (256, 256)} if name == "factor_vae" else {}
            model = trained(name, latent=6, **given).model
            means = model.encode(TEST.tensor()).numpy()
            matrix = np.corrcoef(means.T)
            shown = panel.imshow(matrix, cmap="RdBu_r", vmin=-1, vmax=1)
            panel.set(xticks=[], yticks=[])
            panel.grid(False)
            panel.set_title(name, fontsize=9)
            parts, base = rate_in_parts(model), 0.0
            for (part, nats), colour in zip(parts.items(), ORDER, strict=False):
                bars.bar(number, nats, 0.7, bottom=base, color=COLOURS[colour],
                         label=part if number == 0 else None)  # fmt: skip
                base += nats
            off = np.abs(matrix[~np.eye(6, dtype=bool)]).mean()
            told(name, **parts, rate=base, correlation=off)
        upper.colorbar(shown, ax=tops, shrink=0.8, label="correlation")
        bars.set_xticks(range(len(names)), names)
        bars.set(ylabel="nats", title="The rate of 2,000 test pictures in its three parts")
        bars.grid(axis="x", visible=False)
        bars.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def true_posterior(model: VAE, x: Tensor, points: NDArray) -> NDArray:
    """p(z | x) at the points of a grid, up to a constant."""
    z = torch.from_numpy(points.reshape(-1, 2)).float()
    with torch.no_grad():
        found = model.likelihood(z).log_prob(x) + model.prior().log_prob(z)
    return (found - found.max()).exp().reshape(points.shape[:2]).numpy()


POSTERIORS = {
    "diagonal: vae": "vae",
    "full: full_covariance_vae": "full_covariance_vae",
    "planar: planar_flow_vae": "planar_flow_vae",
    "radial: radial_flow_vae": "radial_flow_vae",
    "autoregressive: iaf_vae": "iaf_vae",
    "spline: spline_flow_vae": "spline_flow_vae",
}


def draw_posteriors() -> Figure:
    """One picture's posterior under each family, over the true one."""
    item = 7
    with style():
        figure, axes = panels(2, 3)
        for panel, (title, name) in zip(axes.flat, POSTERIORS.items(), strict=True):
            model = trained(name).model
            x = TEST.tensor()[item : item + 1]
            with inference(model), seeded(0):
                q = model.posterior(x)
                draws = q.sample((2000,))[:, 0].numpy()
            frame = limits(draws, share=0.99, room=0.35)
            points = mesh(frame, SIDE)
            shade(panel, true_posterior(model, x, points), frame)
            prepare(panel, frame, "")
            panel.set_title(title, fontsize=10)
            z = torch.from_numpy(points.reshape(-1, 1, 2)).float()
            with inference(model):
                contours(panel, q.log_prob(z).exp().reshape(SIDE, SIDE).numpy(), frame)
            kl = evidence(model, TEST[:500], 1, progress=False).nats
            told(name, bound=kl, gap=kl - evidence(model, TEST[:500], 200, progress=False).nats)
    return figure


def draw_spaces() -> Figure:
    """Codes on the sphere, in the ball and on the simplex."""
    with style():
        figure = Figure(figsize=(11.5, 6.9), layout="constrained")
        upper, lower = figure.subplots(2, 2, width_ratios=[2.15, 1])
        for panel, name in zip((upper[0], lower[0]), ("hyperspherical_vae", "power_spherical_vae"),
                               strict=True):  # fmt: skip
            scatter(panel, hemispheres(drawn(trained(name, latent=3).model)), labels())
            rims(panel, 0, APART)
            panel.set_title(f"{name}, latent=3: both halves of the sphere")
        scatter(upper[1], drawn(trained("poincare_vae").model), labels())
        rims(upper[1], 0)
        upper[1].set_title("poincare_vae, latent=2")
        model = trained("concrete_vae", latent=3, categories=3).model
        scatter(lower[1], simplex(drawn(model)), labels())
        triangle(lower[1])
        lower[1].set_title("concrete_vae, latent=3, categories=3")
        name_colours(figure)
    return figure


def draw_priors() -> Figure:
    """The priors' densities over the codes."""
    variants = {"vae: N(0, I)": ("vae", {}), "mixture_vae, 10 components": ("mixture_vae", {}),
                "vamp_vae, components=100": ("vamp_vae", {"components": 100}),
                "flow_prior_vae": ("flow_prior_vae", {})}  # fmt: skip
    with style():
        figure, axes = panels(1, 4)
        for panel, (title, (name, given)) in zip(axes.flat, variants.items(), strict=True):
            model = trained(name, **given).model
            z = drawn(model)
            frame = limits(z, share=1.0, room=0.15)
            with inference(model):
                points = torch.from_numpy(mesh(frame, SIDE).reshape(-1, 2)).float()
                density = model.prior().log_prob(points).exp().reshape(SIDE, SIDE).numpy()
            prepare(panel, frame, "")
            panel.set_title(title, fontsize=10)
            scatter(panel, z, labels())
            contours(panel, density, frame)
            told(name, bound=evidence(model, TEST, 1, progress=False).nats)
        name_colours(figure)
    return figure


LOSSES = ["vae", "optimal_sigma_vae", "learned_sigma_vae", "laplace_vae", "student_t_vae",
          "continuous_bernoulli_vae", "logistic_mixture_vae", "ms_ssim_vae", "feature_vae",
          "vae_gan"]  # fmt: skip


def draw_likelihoods() -> Figure:
    """Test pictures and what each loss makes of them."""
    chosen = np.array([np.flatnonzero(labels() == label)[0] for label in range(10)])
    x = TEST.tensor()[chosen]
    rows = {"original": x.numpy()}
    for name in LOSSES:
        model = trained(name, latent=16, network="convolutional", widths=(16, 32)).model
        rows[name] = model.reconstruct(x).numpy()
        error = (model.reconstruct(TEST.tensor()) - TEST.tensor()).square().mean().sqrt()
        told(name, root_mean_squared_error=error)
    return sheet(rows, [NAMES[label] for label in range(10)], "Test pictures, 16 latents")


def draw_conditional() -> Figure:
    """Codes decoded under every label."""
    model = trained("conditional_vae").model
    with seeded(0):
        z = torch.randn(6, 2)
    rows = {}
    for code in z:
        pictures = model.decode(code.expand(10, 2), torch.arange(10))
        rows[f"z = ({code[0]:.1f}, {code[1]:.1f})"] = pictures.numpy()
    return sheet(rows, NAMES, "One code a row, decoded under every label")


DRAWINGS: dict[str, Callable[[], Figure]] = {
    name.removeprefix("draw_"): function
    for name, function in list(globals().items())
    if name.startswith("draw_")
}


def told(name: str, **numbers: Any) -> None:  # noqa: ANN401
    """Print what was measured."""
    print(f"  {name}: " + ", ".join(f"{k} {float(v):.4g}" for k, v in numbers.items()), flush=True)


def write(name: str, folder: Path) -> None:
    """Draw one picture and write it in few colours."""
    began = time.time()
    print(name, flush=True)
    path = save(DRAWINGS[name](), folder / f"{name}.png")
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(COLOURS_KEPT, dither=Image.Dither.NONE)
    small.save(path, optimize=True)
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
