"""Scores of odd items."""

import pytest
import torch
from sklearn.metrics import roc_auc_score

from reparam import data, fit, zoo
from reparam.data import Dataset
from reparam.errors import CompositionError
from reparam.latent import anomaly_scores
from reparam.metrics import bound


@pytest.fixture(scope="module")
def trousers():
    """A VAE that has seen nothing but trousers."""
    train, test = data.load("fashion-mnist-subset")
    known = train.subset((train.labels == 1).nonzero().flatten())
    model, objective = zoo.vae(train.shape, latent=4, network="mlp", widths=[64])
    fit(model, objective, known, epochs=8, progress=False)
    return model, known, test


def test_what_was_never_seen_is_odd_by_every_score(trousers):
    model, known, test = trousers
    scores = anomaly_scores(model, test[:400], known, samples=4)
    odd = (test[:400].labels != 1).numpy()
    areas = {name: roc_auc_score(odd, score.numpy()) for name, score in scores.items()}
    assert set(areas) == {
        "error", "distortion", "excess", "bound", "importance_weighted", "latent_distance",
    }  # fmt: skip
    assert min(areas.values()) > 0.85


def test_scores_are_the_metrics_of_each_item(trousers):
    model, _, test = trousers
    scores = anomaly_scores(model, test[:50], samples=4)
    whole = bound(model, test[:50])
    assert scores["bound"].mean().item() == pytest.approx(whole.total)
    assert scores["distortion"].mean().item() == pytest.approx(whole.distortion)
    assert "latent_distance" not in scores
    first, again = (anomaly_scores(model, test[:50], samples=4, seed=s) for s in (0, 1))
    assert torch.equal(first["bound"], scores["bound"])
    assert not torch.equal(again["bound"], scores["bound"])


def test_the_excess_is_nothing_where_the_reconstruction_is_the_picture(trousers):
    """The cross-entropy of grey pixels cannot fall below their own entropy."""
    model, _, test = trousers
    scores = anomaly_scores(model, test[:50], samples=1)
    assert (scores["excess"] > 0).all()
    assert (scores["excess"] < scores["distortion"]).all()


def test_an_autoencoder_has_what_needs_no_density(trousers):
    _, known, test = trousers
    model, _ = zoo.autoencoder(test.shape, latent=4, network="mlp", widths=[8], loss="rmse")
    assert set(anomaly_scores(model, test[:20], known)) == {"error", "latent_distance"}


def test_a_reference_of_too_few_is_refused(trousers):
    model, known, test = trousers
    with pytest.raises(CompositionError, match="a reference of 3 items has no 5 nearest"):
        anomaly_scores(model, test[:20], known[:3], samples=1)


def test_vectors_have_scores_too():
    model, _ = zoo.vae((7,), latent=2, network="mlp", widths=[8], loss="mse")
    scores = anomaly_scores(model, Dataset(torch.rand(12, 7)), samples=2)
    assert {len(score) for score in scores.values()} == {12}
    assert "excess" not in scores
