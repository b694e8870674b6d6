"""`reparam checkup` and `reparam report` on a run and data of one's own."""

import json
import shutil
from pathlib import Path

import pytest


def test_the_checkup_says_and_writes_what_it_found(runs, halves, done):
    told = done(
        "checkup", runs / "vae", "--data", halves, "--out", "found.json", "--figures", "figures"
    )
    found = json.loads(Path("found.json").read_text())
    assert told.out.splitlines()[0] == found["verdict"]
    words = " ".join(told.out.split())
    assert all(finding["title"] in words for finding in found["findings"])
    assert found["items"] == found["codes"] == 150
    drawn = {Path(place).stem for place in found["figures"]}
    assert "holes" in drawn
    assert all(Path(place).read_bytes()[:4] == b"\x89PNG" for place in found["figures"])


def test_the_report_goes_into_the_runs_folder(runs, halves, done):
    run = shutil.copytree(runs / "autoencoder", "run")
    told = done("report", run, "--data", halves, "--samples", 2, "--json")
    assert told.json["out"] == str(Path(run) / "report.html")
    page = (Path(run) / "report.html").read_text()
    assert "can its latent space be trusted?" in page
    assert "data:image/png;base64," in page


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("report", "RUN", "--out", "page.pdf"), "end it in .html"),
        (("checkup", "RUN", "--data", "TINY"), "codes are too few to check: give at least 50"),
        (("checkup", "nowhere"), "there is no folder nowhere: give the folder of a run"),
    ],
)
def test_mistakes_are_one_sentence(words, sentence, runs, tiny, reparam_command):
    places = {"RUN": runs / "vae", "TINY": tiny}
    told = reparam_command(*(places.get(word, word) for word in words))
    assert told.status == 2
    assert sentence in told.err
    assert told.err.count("\n") == 1
    assert not told.out
