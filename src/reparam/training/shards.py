"""Weights in parts, one on each process, by torch's fully sharded data parallelism."""

import copy
from typing import Any

import torch
from torch import Tensor
from torch.distributed import broadcast
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_model_state_dict,
    get_optimizer_state_dict,
    set_model_state_dict,
    set_optimizer_state_dict,
)
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.optim import Optimizer

from reparam.errors import TrainingError
from reparam.training.step import Step
from reparam.training.team import Team
from reparam.training.weights import Values, whole

OUT = StateDictOptions(full_state_dict=True, cpu_offload=True)
IN = StateDictOptions(full_state_dict=True, broadcast_from_rank0=True, strict=False)


class ShardedWeights:
    """A part of every weight, its gradient and the optimizer's state on each process.

    The weights come together for a pass and go apart again. They begin as the first process's. The
    model that was given stays as it is until training ends.

    Args:
        step: What to train.
        team: At least two processes.

    Raises:
        TrainingError: If a weight is a single number without an axis, which has no parts.
    """

    def __init__(self, step: Step, team: Team) -> None:
        for name, parameter in step.named_parameters():
            if parameter.ndim == 0:
                raise TrainingError(f"shard cannot cut the number {name} into parts: leave it")
        here = team.accelerator.device
        self.team, self.given = team, step
        self.step = copy.deepcopy(step).to(here)
        for tensor in (*self.step.parameters(), *self.step.buffers()):
            tensor.data = tensor.data.contiguous()  # parts are cut from rows
        mesh = init_device_mesh(here.type, (team.size,))
        fully_shard(self.step, mesh=mesh, reshard_after_forward=True)
        kept = self.step.state_dict()
        self.moving = [tensor for name, tensor in self.step.named_buffers() if name in kept]
        self.put(step.state_dict())

    def forward(self, *batch: Tensor) -> Values:
        """One pass, such that gradients are averaged over the processes."""
        for tensor in self.moving:
            broadcast(tensor, 0)
        with self.team.accelerator.autocast():
            values: Values = self.step(*batch)
        return values

    def copies(self) -> Values:
        """All weights by name, on the CPU of the first process; nothing on the others."""
        found: dict[str, Any] = get_model_state_dict(self.step, options=OUT)
        return {name: tensor.clone() for name, tensor in found.items()}

    def put(self, weights: Values) -> None:
        """Take other weights from the first process."""
        given: dict[str, Any] = dict(weights) if self.team.main else {}
        set_model_state_dict(self.step, given, options=IN)

    def state_dict(self, optimizer: Optimizer) -> dict[str, Any]:
        """The weights and the optimizer's state, on the first process."""
        found = get_optimizer_state_dict(self.step, optimizer, options=OUT)
        return {"weights": self.copies(), "optimizer": found}

    def load_state_dict(self, state: dict[str, Any], optimizer: Optimizer) -> None:
        """Go on from a state, which every process has read."""
        self.put(state["weights"])
        kept = state["optimizer"]
        if kept["state"]:
            set_optimizer_state_dict(
                self.step, optimizer, kept if self.team.main else {}, options=IN
            )
            return
        for group, numbers in zip(optimizer.param_groups, kept["param_groups"], strict=True):
            group.update({name: value for name, value in numbers.items() if name != "params"})

    @torch.no_grad()
    def leave(self) -> None:
        """Put the parts together in the model and objective that were given."""
        self.given.to(self.team.accelerator.device)
        theirs = self.given.state_dict()
        for name, tensor in self.step.state_dict().items():
            theirs[name].copy_(whole(tensor))
