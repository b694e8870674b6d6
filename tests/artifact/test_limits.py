"""A configuration from a stranger builds no more than its weights can fill."""

import json
import os
import subprocess
import sys
import time

import pytest
import torch

from reparam import load, save, zoo
from reparam.artifact import limits
from reparam.artifact.limits import Limits
from reparam.data import Schema
from reparam.errors import ArtifactError
from reparam.zoo import ZOO

CHILD = """
import resource, sys, time, warnings
warnings.simplefilter("ignore")
import reparam, reparam.zoo
from reparam.errors import ArtifactError
before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
for folder in sys.argv[1:]:
    try:
        reparam.load(folder)
    except ArtifactError as error:
        assert "\\n" not in str(error)
    else:
        raise SystemExit(f"{folder} was built")
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(grown // 1024, time.monotonic() - start)
"""


SMALL = {"classes": 3, "widths": [4]}
PRIOR = {"part": "StandardNormal", "arguments": {"shape": 2}}


def doubled(depth):
    """A prior that reaches 2 ** depth others, in a line of JSON for each."""
    tree = {"part": "StandardNormal", "id": 100, "arguments": {"shape": 1}}
    for i in range(depth):
        again = {"shared": tree["id"]}
        inner = {"priors": [tree, {"part": "JointPrior", "arguments": {"priors": [again]}}]}
        tree = {"part": "JointPrior", "id": 101 + i, "arguments": inner}
    return tree


def layers(count):
    return {"part": "MLP", "arguments": {"inputs": 2, "outputs": 16, "hidden": [1] * count}}


BOMBS = {
    "shared parts": lambda c: c["model"]["arguments"].update(prior=doubled(22)),
    "a prior of a billion numbers": lambda c: c["model"]["arguments"]["prior"].update(
        arguments={"shape": 10**9}
    ),
    "a hundred thousand layers": lambda c: c["model"]["arguments"]["likelihood"][
        "arguments"
    ].update(network=layers(100_000)),
    "one wide layer": lambda c: c["model"]["arguments"]["likelihood"]["arguments"].update(
        network={
            "part": "MLP",
            "arguments": {"inputs": 2, "outputs": 16, "hidden": [10**5, 10**5]},
        }
    ),
    "many maps": lambda c: c["model"]["arguments"].update(
        prior={"part": "FlowPrior", "arguments": {"dim": 2, "transforms": 10**7}}
    ),
    "a square of wide codes": lambda c: c["model"]["arguments"].update(
        prior={"part": "FittedNormal", "arguments": {"dim": 10**5}}
    ),
    "masks of wide codes": lambda c: c["model"]["arguments"].update(
        prior={"part": "FlowPrior", "arguments": {"dim": 10**5, "hidden": [1]}}
    ),
    "a wide objective": lambda c: c["objective"]["arguments"]["terms"].append(
        {
            "part": "CriticTotalCorrelation",
            "arguments": {"critic": {"part": "MLP", "arguments": {"inputs": 10**9, "outputs": 1}}},
        }
    ),
    "items without end": lambda c: c["schema"].update(shape=[1, 10**5, 10**5]),
}


