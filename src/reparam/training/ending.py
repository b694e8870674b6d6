"""What a training says when it has ended, with the option that mends it.

Each rule reads an effect size, so that a healthy training ends in silence:

- *divergence*: the loss ends more than a quarter above its start, or, in 20 records or more, has
  lost more than half of what it had gained.
- *best epoch*: the validation loss ends above its lowest by more than a twentieth of what
  validation had gained until then, and by more than three times its noise between epochs.
- *rate*: the rate weighs something and is below 0.1 nats in all.
- *reconstruction*: reconstructions take away less than 2% of the squared error that the training
  mean leaves, for every item the same.
"""

import math
import statistics
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise

import torch
from torch import Tensor, nn

from reparam.data import Batches, Dataset
from reparam.data.memory import items_at_once
from reparam.errors import ReparamError
from reparam.inference import inference, inputs
from reparam.objectives import Objective
from reparam.randomness import seeded
from reparam.training.callbacks import Record, State
from reparam.training.collapse import COLLAPSED, PATIENCE, weighing_rates

FEW, ENOUGH = 200, 1000
"""Steps."""
ROSE = 0.25
"""The share of its size by which the loss of a training that diverged ends above its start."""
MANY = 20
"""Records, of which fewer do not tell a loss that rose again from noise."""
LOST = 0.5
"""The share of what the loss had gained, which a training that diverged has lost again."""
MUCH = 0.05
"""The share of what validation had gained, by which the best epoch is much better."""
NOISES = 3.0
EXPLAINED = 0.02
"""The share of the training mean's squared error that reconstructions must take away."""
SEEN = 512
"""Items that are reconstructed."""
AVERAGED = 4096
"""Items whose mean stands for the training set's."""


def ending(
    state: State,
    records: Sequence[Record],
    best: Record,
    train: Dataset,
    validation: Dataset | None,
) -> dict[str, str]:
    """One sentence for each surprise that a training ended with, by the name of its rule.

    Args:
        state: Where training ended.
        records: All its records.
        best: The record of the best validation; empty where there is none.
        train: The training set.
        validation: The validation set or `None`.
    """
    found = {
        "divergence": _divergence(state, [r for r in records if r.get("split") == "train"]),
        "best epoch": _best_epoch(state, records, best),
        "rate": _rate(state, records),
    }
    if found["divergence"] is None and found["rate"] is None:
        found["reconstruction"] = _reconstruction(state, train, validation or train)
    return {name: sentence for name, sentence in found.items() if sentence is not None}


