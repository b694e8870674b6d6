"""Fitted estimators kept by pickle and joblib: plain values and safetensors, no torch module."""

import copy
import pickle
import pickletools

import joblib
import numpy as np
import pytest
from sklearn.base import clone

from reparam.errors import ArtifactError
from reparam.sklearn import AutoencoderOutlierDetector, VariationalAutoencoder

TINY = VariationalAutoencoder(
    2, hidden_layer_sizes=(8,), batch_size=32, max_iter=10, random_state=0
)


def modules_named(kept: bytes) -> set[str]:
    """The top of every module that a pickle would import."""
    strings: list[str] = []
    found = set()
    for code, argument, _ in pickletools.genops(kept):
        if code.name in ("SHORT_BINUNICODE", "BINUNICODE"):
            strings.append(argument)
        if code.name == "GLOBAL":
            found.add(argument.split(".")[0])
        if code.name == "STACK_GLOBAL":
            found.add(strings[-2].split(".")[0])
    return found


@pytest.mark.parametrize("detector", [False, True])
def test_a_fitted_estimator_comes_back(plane, tmp_path, detector):
    fitted = (AutoencoderOutlierDetector(TINY) if detector else clone(TINY)).fit(plane)
    joblib.dump(fitted, tmp_path / "kept.joblib")
    kept = pickle.dumps(fitted)
    for again in (
        pickle.loads(kept),
        joblib.load(tmp_path / "kept.joblib"),
        copy.deepcopy(fitted),
    ):
        assert np.array_equal(again.score_samples(plane), fitted.score_samples(plane))
        assert again.get_params().keys() == fitted.get_params().keys()
    assert "torch" not in modules_named(kept)
    assert {"reparam", "numpy"} <= modules_named(kept)


def test_what_is_kept_is_a_tree_and_bytes(plane):
    fitted = clone(TINY).fit(plane)
    parts = fitted.__getstate__()["parts_"]
    assert isinstance(parts["weights"], bytes)
    assert parts["trees"]["model_"]["part"] == "VAE"
    assert hasattr(fitted, "model_")  # and the estimator itself is left as it was


@pytest.mark.parametrize("variant", ["factor_vae", "vamp_vae"])  # a critic, a shared part
def test_training_goes_on_from_what_was_kept(plane, variant):
    fitted = clone(TINY).set_params(variant=variant).fit(plane)
    again = pickle.loads(pickle.dumps(fitted))
    fitted.partial_fit(plane[:64])
    again.partial_fit(plane[:64])
    assert again.n_iter_ == fitted.n_iter_
    assert np.array_equal(again.transform(plane), fitted.transform(plane))


def test_damaged_weights_are_refused(plane):
    state = clone(TINY).fit(plane).__getstate__()
    state["parts_"] = state["parts_"] | {"weights": state["parts_"]["weights"][:-5]}
    with pytest.raises(ArtifactError, match="a pickled estimator"):
        VariationalAutoencoder().__setstate__(state)


def test_an_unfitted_estimator_and_a_clone_have_parameters_alone(plane):
    fitted = clone(TINY).fit(plane)
    assert not hasattr(clone(fitted), "model_")
    assert pickle.loads(pickle.dumps(TINY)).get_params() == TINY.get_params()
