"""The judge is good, is not fooled by noise, and knows real pictures when it sees them."""

import pytest
import torch

from reparam import data
from reparam.data import places
from reparam.metrics.classifier import Classifier, fashion_classifier, judged
from reparam.metrics.recognition import Recogniser


@pytest.fixture(scope="module")
def sets():
    return data.load("fashion-mnist-subset")


@pytest.fixture(scope="module")
def recogniser(sets):
    train, test = sets
    return Recogniser(fashion_classifier(), train.tensor(), test.tensor())


def test_the_classifier_is_right_at_least_91_times_in_100():
    if places.find(data.NAMED["fashion-mnist"]) is None:
        pytest.skip("Fashion-MNIST is not on this machine")
    test = data.load_split("fashion-mnist", "test")
    chances, _ = judged(fashion_classifier(), test.tensor())
    assert (chances.argmax(1) == test.labels).double().mean() >= 0.91


def test_probabilities_and_features_belong_together(sets):
    judge = fashion_classifier()
    x = sets[1].tensor()[:50]
    chances, features = judged(judge, x, batch_size=7)
    torch.testing.assert_close(chances, judge(x).softmax(1))
    torch.testing.assert_close(features, judge.features(x))
    assert not any(p.requires_grad for p in judge.parameters())


def test_most_real_pictures_are_recognisable(recogniser, sets):
    """By its range of distances alone at most 90% of them can be."""
    assert 0.8 < recogniser(sets[1].tensor()).recognisable.mean() <= 0.9


@pytest.mark.parametrize("kind", ["noise", "black", "grey", "mean", "checks"])
def test_what_is_no_clothing_is_not_recognised(recogniser, sets, kind):
    """Although the classifier is sure of some of it."""
    torch.manual_seed(0)
    x = {
        "noise": torch.rand(100, 1, 28, 28),
        "black": torch.zeros(1, 1, 28, 28),
        "grey": torch.full((1, 1, 28, 28), 0.5),
        "mean": sets[0].tensor().mean(0, keepdim=True),
        "checks": (torch.arange(28)[:, None] + torch.arange(28)).remainder(2)[None, None].float(),
    }[kind]
    assert not recogniser(x).recognisable.any()


def test_training_pictures_are_too_near_to_count(recogniser, sets):
    """A copy lies nearer to the training set than real test pictures do."""
    found = recogniser(sets[0].tensor()[:100])
    assert (found.distance < 1e-5).all()
    assert not found.recognisable.any()


def test_the_classifier_is_small():
    assert sum(p.numel() for p in Classifier().parameters()) < 50_000
