"""An objective's values on a whole data set, repeatable for a seed."""

from typing import Any

from torch import Tensor

from reparam.data import Batches, Dataset
from reparam.data.memory import items_at_once
from reparam.inference import inference, inputs
from reparam.randomness import Stream
from reparam.training.step import Step


def evaluate(
    step: Step, dataset: Dataset, batch_size: int | None = None, seed: int = 0
) -> dict[str, Any]:
    """Every term, averaged over the data set's examples, with the objective's weights as they are.

    Args:
        step: The model and its objective.
        dataset: What to evaluate on.
        batch_size: Examples at a time; by default 500, or fewer large ones.
        seed: Of the noise: the same draws each time.
    """
    at_once = batch_size or items_at_once((step.objective.samples, *dataset.shape))
    totals: dict[str, Tensor] = {}
    with inference(step), Stream(seed, next(step.parameters()).device):
        for batch in Batches(dataset, at_once):
            values = step(*inputs(step.model, batch))
            for name, value in values.items():
                totals[name] = totals.get(name, 0.0) + value.cpu().double() * len(batch[0])
    return {name: (total / len(dataset)).tolist() for name, total in totals.items()}
