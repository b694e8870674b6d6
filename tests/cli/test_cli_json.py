"""With `--json`, standard output is one JSON document; progress and warnings go elsewhere."""

import json
import subprocess
import sys

import pytest

COMMANDS = {
    "fit": "fit TINY --set widths=4 --epochs 2 --out run",
    "sample": "sample RUN",
    "evaluate": "evaluate RUN TINY --samples 2 --reference TINY",
    "encode": "encode RUN TINY",
    "score": "score RUN TINY --samples 2",
    "checkup": "checkup RUN --data HALVES --out checkup.json --figures figures",
    "report": "report RUN --data HALVES --out page.html --samples 2",
    "reconstruct": "reconstruct RUN TINY",
    "interpolate": "interpolate RUN TINY --from 3 --to 17",
    "traverse": "traverse RUN",
    "traverse a plane": "traverse RUN --plane 0 2",
    "attribute": "attribute RUN TINY --has 0,2 --split all",
    "export": "export RUN --format torch --out exported",
    "zoo": "zoo",
    "zoo of one": "zoo vae --out zoo.json",
    "data": "data",
    "data of one": "data TINY --out data.png",
}


@pytest.mark.parametrize("name", COMMANDS)
def test_json_and_words(name, runs, tiny, halves, done):
    places = {"TINY": tiny, "HALVES": halves, "RUN": runs / "vae"}
    command = [places.get(word, word) for word in COMMANDS[name].split()]
    told = done(*command, "--json")
    assert isinstance(told.json, list if name in ("zoo", "zoo of one", "data") else dict)
    assert bool(told.err) is (name == "fit")
    words = done(*command, *(["--overwrite"] if name in ("fit", "export") else [])).out
    assert not words.startswith(("{", "["))
    assert "None" not in words.replace("=None", "")


def test_what_fit_says(runs, tiny, done, quick):
    told = done("fit", tiny, *quick, "--out", "run", "--json")
    parts = {"run", "model", "data", "test", "train", "validation", "pictures", "ending"}
    assert set(told.json) == parts
    size, epoch, note = told.err.splitlines()
    assert note.startswith("Note: reconstructions are no better than the training mean")
    assert " parameters, about " in size
    assert epoch.startswith("epoch 1/1  train distortion ")
    with open("run/config.json") as file:
        figures = json.load(file)["figures"]
    assert told.json["test"] == figures["test"]
    assert told.json["validation"]["loss"] == figures["validation"]["loss"]
    words = done("fit", tiny, *quick, "--out", "run", "--overwrite").out
    assert words.startswith("In nats per example, unless a name says otherwise:\n")
    assert "run/loss.png, run/reconstructions.png, run/samples.png" in words


@pytest.mark.filterwarnings("default")
def test_a_warning_while_training_is_a_line_on_standard_error(tiny, done):
    collapse = ("--set", "beta=1000", "--set", "widths=4", "--batch-size", 2, "--epochs", 2)
    told = done("fit", tiny, *collapse, "--out", "run", "--json")
    assert told.json["model"] == "vae"
    (warning,) = [line for line in told.err.splitlines() if line.startswith("warning: ")]
    assert "the posterior has collapsed onto the prior" in warning


def test_json_from_a_process_of_its_own(tiny):
    ended = subprocess.run(
        [sys.executable, "-m", "reparam", "fit", tiny, "--set", "widths=4", "--epochs", "1",
         "--out", "run", "--json"],
        capture_output=True, text=True, env=None,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["run"] == "run"
    size, epoch, _ = ended.stderr.splitlines()
    assert " parameters, about " in size
    assert epoch.startswith("epoch 1/1 ")
