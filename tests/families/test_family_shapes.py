"""Each family says how many features an event needs, and reads exactly that many."""

import pytest
import torch

from reparam import families
from reparam.errors import CompositionError

PICTURE = (3, 6, 5)
CASES = [
    (families.Point(), (4,), (4,)),
    (families.Point(3, "sigmoid"), PICTURE, PICTURE),
    (families.DiagonalNormal(), (4,), (8,)),
    (families.DiagonalNormal(3), PICTURE, (6, 6, 5)),
    (families.IsotropicNormal(), (4,), (5,)),
    (families.FullNormal(4), (4,), (14,)),
    (families.FullNormal(1), (1,), (2,)),
    (families.Bernoulli(), PICTURE, PICTURE),
    (families.Bernoulli(1), (7,), (7,)),
    (families.ContinuousBernoulli(), PICTURE, PICTURE),
    (families.Normal(), PICTURE, PICTURE),
    (families.Normal(variance="scalar"), PICTURE, PICTURE),
    (families.Normal(variance="pixel"), PICTURE, (6, 6, 5)),
    (families.Normal(variance="pixel", event_dims=1), (7,), (14,)),
    (families.Padded(families.Bernoulli(), [1, 2, 3, 4]), PICTURE, (3, 13, 8)),
    (families.Padded(families.Normal(variance="pixel"), [2, 2, 2, 2]), PICTURE, (6, 10, 9)),
]


@pytest.mark.parametrize(("family", "event", "features"), CASES)
def test_features_give_one_event(family, event, features):
    assert family.features(event) == features
    read = family(torch.randn(5, 2, *features))
    assert (read.batch_shape, read.event_shape) == ((5, 2), event)
    assert read.mean.shape == (5, 2, *event)
    if getattr(read, "has_density", True):
        assert read.log_prob(torch.rand(2, *event).round()).shape == (5, 2)


def test_a_diagonal_normals_first_half_is_the_mean():
    q = families.DiagonalNormal()(torch.tensor([1.0, 2.0, 0.5, -0.5]))
    torch.testing.assert_close(q.mean, torch.tensor([1.0, 2.0]))
    torch.testing.assert_close(q.log_variance, torch.tensor([0.5, -0.5]), atol=1e-4, rtol=0)


def test_an_isotropic_normals_last_feature_is_the_log_variance():
    q = families.IsotropicNormal()(torch.tensor([[1.0, 2.0, 0.5]]))
    torch.testing.assert_close(q.mean, torch.tensor([[1.0, 2.0]]))
    expected = torch.full((1, 2), 0.5).exp()
    torch.testing.assert_close(q.variance, expected, atol=1e-3, rtol=0)


def test_a_full_normals_features_are_mean_then_diagonal_then_rows():
    features = torch.tensor([1.0, 2.0, 3.0, 0.2, 0.4, 0.6, 7.0, 8.0, 9.0])
    q = families.FullNormal(3)(features)
    a, b, c = (torch.tensor([0.2, 0.4, 0.6]) / 2).exp().tolist()
    expected = torch.tensor([[a, 0, 0], [7.0, b, 0], [8.0, 9.0, c]])
    torch.testing.assert_close(q.scale_tril, expected, atol=1e-4, rtol=0)
    torch.testing.assert_close(q.mean, features[:3])


def test_zero_features_are_the_standard_normal():
    for family, needed in (
        (families.DiagonalNormal(), 6),
        (families.IsotropicNormal(), 4),
        (families.FullNormal(3), 9),
    ):
        q, z = family(torch.zeros(needed)), torch.randn(10, 3)
        expected = torch.distributions.Normal(0.0, 1.0).log_prob(z).sum(-1)
        torch.testing.assert_close(q.log_prob(z), expected)


def test_three_likelihoods_show_one_picture():
    features = torch.randn(2, *PICTURE)
    bernoulli, normal = families.Bernoulli(), families.Normal(sigma=0.3)
    point = families.Point(3, link="sigmoid")
    for family in (bernoulli, normal, point):
        torch.testing.assert_close(family(features).mean, features.sigmoid())


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"sigma": 0.0}, "must be positive, not 0.0"),
        ({"variance": "learned"}, "variance is one of fixed, scalar, pixel, not 'learned'"),
        ({"link": "relu"}, "link is sigmoid or identity, not 'relu'"),
    ],
)
def test_a_normals_options_are_checked(options, sentence):
    with pytest.raises(CompositionError, match=sentence):
        families.Normal(**options)
