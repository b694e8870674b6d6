"""Whether a model's likelihood can hold the numbers of a data set."""

import torch
from torch import nn
from torch.distributions import Distribution, constraints

from reparam.data import Dataset
from reparam.distributions import Bernoulli, unpadded
from reparam.errors import DataError
from reparam.inference import inference, inputs
from reparam.randomness import seeded

CHUNK = 4096


def check_domain(model: nn.Module, dataset: Dataset) -> None:
    """Refuse data that a model's likelihood cannot hold: they would have a number, and no meaning.

    Binary cross-entropy has no lower bound on numbers outside [0, 1], a decoder that ends in a
    sigmoid shows none of them, and a likelihood of counts says nothing of fractions.

    Args:
        model: A model.
        dataset: What it is trained or measured on.

    Raises:
        DataError: If a number lies outside the likelihood's support, or its mean's range.

    Example:
        >>> from reparam import zoo
        >>> from reparam.data import Schema
        >>> real = Schema("array", "all", "vectors", (2,), "float32", values="real")
        >>> rows = Dataset(torch.tensor([[-40.0, 3.0]]), schema=real)
        >>> check_domain(zoo.vae((2,), latent=1).model, rows)
        Traceback (most recent call last):
        reparam.errors.DataError: the likelihood holds numbers in [0, 1], and the data go from ...
    """
    around = getattr(model, "mean_range", None)
    if around is not None:
        if dataset.schema.values == "unit" and around == (0.0, 1.0):
            return
        least, most = around
        ends = [torch.aminmax(chunk) for chunk in dataset.chunks(CHUNK)]
        low, high = min(float(end.min) for end in ends), max(float(end.max) for end in ends)
        if low < least or high > most:
            raise DataError(
                f"the likelihood holds numbers in [{least:g}, {most:g}], and the data go from "
                f"{low:g} to {high:g}: scale the data, or give the model a likelihood of real "
                "numbers, such as families.Normal(variance='scalar', link='identity')"
            )
        return
    support = _support(_likelihood(model, dataset))
    if support is None:
        return
    for start in range(0, len(dataset), CHUNK):
        x, *_ = dataset.batch(torch.arange(start, min(start + CHUNK, len(dataset))))
        if not bool(support.check(x).all()):
            raise DataError(
                f"the likelihood holds {support}, and items {start} to {start + len(x) - 1} go "
                f"from {x.min():g} to {x.max():g} and do not all lie there: scale the data, or "
                "choose a likelihood for such numbers"
            )


def _likelihood(model: nn.Module, dataset: Dataset) -> Distribution | None:
    """The likelihood of one item; `None` where the model leaves no trace."""
    with inference(model), seeded(0):
        trace = model(*inputs(model, dataset.batch(torch.zeros(1, dtype=torch.long))))
    return getattr(trace, "likelihood", None)


def _support(likelihood: Distribution | None) -> constraints.Constraint | None:
    """Where a likelihood's numbers lie; `None` where that is everywhere, or unknown."""
    if likelihood is None or not getattr(likelihood, "has_density", True):
        return None
    if isinstance(unpadded(likelihood), Bernoulli):
        return constraints.unit_interval  # grey pixels have a cross-entropy
    try:
        support = likelihood.support
    except NotImplementedError:
        return None
    base = getattr(support, "base_constraint", support)
    return None if base is constraints.real or base is constraints.real_vector else support
