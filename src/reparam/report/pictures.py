"""The pictures that every run leaves: samples, reconstructions and the loss curve."""

from pathlib import Path

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from reparam.data import Dataset
from reparam.inference import inputs_of
from reparam.models import VAE
from reparam.plots import loss_curve, reconstructions, save, save_grid
from reparam.training import Record

CHOSEN = 16


def chosen(dataset: Dataset, n: int, seed: int = 0) -> Dataset:
    """A random choice of items, the same for a seed.

    Args:
        dataset: What to choose from.
        n: How many; all of them where there are fewer.
        seed: Of the choice.
    """
    order = torch.randperm(len(dataset), generator=torch.Generator().manual_seed(seed))
    return dataset.subset(order[:n])


def root_mean_squared_error(a: Float[Tensor, "N ..."], b: Float[Tensor, "N ..."]) -> float:
    """The root of the mean squared difference of all pixels, in pixel units.

    Args:
        a: Pictures.
        b: As many pictures of the same size.
    """
    return (a - b).square().mean().sqrt().item()


def draw_reconstructions(path: Path, dataset: Dataset, pictures: Float[Tensor, "N C H W"]) -> None:
    """Originals above their reconstructions.

    Args:
        path: Where to write.
        dataset: The originals.
        pictures: Their reconstructions.
    """
    labels = None
    if dataset.labels is not None:
        classes, numbers = dataset.schema.classes, dataset.labels.tolist()
        labels = [classes[i] if classes and i >= 0 else i for i in numbers]
    title = f"{dataset.schema.title}, {dataset.schema.split}"
    figure = reconstructions(
        dataset.tensor().cpu().numpy(), pictures.clamp(0, 1).numpy(), labels=labels, title=title
    )
    save(figure, path)


def in_turn(model: VAE, n: int) -> list[Int64[Tensor, "n"]]:
    """The conditions to sample with: of a model that takes labels, each label in its turn.

    Args:
        model: A model.
        n: How many samples.
    """
    if not model.conditions:
        return []
    return [torch.arange(n, device=model.device) % (model.classes or 1)]


def draw_run(
    folder: Path,
    model: VAE,
    test: Dataset,
    records: list[Record],
    seed: int = 0,
) -> list[Path]:
    """Draw samples, where the model has a prior, reconstructions and the loss curve.

    Args:
        folder: Where to write.
        model: The trained model.
        test: What to reconstruct some of.
        records: What training recorded.
        seed: Of the choice and of the samples.

    Returns:
        What was written.
    """
    files = []
    if records:  # of a run whose history was lost there are none
        files += [save(loss_curve(records, title=test.schema.title), folder / "loss.png")]
    if len(test.shape) != 3:
        return files
    some = chosen(test, CHOSEN, seed)
    draw_reconstructions(
        folder / "reconstructions.png", some, model.reconstruct(*inputs_of(model, some)).cpu()
    )
    files.append(folder / "reconstructions.png")
    if model.prior is not None:
        images = model.sample(64, *in_turn(model, 64), seed=seed).clamp(0, 1).cpu().numpy()
        files.append(save_grid(folder / "samples.png", images))
    return files
