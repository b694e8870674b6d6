"""Every folder that is not a sound artifact is refused, in one sentence."""

import copy
import json
import shutil
import warnings

import pytest
import torch

from reparam import load, save, zoo
from reparam.artifact import prepare, vacant
from reparam.errors import ArtifactError, ReparamError


def nest(run, _):
    """Deep enough for Python's stack, and not too deep for JSON's."""
    deep = "[" * 700 + "]" * 700
    model = f'{{"part": "VAE", "arguments": {{"posterior": {deep}}}}}'
    run.config.write_text(f'{{"format": 1, "model": {model}}}')
    run.seal()


def outside(file, tmp_path):
    """Move a file out of the folder and leave a link to it."""
    moved = tmp_path / "elsewhere"
    shutil.move(file, moved)
    file.symlink_to(moved)


def pop(tensors):
    del tensors["model.posterior.network.0.bias"]


def widen(tensors):
    tensors["model.posterior.network.0.bias"] = torch.zeros(5)


def poison(value):
    def change(tensors):
        tensors["model.posterior.network.0.bias"][1] = value

    return change


BROKEN = {
    "no folder": (lambda run, _: shutil.rmtree(run.folder), "there is no folder"),
    "no configuration": (lambda run, _: run.config.unlink(), "has no config.json"),
    "no weights": (lambda run, _: run.weights.unlink(), "has no model.safetensors"),
    "not JSON": (lambda run, _: run.config.write_text("{"), "is not JSON"),
    "not text": (lambda run, _: run.config.write_bytes(b"\xff\xfe\x00"), "is not JSON"),
    "JSON too deep": (lambda run, _: run.config.write_text("[" * 10**5), "is not JSON"),
    "a list": (lambda run, _: run.config.write_text("[]"), "does not describe a model"),
    "no format": (lambda run, _: run.edit(lambda c: c.pop("format")), "does not describe a model"),
    "another format": (
        lambda run, _: run.edit(lambda c: c.update(format=2)),
        r"has format 2 and this version reads 1",
    ),
    "an unknown part": (
        lambda run, _: run.edit(lambda c: c["model"].update(part="os.system")),
        r"the part 'os.system' is unknown here",
    ),
    "refused arguments": (
        lambda run, _: run.edit(lambda c: c["model"]["arguments"].update(colour="red")),
        "VAE refused its arguments",
    ),
    "arguments that are no table": (
        lambda run, _: run.edit(lambda c: c["model"].update(arguments=[1])),
        "the arguments of VAE are not a table",
    ),
    "a part shared too early": (
        lambda run, _: run.edit(lambda c: c["model"]["arguments"].update(prior={"shared": 3})),
        "3 is named before it is described",
    ),
    "nesting without end": (nest, "nested too deeply to be a model"),
    "no model": (lambda run, _: run.edit(lambda c: c.update(model=4)), "a part was expected"),
    "no objective": (
        lambda run, _: run.edit(lambda c: c.update(objective=c["model"])),
        "has a VAE for its objective",
    ),
    "another schema": (
        lambda run, _: run.edit(lambda c: c["schema"].update(colour="red")),
        "no description of a dataset",
    ),
    "a source that is no text": (
        lambda run, _: run.edit(lambda c: c["schema"].update(source=[3])),
        "its source is of another kind",
    ),
    "a seed that is no number": (
        lambda run, _: run.edit(lambda c: c["schema"]["options"].update(seed="x")),
        "its options.seed is of another kind",
    ),
    "a shape of words": (
        lambda run, _: run.edit(lambda c: c["schema"].update(shape=["a", 4, 4])),
        "its shape is of another kind",
    ),
    "an objective without samples": (
        lambda run, _: run.edit(lambda c: c["objective"]["arguments"].update(samples=0)),
        "Objective refused its arguments",
    ),
    "truncated weights": (
        lambda run, _: run.weights.write_bytes(run.weights.read_bytes()[:-10]),
        "damaged or no safetensors",
    ),
    "empty weights": (lambda run, _: run.weights.write_bytes(b""), "damaged or no safetensors"),
    "a folder of weights": (
        lambda run, _: (run.weights.unlink(), run.weights.mkdir()),
        "cannot be read",
    ),
    "a missing tensor": (lambda run, _: run.rewrite(pop), r"lacks 'model.posterior.*0.bias'"),
    "a tensor too many": (
        lambda run, _: run.rewrite(lambda t: t.update(extra=torch.zeros(1))),
        "has 'extra' that this model lacks",
    ),
    "another shape": (
        lambda run, _: run.rewrite(widen),
        r"of shape \(5,\), the model's is \(4,\)",
    ),
    "NaN": (lambda run, _: run.rewrite(poison(float("nan"))), "NaN or infinite weights in"),
    "infinity": (lambda run, _: run.rewrite(poison(float("inf"))), "NaN or infinite weights in"),
    "a link to a configuration": (lambda run, at: outside(run.config, at), "link out of its fold"),
    "a link to weights": (lambda run, at: outside(run.weights, at), "link out of its folder"),
    "a dangling link": (
        lambda run, at: (outside(run.weights, at), (at / "elsewhere").unlink()),
        "link out of its folder",
    ),
}


