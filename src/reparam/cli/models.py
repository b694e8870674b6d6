"""A run opened on a device, and the data that goes with it."""

import os
from pathlib import Path
from typing import Any

from torch import nn

from reparam.artifact import Artifact, load
from reparam.data import Dataset, load_split
from reparam.data.hub import PREFIX as HUB
from reparam.errors import DataError
from reparam.latent import codes
from reparam.samplers import SAMPLERS
from reparam.training import device_named


def opened(run: Path, device: str) -> Artifact:
    """A trained model on a device.

    Args:
        run: Its folder, or its address on the Hub.
        device: auto, cpu, cuda or mps.
    """
    return load(run, device=str(device_named(device)))


def matching(found: Artifact, source: str, split: str, given: dict[str, Any]) -> Dataset:
    """Data that fits a model, split as the model's own data was.

    Args:
        found: The model.
        source: What to read.
        split: train, validation, test or all.
        given: Options for reading.
    """
    options: dict[str, Any] = dict(found.schema.options) if found.schema else {}
    if found.schema is None or not _same(found.schema.source, source):
        options = {key: options[key] for key in ("validation", "seed") if key in options}
    dataset = load_split(source, split, **{**options, **given})
    if found.schema is not None:
        found.schema.check(dataset.shape)
    return dataset


def own(found: Artifact, source: str | None, split: str, given: dict[str, Any]) -> Dataset:
    """What a model was trained on, or other data.

    Args:
        found: The run.
        source: Other data; `None` for the model's own.
        split: train, validation, test or all.
        given: Options for reading.

    Raises:
        DataError: If there is nothing to read.
    """
    chosen = source or (found.schema.source if found.schema else None)
    if chosen is None:
        raise DataError(
            f"{found.path} does not say where its data came from: name them with --data"
        )
    if source is None and chosen.startswith(HUB):
        raise DataError(
            f"{found.path} was trained on {chosen}, and the Hub is asked only if you say "
            f"so: name it with --data {chosen}"
        )
    try:
        return matching(found, chosen, split, given)
    except DataError as error:
        if source is not None:
            raise
        raise DataError(
            f"what {found.path} was trained on cannot be read here, so name it with --data: "
            f"{error}"
        ) from error


def unseen_and_seen(
    found: Artifact, source: str | None, given: dict[str, Any]
) -> tuple[Dataset, Dataset | None]:
    """The test split of what a model was trained on, or of other data, and what it was trained on.

    Args:
        found: The run.
        source: Other data; `None` for the model's own.
        given: Options for reading.

    Returns:
        Both; `None` where other data was named and the model's own cannot be read.

    Raises:
        DataError: If there is nothing to read.
    """
    test = own(found, source, "test", given)
    its_own = found.schema.source if found.schema else None
    if source is None or _same(its_own, source):
        return test, own(found, source, "train", given)
    try:
        return test, own(found, None, "train", {})
    except DataError:
        return test, None


def fitted_sampler(
    found: Artifact, name: str, source: str | None, given: dict[str, Any]
) -> nn.Module:
    """A sampler fitted to the codes of what the model was trained on, or of other data.

    Args:
        found: The model.
        name: normal or box.
        source: Other data; `None` for the model's own.
        given: Options for reading.

    Raises:
        DataError: If there is no such sampler, or nothing to fit it to.
    """
    if name not in SAMPLERS:
        raise DataError(f"--sampler is one of {', '.join(SAMPLERS)}, not {name!r}")
    dataset = own(found, source, "train", given)
    return SAMPLERS[name](codes(found.model, dataset).mean)


def _same(one: str | None, other: str) -> bool:
    """Whether two sources are one, however their paths are written."""
    if one is None or one == other:
        return one is not None
    return os.path.exists(one) and os.path.exists(other) and os.path.samefile(one, other)
