"""How well a model gives back what it was given, beside the best that a linear one could do."""

import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.distributions import Distribution

from reparam.data import Batches, Dataset, entropy_floor
from reparam.data.memory import items_at_once
from reparam.distributions import Bernoulli, unpadded
from reparam.errors import CompositionError
from reparam.inference import inference, inputs
from reparam.metrics.pictures import principal, projected
from reparam.metrics.progress import bar

if TYPE_CHECKING:
    from sklearn.decomposition import PCA

WINDOW = 11
"""Pixels across the window of the structural similarity."""
FITTED = 5000
"""The most items that the principal components are fitted to."""


@dataclass(frozen=True)
class Reconstruction:
    """The errors of reconstructions, of the posteriors' means, averaged over the items.

    Args:
        mean_squared_error: In squared pixel units.
        root_mean_squared_error: Its root, in pixel units.
        psnr: The peak signal-to-noise ratio in decibels; infinite where an item is given back
            exactly.
        ssim: The structural similarity, 1 at most; `None` for what is no picture of at least 11 x
            11.
        pca_root_mean_squared_error: That of as many principal components of the reference as the
            model has latents, clipped to [0, 1]; `None` without a reference.
        components: How many components those were; `None` without a reference.
        binary_cross_entropy: Nats an item, where the likelihood is a Bernoulli distribution;
            elsewhere `None`.
        binary_cross_entropy_floor: The pixels' own entropy, which it cannot go below.
        examples: How many items.
    """

    mean_squared_error: float
    root_mean_squared_error: float
    psnr: float
    ssim: float | None
    pca_root_mean_squared_error: float | None
    components: int | None
    binary_cross_entropy: float | None
    binary_cross_entropy_floor: float | None
    examples: int

    def to_json(self) -> dict[str, Any]:
        """The figures as plain values; what is infinite is `None`, which JSON has a word for."""
        return asdict(self) | {"psnr": self.psnr if math.isfinite(self.psnr) else None}


def reconstruction(
    model: nn.Module,
    dataset: Dataset,
    reference: Dataset | None = None,
    seed: int = 0,
    batch_size: int | None = None,
    progress: bool = True,
) -> Reconstruction:
    r"""Measure reconstructions, a batch at a time: memory does not grow with the data.

    .. math:: \mathrm{PSNR} = \frac1N \sum_n -10 \log_{10} \frac{\|x_n - \hat x_n\|^2}{D}, \quad
        \mathrm{SSIM} = \frac{(2 \mu_x \mu_{\hat x} + c_1)(2 \sigma_{x \hat x} + c_2)}
        {(\mu_x^2 + \mu_{\hat x}^2 + c_1)(\sigma_x^2 + \sigma_{\hat x}^2 + c_2)}

    The means and covariances of the similarity are those under a normal window of 11 x 11 pixels
    (sigma 1.5), with edges reflected, and pixels lie in [0, 1]: c1 = 0.01^2, c2 = 0.03^2.

    Args:
        model: A model that can `reconstruct`.
        dataset: What to reconstruct.
        reference: What principal components are fitted to, such as the training set: at most
            5,000 of its items, drawn at random.
        seed: Of that choice.
        batch_size: Items at a time; by default 500, or fewer large ones.
        progress: Whether to show progress on standard error once it takes more than two seconds.

    Raises:
        CompositionError: If the reference has items of another shape.

    Source: Wang et al. 2004, "Image quality assessment: from error visibility to structural
        similarity"

    Example:
        >>> from reparam import data, zoo
        >>> train, test = data.load("fashion-mnist-subset")
        >>> model, _ = zoo.autoencoder(test.shape, latent=2)
        >>> found = reconstruction(model, test[:100], reference=train[:500])
        >>> found.components, found.pca_root_mean_squared_error < found.root_mean_squared_error
        (2, True)
    """
    similarity = _similarity(dataset.shape)
    best = None if reference is None else _components(model, dataset, reference, seed)
    whole: Any = model  # what a module's parts return is not known to the types
    found: defaultdict[str, list[Tensor]] = defaultdict(list)
    with inference(model):
        at_once = Batches(dataset, batch_size or items_at_once(dataset.shape))
        for batch in bar(at_once, unit="batches", progress=progress):
            x, *y = inputs(model, batch)
            made = whole.reconstruct(x, *y)
            found["squares"].append(_squares(made, x))
            if similarity is not None:
                found["ssim"].append(similarity(made, x))
            if best is not None:
                linear = projected(best, x.cpu().numpy())
                found["linear"].append(_squares(torch.from_numpy(linear), x.cpu()))
            likelihood = _bernoulli(model, x, *y)
            if likelihood is not None:
                found["entropy"].append(-likelihood.log_prob(x))
    means = {name: torch.cat(parts).double().mean().item() for name, parts in found.items()}
    decibels = -10 * torch.cat(found["squares"]).log10().mean().item()
    return Reconstruction(
        mean_squared_error=means["squares"],
        root_mean_squared_error=math.sqrt(means["squares"]),
        psnr=decibels,
        ssim=means.get("ssim"),
        pca_root_mean_squared_error=math.sqrt(means["linear"]) if best else None,
        components=best.n_components_ if best else None,
        binary_cross_entropy=means.get("entropy"),
        binary_cross_entropy_floor=entropy_floor(dataset) if "entropy" in means else None,
        examples=len(dataset),
    )


def _squares(made: Tensor, x: Tensor) -> Float[Tensor, "B"]:
    return (made - x).square().flatten(1).double().mean(1).cpu()


def _similarity(shape: tuple[int, ...]) -> Callable[[Tensor, Tensor], Tensor] | None:
    """The structural similarity of each pair of pictures; `None` where they have none."""
    if len(shape) != 3 or min(shape[1:]) < WINDOW:
        return None
    from torchmetrics.functional.image import structural_similarity_index_measure

    similarity: Any = structural_similarity_index_measure
    return partial(similarity, data_range=1.0, reduction="none")


def _components(
    model: Any,  # noqa: ANN401
    dataset: Dataset,
    reference: Dataset,
    seed: int,
) -> "PCA":
    """Principal components of the reference, as many as the model has latents."""
    if reference.shape != dataset.shape:
        raise CompositionError(
            f"the reference has items of {reference.shape} and the data of {dataset.shape}: "
            "give a reference of the same kind"
        )
    with inference(model):
        latents = model.encode(*inputs(model, dataset.batch(torch.zeros(1, dtype=torch.long))))
    order = torch.randperm(len(reference), generator=torch.Generator().manual_seed(seed))
    some = reference.subset(order[:FITTED]).tensor().cpu().numpy()
    return principal(some, min(latents.numel(), len(some), some[0].size))


def _bernoulli(model: Any, x: Tensor, *y: Tensor) -> Distribution | None:  # noqa: ANN401
    """What the posterior's mean decodes to, where that is a Bernoulli distribution."""
    if not hasattr(model, "likelihood"):
        return None
    likelihood = model.likelihood(model.encode(x, *y), *y)
    return likelihood if isinstance(unpadded(likelihood), Bernoulli) else None
