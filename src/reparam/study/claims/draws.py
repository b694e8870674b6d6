"""The reparameterised draw: why the log-variance, and which gradients it lets through."""

import math
from collections.abc import Callable
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import kstest
from torch import Tensor
from torch.distributions import Normal as TorchNormal
from torch.distributions import kl_divergence

from reparam.conditional import Conditional
from reparam.distributions import DiagonalNormal, IsotropicNormal
from reparam.families.family import bounded
from reparam.inference import inference
from reparam.metrics.estimate import Estimate, estimate
from reparam.randomness import seeded
from reparam.study.claim import Claim, Measures
from reparam.study.evidence import Evidence

SUBJECT = "vae-bce-2"
MANY = 100_000
SMALL = 1e-6


def slopes(variance: float) -> tuple[float, float]:
    """The KL divergence's slope by the log-variance and by the variance itself.

    Args:
        variance: Where to take it.
    """
    log_variance = torch.tensor([math.log(variance)], dtype=torch.float64, requires_grad=True)
    plain = torch.tensor([variance], dtype=torch.float64, requires_grad=True)
    prior = IsotropicNormal(torch.zeros(1).double(), torch.zeros(()).double())
    for q in (DiagonalNormal(prior.mean, log_variance), DiagonalNormal(prior.mean, plain.log())):
        kl_divergence(q, prior).backward()
    if log_variance.grad is None or plain.grad is None:
        raise ValueError("the KL divergence has no gradient")
    return abs(log_variance.grad.item()), abs(plain.grad.item())


def raw_log_variances(evidence: Evidence) -> NDArray:
    """The network's outputs for the log-variance of 5,000 items, (N, D), before any bound."""
    posterior = cast("Conditional", evidence.model(SUBJECT).posterior)
    with inference(posterior):
        features = posterior.network(evidence.items.take(5000).tensor())
    return features.chunk(2, 1)[1].numpy()


def log_variance(evidence: Evidence) -> Measures:
    """What the network puts out for the log-variance, and what any output would give."""
    raw = raw_log_variances(evidence).ravel()
    every = torch.linspace(-1000, 1000, 20_001)
    by_log, by_variance = slopes(SMALL)

    def usable(variance: Tensor) -> float:
        return float((variance.isfinite() & (variance > 0)).float().mean())

    return {
        "share of raw outputs below zero": estimate(np.mean, raw < 0, seed=evidence.seed),
        "smallest raw output": Estimate(float(raw.min())),
        "largest raw output": Estimate(float(raw.max())),
        "share of raw outputs from -1000 to 1000 that give a variance": Estimate(
            usable(bounded(every).exp())
        ),
        "the same by a plain exponential in float32": Estimate(usable(every.exp())),
        "slope of the KL at variance 1e-6, by log-variance": Estimate(by_log),
        "slope of the KL at variance 1e-6, by variance": Estimate(by_variance),
    }


def gradients(
    loss: Callable[[Tensor], Tensor], mean: Tensor, log_var: Tensor, draws: int
) -> tuple[NDArray, NDArray]:
    """Both estimates of the gradient of E[loss(z)] by mean and log-variance, a row for each draw.

    The score-function estimate subtracts the other draws' mean loss, which keeps its mean and is
    the least that one would do for its variance.

    Args:
        loss: Codes (K, D) to losses (K,).
        mean: (D,).
        log_var: (D,).
        draws: K.

    Returns:
        Reparameterised and score-function, each (K, 2 D).
    """
    sigma = (log_var / 2).exp()
    noise = torch.randn(draws, len(mean))
    z = (mean + sigma * noise).requires_grad_()
    values = loss(z)
    (slope,) = torch.autograd.grad(values.sum(), z)
    reparameterised = torch.cat([slope, slope * sigma * noise / 2], 1)
    score = torch.cat([noise / sigma, (noise.square() - 1) / 2], 1)
    values = values.detach()
    others = (values.sum() - values) / (draws - 1)
    return reparameterised.numpy(), ((values - others)[:, None] * score).numpy()