def more_epochs(steps_per_epoch: int) -> str:
    """What gives more steps where they are few.

    Args:
        steps_per_epoch: How many an epoch has.
    """
    epochs = -(-ENOUGH // steps_per_epoch)
    return f"epochs={epochs} (--epochs {epochs}) gives {ENOUGH:,}"


def _divergence(state: State, records: Sequence[Record]) -> str | None:
    name = _judged(state.objective)
    values = [record[name] for record in records if name in record]
    if name is None or len(values) < 3:
        return None
    start, low = values[0], min(values)
    end = statistics.mean(values[-max(1, len(values) // 20) :])
    noise = statistics.median(abs(b - a) for a, b in pairwise(values))
    size = max(abs(start), abs(low))
    margin = max(0.02 * size, NOISES * noise)
    rose = end - start > max(ROSE * size, margin)
    lost = (
        len(values) >= MANY and start - low > margin and end - low > LOST * (start - low) + margin
    )
    if not rose and not lost:
        return None
    return (
        f"training diverged: its {name} was {_nats(start)} nats at the start, {_nats(low)} at its "
        f"lowest and {_nats(end)} at the end: give a lower learning_rate (--learning-rate; it was "
        f"{state.recipe.rate:.2g}) or clip=1 (--clip 1)"
    )


def _judged(objective: Objective) -> str | None:
    """Which value must not rise: the loss, unless its weights change or it has an opponent."""
    if not objective.scheduled_steps and not objective.has_critic:
        return "loss"
    return "distortion" if _has_distortion(objective) else None


def _is_game(objective: Objective) -> bool:
    """Whether the loss is what an opponent makes of it, so that lower is not better."""
    return objective.has_critic and not _has_distortion(objective)


def _has_distortion(objective: Objective) -> bool:
    return any(term.name == "distortion" for term in objective)


def _best_epoch(state: State, records: Sequence[Record], best: Record) -> str | None:
    every = [r for r in records if r.get("split") == "validation"]
    kept = state.recipe.select == "best"
    if not best or not every or kept or _is_game(state.objective):
        return None
    end, low = every[-1]["loss"], best["loss"]
    before = [record["loss"] for record in every if record["step"] <= best["step"]]
    start = before if len(before) > 1 else [r["loss"] for r in records if r["split"] == "train"]
    gained = start[0] - low if start else 0.0
    turns = [abs(a - 2 * b + c) for a, b, c in zip(before, before[1:], before[2:], strict=False)]
    noise = statistics.median(turns) / math.sqrt(6) if turns else 0.0
    if end - low <= max(MUCH * abs(gained), NOISES * noise):
        return None
    return (
        f"the validation loss was lowest after epoch {round(best['epoch'])} of "
        f"{round(every[-1]['epoch'])}, {_nats(low)} nats, and is {_nats(end)} at the end, "
        f"{_nats(end - low)} more: select='best' (--select best) ends with that epoch's weights"
    )


def _rate(state: State, records: Sequence[Record]) -> str | None:
    rates = [record["rate"] for record in records if "rate" in record]
    weighing = weighing_rates(state.objective)
    if state.step < PATIENCE or not rates or rates[-1] >= COLLAPSED or not weighing:
        return None
    weight = float(weighing[0].weight)
    beta = f"lower beta (it is {weight:g}; --set beta={weight / 10:g})"
    return (
        f"the rate (KL divergence) is {rates[-1]:.3f} nats at the end: the latents carry nothing, "
        f"and every reconstruction is alike: {beta}, warm it up (--set warmup=STEPS)"
        f"{_other_likelihood(state.model)}"
    )


def _reconstruction(state: State, train: Dataset, seen: Dataset) -> str | None:
    with suppress(ReparamError, NotImplementedError, AttributeError, RuntimeError):
        made, mean = _errors(state.model, train, seen)
        if made < (1 - EXPLAINED) * mean or mean == 0:
            return None
        say = (
            f"reconstructions are no better than the training mean (RMSE {math.sqrt(made):.4g} "
            f"against {math.sqrt(mean):.4g}): "
        )
        if state.step < FEW:
            return f"{say}{state.step:,} steps are few, {more_epochs(state.steps_per_epoch)}"
        return f"{say}train for longer (--epochs), give more latents (--latent)" + (
            _other_likelihood(state.model) or ", or lower beta (--set beta=0.1)"
        )
    return None


def _errors(model: nn.Module, train: Dataset, seen: Dataset) -> tuple[float, float]:
    """The mean squared errors of reconstructions and of the training mean, on the same items."""
    at_once = items_at_once(train.shape)
    mean: Tensor = torch.zeros(train.shape, dtype=torch.double)
    some = _spread(train, AVERAGED)
    for batch in Batches(some, at_once):
        mean += batch[0].cpu().double().sum(0) / len(some)
    made = plain = 0.0
    with inference(model), seeded(0):
        for batch in Batches(_spread(seen, SEEN), at_once):
            x, *y = inputs(model, batch)
            again = model.reconstruct(x, *y)  # type: ignore[operator]
            made += (again - x).cpu().double().square().sum().item()
            plain += (x.cpu().double() - mean).square().sum().item()
    numbers = min(SEEN, len(seen)) * mean.numel()
    return made / numbers, plain / numbers


def _spread(dataset: Dataset, most: int) -> Dataset:
    """Some items from all over a data set, which may be sorted."""
    if len(dataset) <= most:
        return dataset
    return dataset.subset(torch.linspace(0, len(dataset) - 1, most).long())


def _other_likelihood(model: nn.Module) -> str:
    """What to do about a likelihood that hides what is faint."""
    family = getattr(getattr(model, "likelihood", None), "family", None)
    if "Bernoulli" not in type(family).__name__:
        return ""
    return (
        ", or take a normal likelihood, which does not starve latents on images of low contrast "
        "as binary cross-entropy does (--model learned_sigma_vae)"
    )


def _nats(value: float) -> str:
    return f"{value:,.1f}" if abs(value) < 1e6 else f"{value:.2g}"
