"""The diagonal normal posterior: its density, its KL divergence, its correlation and its cost."""

import time

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import multivariate_normal
from torch.distributions import Independent, kl_divergence
from torch.distributions import Normal as TorchNormal

from reparam.distributions import DiagonalNormal, FullNormal, IsotropicNormal
from reparam.distributions.normal import Normal
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
    mean, log_variance = evidence.normals(SUBJECT)
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


def kl(evidence: Evidence) -> Measures:
    """Our KL divergence of the VAE's posteriors against torch's and against draws."""
    means, log_vars = (torch.from_numpy(part[:1000]) for part in evidence.normals(SUBJECT))
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
