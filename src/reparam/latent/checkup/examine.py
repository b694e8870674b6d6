"""From a trained model, or from codes of another library, to what is checked."""

import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.distributions import Distribution

from reparam.data import Batches, Dataset
from reparam.errors import CompositionError, NoDensityError
from reparam.inference import inference, inputs
from reparam.latent.checkup.exchange import exchange, worth
from reparam.latent.checkup.subject import (
    FITTED,
    PICTURES,
    PRIOR,
    Array,
    Items,
    Map,
    Posteriors,
    Subject,
)
from reparam.latent.codes import log_variances
from reparam.metrics.bound import split
from reparam.models import VAE
from reparam.priors import FittedBox, FittedNormal
from reparam.randomness import seeded
from reparam.trace import Latent

ITEMS = 10_000
"""How many items are encoded."""
LEAST = 50
"""Fewer codes than these say nothing."""
AT_ONCE = 500
NUMBERS = 2**26
"""Pixels of real items that are held in memory."""
SAMPLERS = (FittedNormal, FittedBox)
"""Priors that came after training: no posterior was drawn to them."""


def of_model(
    model: VAE,
    data: Dataset,
    train: Dataset | None = None,
    features: nn.Module | None = None,
    seed: int = 0,
) -> Subject:
    """Encode, decode and sample as much as the checks read.

    Args:
        model: A trained model.
        data: Items that it was not trained on; a random choice of 10,000 at most.
        train: Items that it was trained on; a random choice of 2,000 at most.
        features: Items to features; principal components by default.
        seed: Of every choice and draw.

    Raises:
        CompositionError: If the model needs conditions, or there are too few items.
    """
    if model.conditions:
        raise CompositionError(
            "a model with conditions has a latent space for each of them: give a model without"
        )
    data = _chosen(data, ITEMS, seed)
    first = data[:PICTURES]
    with inference(model), seeded(seed, model.device):
        parts = [_encoded(model, batch) for batch in Batches(data, AT_ONCE)]
        z = _joined(parts, "z")
        shape = model.posterior(*inputs(model, next(iter(Batches(first, 1))))).event_shape
        enough(torch.from_numpy(z))
        draws, source = _draws(model.prior, z, seed)
    posteriors = None
    if "log_variance" in parts[0]:
        rate, curve = None, None
        if "rate" in parts[0] and not isinstance(model.prior, SAMPLERS):
            rate, curve = _joined(parts, "rate").ravel(), exchange(model, first, seed)
        posteriors = Posteriors(
            _joined(parts, "mean"),
            _joined(parts, "log_variance"),
            rate,
            None if curve is None else worth(*curve, seed),
            None if curve is None else (curve[0].mean(1), curve[1].mean(1)),
        )
    return Subject(
        z,
        draws,
        source,
        labels=None if data.labels is None else data.labels.cpu().numpy(),
        classes=data.schema.classes or (),
        decode=_rows(lambda codes: model.decode(codes.reshape(-1, *shape)), model.device),
        encode=_rows(lambda x: model.encode(x).flatten(1), model.device),
        posteriors=posteriors,
        data=_items(model, first, seed),
        train=None if train is None else _items(model, _chosen(train, PICTURES, seed), seed),
        held=_pixels(data, seed),
        known=None if train is None else _pixels(train, seed),
        known_of=0 if train is None else len(train),
        points=posteriors is None,
        features=None if features is None else _features(features),
        space="" if features is None else f"the features of {type(features).__name__}",
        seed=seed,
    )


def of_codes(
    z: Float[Tensor, "N D"],
    decode: Callable[[Tensor], Tensor] | None = None,
    labels: Sequence[int] | Tensor | None = None,
    prior: Distribution | None = None,
    classes: Sequence[str] = (),
    means: Float[Tensor, "N D"] | None = None,
    seed: int = 0,
) -> Subject:
    """Draw and decode as much as the checks read, for codes that came from elsewhere.

    Args:
        z: Codes; a random choice of 10,000 at most.
        decode: Codes (n, D) to items.
        labels: The codes' classes, from 0 on; -1 where there is none.
        prior: What one would sample from; a normal distribution fitted to the codes by default.
        classes: The classes' names.
        means: The means of the codes' posteriors, where the codes are draws.
        seed: Of every choice and draw.

    Raises:
        CompositionError: If these are no codes, too few, not finite, or the labels do not fit.
    """
    points = torch.as_tensor(z)
    enough(points)
    which = None if labels is None else torch.as_tensor(labels).cpu().numpy()
    if which is not None and which.shape != (len(points),):
        raise CompositionError(f"there are {len(points)} codes and {which.shape} labels")
    if means is not None and means.shape != points.shape:
        raise CompositionError(
            f"there are codes {tuple(points.shape)} and means {tuple(means.shape)}: give one mean "
            "for each code"
        )
    if prior is not None and prior.event_shape != points.shape[1:]:
        raise CompositionError(
            f"the prior draws {tuple(prior.event_shape)} and a code is {tuple(points.shape[1:])}: "
            "give a prior of codes, such as Independent(Normal(zeros, ones), 1)"
        )
    order = np.random.default_rng(seed).permutation(len(points))[:ITEMS]
    codes = points.detach().cpu()[order].double().numpy()
    centres = None if means is None else means.detach().cpu()[order].double().numpy()
    with torch.no_grad(), seeded(seed):
        draws, source = _draws(None if prior is None else lambda: prior, codes, seed)
    return Subject(
        codes,
        draws,
        source,
        labels=None if which is None else which[order].astype(int),
        classes=tuple(classes),
        decode=None if decode is None else _rows(decode, points.device, _dtype(decode)),
        means=centres,
        seed=seed,
    )


