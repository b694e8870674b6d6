"""The loop: plain training of any model and objective that leave and read a trace."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from torch import nn

from reparam import artifact
from reparam.data import Batches, Dataset
from reparam.errors import DataError, TrainingError
from reparam.objectives import Objective
from reparam.randomness import Stream
from reparam.training.augment import Augmentation
from reparam.training.callbacks import Callback, State
from reparam.training.collapse import WatchRate
from reparam.training.device import accelerator_on, descent, repeatable
from reparam.training.evaluate import evaluate
from reparam.training.history import History
from reparam.training.memory import freed_memory_kept
from reparam.training.players import players
from reparam.training.progress import ShowProgress
from reparam.training.recipe import Recipe
from reparam.training.step import Step
from reparam.training.window import Window

RECORDS_PER_EPOCH = 20


def fit(
    model: nn.Module,
    objective: Objective,
    train: Dataset,
    validation: Dataset | None = None,
    *,
    epochs: int,
    out: str | Path | None = None,
    overwrite: bool = False,
    device: str = "auto",
    augmentation: Augmentation | None = None,
    callbacks: Sequence[Callback] = (),
    progress: bool = True,
    **options: Any,  # noqa: ANN401
) -> History:
    """Train a model, and leave it in evaluation mode.

    The default recipe is AdamW with a one-cycle schedule to 1.2e-2 and back in batches of 128. The
    same seed on the same machine with the same number of threads gives the same bits.

    Args:
        model: What leaves a trace, such as `VAE`.
        objective: What reads it.
        train: What to learn from.
        validation: What to measure on after each epoch, with the objective's final weights and the
            same noise each time; it chooses nothing.
        epochs: How often every example is seen.
        out: A folder for the run: the trained model, its card and `history.jsonl`.
        overwrite: Whether the folder may already hold a run, which is then lost.
        device: `"auto"`, `"cpu"`, `"cuda"` or `"mps"`.
        augmentation: A function of a batch of pictures, such as `reparam.training.flip`.
        callbacks: What else watches.
        progress: Whether to show progress on standard error.
        **options: The rest of `Recipe`: `batch_size`, `learning_rate`, `critic_learning_rate`,
            `optimizer`, `schedule`, `weight_decay`, `precision`, `seed`.

    Raises:
        TrainingError: If an option has no effect or is out of range, or a loss is not finite.
        DataError: If train and validation differ in shape.
        ArtifactError: If the folder holds a run already or cannot be written.

    Example:
        >>> from reparam import data, fit, zoo
        >>> train, test = data.load("fashion-mnist-subset")
        >>> model, objective = zoo.vae(train.shape, latent=2, widths=[8, 8])
        >>> history = fit(model, objective, train[:256], epochs=1, progress=False)
        >>> sorted(history.last["train"])[:3]
        ['distortion', 'epoch', 'examples_per_second']
    """
    recipe = _recipe(epochs, options)
    if validation is not None and validation.shape != train.shape:
        raise DataError(
            f"train has items of {tuple(train.shape)}, validation of {tuple(validation.shape)}: "
            "give validation of train's shape"
        )
    batches = Batches(
        train, min(recipe.batch_size, len(train)), torch.Generator().manual_seed(recipe.seed)
    )
    steps = recipe.epochs * len(batches)
    if objective.scheduled_steps > steps:
        raise TrainingError(
            f"a weight of the objective is final only after {objective.scheduled_steps} steps, "
            f"but training takes {steps}: shorten its schedule or train for more epochs"
        )
    if recipe.critic_learning_rate is not None and not list(objective.parameters()):
        raise TrainingError("critic_learning_rate has no effect: the objective has no critic")
    accelerator = accelerator_on(device, recipe.precision)
    folder = None if out is None else artifact.prepare(out, overwrite=overwrite)
    history = History()
    watchers = [history, WatchRate(), *([ShowProgress()] if progress else []), *callbacks]
    state = State(model, objective, recipe, train.schema.title, steps, len(batches), out=folder)
    with repeatable(), freed_memory_kept(), ExitStack() as stack:
        for watcher in watchers:
            stack.callback(watcher.on_end, state)
            watcher.on_start(state)
        _train(state, batches, validation, accelerator, augmentation, watchers)
    if folder is not None:
        artifact.save(
            folder,
            model,
            objective,
            schema=train.schema,
            recipe=recipe.to_json(),
            figures={"examples": len(train), "steps": state.step, **history.last},
        )
    return history


def _train(
    state: State,
    batches: Batches,
    validation: Dataset | None,
    accelerator: Accelerator,
    augmentation: Augmentation | None,
    watchers: Sequence[Callback],
) -> None:
    recipe = state.recipe
    here = accelerator.device
    batches.dataset = batches.dataset.to(here)
    validation = None if validation is None else validation.to(here)
    step = Step(state.model, state.objective).to(here).train()
    optimizer = recipe.optimise(players(step, recipe))
    schedule = recipe.schedule_of(optimizer, state.steps)
    prepared, descend = descent(accelerator, step, optimizer)
    noise, augment_noise = Stream(recipe.seed + 1, here), Stream(recipe.seed + 2, here)
    taken = 1 + getattr(state.model, "conditions", 0)  # the pictures, and what they are given
    window, every = Window(), max(1, state.steps_per_epoch // RECORDS_PER_EPOCH)

    def record(values: dict[str, Any]) -> None:
        with noise.aside():
            for watcher in watchers:
                watcher.on_record(state, values)

    with noise:
        for _ in range(recipe.epochs):
            for batch in batches:
                x, *y = batch[:taken]
                if augmentation is not None:
                    with augment_noise:
                        x = augmentation(x)
                state.objective.advance(state.step)
                rate = optimizer.param_groups[0]["lr"]
                values = prepared(x, *y)
                window.add(values)
                descend(
                    values["loss"] + values["critic"] if "critic" in values else values["loss"]
                )
                if schedule is not None:
                    schedule.step()
                state.step += 1
                if state.step % every == 0 or state.step % state.steps_per_epoch == 0:
                    record(window.read(state) | {"learning_rate": rate})
            if validation is not None:
                state.objective.finish()
                measured = evaluate(step, validation, seed=recipe.seed)
                at = {"split": "validation", "step": state.step, "epoch": state.epoch}
                record(at | measured)
            with noise.aside():
                for watcher in watchers:
                    watcher.on_epoch(state)
            if state.stop:
                break
    state.objective.finish()
    step.eval()


def _recipe(epochs: int, options: dict[str, Any]) -> Recipe:
    if unknown := sorted(set(options) - set(Recipe.__annotations__)):
        raise TrainingError(
            f"fit does not know {', '.join(unknown)}: "
            f"its options are {', '.join(Recipe.__annotations__)}"
        )
    return Recipe(epochs, **options)
