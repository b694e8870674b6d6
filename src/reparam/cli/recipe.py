"""The options of `reparam fit`: what a recipe holds, and where the run goes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reparam.errors import ReparamError

if TYPE_CHECKING:
    from reparam.training.augment import Augmentation

RECIPE, CHOOSING = "How to train", "Which weights to keep"
RUN, MACHINE = "The run's folder", "The machine"
ENOUGH = 1000

Model = Annotated[str, typer.Option(help="A variant from the zoo; `reparam zoo` lists them.")]
Latent = Annotated[
    int | None, typer.Option(help="How many dimensions z has; the variant's own default.")
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Any argument of the variant; `reparam zoo NAME` lists them.",
    ),
]
Epochs = Annotated[
    int | None,
    typer.Option(
        help="How often every example is seen; by default 5, or as many as give 1,000 steps.",
        rich_help_panel=RECIPE,
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        metavar="RUN", help="The run's folder; runs/MODEL by default.", rich_help_panel=RUN
    ),
]
Overwrite = Annotated[
    bool,
    typer.Option("--overwrite", help="Replace a run that is already there.", rich_help_panel=RUN),
]
Resume = Annotated[
    bool,
    typer.Option(
        "--resume",
        help="Go on with the run in its folder, bit for bit, with the options that it began with.",
        rich_help_panel=RUN,
    ),
]
Inexact = Annotated[
    bool,
    typer.Option(
        "--inexact",
        help="With --resume, go on with other threads or another torch: not bit for bit.",
        rich_help_panel=RUN,
    ),
]
CheckpointSeconds = Annotated[
    float, typer.Option(help="How much work a kill may cost.", rich_help_panel=RUN)
]
Validation = Annotated[
    float,
    typer.Option(
        help="The part of train to measure on after each epoch; 0: none.",
        rich_help_panel=CHOOSING,
    ),
]
BatchSize = Annotated[int, typer.Option(help="Examples a step.", rich_help_panel=RECIPE)]
Accumulate = Annotated[
    str,
    typer.Option(
        help="In how many pieces a step is taken; auto: as fits into memory.",
        rich_help_panel=RECIPE,
    ),
]
LearningRate = Annotated[
    float | None,
    typer.Option(
        help="Its peak; by default 1.2e-2, less for items of more than 28x28 numbers or in fewer "
        "than 100 steps, or 5e-4 with --schedule constant.",
        rich_help_panel=RECIPE,
    ),
]
Optimizer = Annotated[
    str,
    typer.Option(help="One of torch's by name: AdamW, RAdam, SGD ...", rich_help_panel=RECIPE),
]
Schedule = Annotated[
    str, typer.Option(help="one_cycle, cosine or constant.", rich_help_panel=RECIPE)
]
Warmup = Annotated[
    float | None,
    typer.Option(
        help="The part of the steps in which a cosine's rate rises.", rich_help_panel=RECIPE
    ),
]
WeightDecay = Annotated[
    float | None, typer.Option(help="The optimizer's own by default.", rich_help_panel=RECIPE)
]
Clip = Annotated[
    float | None,
    typer.Option(help="The largest norm of the model's gradient.", rich_help_panel=RECIPE),
]
CriticLearningRate = Annotated[
    float | None,
    typer.Option(help="The same for critics; by default 1e-3.", rich_help_panel=RECIPE),
]
CriticClip = Annotated[
    float | None, typer.Option(help="The same for critics.", rich_help_panel=RECIPE)
]
SkipSpikes = Annotated[
    float | None,
    typer.Option(
        metavar="SIGMAS",
        help="Leave out steps that far above the usual; for example 6.",
        rich_help_panel=RECIPE,
    ),
]
Ema = Annotated[
    float | None,
    typer.Option(
        metavar="DECAY",
        help="Average the weights; for example 0.999.",
        rich_help_panel=CHOOSING,
    ),
]
Select = Annotated[
    str, typer.Option(help="last, or best on validation.", rich_help_panel=CHOOSING)
]
Patience = Annotated[
    int | None,
    typer.Option(
        help="Stop after so many epochs without a better validation.", rich_help_panel=CHOOSING
    ),
]
StopUnannealed = Annotated[
    bool,
    typer.Option(
        "--stop-unannealed",
        help="Allow that before the rate has come down.",
        rich_help_panel=CHOOSING,
    ),
]
Track = Annotated[
    str | None, typer.Option(help="tensorboard, wandb or mlflow.", rich_help_panel=RUN)
]
Precision = Annotated[str, typer.Option(help="no, bf16 or fp16.", rich_help_panel=MACHINE)]
Compile = Annotated[
    bool,
    typer.Option(
        "--compile",
        help="Let torch.compile make one program of a step.",
        rich_help_panel=MACHINE,
    ),
]
Shard = Annotated[
    bool,
    typer.Option(
        "--shard",
        help="With torchrun, keep a part of the weights on each process (FSDP).",
        rich_help_panel=MACHINE,
    ),
]
Augment = Annotated[
    str | None,
    typer.Option(help="flip, or noise=SIGMA in pixel units.", rich_help_panel=RECIPE),
]


def epochs_for(examples: int, batch_size: int) -> int:
    """How often a set is seen by default: 5 times, a small one until there are 1,000 steps.

    Args:
        examples: How many there are to learn from.
        batch_size: Examples a step.
    """
    return max(5, -(-ENOUGH // -(-examples // max(batch_size, 1))))


def pieces(text: str) -> int | str:
    """How many pieces a step is taken in.

    Args:
        text: A number, or auto.
    """
    if text == "auto":
        return text
    try:
        return int(text)
    except ValueError:
        raise ReparamError(f"--accumulate is a number or auto, not {text!r}") from None


def augmentation(text: str | None) -> Augmentation | None:
    """What changes the pictures of a batch.

    Args:
        text: flip, or noise=SIGMA.
    """
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


def chosen(ctx: typer.Context) -> set[str]:
    """The options that somebody has given, by their names in Python.

    Args:
        ctx: The command's context.
    """
    return {
        name.rstrip("_")
        for name in ctx.params
        if getattr(ctx.get_parameter_source(name), "name", "DEFAULT") != "DEFAULT"
    }
