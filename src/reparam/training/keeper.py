"""When a checkpoint is written, and what goes into it."""

import io
import pickle
import signal
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from reparam import artifact
from reparam.atomic import sweep
from reparam.errors import Interrupted, TrainingError
from reparam.training.callbacks import Callback, State
from reparam.training.checkpoints import Checkpoints
from reparam.training.engine import Engine
from reparam.training.identity import Identity, check_same
from reparam.training.interruption import Interruption
from reparam.training.selection import Selection
from reparam.training.team import Team
from reparam.training.weights import local


class Keeper:
    """Keeps a run so that it can go on.

    Args:
        folder: The run's folder.
        identity: What its continuation must share.
        interruption: Whether somebody wants it to stop.
        checkpoints: The run's.
        team: The processes that train together, of which one writes.
    """

    def __init__(
        self,
        folder: Path,
        identity: Identity,
        interruption: Interruption,
        checkpoints: Checkpoints,
        team: Team,
    ) -> None:
        self.team, self.checkpoints = team, checkpoints
        self.folder, self.identity, self.interruption = folder, identity, interruption
        interruption.way_back = self._way_back

    def begin(
        self, kept: dict[str, Any] | None, *, resume: bool, overwrite: bool, inexact: bool
    ) -> None:
        """Make room for a run, or check what to go on from.

        Args:
            kept: The checkpoint to go on from; `None` to begin.
            resume: Whether to go on with the run in the folder.
            overwrite: Whether a run in the folder may be lost.
            inexact: Whether threads and torch's version may differ.

        Raises:
            TrainingError: If the checkpoint is another training's.
            ArtifactError: If the folder holds a run that must not be lost.
        """
        names = self.team.gather(self.checkpoints.good)
        if set(names) != {names[0]}:
            raise TrainingError(
                f"the processes read other checkpoints in {self.folder}: give all of them the "
                "same folder"
            )
        if kept is not None:
            check_same(kept["identity"], self.identity, inexact=inexact)
            if self.team.main:
                sweep(self.folder)
                self.checkpoints.sweep()
                self._tell_of_age(kept)
        elif self.team.main:
            if resume:
                artifact.unfinished(self.folder)
            artifact.prepare(self.folder, overwrite=overwrite or resume)

    def follow(
        self,
        engine: Engine,
        state: State,
        watchers: Sequence[Callback],
        selection: Selection,
        kept: dict[str, Any] | None,
    ) -> None:
        """Watch a training, which first goes on from a checkpoint if there is one.

        Args:
            engine: What moves.
            state: Where training stands.
            watchers: The callbacks, in the order that they had.
            selection: The best weights.
            kept: The checkpoint.
        """
        self.engine, self.state, self.watchers = engine, state, watchers
        self.selection = selection
        if kept is None:
            return
        engine.load_state_dict(kept["engine"])
        selection.load_state_dict(kept["selection"])
        state.step, state.stop = kept["step"], kept["stop"]
        watchers_now = dict(self._named())
        for name, remembered in kept["watchers"].items():
            if name in watchers_now:
                watchers_now[name].load_state_dict(remembered)
            elif remembered and self.team.main:
                raise TrainingError(
                    f"resume needs the callback {name.split()[0]} that the run began with: give it"
                )

    @property
    def wanted(self) -> bool:
        """Whether a checkpoint is wanted in the middle of an epoch."""
        return self.team.any(self.interruption.signal is not None or self.checkpoints.due)

    def save(self) -> None:
        """Write a checkpoint, unless something is no number.

        Raises:
            TrainingError: If a value or a weight is not finite, or it cannot be written.
            Interrupted: If somebody wants training to stop.
        """
        with self.interruption.kept_waiting():
            self._save()
        state = self.state
        stop = self.team.any(self.interruption.signal is not None)
        if stop and state.step < state.steps:
            self.interruption.answered = True
            raise Interrupted(
                f"stopped at step {state.step} of {state.steps} and saved in {self.folder}: go on "
                "with resume=True (--resume)",
                self.interruption.signal or signal.SIGTERM,
            )

    def _save(self) -> None:
        state, engine = self.state, self.engine
        error = engine.window.error(state)
        weights = {name: local(each) for name, each in engine.module.state_dict().items()}
        broken = [name for name, each in weights.items() if not torch.isfinite(each).all()]
        if self.team.any(error is not None or bool(broken)):  # all of them, or none
            raise error or TrainingError(
                f"training stopped at step {state.step} because {(broken or ['a value'])[0]} is "
                f"not finite: try a lower learning_rate (it was {state.recipe.rate:g}) or clip=1"
            )
        watchers = {name: _plain(name, watcher) for name, watcher in self._named()}
        whole = {
            "identity": self.identity,
            "step": state.step,
            "stop": state.stop,
            "selection": self.selection.state_dict(),
            "watchers": watchers,
            "engine": engine.state_dict(between_epochs=state.between_epochs),
        }
        if self.team.main:
            self.checkpoints.write(state.step, whole)
        self.checkpoints.written = time.monotonic()

    def _way_back(self) -> str:
        """Where training goes on from that stops within a step."""
        good = self.checkpoints.good
        if good is None:
            return "stopped before the first checkpoint: begin again with resume=True (--resume)"
        return (
            f"stopped at once; {good.replace('-', ' ')} is saved in {self.folder}: go on from "
            "there with resume=True (--resume)"
        )

    def _tell_of_age(self, kept: dict[str, Any]) -> None:
        if "torch" not in kept["identity"]:
            warnings.warn(
                f"{self.checkpoints.good} in {self.folder} was written by a version of reparam "
                "that recorded neither digests nor torch's version: it cannot be checked for "
                "damage, and goes on bit for bit only with the torch that it was written with",
                stacklevel=2,
            )

    def _named(self) -> list[tuple[str, Callback]]:
        """Each with its class's name, and a number where there are several of a class."""
        names = [type(watcher).__name__ for watcher in self.watchers]
        return [
            (f"{name} {names[:i].count(name)}", watcher)
            for i, (name, watcher) in enumerate(zip(names, self.watchers, strict=True))
        ]


def _plain(name: str, watcher: Callback) -> dict[str, Any]:
    """What a callback wants to be kept, if a checkpoint can hold it."""
    kept, content = watcher.state_dict(), io.BytesIO()
    torch.save(kept, content)
    content.seek(0)
    try:
        torch.load(content, weights_only=True)
    except pickle.UnpicklingError as error:
        raise TrainingError(
            f"the state_dict of {name.split()[0]} holds more than tensors and plain values, which "
            "a checkpoint cannot give back: convert it"
        ) from error
    return kept
