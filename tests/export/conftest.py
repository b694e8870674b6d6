"""Small models with weights far from their start, and an export that does not begin anew."""

import functools
from pathlib import Path

import pytest
import torch
from torch.onnx._internal.exporter._registration import ONNXRegistry

from reparam.artifact import Artifact
from reparam.data import Schema
from reparam.randomness import seeded
from reparam.zoo import ZOO

SMALL = {
    "latent": 4,
    "widths": [4, 8],
    "components": 3,
    "categories": 2,
    "classes": 3,
    "active": 3,
    "transforms": 2,
}


def small(name, shape=(7,), values="unit", classes=None, **arguments):
    """A variant as `load` would give it, whose answers depend on what it is asked."""
    chosen = {k: v for k, v in (SMALL | arguments).items() if k in ZOO[name].defaults}
    model, objective = ZOO[name].make(shape, **chosen)
    with torch.no_grad(), seeded(0):
        for parameter in model.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    kind = "pictures" if len(shape) == 3 else "vectors"
    schema = Schema("mine", "train", kind, shape, "float32", classes, values=values)
    return Artifact(Path("run"), model.eval(), objective, schema, {}, {}, "0", name)


@pytest.fixture(scope="session")
def artifact():
    """Makes a small one."""
    return small


@pytest.fixture(autouse=True, scope="session")
def one_registry():
    """Torch reads its table of ONNX operators anew for every file: more than half of the time."""
    patched = pytest.MonkeyPatch()
    make = functools.cache(ONNXRegistry.from_torchlib.__func__)
    patched.setattr(ONNXRegistry, "from_torchlib", classmethod(make))
    yield
    patched.undo()


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # cores are shared, and the models are small
    yield
    torch.set_num_threads(threads)