def compare_gradients(pairs: list[tuple[NDArray, NDArray]], seed: int = 0) -> Measures:
    """The score-function gradient against the reparameterised one.

    Args:
        pairs: Both for each item, (K, P).
        seed: Of the spread, over the items.
    """
    first = np.stack([a.mean(0) for a, _ in pairs])
    second = np.stack([b.mean(0) for _, b in pairs])
    variances = np.stack([b.var(0) / a.var(0) for a, b in pairs])
    return {
        "score-function gradient on reparameterised, slope": estimate(
            lambda a, b: float((a * b).sum() / np.square(a).sum()), first, second, seed=seed
        ),
        "variance of score-function over reparameterised gradient": estimate(
            lambda part: float(np.median(part)), variances, seed=seed
        ),
    }


def reparameterised(evidence: Evidence) -> Measures:
    """The draw's distribution, and its gradient on the VAE's own distortion."""
    with seeded(evidence.seed):
        drawn = DiagonalNormal(torch.tensor([1.5]), torch.tensor([-2.0])).rsample((MANY,)).numpy()
    theirs = TorchNormal(1.5, math.exp(-1.0))
    furthest = kstest(drawn[:, 0], lambda x: theirs.cdf(torch.from_numpy(x)).numpy()).statistic
    found = compare_gradients(compared_gradients(evidence, 20), evidence.seed)
    return {"largest distance of distribution functions": Estimate(float(furthest)), **found}


def compared_gradients(evidence: Evidence, items: int) -> list[tuple[NDArray, NDArray]]:
    """Both gradient estimates of some test pictures' distortion, from 2,000 draws each."""
    model = evidence.model(SUBJECT)
    pairs = []
    with seeded(evidence.seed + 3):
        for x in evidence.test.take(items).tensor():
            q = model.posterior(x[None])
            means, log_vars = q.mean[0].detach(), q.log_variance[0].detach()

            def distortion(z: Tensor, x: Tensor = x) -> Tensor:
                return -model.likelihood(z).log_prob(x)

            pairs.append(gradients(distortion, means, log_vars, 2000))
    return pairs


def deterministic(evidence: Evidence) -> Measures:
    """Whether the draw's derivatives depend on the noise."""
    mean = torch.zeros(MANY // 10, requires_grad=True)
    sigma = torch.ones(MANY // 10, requires_grad=True)
    with seeded(evidence.seed):
        DiagonalNormal(mean, 2 * sigma.log(), 0).rsample().sum().backward()
    slopes = [part.grad for part in (mean, sigma)]
    by_mean, by_sigma = (part.numpy() for part in slopes if part is not None)
    return {
        "spread of dz/dmean over draws": estimate(np.std, by_mean, seed=evidence.seed),
        "spread of dz/dsigma over draws": estimate(np.std, by_sigma, seed=evidence.seed),
    }


DRAWS = [
    Claim(
        "log-variance",
        "The log-variance may be any number, so the network needs no constraint.",
        "Outputs of vae-bce-2's network for the log-variance; outputs from -1000 to 1000 read as "
        "a variance; the KL divergence's slope at a small variance.",
        log_variance,
        judges=[SUBJECT],
    ),
    Claim(
        "reparameterised",
        "mean + sigma * epsilon has the right distribution and lets gradients through.",
        "100,000 draws against the normal distribution function; the gradient of vae-bce-2's "
        "distortion for 20 test pictures against the score-function estimate (2,000 draws, the "
        "others' mean as baseline).",
        reparameterised,
        judges=[SUBJECT],
    ),
    Claim(
        "deterministic",
        "The derivatives of the draw by its inputs do not depend on epsilon.",
        "Standard deviation over 10,000 draws of dz/dmean and dz/dsigma.",
        deterministic,
    ),
]
