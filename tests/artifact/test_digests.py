"""The configuration is the one that the weights were written with, and weights are of one type."""

import hashlib
import json
import warnings

import pytest
import torch
from safetensors.torch import load_file, save_file

from reparam import load
from reparam.artifact import add_figures
from reparam.artifact.hub import Address, contents
from reparam.artifact.weights import metadata_of
from reparam.errors import ArtifactError

X = torch.rand(5, 1, 4, 4, generator=torch.Generator().manual_seed(0))
ALTERED = {
    "another activation": lambda c: c["model"]["arguments"]["posterior"]["arguments"]["network"][
        "arguments"
    ].update(activation="tanh"),
    "another weight": lambda c: c["objective"]["arguments"].update(samples=2),
    "another variant": lambda c: c.update(variant="<img src=x onerror=alert(1)>"),
    "another source": lambda c: c["schema"].update(source="hf://someone/else"),
    "another recipe": lambda c: c["recipe"].update(epochs=3),
}


@pytest.mark.parametrize("change", ALTERED.values(), ids=ALTERED)
def test_an_altered_configuration_is_refused(run, change):
    """Each of these builds a model into which the weights fit."""
    run.edit(change, sealed=False)
    with pytest.raises(ArtifactError, match=r"config.json was altered after") as refusal:
        load(run.folder)
    assert "\n" not in str(refusal.value)


def test_figures_may_be_added_and_the_layout_may_change(run):
    add_figures(run.folder, test={"rate": 2.25})
    load(run.folder)
    config = json.loads(run.config.read_text())
    run.config.write_text(json.dumps(dict(reversed(config.items())), indent=4))
    load(run.folder)


def older(run):
    """As the versions before wrote it: weights without a digest of the configuration."""
    save_file(load_file(run.weights), run.weights)
    run.edit(
        lambda c: c.update(
            weights={"sha256": hashlib.sha256(run.weights.read_bytes()).hexdigest()}
        ),
        sealed=False,
    )


def test_a_run_of_an_older_version_loads_with_one_warning(run):
    older(run)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found = load(run.folder)
    assert ["without a digest of config.json" in str(each.message) for each in said] == [True]
    assert torch.equal(found.model.reconstruct(X), run.variant.model.reconstruct(X))


def test_what_is_pushed_has_a_digest_of_what_is_pushed(run, tmp_path):
    older(run)
    files = contents(run.folder, Address("me/model"))
    (tmp_path / "there").mkdir()
    for name, content in files.items():
        (tmp_path / "there" / name).write_bytes(content)
    found = load(tmp_path / "there")  # and no warning
    assert torch.equal(found.model.reconstruct(X), run.variant.model.reconstruct(X))
    assert len(metadata_of(files["model.safetensors"])) == 1


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_weights_are_computed_with_in_float32(run, dtype):
    run.rewrite(lambda t: t.update({name: each.to(dtype) for name, each in t.items()}))
    with pytest.warns(UserWarning, match=r"float16 weights: they are computed with in float32"):
        found = load(run.folder)
    assert {p.dtype for p in found.model.parameters()} == {torch.float32}
    mine = run.variant.model.to(dtype).float()
    assert torch.equal(found.model.encode(X), mine.encode(X))
    assert torch.equal(found.model.sample(3, seed=0), mine.sample(3, seed=0))
    assert found.model.log_prob(X, seed=0).dtype == torch.float32


WRONG = {
    "whole numbers": (
        lambda t: t.update({n: each.int() for n, each in t.items()}),
        "holds int32 numbers in .*, where the model has float32",
    ),
    "mixed": (
        lambda t: t.update({n: each.half() for n, each in list(t.items())[:1]}),
        "float16 numbers in .*, where the model has float32, and others in others",
    ),
    "eight bits": (
        lambda t: t.update({n: each.to(torch.float8_e4m3fn) for n, each in t.items()}),
        "float8_e4m3fn weights",
    ),
    "complex": (
        lambda t: t.update({n: each.to(torch.complex64) for n, each in t.items()}),
        "complex64 weights",
    ),
}


@pytest.mark.parametrize(("change", "sentence"), WRONG.values(), ids=WRONG)
def test_weights_of_other_kinds_are_refused(run, change, sentence):
    run.rewrite(change)
    with pytest.raises(ArtifactError, match=sentence) as refusal:
        load(run.folder)
    assert "\n" not in str(refusal.value)
