"""The loop: plain training of any model and objective that leave and read a trace."""

import math
import warnings
from collections.abc import Collection, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from torch import nn

from reparam import artifact
from reparam.data import Dataset
from reparam.errors import EndingWarning, TrainingError
from reparam.objectives import Objective
from reparam.training.augment import Augmentation
from reparam.training.callbacks import Callback, State
from reparam.training.checkpoints import Checkpoints
from reparam.training.collapse import WatchRate
from reparam.training.device import accelerator_on, only_training, repeatable
from reparam.training.ending import FEW, ending, more_epochs
from reparam.training.engine import Engine
from reparam.training.evaluate import evaluate
from reparam.training.footprint import check_memory, footprint, free_memory
from reparam.training.history import History
from reparam.training.identity import identity, taken_over
from reparam.training.interruption import finishing_the_step
from reparam.training.keeper import Keeper
from reparam.training.lock import exclusive
from reparam.training.memory import freed_memory_kept
from reparam.training.progress import ShowProgress, show_ending
from reparam.training.recipe import Recipe
from reparam.training.refusals import refuse_what_does_not_compose, refuse_what_does_not_fit
from reparam.training.selection import Selection
from reparam.training.team import Team, is_main, shared
from reparam.training.track import Track
from reparam.training.window import check_finite

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
    resume: bool = False,
    inexact: bool = False,
    checkpoint_seconds: float = 30.0,
    device: str = "auto",
    augmentation: Augmentation | None = None,
    callbacks: Sequence[Callback] = (),
    progress: bool = True,
    track: str | None = None,
    given: Collection[str] | None = None,
    **options: Any,  # noqa: ANN401
) -> History:
    """Train a model, and leave it in evaluation mode.

    The default recipe is AdamW with a one-cycle schedule in batches of 128; its rate rises to
    1.2e-2, or less for items of more than 28x28 numbers or in fewer than 100 steps, and falls back
    to nothing. The same seed on the same machine with the same number of threads gives the same
    bits. A surprise at the end, such as a validation loss that was much lower long before, is said
    with the option that mends it: in `History.ending`, on the card, and on standard error or,
    without progress, as an `EndingWarning`.

    Args:
        model: What leaves a trace, such as `VAE`.
        objective: What reads it.
        train: What to learn from.
        validation: What to measure on after each epoch, with the objective's final weights and the
            same noise each time; it chooses nothing unless `select` or `patience` ask for it.
        epochs: How often every example is seen.
        out: A folder for the run: the trained model, its card, `history.jsonl`, its curve
            `loss.png`, and the checkpoints.
        overwrite: Whether the folder may already hold a run, which is then lost.
        resume: Go on with the run in the folder from its newest checkpoint, bit for bit as if it
            had never stopped. Options of the recipe that are not given are taken from the run;
            all that is given must be as it was. Starts one where there is none.
        inexact: With `resume`, go on although the number of threads or torch's version is another:
            not bit for bit.
        checkpoint_seconds: How much work a kill may cost; an epoch's end has a checkpoint anyway.
        device: `"auto"`, `"cpu"`, `"cuda"` or `"mps"`.
        augmentation: A function of a batch of pictures, such as `reparam.training.flip`.
        callbacks: What else watches.
        progress: Whether to show progress on standard error.
        track: Where else to send every record: `"tensorboard"`, `"wandb"` or `"mlflow"`.
        given: Which options of the recipe somebody has chosen, `epochs` among them; by default all
            that are given.
        **options: The rest of `Recipe`, such as `batch_size`, `learning_rate`, `clip`, `ema`,
            `select`, `precision`, `seed`.

    Raises:
        TrainingError: If an option has no effect or is out of range, a loss is not finite, or the
            training cannot fit into memory.
        DataError: If train and validation differ in shape, or the likelihood cannot hold them.
        CompositionError: If the parts do not go together.
        ArtifactError: If the folder holds a run already, is in use or cannot be written.
        Interrupted: If Ctrl-C or SIGTERM stopped it after a checkpoint.

    Example:
        >>> from reparam import data, fit, zoo
        >>> train, test = data.load("fashion-mnist-subset")
        >>> model, objective = zoo.vae(train.shape, latent=2, widths=[8, 8])
        >>> history = fit(model, objective, train[:256], epochs=1, progress=False)
        >>> sorted(history.last["train"])[:3]
        ['distortion', 'epoch', 'examples_per_second']
    """
    folder = None if out is None else Path(out)
    if (resume and overwrite) or (folder is None and (resume or overwrite)):
        raise TrainingError(
            "resume and overwrite are about the run in a folder: give out= (--out) and one of them"
        )
    if inexact and not resume:
        raise TrainingError("inexact has no effect without resume=True (--resume): leave it")
    with ExitStack() as stack:
        stack.enter_context(only_training(told=progress and is_main()))
        kept = None
        if folder is not None:
            checkpoints = Checkpoints(folder, checkpoint_seconds)
            if resume and checkpoints.there:
                if is_main():
                    stack.enter_context(exclusive(folder))
                kept = checkpoints.choose(quiet=not is_main())
        recipe = _recipe(epochs, options, given, kept)
        team = Team(accelerator_on(device, recipe.precision))
        batches = shared(train, recipe, team)
        steps = recipe.epochs * len(batches)
        recipe = recipe.suited(math.prod(train.shape), steps)
        objective.prepare(len(train), steps)
        refuse_what_does_not_fit(recipe, objective, train, validation, steps)
        refuse_what_does_not_compose(model, objective, train, validation)
        if folder is not None and team.main:
            artifact.vacant(folder, overwrite=overwrite or resume)
        history, selection = History(), Selection(recipe.patience)
        size = _steps(steps, len(batches))
        with suppress(RuntimeError):  # torch's own errors come with the first step
            taken = footprint(model, objective, train, recipe)
            place = team.accelerator.device
            devices = 1 if place.type == "cpu" else team.size  # processes share the CPU's memory
            check_memory(taken, train, recipe, free_memory(place), devices)
            size = f"{taken}; {size}"
        watchers = [
            history,
            collapse := WatchRate(),
            *([ShowProgress(first=size)] if progress and team.main else []),
            *([Track(track)] if track and team.main else []),
            *callbacks,
        ]
        title = train.schema.title
        state = State(model, objective, recipe, title, steps, len(batches), out=folder)
        for context in (repeatable(), freed_memory_kept()):
            stack.enter_context(context)
        keeper = None
        if folder is not None:
            if team.main and not (resume and checkpoints.there):
                stack.enter_context(exclusive(folder))
            same = identity(model, objective, train, validation, recipe, augmentation, team)
            interruption = stack.enter_context(finishing_the_step())
            keeper = Keeper(folder, same, interruption, checkpoints, team)
            keeper.begin(kept, resume=resume, overwrite=overwrite, inexact=inexact)
        engine = Engine(model, objective, batches, recipe, team, augmentation)
        for watcher in watchers:
            stack.callback(watcher.on_end, state)
            watcher.on_start(state)
        state.model, state.objective = engine.module.model, engine.module.objective
        if keeper is not None:
            keeper.follow(engine, state, watchers, selection, kept)
        _train(engine, state, validation, watchers, selection, keeper)
        best = recipe.select == "best" and selection.record
        if recipe.select == "best" and not best:
            warnings.warn("no epoch counted for select='best': the last stays", stacklevel=2)
        engine.finish(selection.weights if best else None)
        state.model, state.objective = model, objective
        if team.main:
            history.ending = ending(state, history.records, selection.record, train, validation)
        if folder is not None and team.main:
            artifact.save(
                folder,
                model,
                objective,
                schema=train.schema,
                recipe=recipe.to_json(),
                figures={
                    "examples": len(train),
                    "steps": state.step,
                    **history.last,
                    **({"validation": selection.record} if best else {}),
                    **({"ending": history.ending} if history.ending else {}),
                },
            )
            from reparam import plots  # matplotlib is only needed here

            if history.records:  # there are none where a finished run has lost its history
                plots.save(plots.loss_curve(history.records, state.name), folder / "loss.png")
        team.wait()
    if progress:
        show_ending(history.ending)
    else:
        _warn(history.ending, steps, collapse.warned)
    return history


