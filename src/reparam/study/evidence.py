"""What the claims are judged by: the trained models' codes, reconstructions and samples.

A code is one draw of z from an item's posterior; for an autoencoder, whose posterior is a point,
it is the code itself. So one definition serves both.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy.typing import NDArray
from torch.distributions import kl_divergence

from reparam.data import Batches, Dataset
from reparam.distributions import DiagonalNormal
from reparam.errors import DataError, NoDensityError
from reparam.inference import inference
from reparam.latent import codes
from reparam.metrics.classifier import fashion_classifier
from reparam.metrics.estimate import Estimate, estimate
from reparam.metrics.pictures import pca_reconstructions
from reparam.metrics.recognition import Judgement, Recogniser
from reparam.models import VAE
from reparam.priors import StandardNormal
from reparam.randomness import seeded
from reparam.samplers import box, normal
from reparam.study.models import Trained

ITEMS = 10_000
DRAWS = 2000
ALIVE = 1.0

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Evidence:
    """Trained models, the data, and what follows from them.

    Args:
        trained: The models by name.
        train: What they were trained on; measured are its first 10,000 items.
        test: The test set.
        seed: Of every draw.
    """

    trained: Mapping[str, Trained]
    train: Dataset
    test: Dataset
    seed: int = 0
    _kept: dict[Any, Any] = field(default_factory=dict, repr=False)

    def model(self, name: str) -> VAE:
        """A trained model.

        Args:
            name: Such as `vae-bce-2`.
        """
        return self.trained[name].model

    def once(self, key: Any, make: Callable[[], Any]) -> Any:  # noqa: ANN401
        """What `make` returns, which is called for a key only once.

        Args:
            key: What it is kept under.
            make: Makes it.
        """
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    @cached_property
    def items(self) -> Dataset:
        """The training items that are encoded and measured."""
        return self.train.take(ITEMS)

    @cached_property
    def labels(self) -> Int[NDArray, "N"]:
        """The classes of `items`."""
        return _labels(self.items)

    @cached_property
    def test_labels(self) -> Int[NDArray, "M"]:
        """The classes of the test pictures."""
        return _labels(self.test)

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes' names."""
        return self.train.schema.classes or tuple(map(str, range(10)))

    @property
    def title(self) -> str:
        """What the data is called in figures."""
        return self.train.schema.title

    @cached_property
    def originals(self) -> Float[NDArray, "M C H W"]:
        """The test pictures."""
        return self.test.tensor().numpy()

    @cached_property
    def recogniser(self) -> Recogniser:
        """The independent judge, with real pictures to compare with."""
        train, test = self.items.tensor(), self.test.take(ITEMS).tensor()
        return Recogniser(fashion_classifier(), train, test)

    def posteriors(self, name: str) -> tuple[Array, Array | None]:
        """The means and, where there are any, the log-variances of the items' posteriors.

        Args:
            name: The model.
        """

        def encode() -> tuple[Array, Array | None]:
            found = codes(self.model(name), self.items)
            spread = None if found.log_variance is None else found.log_variance.double().numpy()
            return found.mean.double().numpy(), spread

        return self.once(("posteriors", name), encode)

    def normals(self, name: str) -> tuple[Array, Array]:
        """The means and log-variances of a variational autoencoder's posteriors.

        Args:
            name: The model.

        Raises:
            NoDensityError: If its posteriors are points.
        """
        mean, log_variance = self.posteriors(name)
        if log_variance is None:
            raise NoDensityError(f"the posteriors of {name} are points: ask for a VAE's")
        return mean, log_variance

    def codes(self, name: str) -> Float[NDArray, "N D"]:
        """One draw of z from each item's posterior, in float64.

        Args:
            name: The model.
        """
        mean, log_variance = self.posteriors(name)
        if log_variance is None:
            return mean
        noise = np.random.default_rng(self.seed).normal(size=mean.shape)
        return mean + noise * np.exp(log_variance / 2)

    def reconstructions(self, name: str) -> Float[NDArray, "M C H W"]:
        """The test pictures, encoded and decoded, in [0, 1].

        Args:
            name: The model.
        """

        def reconstruct() -> Array:
            model = self.model(name)
            with inference(model):
                parts = [model.reconstruct(x) for (x, *_) in Batches(self.test, 500)]
            return torch.cat(parts).clamp(0, 1).numpy()

        return self.once(("reconstructions", name), reconstruct)

    def pca(self, components: int) -> Float[NDArray, "M C H W"]:
        """The test pictures by principal components of the training pictures, in [0, 1].

        Args:
            components: How many.
        """
        return self.once(
            ("pca", components),
            lambda: pca_reconstructions(self.items.tensor().numpy(), self.originals, components),
        )

    def decode(self, name: str, z: Float[NDArray, "N D"]) -> Float[NDArray, "N C H W"]:
        """Decode codes to pictures in [0, 1].

        Args:
            name: The model.
            z: Codes.
        """
        model = self.model(name)
        with inference(model):
            parts = [model.decode(part) for part in torch.from_numpy(z).float().split(1000)]
        return torch.cat(parts).clamp(0, 1).numpy()

    def judge(self, name: str, z: Float[NDArray, "N D"]) -> Judgement:
        """Decode codes and let the judge see the pictures.

        Args:
            name: The model.
            z: Codes.
        """
        return self.recogniser(torch.from_numpy(self.decode(name, z)))

    def draws(self, name: str, source: str, n: int = DRAWS) -> Float[NDArray, "n D"]:
        """Draw codes to decode.

        Args:
            name: The model.
            source: `box` (even over the codes' bounding box), `normal` (fitted to the codes),
                `prior` (N(0, I)) or `codes` (some of them).
            n: How many.
        """
        z = self.codes(name)
        rng = np.random.default_rng([self.seed, 1])
        if source == "codes":
            return z[rng.permutation(len(z))[:n]]
        if source == "prior":
            return rng.normal(size=(n, z.shape[1]))
        sampler = {"box": box, "normal": normal}[source](torch.from_numpy(z))
        with seeded(self.seed + 1):
            return sampler().sample((n,)).numpy()

    def judged(self, name: str, source: str) -> Judgement:
        """What the judge says of decoded draws.

        Args:
            name: The model.
            source: As for `draws`.
        """
        return self.once(
            ("judged", name, source), lambda: self.judge(name, self.draws(name, source))
        )

    def recognisable(self, name: str, source: str) -> Estimate:
        """The share of decoded draws that are recognisable.

        Args:
            name: The model.
            source: As for `draws`.
        """
        return estimate(np.mean, self.judged(name, source).recognisable, seed=self.seed)

    def alive(self, name: str) -> bool:
        """Whether a variational autoencoder's rate exceeds 1 nat, so that it can be judged.

        Args:
            name: The model.
        """
        mean, log_variance = self.normals(name)
        q = DiagonalNormal(torch.from_numpy(mean), torch.from_numpy(log_variance))
        rate = kl_divergence(q, StandardNormal(mean.shape[1])())
        return bool(rate.mean() > ALIVE)


def _labels(dataset: Dataset) -> Int[NDArray, "N"]:
    if dataset.labels is None:
        raise DataError("the study needs labels: use fashion-mnist-subset or fashion-mnist")
    return dataset.labels.numpy()
