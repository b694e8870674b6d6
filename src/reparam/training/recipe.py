"""How to train: the numbers that, with the data and the parts, decide the result."""

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, OneCycleLR

from reparam.errors import TrainingError

OPTIMIZERS = ("AdamW", "Adam", "RAdam", "NAdam", "SGD")
SCHEDULES = {"one_cycle": 1.2e-2, "constant": 5e-4}
PRECISIONS = ("no", "bf16", "fp16")


@dataclass(frozen=True)
class Recipe:
    """A recipe for training.

    Args:
        epochs: How often every example is seen.
        batch_size: Examples a step.
        learning_rate: The peak of the one-cycle schedule or the constant rate; by default what
            goes with the schedule, 1.2e-2 or 5e-4.
        critic_learning_rate: The same for the critics of an objective that has any; by default the
            model's.
        optimizer: The name of one of torch's: AdamW, Adam, RAdam, NAdam, SGD.
        schedule: `"one_cycle"` (rises over 30% of the steps, then falls to nothing) or
            `"constant"`.
        weight_decay: By default the optimizer's own.
        clip: The largest norm of the model's gradient in a step; longer ones are shortened to it.
        critic_clip: The same for the critics of an objective that has any.
        precision: `"no"`, `"bf16"` or `"fp16"`: mixed precision for the networks.
        seed: Of the order of examples, of the noise and of augmentation.

    Raises:
        TrainingError: If one of them is out of range.

    Example:
        >>> Recipe(epochs=5).rate
        0.012
    """

    epochs: int
    batch_size: int = 128
    learning_rate: float | None = None
    critic_learning_rate: float | None = None
    optimizer: str = "AdamW"
    schedule: str = "one_cycle"
    weight_decay: float | None = None
    clip: float | None = None
    critic_clip: float | None = None
    precision: str = "no"
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size"):
            if getattr(self, name) < 1:
                raise TrainingError(f"{name} must be at least 1, not {getattr(self, name)}")
        for name in ("learning_rate", "critic_learning_rate", "clip", "critic_clip"):
            value = getattr(self, name)
            if value is not None and not 0 < value < float("inf"):
                raise TrainingError(f"{name} must be positive, not {value}")
        for name, options in (
            ("optimizer", OPTIMIZERS),
            ("schedule", tuple(SCHEDULES)),
            ("precision", PRECISIONS),
        ):
            if getattr(self, name) not in options:
                raise TrainingError(
                    f"{name} is one of {', '.join(options)}, not {getattr(self, name)!r}"
                )

    @property
    def rate(self) -> float:
        """The model's learning rate, at its peak."""
        return SCHEDULES[self.schedule] if self.learning_rate is None else self.learning_rate

    @property
    def critic_rate(self) -> float:
        """The critics' learning rate, at its peak."""
        return self.rate if self.critic_learning_rate is None else self.critic_learning_rate

    def optimise(self, groups: list[dict[str, Any]]) -> Optimizer:
        """The optimizer.

        Args:
            groups: Torch's parameter groups.
        """
        options: dict[str, Any] = {"lr": self.rate}
        if self.weight_decay is not None:
            options["weight_decay"] = self.weight_decay
        if self.optimizer in ("AdamW", "Adam", "SGD"):
            options["fused"] = True
        made: Optimizer = getattr(torch.optim, self.optimizer)(groups, **options)
        return made

    def schedule_of(self, optimizer: Optimizer, steps: int) -> LRScheduler | None:
        """The learning rate's schedule; `None` where it is constant.

        Args:
            optimizer: The optimizer whose groups hold their peak rates.
            steps: How many steps training takes.
        """
        if self.schedule == "constant":
            return None
        return OneCycleLR(optimizer, [group["lr"] for group in optimizer.param_groups], steps)

    def to_json(self) -> dict[str, Any]:
        """The recipe as plain values, with the rates that were used."""
        return asdict(self) | {"learning_rate": self.rate}
