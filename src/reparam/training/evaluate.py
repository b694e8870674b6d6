"""An objective's values on a whole data set, repeatable for a seed."""

import torch

from reparam.data import Batches, Dataset
from reparam.randomness import Stream
from reparam.training.step import Step


def evaluate(
    step: Step, dataset: Dataset, device: torch.device, batch_size: int = 500, seed: int = 0
) -> dict[str, float]:
    """Every term, averaged over the data set's examples, with the weights as they are.

    Args:
        step: The model and its objective.
        dataset: What to evaluate on.
        device: Where to compute.
        batch_size: Examples at a time.
        seed: Of the noise: the same draws each time.
    """
    totals: dict[str, float] = {}
    count = 0
    taken = 1 + getattr(step.model, "conditions", 0)
    training = step.training
    step.eval()
    try:
        with torch.no_grad(), Stream(seed, device):
            for batch in Batches(dataset, batch_size):
                values = step(*(part.to(device) for part in batch[:taken]))
                n = int(values.pop("count"))
                count += n
                for name, value in values.items():
                    totals[name] = totals.get(name, 0.0) + float(value) * n
    finally:
        step.train(training)
    return {name: total / count for name, total in totals.items()}
