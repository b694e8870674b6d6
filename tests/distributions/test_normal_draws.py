"""Draws of the normals: their moments, and the reparameterisation trick."""

import pytest
import torch

from reparam.distributions import DiagonalNormal, FullNormal, IsotropicNormal

KINDS = ("standard", "isotropic", "diagonal", "full")
N = 100_000


@pytest.mark.parametrize("kind", KINDS)
def test_draws_have_the_mean_and_covariance(make, kind):
    normal, mean, covariance = make(kind, batch=(2,), dim=3)
    torch.manual_seed(0)
    draws = normal.rsample((N,))
    assert draws.shape == (N, 2, 3)
    error = (normal.variance / N).sqrt()
    assert ((draws.mean(0) - mean).abs() < 5 * error).all()
    centred = draws - mean
    products = centred[..., :, None] * centred[..., None, :]
    error = products.std(0) / N**0.5
    assert ((products.mean(0) - covariance).abs() < 5 * error).all()


@pytest.mark.parametrize("kind", KINDS)
def test_draws_are_random_and_repeatable(make, kind):
    normal, _, _ = make(kind)
    torch.manual_seed(0)
    first, second = normal.rsample(), normal.rsample()
    torch.manual_seed(0)
    assert torch.equal(first, normal.rsample())
    assert not torch.equal(first, second)
    assert first.dtype == torch.float64


def test_noise_is_independent_of_the_parameters_so_gradients_pass():
    """z = mean + root @ noise: a draw's derivatives are known exactly."""
    a = torch.tensor([1.0, -2.0, 0.5])
    mean = torch.tensor([0.3, 0.1, -1.0], requires_grad=True)
    log_variance = torch.tensor([0.0, 1.0, -1.0], requires_grad=True)
    z = DiagonalNormal(mean, log_variance).rsample()
    (z * a).sum().backward()
    torch.testing.assert_close(mean.grad, a)
    torch.testing.assert_close(log_variance.grad, (a * (z - mean) / 2).detach())

    mean, shared = mean.detach().requires_grad_(), torch.tensor(0.4, requires_grad=True)
    z = IsotropicNormal(mean, shared).rsample()
    (z * a).sum().backward()
    torch.testing.assert_close(mean.grad, a)
    torch.testing.assert_close(shared.grad, (a * (z - mean) / 2).sum().detach())

    mean, root = mean.detach().requires_grad_(), torch.eye(3).requires_grad_()
    z = FullNormal(mean, root).rsample()
    (z * a).sum().backward()
    torch.testing.assert_close(mean.grad, a)
    torch.testing.assert_close(root.grad, a[:, None] * (z - mean).detach())


@pytest.mark.parametrize("kind", KINDS[1:])
def test_sample_stops_the_gradient(make, kind):
    normal, mean, _ = make(kind)
    mean.requires_grad_()
    assert normal.rsample().requires_grad
    assert not normal.sample().requires_grad
    assert normal.has_rsample
