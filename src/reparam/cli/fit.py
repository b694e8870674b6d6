"""`reparam fit`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

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
from reparam.cli.zoo import unknown_variant
from reparam.errors import Interrupted, ReparamError

RECIPE, CHOOSING = "How to train", "Which weights to keep"
RUN, MACHINE = "The run's folder", "The machine"


def fit(
    data: Data,
    model: Annotated[
        str, typer.Option(help="A variant from the zoo; `reparam zoo` lists them.")
    ] = "vae",
    latent: Annotated[
        int | None, typer.Option(help="How many dimensions z has; the variant's own default.")
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Any argument of the variant; `reparam zoo NAME` lists them.",
        ),
    ] = None,
    epochs: Annotated[
        int, typer.Option(help="How often every example is seen.", rich_help_panel=RECIPE)
    ] = 5,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="RUN", help="The run's folder; runs/MODEL by default.", rich_help_panel=RUN
        ),
    ] = None,
    overwrite: Annotated[
        bool,
        typer.Option(
            "--overwrite", help="Replace a run that is already there.", rich_help_panel=RUN
        ),
    ] = False,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", help="Go on with the run in its folder, bit for bit.", rich_help_panel=RUN
        ),
    ] = False,
    checkpoint_seconds: Annotated[
        float, typer.Option(help="How much work a kill may cost.", rich_help_panel=RUN)
    ] = 30.0,
    validation: Annotated[
        float,
        typer.Option(
            help="The part of train to measure on after each epoch; 0: none.",
            rich_help_panel=CHOOSING,
        ),
    ] = 0.1,
    batch_size: Annotated[
        int, typer.Option(help="Examples a step.", rich_help_panel=RECIPE)
    ] = 128,
    accumulate: Annotated[
        str,
        typer.Option(
            help="In how many pieces a step is taken; auto: as fits into memory.",
            rich_help_panel=RECIPE,
        ),
    ] = "1",
    learning_rate: Annotated[
        float | None,
        typer.Option(
            help="Its peak; by default 1.2e-2, or 5e-4 with --schedule constant.",
            rich_help_panel=RECIPE,
        ),
    ] = None,
    optimizer: Annotated[
        str,
        typer.Option(help="One of torch's by name: AdamW, RAdam, SGD ...", rich_help_panel=RECIPE),
    ] = "AdamW",
    schedule: Annotated[
        str, typer.Option(help="one_cycle, cosine or constant.", rich_help_panel=RECIPE)
    ] = "one_cycle",
    warmup: Annotated[
        float | None,
        typer.Option(
            help="The part of the steps in which a cosine's rate rises.", rich_help_panel=RECIPE
        ),
    ] = None,
    weight_decay: Annotated[
        float | None, typer.Option(help="The optimizer's own by default.", rich_help_panel=RECIPE)
    ] = None,
    clip: Annotated[
        float | None,
        typer.Option(help="The largest norm of the model's gradient.", rich_help_panel=RECIPE),
    ] = None,
    critic_learning_rate: Annotated[
        float | None,
        typer.Option(help="The same for critics; by default 1e-3.", rich_help_panel=RECIPE),
    ] = None,
    critic_clip: Annotated[
        float | None, typer.Option(help="The same for critics.", rich_help_panel=RECIPE)
    ] = None,
    skip_spikes: Annotated[
        float | None,
        typer.Option(
            metavar="SIGMAS",
            help="Leave out steps that far above the usual; for example 6.",
            rich_help_panel=RECIPE,
        ),
    ] = None,
    ema: Annotated[
        float | None,
        typer.Option(
            metavar="DECAY",
            help="Average the weights; for example 0.999.",
            rich_help_panel=CHOOSING,
        ),
    ] = None,
    select: Annotated[
        str, typer.Option(help="last, or best on validation.", rich_help_panel=CHOOSING)
    ] = "last",
    patience: Annotated[
        int | None,
        typer.Option(
            help="Stop after so many epochs without a better validation.", rich_help_panel=CHOOSING
        ),
    ] = None,
    stop_unannealed: Annotated[
        bool,
        typer.Option(
            "--stop-unannealed",
            help="Allow that before the rate has come down.",
            rich_help_panel=CHOOSING,
        ),
    ] = False,
    track: Annotated[
        str | None, typer.Option(help="tensorboard, wandb or mlflow.", rich_help_panel=RUN)
    ] = None,
    precision: Annotated[
        str, typer.Option(help="no, bf16 or fp16.", rich_help_panel=MACHINE)
    ] = "no",
    compile_: Annotated[
        bool,
        typer.Option(
            "--compile",
            help="Let torch.compile make one program of a step.",
            rich_help_panel=MACHINE,
        ),
    ] = False,
    shard: Annotated[
        bool,
        typer.Option(
            "--shard",
            help="With torchrun, keep a part of the weights on each process (FSDP).",
            rich_help_panel=MACHINE,
        ),
    ] = False,
    augment: Annotated[
        str | None,
        typer.Option(help="flip, or noise=SIGMA in pixel units.", rich_help_panel=RECIPE),
    ] = None,
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
    from reparam.zoo import ZOO

    if model not in ZOO:
        raise ReparamError(unknown_variant(model))
    arguments = settings(set_ or [], ZOO[model].arguments, model)
    if latent is not None and arguments.setdefault("latent", latent) != latent:
        raise ReparamError("--latent and --set latent= differ: give one of them")
    arguments.setdefault("seed", seed)
    folder = out or Path("runs") / model
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
            epochs=epochs,
            out=folder,
            overwrite=overwrite,
            resume=resume,
            checkpoint_seconds=checkpoint_seconds,
            device=device,
            augmentation=_augmentation(augment),
            batch_size=batch_size,
            learning_rate=learning_rate,
            optimizer=optimizer,
            schedule=schedule,
            weight_decay=weight_decay,
            clip=clip,
            accumulate=_pieces(accumulate),
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
    show(result, json, title="In nats per example, unless a name says otherwise:")


def _plain(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "split"}


def _pieces(text: str) -> int | str:
    if text == "auto":
        return text
    try:
        return int(text)
    except ValueError:
        raise ReparamError(f"--accumulate is a number or auto, not {text!r}") from None


def _augmentation(text: str | None) -> Any:  # noqa: ANN401
    from reparam.training import flip, noise

    if text is None:
        return None
    if text == "flip":
        return flip
    name, _, sigma = text.partition("=")
    try:
        if name == "noise":
            return noise(float(sigma))
    except ValueError:
        pass
    raise ReparamError(f"--augment is flip or noise=SIGMA with a positive number, not {text!r}")
