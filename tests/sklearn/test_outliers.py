"""The outlier detector: signs, labels, offsets."""

from functools import partial

import numpy as np
import pytest
from sklearn.base import clone, is_outlier_detector
from sklearn.metrics import roc_auc_score

from reparam.sklearn import AutoencoderOutlierDetector, VariationalAutoencoder

VAE = VariationalAutoencoder(
    2, hidden_layer_sizes=(32,), max_iter=400, learning_rate_init=1e-2, n_draws=4
)


@pytest.fixture(scope="module")
def odd(plane):
    """As many rows with the same columns, each shuffled by itself: off the plane."""
    rng = np.random.default_rng(1)
    return np.stack([rng.permutation(column) for column in plane.T], 1)


@pytest.fixture(scope="module")
def fitted(plane):
    return AutoencoderOutlierDetector(VAE, random_state=0).fit(plane[:500])


def test_high_scores_are_normal(fitted, plane, odd):
    scores = np.r_[fitted.score_samples(plane[500:]), fitted.score_samples(odd)]
    normal = np.repeat([1, 0], [100, len(odd)])
    assert roc_auc_score(normal, scores) > 0.9
    assert is_outlier_detector(fitted)


def test_scores_are_the_autoencoders_and_the_offset_is_tukeys_fence(fitted, plane):
    scores = fitted.score_samples(plane)
    assert np.array_equal(scores, fitted.autoencoder_.score_samples(plane))
    low, high = np.percentile(scores[:500], [25, 75])
    assert fitted.offset_ == pytest.approx(low - 1.5 * (high - low))
    assert np.array_equal(fitted.decision_function(plane), scores - fitted.offset_)
    assert np.array_equal(fitted.predict(plane), np.where(scores < fitted.offset_, -1, 1))
    assert (fitted.predict(plane[500:]) == 1).mean() > 0.8


@pytest.mark.parametrize("part", [0.02, 0.1, 0.5])
def test_contamination_is_the_part_of_the_rows_that_are_called_outliers(plane, part):
    vae = VariationalAutoencoder(2, hidden_layer_sizes=(4,), max_iter=5)
    labels = AutoencoderOutlierDetector(vae, contamination=part, random_state=0).fit_predict(plane)
    assert (labels == -1).sum() == part * 600


@pytest.mark.parametrize("wrong", [0.0, 0.51, -0.1, "some", None, np.nan])
def test_other_contaminations_are_refused(plane, wrong):
    with pytest.raises(ValueError, match="contamination"):
        AutoencoderOutlierDetector(VAE, contamination=wrong).fit(plane)


def test_the_autoencoder_given_is_cloned_and_its_parameters_are_reached(plane):
    vae = clone(VAE)
    detector = AutoencoderOutlierDetector(vae, random_state=0)
    detector.set_params(autoencoder__max_iter=5, autoencoder__random_state=7).fit(plane)
    assert not hasattr(vae, "model_")
    assert detector.autoencoder_.max_iter == 5
    assert detector.autoencoder_.random_state == 0  # the detector's own, where it is given
    detector.set_params(random_state=None).fit(plane)
    assert detector.autoencoder_.random_state == 7


def test_by_itself_it_learns_a_variance_for_each_number(plane, monkeypatch):
    quick = partial(VariationalAutoencoder, max_iter=5)
    monkeypatch.setattr("reparam.sklearn.outliers.VariationalAutoencoder", quick)
    detector = AutoencoderOutlierDetector(random_state=0).fit(plane)
    assert detector.autoencoder is None
    assert detector.autoencoder_.model_.likelihood.family.variance == "pixel"
    own = VariationalAutoencoder(max_iter=5).fit(plane).model_.likelihood.family
    assert own.variance == "scalar"


def test_pictures(plane):
    X = np.random.default_rng(0).integers(0, 256, (30, 16), dtype=np.uint8)
    vae = VariationalAutoencoder(2, image_shape=(4, 4), hidden_layer_sizes=(4, 4), max_iter=5)
    detector = AutoencoderOutlierDetector(vae, contamination=0.1, random_state=0).fit(X)
    assert (detector.predict(X) == -1).sum() == 3
