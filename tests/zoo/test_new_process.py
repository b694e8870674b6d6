"""What one process saved another loads, and gets the same outputs bit for bit.

One process builds and saves every variant, and a composition of somebody's own registered parts;
a second one, which knows only the folders and imports those parts' module, loads them.
"""

import json
import os
import subprocess
import sys

import pytest
import torch
from safetensors.torch import load_file

OWN_PARTS = """
import torch
from torch import nn
from torch.distributions import Independent, Laplace

import reparam
from reparam.conditional import Conditional
from reparam.families import DiagonalNormal, Family
from reparam.models import VAE
from reparam.objectives import Distortion, LinearSchedule, Objective, Rate, Term
from reparam.priors import StandardNormal


@reparam.register
class Sine(nn.Module):
    def __init__(self, inputs, outputs, *, scale=1.0):
        super().__init__()
        self.dense, self.scale = nn.Linear(inputs, outputs), scale

    def forward(self, x):
        return torch.sin(self.scale * self.dense(x.flatten(1)))


@reparam.register(name="house.Laplace")
class LaplaceFamily(Family):
    def __init__(self, width):
        super().__init__()
        self.width = nn.Parameter(torch.tensor(float(width)))

    def read(self, features):
        return Independent(Laplace(features, self.width.exp(), validate_args=False), 1)

    def features(self, shape):
        return tuple(shape)


@reparam.register
class Ridge(Term):
    name = "ridge"

    def __init__(self, size, weight=1.0):
        super().__init__(weight)
        self.scale = nn.Parameter(torch.ones(size))

    def forward(self, trace):
        return (trace.latents[0].z.mean(0) * self.scale).square().sum(-1)


def compose():
    model = VAE(
        Conditional(Sine(7, 4, scale=3.0), DiagonalNormal(), [1]),
        StandardNormal(2),
        Conditional(Sine(2, 7), LaplaceFamily(0.5), [1]),
    )
    terms = Distortion(), Rate(LinearSchedule(0.0, 0.5, steps=3)), Ridge(2, weight=0.1)
    return model, Objective(*terms, samples=2)
"""

COMMON = """
import json, sys
from pathlib import Path

import torch
from safetensors.torch import save_file

import house
from reparam import load, save
from reparam.randomness import seeded
from reparam.training import Step

here = Path(sys.argv[1])
cases = json.loads((here / "cases.json").read_text())
x = {tuple(c["shape"]): torch.rand(4, *c["shape"], generator=torch.Generator().manual_seed(2))
     for c in cases}


def keep(name, who, model, objective, x):
    objective.finish()
    y = [torch.arange(len(x)) % 3] * model.conditions
    with torch.no_grad(), seeded(4):
        values = Step(model.eval(), objective.eval())(x, *y)
    outputs = {"code": model.encode(x, *y), "picture": model.reconstruct(x, *y), **values}
    if model.prior is not None:
        outputs["sample"] = model.sample(3, *[part[:3] for part in y], seed=5)
    save_file({k: v.contiguous() for k, v in outputs.items()}, here / f"{name}.{who}")
"""

WRITE = """
import random
from reparam.zoo import ZOO

for case in cases:
    if case["name"] == "house":
        model, objective = house.compose()
    else:
        model, objective = ZOO[case["name"]].make(tuple(case["shape"]), **case["arguments"])
    with torch.no_grad(), seeded(case["index"]):
        for p in [*model.parameters(), *objective.parameters()]:
            p.add_(0.05 * torch.randn_like(p))
    name = str(case["index"])
    save(here / name, model, objective)
    keep(name, "written", model, objective, x[tuple(case["shape"])])
"""

READ = """
assert "reparam.zoo" not in sys.modules
for case in cases:
    found = load(here / str(case["index"]))
    keep(str(case["index"]), "read", found.model, found.objective, x[tuple(case["shape"])])
"""


@pytest.fixture(scope="module")
def folder(all_cases, tmp_path_factory):
    """Where both processes have left what they saw."""
    here = tmp_path_factory.mktemp("processes")
    cases = [*(case._asdict() for case in all_cases), {"name": "house", "shape": [7]}]
    listed = [{"index": i, **case} for i, case in enumerate(cases)]
    (here / "cases.json").write_text(json.dumps(listed))
    (here / "house.py").write_text(OWN_PARTS)
    known = [path for path in [os.environ.get("PYTHONPATH")] if path]
    for name, script in (("write.py", WRITE), ("read.py", READ)):
        (here / name).write_text(COMMON + script)
        done = subprocess.run(
            [sys.executable, "-W", "error", here / name, here],
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(here), *known])},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    return here


def test_every_output_is_the_same_bit_for_bit(folder):
    cases = json.loads((folder / "cases.json").read_text())
    for case in cases:
        name = case["index"]
        written, read = (load_file(folder / f"{name}.{who}") for who in ("written", "read"))
        assert written.keys() == read.keys()
        assert {"code", "picture", "loss"} <= written.keys()
        for key, tensor in written.items():
            assert torch.equal(tensor, read[key]), (case, key)
    assert len(cases) > 40


def test_each_variant_is_another_model(folder):
    """Guards the test above: the saved outputs do differ."""
    files = sorted(folder.glob("*.written"))
    codes = {tuple(load_file(file)["code"].flatten().tolist()) for file in files}
    assert len(codes) > 40
