"""From a trained model, or from codes of another library, to what is checked."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.distributions import Distribution

from reparam.data import Batches, Dataset
from reparam.distributions import tempered
from reparam.errors import CompositionError, NoDensityError
from reparam.inference import inference, inputs
from reparam.latent.checkup.subject import PICTURES, Array, Items, Map, Posteriors, Subject
from reparam.metrics.bound import split
from reparam.metrics.estimate import Estimate, estimate
from reparam.models import VAE
from reparam.randomness import seeded
from reparam.trace import Latent

ITEMS = 10_000
"""How many items are encoded."""
LEAST = 50
"""Fewer codes than these say nothing."""
AT_ONCE = 500
WIDTHS = (0.8, 0.9, 1.0, 1.1, 1.25)
"""What the posteriors' spread is multiplied by, to see what a nat of rate is worth."""
FITTED = "a normal distribution fitted to the codes"


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
    data = _some(data, ITEMS, seed)
    first = data[:PICTURES]
    with inference(model), seeded(seed, model.device):
        parts = [_encoded(model, batch) for batch in Batches(data, AT_ONCE)]
        z = _joined(parts, "z")
        shape = model.posterior(*inputs(model, next(iter(Batches(first, 1))))).event_shape
        draws, source = _draws(model.prior, z, seed)
    enough(torch.from_numpy(z))
    posteriors = None
    if "log_variance" in parts[0]:
        rate = _joined(parts, "rate").ravel() if "rate" in parts[0] else None
        exchange = _exchange(model, first, seed) if rate is not None else None
        posteriors = Posteriors(
            _joined(parts, "mean"),
            _joined(parts, "log_variance"),
            rate,
            None if exchange is None else _slope(*exchange, seed),
            None if exchange is None else (exchange[0].mean(1), exchange[1].mean(1)),
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
        train=None if train is None else _items(model, _some(train, PICTURES, seed), seed),
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
    seed: int = 0,
) -> Subject:
    """Draw and decode as much as the checks read, for codes that came from elsewhere.

    Args:
        z: Codes; a random choice of 10,000 at most.
        decode: Codes (n, D) to items.
        labels: The codes' classes, from 0 on; -1 where there is none.
        prior: What one would sample from; a normal distribution fitted to the codes by default.
        classes: The classes' names.
        seed: Of every choice and draw.

    Raises:
        CompositionError: If these are no codes, too few, not finite, or the labels do not fit.
    """
    points = torch.as_tensor(z)
    if points.ndim != 2 or points.shape[1] < 2:
        raise CompositionError(
            f"codes are (N, D) with at least two dimensions, not {tuple(points.shape)}"
        )
    which = None if labels is None else np.asarray(labels)
    if which is not None and which.shape != (len(points),):
        raise CompositionError(f"there are {len(points)} codes and {which.shape} labels")
    enough(points)
    order = np.random.default_rng(seed).permutation(len(points))[:ITEMS]
    codes = points.detach().cpu()[torch.from_numpy(order)].double().numpy()
    with torch.no_grad(), seeded(seed):
        draws, source = _draws(None if prior is None else lambda: prior, codes, seed)
    return Subject(
        codes,
        draws,
        source,
        labels=None if which is None else which[order].astype(int),
        classes=tuple(classes),
        decode=None if decode is None else _rows(decode, points.device, points.dtype),
        seed=seed,
    )


def enough(z: Float[Tensor, "N D"]) -> None:
    """Refuse codes that say nothing.

    Args:
        z: Codes.

    Raises:
        CompositionError: If they are too few, or not all are finite.
    """
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
        found |= {"mean": q.mean.flatten(1), "log_variance": q.variance.log().flatten(1)}
        if p is not None:
            found["rate"] = latent.kl.mean(0)[:, None]
    return {name: part.double().cpu().numpy() for name, part in found.items()}


def _joined(parts: Sequence[dict[str, Array]], name: str) -> Array:
    return np.concatenate([part[name] for part in parts])


def _draws(prior: Callable[[], Distribution] | None, z: Array, seed: int) -> tuple[Array, str]:
    n = min(len(z), ITEMS)
    if prior is not None:
        return prior().sample(torch.Size((n,))).flatten(1).double().cpu().numpy(), "the prior"
    rng = np.random.default_rng([seed, 1])
    drawn = rng.multivariate_normal(z.mean(0), np.cov(z.T), n, method="eigh")
    return drawn, FITTED


def _exchange(model: VAE, data: Dataset, seed: int) -> tuple[Array, Array] | None:
    """Rates and distortions, (T, N), with the posteriors' spread multiplied by each width."""
    rates, distortions = [], []
    if model.prior is None:
        return None
    with inference(model):
        for batch in Batches(data, AT_ONCE):
            x, *_ = inputs(model, batch)
            q, p = model.posterior(x), model.prior()
            columns = []
            for width in WIDTHS:
                try:
                    with seeded(seed, model.device):  # the same noise for each width
                        latent = Latent.draw(tempered(q, width), p, 1)
                        log_likelihood = model.likelihood(latent.z).log_prob(x)[0]
                except (CompositionError, NoDensityError):
                    return None
                columns.append(torch.stack([latent.kl.mean(0), -log_likelihood]).double().cpu())
            both = torch.stack(columns)
            rates.append(both[:, 0].numpy())
            distortions.append(both[:, 1].numpy())
    return np.concatenate(rates, 1), np.concatenate(distortions, 1)


def _slope(rates: Array, distortions: Array, seed: int) -> Estimate:
    middle = WIDTHS.index(1.0)
    low, high = middle - 1, middle + 1

    def slope(saved: Array, spent: Array) -> float:
        return float(saved.mean() / spent.mean())

    return estimate(
        slope, distortions[high] - distortions[low], rates[low] - rates[high], seed=seed
    )


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


def _some(data: Dataset, n: int, seed: int) -> Dataset:
    if len(data) <= n:
        return data
    return data.subset(torch.from_numpy(np.random.default_rng(seed).permutation(len(data))[:n]))


def _rows(
    function: Callable[[Tensor], Tensor], device: torch.device, dtype: torch.dtype = torch.float32
) -> Map:
    def mapped(rows: Array) -> Array:
        given = torch.from_numpy(np.ascontiguousarray(rows))
        with torch.no_grad():
            parts = [function(part.to(device, dtype)).cpu() for part in given.split(AT_ONCE)]
        return torch.cat(parts).float().numpy()

    return mapped


def _features(module: nn.Module) -> Map:
    device = next((p.device for p in module.parameters()), torch.device("cpu"))
    mapped = _rows(lambda x: module(x).flatten(1), device)

    def features(x: Array) -> Array:
        with inference(module):
            return mapped(x)

    return features