def test_bombs_are_refused_within_a_second_and_in_little_memory(run, tmp_path):
    """In a process of their own, whose memory is measured."""
    whole = run.config.read_text()
    weights = run.weights.read_bytes()
    folders = []
    for number, bomb in enumerate(BOMBS.values()):
        run.edit(bomb)
        folders.append(tmp_path / f"bomb{number}")
        folders[-1].mkdir()
        for file in (run.config, run.weights):
            (folders[-1] / file.name).write_bytes(file.read_bytes())
        run.config.write_text(whole)
        run.weights.write_bytes(weights)
    command = [sys.executable, "-c", CHILD, *map(str, folders)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    grown, seconds = map(float, done.stdout.split())
    assert grown < 1000  # MiB; a billion float32 are 3815
    assert seconds < 30


def test_labels_without_end_are_refused(tmp_path, run):
    """Weights know nothing of how many zeros stand beside the one of a label."""
    made = zoo.conditional_vae((1, 4, 4), latent=2, classes=3, network="mlp", widths=[4])
    save(run.folder, *made, schema=Schema("array", "train", "pictures", (1, 4, 4), "float32"))
    load(run.folder)
    network = ("model", "arguments", "posterior", "arguments", "network", "arguments")

    def more(content):
        for key in network:
            content = content[key]
        content["classes"] = 10**9

    run.edit(more)
    with pytest.raises(ArtifactError, match="would take more than"):
        load(run.folder)


def test_a_refusal_names_the_folder_and_what_is_too_large(run):
    run.edit(BOMBS["a prior of a billion numbers"])
    with pytest.raises(ArtifactError, match=r"config.json: .* its weights are far smaller"):
        load(run.folder)


@pytest.mark.parametrize("depth", [22, 40])
def test_parts_shared_over_and_over_are_counted_and_not_built(run, depth):
    """Forty deep they would be 10^12: nothing may even count them one by one."""
    run.edit(lambda c: c["model"]["arguments"].update(prior=doubled(depth)))
    start = time.monotonic()
    with pytest.raises(ArtifactError, match=r"more than 10,000 parts|nested too deeply"):
        load(run.folder)
    assert time.monotonic() - start < 5


def test_a_tensor_is_measured_before_it_is_allocated():
    with pytest.raises(ArtifactError, match="would take"), Limits("this", 2**20, 100):
        torch.zeros(2**50)
    row = torch.zeros(2**20)
    with pytest.raises(ArtifactError, match="would take"), Limits("this", 2**30, 100):
        row.unsqueeze(1).gt(row)


def test_every_step_is_counted():
    with pytest.raises(ArtifactError, match="100 steps"), Limits("this", 2**20, 100):
        [torch.zeros(1) for _ in range(101)]


def test_what_is_within_the_limits_is_as_without_them():
    with Limits("this", 2**20, 100):
        torch.manual_seed(0)
        drawn = torch.randn(5)
    torch.manual_seed(0)
    assert torch.equal(drawn, torch.randn(5))


@pytest.mark.parametrize("name", ZOO)
def test_every_variant_stays_far_within_the_limits(tmp_path, name, monkeypatch):
    """With small networks, whose floors matter, a quarter of every limit is enough."""
    once = limits.Limits.__init__

    def tighter(self, what, total, operations, largest=None):
        once(self, what, total // 4, operations // 4, None if largest is None else largest // 4)

    monkeypatch.setattr(limits.Limits, "__init__", tighter)
    options = {"classes": 3} if "classes" in ZOO[name].arguments else {}
    model, objective = ZOO[name].make((1, 16, 16), **options)
    schema = Schema("array", "train", "pictures", (1, 16, 16), "float32")
    save(tmp_path, model, objective, schema=schema)
    load(tmp_path)


def test_the_schema_and_the_model_are_of_one_shape(run):
    run.edit(lambda c: c["schema"].update(shape=[1, 4, 5]))
    with pytest.raises(ArtifactError, match=r"cannot take items of shape \(1, 4, 5\)"):
        load(run.folder)


def test_parts_that_do_not_go_together_are_refused(run):
    run.edit(lambda c: c["model"]["arguments"]["prior"]["arguments"].update(shape=3))
    with pytest.raises(ArtifactError, match=r"the prior's latents have shape \(3,\)"):
        load(run.folder)


@pytest.mark.parametrize("part", [5, "text", None, PRIOR], ids=str)
@pytest.mark.parametrize("role", ["posterior", "likelihood"])
def test_a_part_of_another_kind_is_refused(run, role, part):
    run.edit(lambda c: c["model"]["arguments"].update({role: part}))
    with pytest.raises(ArtifactError, match=r"lacks|has .* that this model lacks|cannot take"):
        load(run.folder)


def test_loading_leaves_the_global_generator_alone(run):
    torch.manual_seed(0)
    load(run.folder)
    drawn = torch.rand(1)
    torch.manual_seed(0)
    assert torch.equal(drawn, torch.rand(1))


def test_a_long_configuration_is_not_read(run):
    run.config.write_text(json.dumps({"format": 1, "figures": " " * 2**24}))
    with pytest.raises(ArtifactError, match="which no model's configuration has"):
        load(run.folder)


def test_weights_that_do_not_fit_into_memory_are_not_read(run):
    """A file of a terabyte that takes no room on the disk."""
    with run.weights.open("r+b") as file:
        file.truncate(2**40)
    with pytest.raises(ArtifactError, match=r"would take 2048.0 GiB of the"):
        load(run.folder)


@pytest.mark.parametrize("name", ["config", "weights"])
def test_a_pipe_is_not_waited_for(run, name):
    file = getattr(run, name)
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(ArtifactError, match="is no regular file"):
        load(run.folder)


def test_a_model_without_a_schema_loads(tmp_path):
    save(tmp_path, zoo.vae((7,), widths=[4]).model)
    assert load(tmp_path).schema is None
