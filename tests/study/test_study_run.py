"""The whole study on few pictures: what it writes, and that it does not train again."""

import json
import re
import sys

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from reparam import data
from reparam.study import models, run_study, study
from reparam.study.claims import CLAIMS
from reparam.study.figures import DRAWINGS
from reparam.study.rules import RULES


def few(name, split, **options):
    """Some pictures of each class."""
    whole = data.load_split(name, split, **options)
    return whole.take(600 if split == "train" else 200)


def quiet():
    return Console(quiet=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(study, "load_split", few)
        patch.setattr(sys.modules["reparam.plots.style"], "DPI", 50)  # drawing is half of the work
        out = tmp_path_factory.mktemp("study")
        run_study(epochs=2, seeds=[0], out=out, console=quiet())
        yield out


@pytest.fixture(scope="module")
def found(folder):
    return json.loads((folder / "metrics.json").read_text())


def test_metrics_have_every_claim_and_model(found):
    assert [claim["id"] for claim in found["claims"]] == [claim.id for claim in CLAIMS]
    assert set(found["models"]) == {candidate.name for candidate in models.CANDIDATES}
    assert found["seeds"] == [0]
    assert found["data"]["title"] == "Fashion-MNIST (subset)"
    for claim in found["claims"]:
        assert claim["verdict"] in ("holds", "partly", "fails", "not judged")
        assert claim["statement"]
        assert claim["rule"]
        for estimate in claim["measured"].values():
            assert estimate["low"] <= estimate["high"]
        if claim["id"] != "bad-gaps":  # few codes may leave no gap to measure
            assert {part.measure for part in RULES[claim["id"]]} <= set(claim["measured"])


def test_stages_are_timed(found):
    assert found["stages"]["training"] > 0
    assert found["stages"]["drawing"] > 0
    assert all(model["seconds"] > 0 for model in found["models"].values())


@pytest.mark.parametrize("name", [drawing.name for drawing in DRAWINGS])
def test_every_figure_is_drawn_twice(folder, name):
    with Image.open(folder / "figures" / f"{name}.png") as picture:
        assert np.asarray(picture.convert("L")).std() > 5
    assert "<svg" in (folder / "figures" / f"{name}.svg").read_text()[:2000]


def test_the_report_is_one_file_that_needs_no_other(folder):
    page = (folder / "report.html").read_text()
    assert not re.findall(r'(?:src|href)="(?!data:|#)', page)
    assert page.count('src="data:image/png;base64,') == len(DRAWINGS)
    for claim in CLAIMS:
        assert f'id="claim-{claim.id}"' in page
    assert "Fashion-MNIST (subset)" in page


def test_nothing_is_trained_again_and_progress_says_what_goes_on(folder, monkeypatch, capsys):
    def refuse(*given, **options):
        raise AssertionError("trained again")

    before = json.loads((folder / "metrics.json").read_text())["models"]
    monkeypatch.setattr(models, "fit", refuse)
    monkeypatch.setattr(study, "CLAIMS", [c for c in CLAIMS if c.id in ("areas", "density")])
    monkeypatch.setattr(study, "DRAWINGS", [d for d in DRAWINGS if d.name in ("planes-bce", "kl")])
    again = run_study(epochs=2, seeds=[0], out=folder).to_json()["models"]
    assert all(model["reused"] for model in again.values())
    assert {n: m["test"] for n, m in again.items()} == {n: m["test"] for n, m in before.items()}
    said = capsys.readouterr().err
    assert "training autoencoder-bce-2: 1 of 8, seed 0" in said
    assert re.search(r"drawing kl \(about \d+ s left\)", said)


@pytest.mark.parametrize("change", ["pictures", "epochs", "seed", "cut off"])
def test_another_training_is_not_taken_for_this_one(folder, tmp_path, change):
    candidate = models.CANDIDATES[0]
    pictures = few("fashion-mnist-subset", "train", validation=0)
    epochs, seed, where = 2, 0, folder / "models" / "autoencoder-bce-2-seed0"
    assert models.train(candidate, pictures, epochs, seed, where).reused
    kept = {file: file.read_bytes() for file in where.iterdir() if file.is_file()}
    if change == "pictures":
        pictures = pictures[1:]
    elif change == "epochs":
        epochs = 1
    elif change == "seed":
        seed = 1
    else:
        (where / "config.json").unlink()
    try:
        assert not models.train(candidate, pictures, epochs, seed, where).reused
    finally:
        for file, content in kept.items():
            file.write_bytes(content)
