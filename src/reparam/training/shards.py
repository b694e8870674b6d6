"""Weights in parts, one on each process, by torch's fully sharded data parallelism."""

import copy
import warnings
from contextlib import ExitStack
from typing import Any

import torch
from torch import Tensor
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

from reparam.conditional import Conditional
from reparam.training.step import Step
from reparam.training.team import Team
from reparam.training.weights import Values, whole

OUT = StateDictOptions(full_state_dict=True, cpu_offload=True)
IN = StateDictOptions(full_state_dict=True, broadcast_from_rank0=True)


class ShardedWeights:
    """A part of every weight, its gradient and the optimizer's state on each process.

    A network's weights come together while it computes and go apart again. The model that was
    given stays as it is, on the CPU, until training ends.

    Args:
        step: What to train.
        team: At least two processes.
    """

    def __init__(self, step: Step, team: Team) -> None:
        here = team.accelerator.device
        self.team, self.given = team, step.cpu()
        self.step = copy.deepcopy(step).to(here)
        for tensor in (*self.step.parameters(), *self.step.buffers()):
            tensor.data = tensor.data.contiguous()  # parts are cut from rows
        mesh = init_device_mesh(here.type, (team.size,))
        for part in self.step.modules():
            if isinstance(part, Conditional) and any(True for _ in part.network.parameters()):
                fully_shard(part.network, mesh=mesh)
        fully_shard(self.step, mesh=mesh, reshard_after_forward=True)

    def forward(self, *batch: Tensor) -> Values:
        """One pass, such that gradients are averaged over the processes."""
        with ExitStack() as stack:
            stack.enter_context(self.team.accelerator.autocast())
            stack.enter_context(warnings.catch_warnings())  # nothing writes into features
            warnings.filterwarnings("ignore", "FSDP2-wrapped module .* returned a view")
            values: Values = self.step(*batch)
        return values

    def copies(self) -> Values:
        """All weights by name, on the CPU of the first process; nothing on the others."""
        found: dict[str, Any] = get_model_state_dict(self.step, options=OUT)
        return found

    def put(self, weights: Values) -> None:
        """Take other weights from the first process."""
        given: dict[str, Any] = dict(weights) if self.team.main else {}
        set_model_state_dict(self.step, given, options=IN)

    def state_dict(self, optimizer: Optimizer) -> dict[str, Any]:
        """The weights and the optimizer's state, on the first process."""
        found = get_optimizer_state_dict(self.step, optimizer, options=OUT)
        return {"weights": self.copies(), "optimizer": found}

    def load_state_dict(self, state: dict[str, Any], optimizer: Optimizer) -> None:
        """Go on from a state."""
        self.put(state["weights"])
        kept = state["optimizer"] if self.team.main else {}
        set_optimizer_state_dict(self.step, optimizer, kept, options=IN)

    @torch.no_grad()
    def leave(self) -> None:
        """Put the parts together in the model and objective that were given."""
        theirs = self.given.state_dict()
        for name, tensor in self.step.state_dict().items():
            theirs[name].copy_(whole(tensor))
        self.given.to(self.team.accelerator.device)
