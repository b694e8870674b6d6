"""One picture's true posterior, and what each family makes of it."""

import math
from typing import Any

import torch
from matplotlib.figure import Figure
from torch import Tensor, nn

from reparam.inference import inference
from reparam.models import VAE
from reparam.plots import COLOURS, style
from reparam.plots.densities import contours, mesh, shade
from reparam.plots.plane import Limits, limits, prepare
from reparam.randomness import seeded
from reparam.trace import Latent
from reparam.zoo.parts import POSTERIORS
from zoo_pictures.common import SIDE, TEST, panels, told, trained

ITEM = 354
"""A test picture, a shirt, whose true posterior has two hills."""


FAMILIES = ["isotropic", "diagonal", "full", "planar", "radial", "autoregressive", "spline"]


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
