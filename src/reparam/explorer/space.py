"""A model and its items, encoded: what every panel of the explorer looks at."""

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int64
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save
from sklearn.neighbors import NearestNeighbors

from reparam.artifact import Artifact
from reparam.artifact.folder import WEIGHTS
from reparam.atomic import replacing
from reparam.data import Dataset
from reparam.errors import CompositionError, ReparamError
from reparam.latent import codes, rates
from reparam.models import VAE
from reparam.training.identity import fingerprint

FOLDER = "explorer"
DEAD = 0.01
"""Nats below which a dimension says nothing."""
RATED = 5000
"""Items of which the rates are taken."""


@dataclass(frozen=True, eq=False)
class Space:
    """A trained model's latent space, with items in it.

    Args:
        name: What the model is called.
        model: The model.
        data: The items.
        z: Each item's posterior mean, (N, D).
        log_variance: Each posterior's log-variances, (N, D); `None` where there are none.
        rates: What each dimension carries, in nats, (D,); of a model without a prior, or whose
            rate is no sum over dimensions, the variance of its codes.
        cache: Where computed things may be kept; `None` for nowhere.
    """

    name: str
    model: VAE
    data: Dataset
    z: Float[NDArray, "N D"]
    log_variance: Float[NDArray, "N D"] | None
    rates: Float[NDArray, "D"]
    cache: Path | None = None

    @property
    def dimensions(self) -> int:
        """D."""
        return self.z.shape[1]

    @property
    def order(self) -> list[int]:
        """The dimensions, the highest rate first."""
        return [int(k) for k in np.argsort(-self.rates, kind="stable")]

    @property
    def dead(self) -> list[int]:
        """Dimensions that say nothing of the items."""
        least = DEAD if self.in_nats else DEAD**2 * self.rates.max()
        return [k for k in range(self.dimensions) if self.rates[k] < least]

    @property
    def in_nats(self) -> bool:
        """Whether the rates are rates, and not variances in their stead."""
        return not np.array_equal(self.rates, self.z.var(0).astype("float32"))

    @property
    def labels(self) -> Int64[NDArray, "N"] | None:
        """The items' labels."""
        return None if self.data.labels is None else self.data.labels.cpu().numpy()

    @property
    def classes(self) -> list[str]:
        """The classes' names; none where there are no labels."""
        if self.labels is None:
            return []
        names = self.data.schema.classes or ()
        return [
            names[k] if k < len(names) else f"class {k}" for k in range(int(self.labels.max()) + 1)
        ]

    def nearest(
        self, z: Float[NDArray, "K D"], count: int
    ) -> tuple[Float[NDArray, "K n"], Int64[NDArray, "K n"]]:
        """The items whose codes are nearest: how far, and which; all where they are fewer.

        Args:
            z: Codes.
            count: How many.
        """
        found: tuple[NDArray[np.floating], NDArray[np.int64]] = self._search.kneighbors(
            z, min(count, len(self.z))
        )
        return found

    def decode(self, z: Float[NDArray, "K D"]) -> Float[NDArray, "K C H W"]:
        """The mean pictures of latents, in [0, 1].

        Args:
            z: Latents.
        """
        return np.concatenate([
            self.model.decode(part).float().clamp(0, 1).cpu().numpy()
            for part in torch.from_numpy(np.asarray(z, "float32")).split(500)
        ])  # fmt: skip

    def pictures(self, which: Int64[NDArray, "K"]) -> Float[NDArray, "K C H W"]:
        """Items themselves.

        Args:
            which: Their places in the data.
        """
        x = self.data.batch(torch.as_tensor(np.asarray(which), dtype=torch.int64))[0]
        return x.cpu().numpy()

    @cached_property
    def _search(self) -> NearestNeighbors:
        return NearestNeighbors().fit(self.z)


def encoded(run: Artifact, data: Dataset, name: str | None = None) -> Space:
    """Encode items, or read their codes where they were kept beside the run.

    Args:
        run: The trained model.
        data: The items.
        name: What to call the model; by default as the run.

    Raises:
        CompositionError: If the model takes labels, or its latents or items are of no kind that
            can be shown.
    """
    return space(run.model, data, name or run.name, None if run.address else run.path)


def space(model: VAE, data: Dataset, name: str = "model", folder: Path | None = None) -> Space:
    """Encode items with a model.

    Args:
        model: The trained model.
        data: The items.
        name: What to call the model.
        folder: The run's folder, beside whose files the codes are kept.

    Raises:
        CompositionError: If the model takes labels, or its latents or items are of no kind that
            can be shown.
    """
    if model.conditions:
        raise CompositionError(
            f"{name} takes labels, and has a latent space for each of them: the explorer shows "
            "models without labels"
        )
    if len(data.shape) != 3:
        raise CompositionError(
            f"the items are vectors of {data.shape[0]}: the explorer shows models of pictures"
        )
    cache = None if folder is None else folder / FOLDER
    file = None
    if cache is not None and folder is not None:
        weights = (folder / WEIGHTS).read_bytes()
        key = hashlib.sha256(weights + fingerprint(data).encode()).hexdigest()[:16]
        cache = cache / key
        file = cache / "codes.safetensors"
        with suppress(OSError, SafetensorError, KeyError):
            kept = load_file(file)
            return Space(
                name, model, data, kept["z"], kept.get("log_variance"), kept["rates"], cache
            )
    found = codes(model, data)
    if found.mean.ndim != 2:
        raise CompositionError(
            f"{name} has latents of {tuple(found.mean.shape[1:])}: the explorer shows vectors"
        )
    arrays = {"z": found.mean.float().numpy()}
    if found.log_variance is not None:
        arrays["log_variance"] = found.log_variance.float().numpy()
    arrays["rates"] = _rates(model, data, arrays["z"])
    if file is not None:
        with suppress(ReparamError), replacing(file) as target:  # a run that cannot be written
            target.write(save(arrays))
    return Space(
        name, model, data, arrays["z"], arrays.get("log_variance"), arrays["rates"], cache
    )


def _rates(model: VAE, data: Dataset, z: Float[NDArray, "N D"]) -> Float[NDArray, "D"]:
    step = max(1, len(data) // RATED)
    try:
        found = rates(model, data.subset(torch.arange(0, len(data), step)))
    except ReparamError:
        return z.var(0).astype("float32")
    return found.float().numpy() if found.ndim == 1 else z.var(0).astype("float32")
