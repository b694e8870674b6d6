"""How to train: the numbers that, with the data and the parts, decide the result."""

import inspect
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from reparam.errors import TrainingError
from reparam.training.rates import PEAKS, peak, schedule

UNFIT = ("Optimizer", "LBFGS", "SparseAdam")  # these need more than a gradient a step
PRECISIONS = ("no", "bf16", "fp16")
SELECTIONS = ("last", "best")
CRITIC_PEAK = 1e-3
"""At the model's 1.2e-2 a critic of six wide layers breaks down, and the model with it."""


@dataclass(frozen=True)
class Recipe:
    """A recipe for training.

    Args:
        epochs: How often every example is seen.
        batch_size: Examples a step.
        accumulate: In how many pieces a step's examples are taken, one after the other, to save
            memory; `"auto"` finds the fewest that fit.
        learning_rate: The schedule's peak or the constant rate; by default what goes with the
            schedule and the data: 1.2e-2 up to 28x28 numbers an item, 3e-3 for 64x64 pixels in
            colour, less in a run of fewer than 100 steps; constant 5e-4.
        critic_learning_rate: The same for the critics of an objective that has any; by default
            1e-3, or the model's where that is lower.
        optimizer: The name of one of torch's, such as AdamW, Adam, RAdam, NAdam, SGD.
        schedule: `"one_cycle"` (rises over 30% of the steps, then falls to nothing), `"cosine"`
            (rises over the warm-up, then falls to nothing) or `"constant"`.
        warmup: The part of the steps in which a cosine's rate rises; 0.05 by default.
        weight_decay: By default the optimizer's own.
        clip: The largest norm of the model's gradient in a step; longer ones are shortened to it.
        critic_clip: The same for the critics of an objective that has any.
        skip_spikes: Leave out a step whose loss or gradient lies so many standard deviations above
            the mean of the 128 before; 6 is usual. Never by default.
        ema: The decay of an exponential moving average of the weights, such as 0.999, which is
            then what is measured, kept and sampled from.
        select: Which weights to end with: the `"last"`, or the `"best"` on the validation set.
        patience: Stop after so many epochs without a better validation loss.
        stop_unannealed: Allow that under a schedule that would not have come to its end.
        precision: `"no"`, `"bf16"` or `"fp16"`: mixed precision for the networks.
        compile: Let `torch.compile` make one program of a step; it takes up to a minute to begin,
            needs a C++ compiler, and pays on accelerators.
        shard: With several processes, keep a part of the weights, of their gradients and of the
            optimizer's state on each (FSDP); only a pass has them all.
        seed: Of the order of examples, of the noise and of augmentation.

    Raises:
        TrainingError: If one of them is out of range.

    Example:
        >>> Recipe(epochs=5).rate
        0.012
    """

    epochs: int
    batch_size: int = 128
    accumulate: int | str = 1
    learning_rate: float | None = None
    critic_learning_rate: float | None = None
    optimizer: str = "AdamW"
    schedule: str = "one_cycle"
    warmup: float | None = None
    weight_decay: float | None = None
    clip: float | None = None
    critic_clip: float | None = None
    skip_spikes: float | None = None
    ema: float | None = None
    select: str = "last"
    patience: int | None = None
    stop_unannealed: bool = False
    precision: str = "no"
    compile: bool = False
    shard: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "accumulate", "patience"):
            value = getattr(self, name)
            if value not in (None, "auto" if name == "accumulate" else None) and value < 1:
                raise TrainingError(f"{name} must be at least 1, not {value}")
        rates = ("learning_rate", "critic_learning_rate")
        for name in (*rates, "clip", "critic_clip", "skip_spikes"):
            value = getattr(self, name)
            if value is not None and not 0 < value < float("inf"):
                raise TrainingError(f"{name} must be positive, not {value}")
        for name in ("ema", "warmup"):
            value = getattr(self, name)
            if value is not None and not 0 < value < 1:
                raise TrainingError(f"{name} must lie between 0 and 1, not {value}")
        for name, choices in (
            ("optimizer", tuple(_optimizers())),
            ("schedule", tuple(PEAKS)),
            ("select", SELECTIONS),
            ("precision", PRECISIONS),
        ):
            if getattr(self, name) not in choices:
                raise TrainingError(
                    f"{name} is one of {', '.join(choices)}, not {getattr(self, name)!r}"
                )
        self._check_effects()

    def _check_effects(self) -> None:
        if self.warmup is not None and self.schedule != "cosine":
            raise TrainingError(f"warmup has no effect on the {self.schedule} schedule: leave it")
        if self.weight_decay is not None and "weight_decay" not in _options(self.optimizer):
            raise TrainingError(f"weight_decay has no effect on {self.optimizer}: leave it")
        if self.skip_spikes is not None and self.precision == "fp16":
            raise TrainingError(
                "skip_spikes does not go with precision='fp16', whose scaler leaves out steps "
                "itself: use bf16"
            )
        if self.shard and (self.compile or self.precision == "fp16"):
            with_it = "compile" if self.compile else "precision='fp16'"
            raise TrainingError(f"shard does not go with {with_it}: leave one of them")
        if self.patience is not None and self.patience >= self.epochs:
            raise TrainingError(
                f"patience={self.patience} has no effect on {self.epochs} epochs: give less"
            )
        falls = self.schedule != "constant"
        if self.patience is not None and falls and not self.stop_unannealed:
            raise TrainingError(
                f"patience would stop before the {self.schedule} schedule has brought the rate "
                "down: use schedule='constant', or allow it with stop_unannealed=True"
            )
        if self.stop_unannealed and (self.patience is None or not falls):
            raise TrainingError(
                "stop_unannealed has no effect without patience and a falling schedule: leave it"
            )

    @property
    def rate(self) -> float:
        """The model's learning rate, at its peak."""
        return PEAKS[self.schedule] if self.learning_rate is None else self.learning_rate

    @property
    def critic_rate(self) -> float:
        """The critics' learning rate, at its peak."""
        given = self.critic_learning_rate
        return min(self.rate, CRITIC_PEAK) if given is None else given

    def suited(self, numbers: int, steps: int | None = None) -> "Recipe":
        """The same with the default learning rate for such a run, unless one was given.

        Args:
            numbers: How many numbers an item has.
            steps: How many steps training takes; `None` for 100 or more.

        Example:
            >>> Recipe(epochs=1).suited(28 * 28, steps=25).rate
            0.006
            >>> Recipe(epochs=1, learning_rate=0.1).suited(28 * 28, steps=25).rate
            0.1
        """
        if self.learning_rate is not None:
            return self
        return replace(self, learning_rate=peak(self.schedule, numbers, steps))

    def optimise(self, groups: list[dict[str, Any]]) -> Optimizer:
        """The optimizer.

        Args:
            groups: Torch's parameter groups.
        """
        options: dict[str, Any] = {"lr": self.rate}
        if self.weight_decay is not None:
            options["weight_decay"] = self.weight_decay
        if "fused" in _options(self.optimizer) and not self.shard:  # few of them take parts
            options["fused"] = True
        try:
            made: Optimizer = getattr(torch.optim, self.optimizer)(groups, **options)
        except ValueError as error:
            raise TrainingError(f"{self.optimizer} cannot train this model: {error}") from error
        return made

    def schedule_of(self, optimizer: Optimizer, steps: int) -> LRScheduler | None:
        """The learning rate's schedule; `None` where it is constant.

        Args:
            optimizer: The optimizer whose groups hold their peak rates.
            steps: How many steps training takes.
        """
        return schedule(self.schedule, optimizer, steps, self.warmup)

    def to_json(self) -> dict[str, Any]:
        """The recipe as plain values, with the rates that were used."""
        return asdict(self) | {"learning_rate": self.rate}


def _optimizers() -> list[str]:
    return sorted(
        name
        for name, value in vars(torch.optim).items()
        if inspect.isclass(value) and issubclass(value, Optimizer) and name not in UNFIT
    )


def _options(optimizer: str) -> set[str]:
    return set(inspect.signature(getattr(torch.optim, optimizer)).parameters)