def enough(z: Float[Tensor, "N D"]) -> None:
    """Refuse codes that say nothing.

    Args:
        z: Codes.

    Raises:
        CompositionError: If they have one dimension, are too few, or not all are finite.
    """
    if z.ndim != 2 or z.shape[1] < 2:
        raise CompositionError(
            f"codes are (N, D) with at least two dimensions, not {tuple(z.shape)}"
        )
    if len(z) < LEAST:
        raise CompositionError(f"{len(z)} codes are too few to check: give at least {LEAST}")
    if bad := int((~z.isfinite().all(1)).sum()):
        raise CompositionError(f"{bad} of {len(z)} codes are not finite: leave them out")


def _encoded(model: VAE, batch: Sequence[Tensor]) -> dict[str, Array]:
    q = model.posterior(*inputs(model, batch))
    p = None if model.prior is None else model.prior()
    latent = Latent.draw(q, p, 1)
    found = {"z": latent.z[0].flatten(1)}
    if getattr(q, "has_density", True):
        found |= {"mean": q.mean.flatten(1), "log_variance": log_variances(q).flatten(1)}
        if p is not None:
            found["rate"] = latent.kl.mean(0)[:, None]
    return {name: part.double().cpu().numpy() for name, part in found.items()}


def _joined(parts: Sequence[dict[str, Array]], name: str) -> Array:
    return np.concatenate([part[name] for part in parts])


def _draws(prior: Callable[[], Distribution] | None, z: Array, seed: int) -> tuple[Array, str]:
    n = min(len(z), ITEMS)
    if prior is not None:
        return prior().sample(torch.Size((n,))).flatten(1).double().cpu().numpy(), PRIOR
    rng = np.random.default_rng([seed, 1])
    drawn = rng.multivariate_normal(z.mean(0), np.cov(z.T), n, method="eigh")
    return drawn, FITTED


def _items(model: VAE, data: Dataset, seed: int) -> Items:
    x = data.tensor().cpu()
    with inference(model):
        made = torch.cat([model.reconstruct(part).cpu() for part in x.split(AT_ONCE)])
    try:
        distortion, rate = split(model, data, seed=seed)
        bound = (distortion + rate).numpy()
    except NoDensityError:
        bound = None
    return Items(x.numpy(), made.numpy(), bound)


def _chosen(data: Dataset, n: int, seed: int) -> Dataset:
    """A random choice in random order: sources may be sorted by class."""
    return data.subset(torch.from_numpy(np.random.default_rng(seed).permutation(len(data))[:n]))


def _pixels(data: Dataset, seed: int) -> Array:
    """As many items as memory has room for, each as one row."""
    most = min(ITEMS, max(PICTURES, NUMBERS // math.prod(data.shape)))
    return _chosen(data, most, seed).tensor().cpu().flatten(1).numpy()


def _rows(
    function: Callable[[Tensor], Tensor], device: torch.device, dtype: torch.dtype = torch.float32
) -> Map:
    def mapped(rows: Array) -> Array:
        given = torch.from_numpy(np.ascontiguousarray(rows))
        with torch.no_grad():
            parts = [function(part.to(device, dtype)).cpu() for part in given.split(AT_ONCE)]
        return torch.cat(parts).float().numpy()

    return mapped


def _dtype(function: Callable[[Tensor], Tensor]) -> torch.dtype:
    """What a decoder computes in."""
    parameters = function.parameters() if isinstance(function, nn.Module) else iter(())
    return next((p.dtype for p in parameters), torch.float32)


def _features(module: nn.Module) -> Map:
    device = next((p.device for p in module.parameters()), torch.device("cpu"))
    mapped = _rows(lambda x: module(x).flatten(1), device)

    def features(x: Array) -> Array:
        with inference(module):
            return mapped(x)

    return features
