"""The diagonal normal posterior: its density, its draw, its log-variance and its KL divergence."""

import math
import time
from collections.abc import Callable
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import kstest, multivariate_normal
from torch import Tensor
from torch.distributions import Independent, kl_divergence
from torch.distributions import Normal as TorchNormal

from reparam.conditional import Conditional
from reparam.distributions import DiagonalNormal, FullNormal, IsotropicNormal
from reparam.distributions.normal import Normal
from reparam.families.family import bounded
from reparam.inference import inference
from reparam.metrics.estimate import Estimate, estimate
from reparam.randomness import seeded
from reparam.study.claim import Claim, Measures
from reparam.study.evidence import Evidence

SUBJECT = "vae-bce-2"
MANY = 100_000
SMALL = 1e-6


def point_or_normal(evidence: Evidence) -> Measures:
    """Where two encodings of one item land."""
    x = evidence.test.take(500).tensor()
    model = evidence.model("autoencoder-bce-2")
    with seeded(evidence.seed):
        twice = [model.encode(x, sample=True) for _ in range(2)]
    distance = (twice[0] - twice[1]).abs().amax(1).numpy()
    mean, log_variance = evidence.posteriors(SUBJECT)
    if log_variance is None:
        raise ValueError(f"{SUBJECT} has no log-variances")
    spread = np.exp(log_variance / 2).mean(1) / mean.std()
    return {
        "autoencoder: distance of two encodings of one item": estimate(np.max, distance),
        "VAE: posterior's standard deviation over the codes'": estimate(np.mean, spread),
    }


def random_normals(dim: int, seed: int = 0) -> dict[str, tuple[Normal, NDArray]]:
    """One normal distribution of each covariance, with the covariance as a matrix.

    Args:
        dim: How many dimensions.
        seed: Of the distributions.
    """
    generator = torch.Generator().manual_seed(seed)
    mean = torch.randn(dim, generator=generator, dtype=torch.float64)
    log_variance = torch.randn(dim, generator=generator, dtype=torch.float64)
    root = torch.randn(dim, dim, generator=generator, dtype=torch.float64).tril(-1) / dim**0.5
    tril = root + torch.diag((log_variance / 2).exp())
    one, eye = log_variance[0], torch.eye(dim, dtype=torch.float64)
    return {
        "full": (FullNormal(mean, tril), (tril @ tril.T).numpy()),
        "diagonal": (DiagonalNormal(mean, log_variance), log_variance.exp().diag().numpy()),
        "isotropic": (
            IsotropicNormal(mean, one),
            (one.exp() * eye).numpy(),
        ),
    }


def density(evidence: Evidence) -> Measures:
    """Our density formulas against SciPy's."""
    found: Measures = {}
    for name, (ours, covariance) in random_normals(8, evidence.seed).items():
        with seeded(evidence.seed):
            x = ours.sample((1000,))
        theirs = multivariate_normal(ours.mean.numpy(), covariance).logpdf(x.numpy())
        difference = np.abs(ours.log_prob(x).numpy() - theirs) / np.abs(theirs)
        found[f"relative difference from SciPy, {name}"] = estimate(np.max, difference)
    return found


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


def kl(evidence: Evidence) -> Measures:
    """Our KL divergence of the VAE's posteriors against torch's and against draws."""
    mean, spread = evidence.posteriors(SUBJECT)
    if spread is None:
        raise ValueError(f"{SUBJECT} has no log-variances")
    means, log_vars = (torch.from_numpy(part[:1000]) for part in (mean, spread))
    zero = torch.zeros(2).double()
    q, p = DiagonalNormal(means, log_vars), IsotropicNormal(zero, zero[0])
    ours = kl_divergence(q, p)
    scale = (log_vars / 2).exp()
    theirs = kl_divergence(
        Independent(TorchNormal(means, scale), 1),
        Independent(TorchNormal(zero, zero + 1), 1),
    )
    with seeded(evidence.seed):
        z = q.rsample((200,))
    sampled = (q.log_prob(z) - p.log_prob(z)).mean(0)
    summed = -0.5 * (1 + log_vars - means.square() - log_vars.exp()).sum()
    return {
        "relative difference from torch's": estimate(
            np.max, ((ours - theirs).abs() / theirs.abs()).numpy()
        ),
        "Monte Carlo over closed form": estimate(
            lambda a, b: float(a.mean() / b.mean()), sampled.numpy(), ours.numpy()
        ),
        "a sum over a batch of 1000 as well, over ours": Estimate((summed / ours.mean()).item()),
    }


