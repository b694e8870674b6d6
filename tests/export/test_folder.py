"""The folder that an export leaves: what it says, when it appears, and what it never replaces."""

import dataclasses
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from torch import nn

import reparam.export.writer
from reparam import save
from reparam.conditional import Conditional
from reparam.errors import ArtifactError, ReparamError
from reparam.export import export, onnx, pt2
from reparam.export.check import compare, difference
from reparam.export.programs import Encoder, Program, programs
from reparam.families import DiagonalNormal, Normal
from reparam.models import VAE

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "production.md"
CLASSES = ("shirt", "boot", "bag")


@pytest.fixture
def pictures(artifact):
    return artifact("vae", (1, 8, 8))


@pytest.fixture(scope="module")
def exported(artifact, tmp_path_factory):
    """The same, made once."""
    return export(artifact("vae", (1, 8, 8)), tmp_path_factory.mktemp("exported") / "onnx")


def said(folder):
    return json.loads((folder / "metadata.json").read_text())


def test_what_the_folder_says(exported):
    folder = exported
    document = said(folder)
    assert document["variant"] == "vae"
    assert document["format"] == "onnx"
    assert document["preprocessing"]["range"] == [0, 1]
    assert document["preprocessing"]["shape"] == [1, 8, 8]
    assert document["preprocessing"]["divide_uint8_by"] == 255
    assert document["missing"] == {}
    assert {file.name for file in folder.iterdir()} == {
        *("encoder.onnx", "decoder.onnx", "sampler.onnx", "metadata.json")
    }
    for known in document["programs"].values():
        file = folder / known["file"]
        assert known["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
        assert 0 <= known["maximum_difference"] < 1e-4
        assert known["opset"] >= 18
        session = onnxruntime.InferenceSession(file)
        for ports, mine in (
            (session.get_inputs(), known["inputs"]),
            (session.get_outputs(), known["outputs"]),
        ):
            assert [port.name for port in ports] == [port["name"] for port in mine]
            assert [port.shape for port in ports] == [port["shape"] for port in mine]
            kinds = {"tensor(float)": "float32", "tensor(int64)": "int64"}
            assert [kinds[port.type] for port in ports] == [port["dtype"] for port in mine]
            assert all(port["meaning"] for port in mine)
    outputs = document["programs"]["encoder"]["outputs"]
    assert [port["name"] for port in outputs] == ["mean", "log_variance"]
    assert "log of latent units squared" in outputs[1]["meaning"]


@pytest.mark.parametrize("format_", ["onnx", "torch"])
def test_the_encoder_never_draws(format_, pictures, exported, tmp_path):
    folder = exported if format_ == "onnx" else export(pictures, tmp_path / "out", format="torch")
    kind = {"onnx": onnx, "torch": pt2}[format_]
    x = torch.rand(7, 1, 8, 8)
    runs = [kind.Runner(folder / f"encoder{kind.SUFFIX}")([x]) for _ in range(2)]
    assert all(torch.equal(a, b) for a, b in zip(*runs, strict=True))
    torch.testing.assert_close(runs[0][0], pictures.model.encode(x))
    q = pictures.model.posterior(x)
    torch.testing.assert_close(runs[0][1], q.log_variance)
    assert not torch.equal(q.sample(), q.sample())


def test_the_programs_are_the_models_own_methods(pictures, exported):
    folder, model = exported, pictures.model
    z = torch.randn(300, 4)
    decoded = onnx.Runner(folder / "decoder.onnx")([z])[0]
    torch.testing.assert_close(decoded, model.decode(z))
    torch.testing.assert_close(onnx.Runner(folder / "sampler.onnx")([z])[0], decoded)


def test_labels(artifact, tmp_path):
    found = artifact("conditional_vae", classes=CLASSES)
    folder = export(found, tmp_path / "out")
    document = said(folder)
    assert document["classes"] == list(CLASSES)
    for known in document["programs"].values():
        assert known["inputs"][-1] == {
            "name": "labels", "dtype": "int64", "shape": ["batch"],
            "meaning": "classes, 0 to 2",
        }  # fmt: skip
    x, labels = torch.rand(3, 7), torch.tensor([2, 0, 1])
    mean = onnx.Runner(folder / "encoder.onnx")([x, labels])[0]
    torch.testing.assert_close(mean, found.model.encode(x, labels))
    noise = torch.randn(3, 4)
    drawn = onnx.Runner(folder / "sampler.onnx")([noise, labels])[0]
    z = found.model.prior(labels).mean + found.model.prior(labels).colour(noise)
    torch.testing.assert_close(drawn, found.model.decode(z, labels))


def test_real_vectors_are_taken_as_they_are(artifact, tmp_path):
    found = artifact("vae", values="real", loss="mse")
    document = said(export(found, tmp_path / "out", format="torch"))
    assert document["preprocessing"]["range"] is None
    assert document["preprocessing"]["divide_uint8_by"] is None
    assert "data's units" in document["programs"]["decoder"]["outputs"][0]["meaning"]


def test_a_model_without_a_prior_says_why_it_has_no_sampler(artifact, tmp_path):
    folder = export(artifact("autoencoder"), tmp_path / "out", format="torch")
    assert not (folder / "sampler.pt2").exists()
    assert "has no prior" in said(folder)["missing"]["sampler"]


def test_the_model_is_left_as_it_is(artifact, tmp_path):
    found = artifact("vae")
    model = found.model.double().train()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    export(found, tmp_path / "out", format="torch")
    assert model.training
    assert all(p.requires_grad for p in model.parameters())
    after = model.state_dict()
    assert all(
        torch.equal(before[k], after[k]) and after[k].dtype == before[k].dtype for k in after
    )
    assert "float64" not in (tmp_path / "out" / "metadata.json").read_text()


class Random(nn.Module):
    """An encoder with the fault that ours must not have."""

    def __init__(self, model):
        super().__init__()
        self.posterior = model.posterior

    def forward(self, *given):
        return (self.posterior(*given).rsample(),)


def test_a_program_that_draws_is_found_out(pictures, tmp_path):
    (encoder, *_), _ = programs(pictures.model, pictures.schema)
    drawing = dataclasses.replace(encoder, module=Random(pictures.model))
    drawing = dataclasses.replace(drawing, outputs=encoder.outputs[:1])
    onnx.write(drawing, tmp_path / "file.onnx")
    with pytest.raises(ReparamError, match="is random: it answers two things"):
        compare(drawing, onnx.Runner(tmp_path / "file.onnx"))


@pytest.mark.parametrize("gap", [1e-3, float("nan")])
def test_a_file_that_differs_is_an_error_and_leaves_no_folder(
    gap, pictures, tmp_path, monkeypatch
):
    class Wrong(pt2.Runner):
        def __call__(self, inputs):
            return [out + gap for out in super().__call__(inputs)]

    monkeypatch.setattr(pt2, "Runner", Wrong)
    size = "0.001|0.00099|0.0010" if gap < 1 else "inf"
    with pytest.raises(ReparamError, match=rf"encoder differs from the model by ({size})"):
        export(pictures, tmp_path / "out", format="torch")
    assert list(tmp_path.iterdir()) == []


def test_differences():
    ones = torch.ones(2)
    assert difference(ones, ones) == 0
    assert difference(1000 * ones, 1001 * ones) == pytest.approx(1e-3)
    assert difference(ones / 100, ones / 50) == pytest.approx(1e-2)
    assert difference(ones, torch.ones(3)) == float("inf")
    assert difference(ones, ones.double()) == float("inf")
    assert difference(ones, ones * float("nan")) == float("inf")


def test_an_older_export_is_replaced_only_when_asked(artifact, pictures, tmp_path):
    out = tmp_path / "out"
    export(pictures, out, format="torch")
    before = {file.name: file.read_bytes() for file in out.iterdir()}
    with pytest.raises(ArtifactError, match=r"already holds an export.*--overwrite"):
        export(artifact("autoencoder"), out, format="torch")
    assert {file.name: file.read_bytes() for file in out.iterdir()} == before
    export(artifact("autoencoder"), out, format="torch", overwrite=True)
    assert not (out / "sampler.pt2").exists()
    assert [file.name for file in tmp_path.iterdir()] == ["out"]


def test_nothing_else_is_ever_replaced(pictures, tmp_path):
    run = save(tmp_path / "run", pictures.model, schema=pictures.schema)
    for place in (run, tmp_path):
        with pytest.raises(ArtifactError, match="holds something else"):
            export(pictures, place, format="torch", overwrite=True)
    out = export(run, tmp_path / "out", format="torch")
    (out / "notes.txt").write_text("mine")
    with pytest.raises(ArtifactError, match="holds something else"):
        export(run, out, format="torch", overwrite=True)
    with pytest.raises(ArtifactError, match="is a file"):
        export(run, out / "notes.txt", format="torch", overwrite=True)
    assert (out / "notes.txt").read_text() == "mine"
    (tmp_path / "empty").mkdir()
    export(run, tmp_path / "empty", format="torch")


def test_an_old_export_survives_a_failed_new_one(pictures, tmp_path, monkeypatch):
    out = export(pictures, tmp_path / "out", format="torch")
    before = {file.name: file.read_bytes() for file in out.iterdir()}

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(reparam.export.writer, "compare", full)
    with pytest.raises(ReparamError, match="cannot be written: No space left"):
        export(pictures, out, format="torch", overwrite=True)
    assert {file.name: file.read_bytes() for file in out.iterdir()} == before
    assert [file.name for file in tmp_path.iterdir()] == ["out"]


def test_refusals_are_one_sentence(artifact, pictures, tmp_path, monkeypatch):
    found = artifact("vae")
    other = Conditional(nn.Linear(9, 4), Normal(event_dims=1), [1, 1])
    conditioned = VAE(other, found.model.prior, found.model.likelihood)
    refused = {
        "format is one of onnx, torch, not 'tflite'": lambda: export(
            found, tmp_path / "out", format="tflite"
        ),
        "save it again with schema=": lambda: export(
            dataclasses.replace(found, schema=None), tmp_path / "out", format="torch"
        ),
        "a Linear cannot be exported": lambda: export(
            dataclasses.replace(found, model=nn.Linear(2, 2)), tmp_path / "out", format="torch"
        ),
        "conditions are not labels": lambda: export(
            dataclasses.replace(found, model=conditioned), tmp_path / "out", format="torch"
        ),
        "there is no folder": lambda: export(tmp_path / "none", tmp_path / "out", format="torch"),
    }
    for sentence, call in refused.items():
        with pytest.raises(ReparamError, match=sentence) as refusal:
            call()
        assert "\n" not in str(refusal.value)
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    with pytest.raises(ReparamError, match=r"onnxscript.*pip install 'reparam\[export\]'"):
        export(found, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


class Unknown(nn.Module):
    """An operation that ONNX has not."""

    def forward(self, x):
        square = x.flatten(1)[:, :16].unflatten(1, (4, 4))
        return torch.linalg.matrix_exp(square).flatten(1)[:, :8]


class Choosing(nn.Module):
    """A network whose path depends on the numbers that it sees."""

    def forward(self, x):
        return x[:, :8] if x.sum() > 0 else -x[:, :8]


def encoding(pictures, network):
    """The encoder of a model with another network."""
    found = pictures.model
    found.posterior = Conditional(network, DiagonalNormal(), [3])
    return programs(found, pictures.schema)[0][0]


def test_what_onnx_has_not_is_one_sentence(pictures, tmp_path):
    program = encoding(pictures, Unknown())
    with pytest.raises(ReparamError, match=r"encoder cannot be written as ONNX.*matrix_exp") as no:
        onnx.write(program, tmp_path / "file.onnx")
    assert "\n" not in str(no.value)


def test_a_part_that_cannot_be_recorded_is_named(pictures, tmp_path):
    program = encoding(pictures, nn.Sequential(nn.Flatten(), Choosing()))
    assert isinstance(program, Program)
    assert isinstance(program.module, Encoder)
    with pytest.raises(ReparamError, match="torch cannot record the encoder") as refusal:
        pt2.write(program, tmp_path / "file.pt2")
    assert "\n" not in str(refusal.value)


def test_the_ten_lines_of_the_page_need_neither_torch_nor_reparam(artifact, tmp_path):
    export(artifact("vae", (1, 28, 28)), tmp_path / "exported")
    np.save(tmp_path / "picture.npy", np.zeros((1, 1, 28, 28), "uint8"))
    block = next(
        part.split("```")[0]
        for part in PAGE.read_text(encoding="utf-8").split("```python\n")
        if "InferenceSession" in part.split("```")[0]
    )
    assert len([line for line in block.splitlines() if line]) <= 10
    alone = "import sys\nsys.modules['torch'] = sys.modules['reparam'] = None\n" + block
    alone += "\nprint(mean.shape, again.shape, pictures.shape)"
    ended = subprocess.run(
        [sys.executable, "-c", alone], capture_output=True, text=True, cwd=tmp_path
    )
    assert ended.stdout == "(1, 4) (1, 1, 28, 28) (16, 1, 28, 28)\n", ended.stderr
