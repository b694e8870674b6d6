"""The normals' densities, entropies and moments against SciPy and torch."""

import numpy as np
import pytest
import torch
from scipy import stats
from torch.distributions import Independent, MultivariateNormal
from torch.distributions import Normal as Scalar

from reparam.distributions import DiagonalNormal, FullNormal, IsotropicNormal

KINDS = ("standard", "isotropic", "diagonal", "full")
EXACT = {"rtol": 1e-11, "atol": 1e-11}


def values(*shape):
    return 2 * torch.randn(*shape, generator=torch.Generator().manual_seed(9)).double()


@pytest.mark.parametrize("kind", KINDS)
def test_log_prob_and_entropy_are_scipys(make, kind):
    normal, mean, covariance = make(kind)
    x = values(3, 4)
    scipys = [stats.multivariate_normal(m, c) for m, c in zip(mean, covariance, strict=True)]
    expected = [s.logpdf(row) for s, row in zip(scipys, x.numpy(), strict=True)]
    np.testing.assert_allclose(normal.log_prob(x), expected, rtol=1e-10)
    np.testing.assert_allclose(normal.entropy(), [s.entropy() for s in scipys], rtol=1e-10)


@pytest.mark.parametrize("kind", KINDS)
def test_mean_and_covariance_are_torchs(make, kind):
    normal, mean, covariance = make(kind)
    generic = MultivariateNormal(mean, covariance, validate_args=True)
    torch.testing.assert_close(normal.mean, generic.mean)
    torch.testing.assert_close(normal.variance, generic.variance)
    torch.testing.assert_close(normal.stddev, generic.stddev)
    assert (normal.batch_shape, normal.event_shape) == (generic.batch_shape, generic.event_shape)
    if kind == "full":
        torch.testing.assert_close(normal.covariance, covariance)


@pytest.mark.parametrize("kind", KINDS)
def test_the_score_is_torchs(make, kind):
    normal, mean, covariance = make(kind)
    ours, theirs = values(3, 4).requires_grad_(), values(3, 4).requires_grad_()
    normal.log_prob(ours).sum().backward()
    MultivariateNormal(mean, covariance).log_prob(theirs).sum().backward()
    torch.testing.assert_close(ours.grad, theirs.grad)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("batch", "value", "result"),
    [
        ((), (4,), ()),
        ((), (6, 4), (6,)),
        ((3,), (4,), (3,)),
        ((3,), (6, 3, 4), (6, 3)),
        ((3,), (6, 1, 4), (6, 3)),
        ((2, 3), (6, 2, 3, 4), (6, 2, 3)),
    ],
)
def test_leading_axes_broadcast_as_torchs_do(make, kind, batch, value, result):
    normal, mean, covariance = make(kind, batch)
    found = normal.log_prob(values(*value))
    assert found.shape == result
    torch.testing.assert_close(
        found, MultivariateNormal(mean, covariance).log_prob(values(*value))
    )


def test_a_picture_is_one_event_of_three_axes():
    mean, log_variance, x = values(5, 2, 3, 4), values(5, 2, 3, 4) / 3, values(7, 5, 2, 3, 4) / 2
    pixels = Independent(Scalar(mean, (log_variance / 2).exp()), 3)
    diagonal = DiagonalNormal(mean, log_variance, event_dims=3)
    assert diagonal.log_prob(x).shape == (7, 5)
    torch.testing.assert_close(diagonal.log_prob(x), pixels.log_prob(x), **EXACT)
    torch.testing.assert_close(diagonal.entropy(), pixels.entropy(), **EXACT)
    shared = log_variance[:, 0, 0, 0]
    spread = (shared / 2).exp()[:, None, None, None]
    isotropic = IsotropicNormal(mean, shared, event_dims=3)
    pixels = Independent(Scalar(mean, spread.expand_as(mean)), 3)
    torch.testing.assert_close(isotropic.log_prob(x), pixels.log_prob(x), **EXACT)
    torch.testing.assert_close(isotropic.entropy(), pixels.entropy(), **EXACT)
    torch.testing.assert_close(isotropic.variance, pixels.variance, **EXACT)


def test_one_variance_serves_a_whole_batch():
    mean, x = values(5, 4), values(5, 4) / 2
    shared = torch.tensor(0.3).double()
    expected = Independent(Scalar(mean, (shared / 2).exp()), 1).log_prob(x)
    torch.testing.assert_close(IsotropicNormal(mean, shared).log_prob(x), expected)
    torch.testing.assert_close(DiagonalNormal(mean, shared).log_prob(x), expected)
    assert IsotropicNormal(mean, shared).entropy().shape == (5,)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("temperature", [0.5, 3.0])
def test_temperature_multiplies_standard_deviations(make, kind, temperature):
    normal, mean, covariance = make(kind)
    generic = MultivariateNormal(mean, covariance * temperature**2)
    warmed, x = normal.tempered(temperature), values(3, 4)
    assert type(warmed) is (IsotropicNormal if kind == "standard" else type(normal))
    torch.testing.assert_close(warmed.log_prob(x), generic.log_prob(x))
    torch.testing.assert_close(warmed.variance, generic.variance)


def test_the_three_agree_where_they_overlap():
    mean, x, one = values(3, 4), values(3, 4) / 2, torch.full((3,), 0.7).double()
    isotropic = IsotropicNormal(mean, one).log_prob(x)
    diagonal = DiagonalNormal(mean, one[:, None].expand(3, 4)).log_prob(x)
    full = FullNormal(mean, (one / 2).exp()[:, None].expand(3, 4).diag_embed()).log_prob(x)
    torch.testing.assert_close(isotropic, diagonal)
    torch.testing.assert_close(diagonal, full)