@pytest.mark.parametrize(("damage", "sentence"), BROKEN.values(), ids=BROKEN)
def test_a_broken_folder_is_refused_in_one_sentence(run, tmp_path, damage, sentence):
    load(run.folder)
    damage(run, tmp_path)
    with pytest.raises(ArtifactError, match=sentence) as refusal:
        load(run.folder)
    assert "\n" not in str(refusal.value)


def test_weights_of_another_run_are_refused_and_touch_nothing(run, tmp_path):
    other = zoo.vae((1, 4, 4), latent=2, network="mlp", widths=[4], seed=5)
    save(tmp_path / "other", *other)
    shutil.copy(tmp_path / "other" / "model.safetensors", run.weights)
    mine = zoo.vae((1, 4, 4), latent=2, network="mlp", widths=[4], seed=9).model
    before = copy.deepcopy(mine.state_dict())
    with pytest.raises(ArtifactError, match="comes from another run"):
        load(run.folder, model=mine)
    assert all(torch.equal(before[name], t) for name, t in mine.state_dict().items())


def test_a_model_of_another_shape_is_left_untouched(run):
    mine = zoo.vae((1, 4, 4), latent=3, network="mlp", widths=[4], loss="mse").model
    before = copy.deepcopy(mine.state_dict())
    with pytest.raises(ArtifactError, match="of shape"):
        load(run.folder, model=mine)
    assert all(torch.equal(before[name], t) for name, t in mine.state_dict().items())


def places(node, at=()):
    if at:
        yield at
    keys = node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    for key in keys:
        yield from places(node[key], (*at, key))


@pytest.mark.parametrize(
    "value",
    [None, 3, -1, "x", [], {}, [[1]], {"part": ["a"]}, {"part": {}}, {"shared": []},
     {"part": "StandardNormal", "id": [], "arguments": {"shape": 2}}],
    ids=str,
)  # fmt: skip
def test_a_forged_configuration_loads_or_is_refused_but_never_breaks(run, value):
    """One value in the place of every other in turn."""
    config = json.loads(run.config.read_text())
    for place in places(config):
        forged = copy.deepcopy(config)
        node = forged
        for key in place[:-1]:
            node = node[key]
        node[place[-1]] = value
        run.config.write_text(json.dumps(forged))
        if place[0] not in ("format", "weights"):
            run.seal()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # layers without a width
            try:
                load(run.folder)
            except ReparamError as refusal:
                assert "\n" not in str(refusal), place  # noqa: PT017


def test_a_folder_that_holds_a_run_is_kept(run):
    with pytest.raises(ArtifactError, match=r"already holds a run.*overwrite=True"):
        prepare(run.folder)
    load(run.folder)
    assert vacant(run.folder, overwrite=True) == run.folder
    load(run.folder)
    prepare(run.folder, overwrite=True)
    assert not run.config.exists()
    assert not run.weights.exists()
    assert vacant(run.folder) == run.folder


def test_only_the_runs_own_files_are_removed(run):
    (run.folder / "notes.txt").write_text("mine")
    prepare(run.folder, overwrite=True)
    assert (run.folder / "notes.txt").read_text() == "mine"


def test_a_file_is_no_folder(tmp_path):
    file = tmp_path / "file"
    file.write_text("text")
    with pytest.raises(ArtifactError, match="is a file: choose another name"):
        prepare(file, overwrite=True)
    with pytest.raises(ArtifactError, match="cannot be written"):
        prepare(file / "run")
    with pytest.raises(ReparamError, match="cannot be written") as refusal:
        save(file / "run", zoo.vae((7,), widths=[4]).model)
    assert "\n" not in str(refusal.value)
    assert file.read_text() == "text"
