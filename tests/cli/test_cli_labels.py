"""Models that take labels, from fit to samples."""

import numpy as np
import pytest
import torch

from reparam import load
from reparam.data import load_split


@pytest.fixture(scope="module")
def labelled(tiny, tmp_path_factory, done):
    """A run of a conditional model on items of ten classes."""
    folder = tmp_path_factory.mktemp("labelled") / "run"
    words = ["--model", "conditional_vae", "--latent", 3, "--set", "widths=4,8", "--epochs", 1]
    done("fit", tiny, *words, "--out", folder)
    return folder


def test_the_data_say_how_many_classes_there_are(labelled, tiny):
    found = load(labelled).model
    labels = load_split(str(tiny), "train", validation=0).labels
    assert found.classes == int(labels.max()) + 1
    assert found.conditions == 1
    assert (labelled / "samples.png").exists()
    assert (labelled / "reconstructions.png").exists()


def test_samples_take_labels_in_turn_or_one(labelled, done):
    done("sample", labelled, "-n", 12, "--out", "turn.npz")
    done("sample", labelled, "-n", 12, "--label", 1, "--out", "one.npz")
    turn, one = np.load("turn.npz"), np.load("one.npz")
    classes = load(labelled).model.classes
    assert turn["labels"].tolist() == [i % classes for i in range(12)]
    assert one["labels"].tolist() == [1] * 12
    assert not np.array_equal(turn["samples"], one["samples"])
    again = load(labelled).model.sample(12, torch.full((12,), 1), seed=0)
    np.testing.assert_allclose(one["samples"], again.numpy(), atol=1e-6)


def test_codes_and_reconstructions_are_given_the_items_labels(labelled, tiny, done):
    done("encode", labelled, tiny, "--split", "test", "--out", "z.npz")
    test = load_split(str(tiny), "test")
    z = load(labelled).model.encode(test.tensor(), test.labels)
    np.testing.assert_allclose(np.load("z.npz")["mean"], z.numpy(), atol=1e-5)
    told = done("reconstruct", labelled, tiny, "-n", 5, "--out", "r.npz", "--json").json
    arrays = np.load("r.npz")
    labels = torch.from_numpy(arrays["labels"])
    made = load(labelled).model.reconstruct(torch.from_numpy(arrays["originals"]), labels)
    np.testing.assert_allclose(arrays["reconstructions"], made.numpy(), atol=1e-5)
    assert told["items"] == 5


@pytest.mark.parametrize("command", ["evaluate", "score"])
def test_what_measures_is_given_labels_too(command, labelled, tiny, done):
    assert done(command, labelled, tiny, "--json").json


def test_a_label_that_is_none_is_refused(labelled, reparam_command):
    ended = reparam_command("sample", labelled, "--label", "boat")
    assert ended.status == 2
    (sentence,) = ended.err.splitlines()
    assert "--label boat is no class of the model in " in sentence


@pytest.mark.parametrize(
    ("source", "options", "said"),
    [
        ("vectors.npy", [], "the model takes labels, and vectors has none"),
        ("tiny.npz", ["--set", "classes=2"], "the model takes 2 classes, and there is a label "),
    ],
)
def test_data_without_the_models_labels_are_refused(
    source, options, said, sources, reparam_command, tmp_path
):
    words = ["fit", sources / source, "--model", "conditional_vae", *options, "--out", "run"]
    ended = reparam_command(*words)
    assert ended.status == 2
    (sentence,) = ended.err.splitlines()
    assert said in sentence
    assert not (tmp_path / "run").exists()
