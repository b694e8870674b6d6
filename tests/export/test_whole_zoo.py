"""Every variant of the zoo becomes files that answer as it does."""

import pytest

from reparam.export import onnx, pt2
from reparam.export.check import TOLERANCE, compare
from reparam.export.programs import programs
from reparam.export.trace import traced
from reparam.export.writer import prepared
from reparam.registry import describe
from reparam.zoo import ZOO

PICTURE = (1, 8, 8)
CONVOLUTIONAL = ("vae", "chapter", "conditional_vae")
ONLY_PICTURES = ("chapter", "ms_ssim_vae")
WITHOUT_PRIOR = {
    *("autoencoder", "denoising_autoencoder", "contractive_autoencoder", "sparse_autoencoder"),
    *("k_sparse_autoencoder", "rae_l2", "rae_gp", "rae_sn"),
}


def built(artifact, name):
    if name not in ONLY_PICTURES:
        return artifact(name)
    return artifact(name, (1, 16, 16), network="mlp")


def made(found):
    return programs(prepared(found.model), found.schema)


def kinds(found):
    """What decides each program's operations: its parts without their weights."""
    model = found.model
    parts = {"encoder": [model.posterior], "decoder": [model.likelihood]}
    if model.prior is not None:
        parts["sampler"] = [model.prior, model.likelihood]
    return {name: (name, *map(str, map(describe, some))) for name, some in parts.items()}


def check(program, tmp_path, monkeypatch):
    """Both files of one recording."""
    recorded = traced(program)
    for kind in (onnx, pt2):
        monkeypatch.setattr(kind, "traced", lambda _: recorded)
        file = tmp_path / f"file{kind.SUFFIX}"
        kind.write(program, file)
        assert compare(program, kind.Runner(file)) <= TOLERANCE


@pytest.fixture(scope="module")
def seen():
    """The kinds of programs that were already tried."""
    return set()


@pytest.mark.parametrize("name", ZOO)
def test_every_variant(name, artifact, seen, tmp_path, monkeypatch):
    found = built(artifact, name)
    for program in made(found)[0]:
        kind = kinds(found)[program.name]
        if kind not in seen:
            check(program, tmp_path, monkeypatch)
            seen.add(kind)


@pytest.mark.parametrize("name", CONVOLUTIONAL)
def test_convolutions(name, artifact, tmp_path, monkeypatch):
    for program in made(artifact(name, PICTURE))[0][:2]:
        check(program, tmp_path, monkeypatch)


def test_only_what_has_no_prior_has_no_sampler(artifact):
    refused = {}
    for name in ZOO:
        found, missing = made(built(artifact, name))
        assert [program.name for program in found][:2] == ["encoder", "decoder"]
        assert (len(found) == 3) is not bool(missing)
        refused |= {name: "".join(missing.values())} if missing else {}
    assert set(refused) == WITHOUT_PRIOR
    for sentence in refused.values():
        assert "samplers.normal(codes)" in sentence
        assert "\n" not in sentence
