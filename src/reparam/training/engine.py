"""What moves while a model is trained: one step of it, and its whole state."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from reparam.data import Batches
from reparam.errors import TrainingError
from reparam.objectives import Objective
from reparam.randomness import Stream
from reparam.training.augment import Augmentation
from reparam.training.average import Average
from reparam.training.callbacks import Record, State
from reparam.training.descent import Descent
from reparam.training.pieces import Pieces
from reparam.training.players import players
from reparam.training.recipe import Recipe
from reparam.training.spikes import Spikes
from reparam.training.step import Step
from reparam.training.team import Team
from reparam.training.weights import Weights, WholeWeights
from reparam.training.window import Window

APART = 1_000_003
"""What lies between the seeds of two processes."""
LOOKED_AT = ("loss", "gradient_norm", "critic_gradient_norm")
"""Values in which a spike is looked for."""


class Engine:
    """Weights, optimizer, schedule, order, noise, and the values since the last record.

    Its state at any step is enough to go on from there, bit for bit.

    Args:
        model: The model.
        objective: Its objective.
        batches: The training set's batches, in the order of their generator.
        recipe: How to train.
        team: The processes that train together.
        augmentation: What is done to each batch, or `None`.
    """

    def __init__(
        self,
        model: nn.Module,
        objective: Objective,
        batches: Batches,
        recipe: Recipe,
        team: Team,
        augmentation: Augmentation | None = None,
    ) -> None:
        self.team, self.device = team, team.accelerator.device
        here = self.device
        self.batches, self.augmentation = batches, augmentation
        self.batches.dataset = batches.dataset.to(here)
        step = Step(model, objective).train()
        self.warming = objective.scheduled_steps
        objective.finish()  # from there on nothing changes a weight
        self.given = step
        self.weights = _weights(step, recipe, team)
        self.module = self.weights.step
        self.optimizer = recipe.optimise(players(self.module, recipe))
        self.schedule = recipe.schedule_of(self.optimizer, recipe.epochs * len(batches))
        self.descent = Descent(team, self.optimizer, recipe.shard)
        self.scaler = team.accelerator.scaler
        own = recipe.seed + APART * team.rank
        self.noise, self.augmentation_noise = Stream(own + 1, here), Stream(own + 2, here)
        self.taken = 1 + getattr(model, "conditions", 0)  # the pictures, and what they are given
        self.window = Window(team)
        self.pieces = Pieces(recipe.accumulate)
        self.average = None if recipe.ema is None else Average(self.module.model, recipe.ema)
        self.spikes = None if recipe.skip_spikes is None else Spikes(recipe.skip_spikes)

    def epoch(self, done: int = 0) -> Iterator[tuple[Tensor, ...]]:
        """The batches of an epoch.

        Args:
            done: How many of them have been taken before.
        """
        self.order = self._generator.get_state()
        return self.batches.after(done)

    def take(self, batch: tuple[Tensor, ...], step: int, measure: bool = True) -> None:
        """Make one step.

        Args:
            batch: Pictures, and what comes with them.
            step: How many steps have been made.
            measure: Whether the gradients' norms are wanted; what clips or looks for spikes
                takes them in any case.
        """
        x, *y = batch[: self.taken]
        if self.augmentation is not None:
            with self.augmentation_noise:
                x = self.augmentation(x)
        if step <= self.warming:
            self.module.objective.advance(step)
        self.rate = self.optimizer.param_groups[0]["lr"]
        with self.noise:
            values = self.pieces.run(self._gradients, self.noise, x, *y)
        if measure or self.descent.clips or self.spikes is not None:
            values |= self.descent.measure()
        if not self._skips(values, step):
            self.window.add(values, len(x), step)
            self.descent.move()
            if self.average is not None:
                self.average.update(step)
        if self.schedule is not None:
            self.schedule.step()

    def read(self, state: State) -> Record:
        """A record of the steps since the last one.

        Args:
            state: Where training stands.
        """
        self.descent.check()
        record = self.window.read(state) | {"learning_rate": self.rate}
        return record if self.spikes is None else record | {"skipped_steps": self.spikes.skipped}

    @contextmanager
    def shown(self) -> Iterator[Step]:
        """The step with the weights that count: the average's where there is one."""
        with ExitStack() as stack:
            stack.enter_context(self.team.accelerator.autocast())
            if self.average is not None:
                stack.enter_context(self.average.shown())
            yield self.module

    def _gradients(self, share: float, first: bool, *batch: Tensor) -> dict[str, Tensor]:
        """Add a piece's gradients, times its share of the batch, and return its values."""
        if first:
            self.descent.clear()
        values = self.weights.forward(*batch)
        loss = values["loss"] + values["critic"] if "critic" in values else values["loss"]
        self.descent.add(loss if share == 1 else loss * share)
        return {name: value.detach() for name, value in values.items()}

    def _skips(self, values: dict[str, Tensor], step: int) -> bool:
        if self.spikes is None:
            return False
        looked = {name: value for name, value in values.items() if name in LOOKED_AT}
        means = self.team.sum(torch.stack(list(looked.values()))) / self.team.size
        found = self.spikes.found(dict(zip(looked, means.tolist(), strict=True)))
        if self.spikes.hopeless:
            raise TrainingError(
                f"training stopped at step {step + 1} because {self.spikes.in_a_row} steps in a "
                "row were spikes: try a lower learning_rate or clip=1"
            )
        return found

    def finish(self, weights: dict[str, Tensor] | None = None) -> None:
        """Leave the weights that count in the model, in evaluation mode, and the objective final.

        Args:
            weights: Other weights to end with, such as the best.
        """
        if weights is not None:
            self.weights.put(weights)
        elif self.average is not None:
            self.average.copy_to_model()
        self.weights.leave()
        self.given.objective.finish()
        self.given.eval()

    def state_dict(self, *, between_epochs: bool) -> dict[str, Any]:
        """All that decides what comes next, while no step is being made.

        Args:
            between_epochs: Whether the epoch's last batch has been taken.
        """
        own = {
            "noise": self.noise.state,
            "augmentation_noise": self.augmentation_noise.state,
            "window": self.window.state_dict(),
        }
        with self.shown():
            average = None if self.average is None else self.weights.copies()
        return {
            **self.weights.state_dict(self.optimizer),
            "schedule": None if self.schedule is None else self.schedule.state_dict(),
            "scaler": None if self.scaler is None else self.scaler.state_dict(),
            "order": self._generator.get_state() if between_epochs else self.order,
            "own": self.team.gather(own),
            "pieces": self.pieces.count,
            "average": average,
            "spikes": None if self.spikes is None else self.spikes.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a state.

        Args:
            state: From `state_dict`, of an engine with the same parts and the same recipe.
        """
        if self.average is not None:
            self.weights.put(state["average"])
            self.average.take()
        self.weights.load_state_dict(state, self.optimizer)
        if self.schedule is not None:
            self.schedule.load_state_dict(state["schedule"])
        if self.scaler is not None:
            self.scaler.load_state_dict(state["scaler"])
        self._generator.set_state(state["order"])
        own = state["own"][self.team.rank]
        self.noise.state = own["noise"]
        self.augmentation_noise.state = own["augmentation_noise"]
        self.window.load_state_dict(own["window"])
        self.pieces.count = state["pieces"]
        if self.spikes is not None:
            self.spikes.load_state_dict(state["spikes"])

    @property
    def _generator(self) -> Any:  # noqa: ANN401
        return self.batches.generator


def _weights(step: Step, recipe: Recipe, team: Team) -> Weights:
    if not recipe.shard:
        compiled = recipe.compile
        return WholeWeights(step, team, compiled, graphs=compiled and recipe.accumulate == 1)
    from reparam.training.shards import ShardedWeights  # whose parts of torch load slowly

    return ShardedWeights(step, team)