def _train(
    engine: Engine,
    state: State,
    validation: Dataset | None,
    watchers: Sequence[Callback],
    selection: Selection,
    keeper: Keeper | None,
) -> None:
    validation = None if validation is None else validation.to(engine.device)
    every = max(1, state.steps_per_epoch // RECORDS_PER_EPOCH)

    def record(values: dict[str, Any]) -> None:
        for watcher in watchers:
            watcher.on_record(state, values)

    while state.step < state.steps and not (state.stop and state.between_epochs):
        for batch in engine.epoch(done=state.step % state.steps_per_epoch):
            after = state.step + 1
            due = after % every == 0 or after % state.steps_per_epoch == 0
            engine.take(batch, state.step, measure=due)
            state.step = after
            if due and not engine.window.empty:
                record(engine.read(state))
            if keeper is not None and not state.between_epochs and keeper.wanted:
                keeper.save()
        if validation is not None:
            engine.module.objective.finish()
            with engine.shown() as step:
                measured = evaluate(step, validation, seed=state.recipe.seed)
                measured = engine.team.gather(measured)[0]
                check_finite(measured, state.step - 1, state)
                at = {"split": "validation", "step": state.step, "epoch": state.epoch}
                selection.see(at | measured, engine.weights.copies, state)
            record(at | measured)
        for watcher in watchers:
            watcher.on_epoch(state)
        state.stop = engine.team.any(state.stop)
        if keeper is not None:
            keeper.save()


def _steps(steps: int, steps_per_epoch: int) -> str:
    """How many steps there are, and what gives more where they are few."""
    few = f", which are few: {more_epochs(steps_per_epoch)}" if steps < FEW else ""
    return f"{steps:,} steps{few}"


def _warn(ending: dict[str, str], steps: int, collapse_known: bool) -> None:
    """Warn of the surprises of an ending that were not to be expected and not warned of before."""
    for name, sentence in ending.items():
        expected = name == "reconstruction" and steps < FEW
        if not expected and not (name == "rate" and collapse_known):
            warnings.warn(sentence, EndingWarning, stacklevel=3)


def _recipe(
    epochs: int,
    options: dict[str, Any],
    given: Collection[str] | None,
    kept: dict[str, Any] | None,
) -> Recipe:
    """The recipe; what nobody has chosen is the run's that training goes on with."""
    if unknown := sorted(set(options) - set(Recipe.__annotations__)):
        raise TrainingError(
            f"fit does not know {', '.join(unknown)}: "
            f"its options are {', '.join(Recipe.__annotations__)}"
        )
    options = {"epochs": int(epochs)} | {
        name: getattr(value, "item", lambda v=value: v)() for name, value in options.items()
    }
    if kept is not None:
        chosen = set(options if given is None else given)
        if options.get("learning_rate") is None:  # which asks for the default
            chosen.discard("learning_rate")
        options |= taken_over(kept["identity"], chosen)
    return Recipe(**options)
