"""Where a traversal starts, in which unit its values are, and in which order its dimensions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from reparam.artifact import Artifact
from reparam.cli.latents import check_items, names
from reparam.cli.models import own
from reparam.data import Dataset
from reparam.errors import CompositionError, DataError
from reparam.inference import inference
from reparam.latent import codes, log_variances, rates
from reparam.models import VAE

ORIGINS = ("the prior's centre", "the codes' mean")
UNITS = ("standard deviations of the prior", "standard deviations of the codes")
TINY = 1e-12
"""The least standard deviation."""


@dataclass(frozen=True)
class Frame:
    r"""A latent space, seen from its centre in standard deviations.

    Args:
        centre: The prior's mean, or the codes' own where there is no prior, (\*Z).
        spread: The same one's standard deviations, (\*Z).
        start: Where to start from, in standard deviations from the centre, (D,).
        rates: The rate of each dimension in nats, (D,); `None` where there is none.
        unit: What the values are.
        origin: What is at the start.
        where: What the rates were measured on.
        order: By what the dimensions are ordered, and why.
    """

    centre: Float[Tensor, "*Z"]
    spread: Float[Tensor, "*Z"]
    start: Float[Tensor, "D"]
    rates: Float[Tensor, "D"] | None
    unit: str
    origin: str
    where: str
    order: str

    def codes(self, places: Float[Tensor, "*batch D"]) -> Float[Tensor, "..."]:
        r"""The codes at some places.

        Args:
            places: In standard deviations from the centre, (\*batch, D).
        """
        return self.centre + self.spread * places.unflatten(-1, self.centre.shape)

    def check(self, dimensions: Sequence[int]) -> list[int]:
        """Refuse dimensions that the latent space does not have.

        Args:
            dimensions: Which, from 0 on.

        Raises:
            CompositionError: If one is not there.
        """
        for dimension in dimensions:
            if not 0 <= dimension < len(self.start):
                raise CompositionError(
                    f"there is no dimension {dimension} in a code of {len(self.start)}: give 0 to "
                    f"{len(self.start) - 1}"
                )
        return list(dimensions)


def framed(
    found: Artifact, source: str | None, split: str, given: dict[str, Any], item: int | None
) -> Frame:
    """The frame of a model's latent space.

    Data are needed for the rates, for an item, and for a model without a prior. Where only the
    rates are missed, the dimensions stay in their order, and the frame says why.

    Args:
        found: The run.
        source: Whose codes to measure; `None` for what the model was trained on.
        split: train, validation, test or all.
        given: Options for reading.
        item: Which item of the data to start from; `None` for the centre.

    Raises:
        DataError: If the data are needed or were named, and cannot be read.
    """
    model = found.model
    try:
        dataset = own(found, source, split, given)
    except DataError as error:
        if source is not None or given or item is not None or model.prior is None:
            raise
        centre, spread = _prior(model.prior)
        start = (centre * 0).flatten()
        order = f"of dimension: {error}"
        return Frame(centre, spread, start, None, UNITS[0], ORIGINS[0], "", order)
    where, measured = f"{dataset.schema.title}, {dataset.schema.split}", None
    order = f"by rate on {where}"
    try:
        measured = rates(model, dataset).flatten()
    except CompositionError as error:
        order = f"of dimension: {error}"
    own_codes = model.prior is None
    centre, spread = _codes(model, dataset) if own_codes else _prior(model.prior)
    start, origin = centre, ORIGINS[own_codes]
    if item is not None:
        check_items(dataset, [item], "--item")
        start = model.encode(dataset[item : item + 1].tensor())[0].cpu()
        origin = names(dataset, [item])[0].replace("\n", ", ")
    places = ((start - centre) / spread).flatten()
    return Frame(centre, spread, places, measured, UNITS[own_codes], origin, where, order)


def _prior(prior: nn.Module) -> tuple[Tensor, Tensor]:
    with inference(prior):
        p = prior()
        return p.mean.cpu(), (log_variances(p) / 2).exp().cpu()


def _codes(model: VAE, dataset: Dataset) -> tuple[Tensor, Tensor]:
    z = codes(model, dataset).mean
    return z.mean(0), z.std(0, correction=0).clamp_min(TINY)
