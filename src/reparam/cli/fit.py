"""`reparam fit`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from reparam.cli.options import (
    Background,
    Data,
    Device,
    Fit,
    Json,
    Layout,
    Place,
    Seed,
    Size,
    Strict,
    reading,
    settings,
)
from reparam.cli.output import show
from reparam.cli.recipe import (
    Accumulate,
    Augment,
    BatchSize,
    CheckpointSeconds,
    Clip,
    Compile,
    CriticClip,
    CriticLearningRate,
    Ema,
    Epochs,
    Inexact,
    Latent,
    LearningRate,
    Model,
    Optimizer,
    Out,
    Overwrite,
    Patience,
    Precision,
    Resume,
    Schedule,
    Select,
    Set,
    Shard,
    SkipSpikes,
    StopUnannealed,
    Track,
    Validation,
    Warmup,
    WeightDecay,
    augmentation,
    chosen,
    epochs_for,
    pieces,
)
from reparam.cli.zoo import unknown_variant
from reparam.errors import Interrupted, ReparamError


def fit(
    ctx: typer.Context,
    data: Data,
    model: Model = "vae",
    latent: Latent = None,
    set_: Set = None,
    epochs: Epochs = None,
    out: Out = None,
    overwrite: Overwrite = False,
    resume: Resume = False,
    inexact: Inexact = False,
    checkpoint_seconds: CheckpointSeconds = 30.0,
    validation: Validation = 0.1,
    batch_size: BatchSize = 128,
    accumulate: Accumulate = "1",
    learning_rate: LearningRate = None,
    optimizer: Optimizer = "AdamW",
    schedule: Schedule = "one_cycle",
    warmup: Warmup = None,
    weight_decay: WeightDecay = None,
    clip: Clip = None,
    critic_learning_rate: CriticLearningRate = None,
    critic_clip: CriticClip = None,
    skip_spikes: SkipSpikes = None,
    ema: Ema = None,
    select: Select = "last",
    patience: Patience = None,
    stop_unannealed: StopUnannealed = False,
    track: Track = None,
    precision: Precision = "no",
    compile_: Compile = False,
    shard: Shard = False,
    augment: Augment = None,
    layout: Layout = None,
    size: Size = None,
    fit_: Fit = None,
    background: Background = None,
    strict: Strict = False,
    path: Place = None,
    seed: Seed = 0,
    device: Device = "auto",
    json: Json = False,
) -> None:
    """Train a model, and leave it in a folder with its pictures and its figures.

    Example: reparam fit fashion-mnist-subset --model vae --latent 16 --set beta=4 --out runs/vae
    """
    from reparam import artifact
    from reparam.data import load_split
    from reparam.report import draw_run, measured
    from reparam.training import fit as train_model
    from reparam.training import is_main
    from reparam.training.checkpoints import Checkpoints
    from reparam.zoo import ZOO

    if model not in ZOO:
        raise ReparamError(unknown_variant(model))
    arguments = settings(set_ or [], ZOO[model].arguments, model)
    if latent is not None and arguments.setdefault("latent", latent) != latent:
        raise ReparamError("--latent and --set latent= differ: give one of them")
    folder, given_by = out or Path("runs") / model, chosen(ctx)
    if resume and "seed" not in given_by and (began := Checkpoints(folder, 0).seed) is not None:
        seed = began  # which parts the data too
    arguments.setdefault("seed", seed)
    if is_main():
        artifact.vacant(folder, overwrite=overwrite or resume)
    given = reading(layout, size, path, fit_, background, strict)
    options = {"validation": validation, "seed": seed, **given}
    parts = ["train", "test"] + (["validation"] if validation else [])
    splits = {part: load_split(data, part, **options) for part in parts}
    if "classes" in ZOO[model].arguments and splits["train"].labels is not None:
        arguments.setdefault("classes", max(2, int(splits["train"].labels.max()) + 1))
    made, objective = ZOO[model].make(splits["train"].shape, **arguments)
    try:
        history = train_model(
            made,
            objective,
            splits["train"],
            splits.get("validation"),
            epochs=epochs_for(len(splits["train"]), batch_size) if epochs is None else epochs,
            out=folder,
            overwrite=overwrite,
            resume=resume,
            inexact=inexact,
            given=given_by,
            checkpoint_seconds=checkpoint_seconds,
            device=device,
            augmentation=augmentation(augment),
            batch_size=batch_size,
            learning_rate=learning_rate,
            optimizer=optimizer,
            schedule=schedule,
            weight_decay=weight_decay,
            clip=clip,
            accumulate=pieces(accumulate),
            warmup=warmup,
            skip_spikes=skip_spikes,
            ema=ema,
            select=select,
            patience=patience,
            stop_unannealed=stop_unannealed,
            track=track,
            critic_learning_rate=critic_learning_rate,
            critic_clip=critic_clip,
            precision=precision,
            compile=compile_,
            shard=shard,
            seed=seed,
        )
    except Interrupted as error:
        if is_main():
            Console(stderr=True).print(str(error), highlight=False, soft_wrap=True, markup=False)
        raise SystemExit(128 + error.signal) from None
    if not is_main():
        return
    test = measured(made, splits["test"], seed)
    artifact.add_figures(folder, test=test)
    pictures = draw_run(folder, made, splits["test"], history.records, seed)
    result: dict[str, Any] = {
        "run": str(folder),
        "model": model,
        "data": splits["train"].schema.title,
        "test": test,
        **{part: _plain(record) for part, record in history.last.items()},
        "pictures": [str(file) for file in pictures],
    }
    if json and history.ending:  # otherwise shown with the progress
        result["ending"] = history.ending
    show(result, json, title="In nats per example, unless a name says otherwise:")


def _plain(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "split"}
