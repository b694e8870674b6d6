"""Reading a trained model. Nothing from the folder is run: only registered parts are built."""

import hashlib
import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

import reparam.families
import reparam.models
import reparam.networks
import reparam.objectives
import reparam.priors  # noqa: F401
from reparam.artifact.folder import CONFIG, DIGEST, WEIGHTS, digest, read, read_config
from reparam.artifact.hub import address_of, fetch
from reparam.artifact.limits import check_trees, for_pass, for_weights
from reparam.artifact.weights import metadata_of, parse, restore
from reparam.artifact.writer import together
from reparam.data import Schema
from reparam.errors import ArtifactError, ReparamError
from reparam.inference import inference
from reparam.models import VAE
from reparam.objectives import Objective
from reparam.randomness import seeded
from reparam.registry import build_all


@dataclass(frozen=True)
class Artifact:
    """A trained model and what is known of it.

    Args:
        path: Its folder.
        model: The model, in evaluation mode.
        objective: Its objective with every weight final, or `None`.
        schema: What data it takes, or `None`.
        recipe: How it was trained.
        figures: What was measured.
        version: Which version of reparam wrote it.
        variant: What the zoo calls it, or `None` where it does not say.
        address: Where on the Hugging Face Hub it came from, or `None`.
    """

    path: Path
    model: Any
    objective: Objective | None
    schema: Schema | None
    recipe: Mapping[str, Any]
    figures: Mapping[str, Any]
    version: str
    variant: str | None = None
    address: str | None = None

    @property
    def name(self) -> str:
        """What to call it: its folder's name, or its name on the Hub."""
        return self.path.name if self.address is None else self.address


def load(
    path: str | Path,
    model: nn.Module | None = None,
    objective: Objective | None = None,
    device: str = "cpu",
) -> Artifact:
    """Read a model that `save` or `fit` wrote.

    Args:
        path: The folder; or a model on the Hugging Face Hub, `hf://owner/name` or
            `hf://owner/name@revision`.
        model: Restore the weights into this model instead of building one; needed where the
            composition was not registered.
        objective: The same for the objective.
        device: Where to put both.

    Raises:
        ArtifactError: If the folder is not an artifact, names a part that is not registered, has
            weights of another shape or that are not finite, was written in another format, or
            cannot be had from the Hub.
    """
    address = address_of(path)
    folder, within = (Path(path), None) if address is None else fetch(address)
    config = read_config(folder, within)
    content = read(folder, WEIGHTS, within)
    tensors = parse(content, folder / WEIGHTS)
    _check_digests(config, content, folder)
    schema = _schema(config, folder)
    parts = _parts(config, {"model": model, "objective": objective}, tensors, folder)
    if parts["objective"] is None:
        tensors = {k: v for k, v in tensors.items() if not k.startswith("objective.")}
    restore(together(**parts), tensors, folder / WEIGHTS)
    if parts["objective"] is not None:
        parts["objective"].finish()
        parts["objective"].to(device).eval()
    variant = config.get("variant")
    if model is None:
        if schema is not None:
            check_takes(parts["model"], schema.shape, str(folder / CONFIG))
        if isinstance(variant, str):
            parts["model"].variant = variant
    return Artifact(
        folder,
        parts["model"].to(device).eval(),
        parts["objective"],
        schema,
        _table(config, "recipe"),
        _table(config, "figures"),
        str(config.get("reparam", "unknown")),
        variant if isinstance(variant, str) else None,
        None if address is None else str(address),
    )


def check_takes(model: nn.Module, shape: Sequence[int], what: str) -> None:
    """Send one item of zeros through a model, to see whether its parts go together.

    Only of a `VAE` is it known how; one with conditions that are no labels is left alone.

    Args:
        model: The model.
        shape: One item's shape.
        what: What describes the model, for an error.

    Raises:
        ArtifactError: If the model cannot take it, or would need far more memory than its weights
            and the item do.
    """
    many = model.conditions if isinstance(model, VAE) else 0
    if not isinstance(model, VAE) or many > 1 or (many == 1 and model.classes is None):
        return
    like = next(model.parameters(), None)
    if like is None:
        raise ArtifactError(f"{what} describes a model without any weights: it was altered")
    given = [torch.zeros(1, dtype=torch.long, device=like.device)] * many
    try:
        limits = for_pass(f"{what}: the model it describes", model, math.prod(shape))
        with inference(model), seeded(0, like.device), limits:
            trace = model(like.new_zeros(1, *shape), *given)
            found = trace.likelihood.mean.shape[2:]
            prior, z = trace.latents[0].p, trace.latents[0].z
            if prior is not None and prior.event_shape != z.shape[2:]:
                raise ValueError(
                    f"the prior's latents have shape {tuple(prior.event_shape)}, "
                    f"the posterior's {tuple(z.shape[2:])}"
                )
    except ArtifactError:
        raise
    except Exception as error:  # parts that do not go together may raise anything
        said = str(error).strip().split("\n")[0] or type(error).__name__
        raise ArtifactError(
            f"{what} describes a model that cannot take items of shape {tuple(shape)}: {said}"
        ) from error
    if tuple(found) != tuple(shape):
        raise ArtifactError(
            f"{what} describes a model that takes items of shape {tuple(shape)} and makes items "
            f"of shape {tuple(found)}: it was altered"
        )


def _check_digests(config: dict[str, Any], content: bytes, folder: Path) -> None:
    recorded = config.get("weights")
    wanted = recorded.get("sha256") if isinstance(recorded, dict) else None
    if isinstance(recorded, dict) and wanted != hashlib.sha256(content).hexdigest():
        raise ArtifactError(
            f"{folder / WEIGHTS} is not the file that {CONFIG} was written with: one of them was "
            "altered or comes from another run"
        )
    sealed = metadata_of(content).get(DIGEST)
    if sealed is None:
        warnings.warn(
            f"{folder} was saved by an older version, without a digest of {CONFIG}: save it "
            "again, and an altered one will be refused",
            stacklevel=3,
        )
    elif sealed != digest(config):
        raise ArtifactError(
            f"{folder / CONFIG} was altered after {WEIGHTS} was written, or comes from another "
            "run: take both from one run, or save the model again"
        )


def _parts(
    config: dict[str, Any], given: dict[str, Any], tensors: Mapping[str, Tensor], folder: Path
) -> dict[str, Any]:
    what = str(folder / CONFIG)
    missing = [name for name, part in given.items() if part is None]
    if "model" in missing and config.get("model") is None:
        raise ArtifactError(
            f"{folder} holds the weights of a model with a part that was not registered: build "
            "it yourself and give it, load(path, model=mine)"
        )
    trees = {name: config[name] for name in missing if config.get(name) is not None}
    check_trees(trees.values(), what)
    with seeded(0), for_weights(f"{what}: the model it describes", tensors):
        parts = {**given, **build_all(trees)}
    if not isinstance(parts["objective"], Objective | None):
        raise ArtifactError(f"{what} has a {type(parts['objective']).__name__} for its objective")
    return parts


def _schema(config: dict[str, Any], folder: Path) -> Schema | None:
    if config.get("schema") is None:
        return None
    try:
        return Schema.from_json(config["schema"])
    except ReparamError as error:
        raise ArtifactError(f"{folder / CONFIG}: {error}") from error


def _table(config: dict[str, Any], name: str) -> dict[str, Any]:
    value = config.get(name)
    return value if isinstance(value, dict) else {}