def mean_correlation(z: NDArray) -> float:
    """The mean absolute correlation of different dimensions.

    Args:
        z: Codes, (N, D).
    """
    matrix = np.abs(np.corrcoef(z.T))
    return float(matrix[np.triu_indices(len(matrix), 1)].mean())


def uncorrelated(evidence: Evidence) -> Measures:
    """Correlation of a VAE's dimensions: of draws for one item, and of codes of all."""
    model, x = evidence.model("vae-bce-8"), evidence.test.take(1).tensor()
    with seeded(evidence.seed), inference(model):
        within = model.posterior(x).sample((10_000,))[:, 0].numpy()
    found = {"correlation within items": estimate(mean_correlation, within, rounds=20)}
    for latent in (2, 8, 32):
        z = evidence.codes(f"vae-bce-{latent}")
        name = f"correlation across items, {latent} latents"
        found[name] = estimate(mean_correlation, z, seed=evidence.seed, rounds=20)
    return found


def seconds(distribution: Normal, rounds: int = 30) -> NDArray:
    """How long a draw of 256 and its density take, again and again.

    Args:
        distribution: The distribution.
        rounds: How often.
    """
    found = []
    for _ in range(rounds):
        start = time.perf_counter()
        distribution.log_prob(distribution.rsample((256,)))
        found.append(time.perf_counter() - start)
    return np.array(found)


def cheap(evidence: Evidence) -> Measures:
    """The time of a draw and its density with each covariance."""
    return evidence.once("cheap", lambda: relative_times(evidence.seed))


def relative_times(seed: int) -> Measures:
    """The time of a draw and its density with each covariance over the next simpler one's.

    Args:
        seed: Of the distributions and the draws.
    """
    found: Measures = {}
    for dim in (2, 32, 128):
        normals = {name: made for name, (made, _) in random_normals(dim, seed).items()}
        with seeded(seed):
            times = {name: seconds(made) for name, made in normals.items()}
        for slow, fast in (("full", "diagonal"), ("diagonal", "isotropic")):
            found[f"time of {slow} over {fast}, {dim} dimensions"] = estimate(
                lambda a, b: float(np.median(a) / np.median(b)), times[slow], times[fast]
            )
    return found


NORMALS = [
    Claim(
        "point-or-normal",
        "An autoencoder maps a picture to one point, a variational autoencoder to a normal "
        "distribution around a point.",
        "Largest difference of two encodings of 500 test pictures by autoencoder-bce-2; the "
        "posteriors' standard deviation over the codes' in vae-bce-2.",
        point_or_normal,
        judges=[SUBJECT],
    ),
    Claim(
        "density",
        "The multivariate normal density is exp(-(x - mu)^T Sigma^-1 (x - mu) / 2) over "
        "sqrt((2 pi)^k |Sigma|).",
        "Log-density by our formulas against SciPy's at 1,000 draws in 8 dimensions, for a full, "
        "a diagonal and an isotropic covariance.",
        density,
    ),
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
    Claim(
        "kl",
        "The KL divergence from N(0, I) is -1/2 sum(1 + log sigma^2 - mu^2 - sigma^2).",
        "vae-bce-2's posteriors for 1,000 items: the formula against torch's own and against 200 "
        "draws each.",
        kl,
        judges=[SUBJECT],
    ),
    Claim(
        "uncorrelated",
        "A variational autoencoder's latent dimensions are not correlated.",
        "Mean absolute correlation of dimensions: of 10,000 draws for one item (vae-bce-8), and "
        "of codes of all items.",
        uncorrelated,
        judges=["vae-bce-2", "vae-bce-8", "vae-bce-32"],
    ),
    Claim(
        "cheap",
        "A diagonal or isotropic covariance saves cost.",
        "Median time of 256 draws with their density: full over diagonal and diagonal over "
        "isotropic.",
        cheap,
    ),
]
