"""Stopping the posterior's parameters leaves the gradient's mean and takes its noise away.

The score of q has mean zero, so that dropping it changes no expectation. At the optimum, where the
posterior is exact, every draw then has the same log-weight and its gradient is exactly zero.
Source: Roeder, Wu & Duvenaud 2017, https://arxiv.org/abs/1703.09194
"""

import torch
from torch import nn

from reparam.distributions import DiagonalNormal, IsotropicNormal
from reparam.trace import Latent

K, D = 20_000, 3


def gradients(mean, log_variance, stop):
    """One gradient of the sampled rate + distortion for each of K draws, (K, 2 D).

    The model has x = z + noise, x = 0 and a standard normal prior, so that the posterior is
    N(0, I / 2).
    """
    mean = mean.expand(K, D).clone().requires_grad_()
    log_variance = log_variance.expand(K, D).clone().requires_grad_()
    standard = IsotropicNormal(torch.zeros(D).double(), torch.zeros(()).double())
    latent = Latent.draw(DiagonalNormal(mean, log_variance), standard, 1)
    q = latent.q_detached if stop else latent.q
    log_joint = standard.log_prob(latent.z) + standard.log_prob(latent.z)
    (q.log_prob(latent.z) - log_joint).sum().backward()
    return torch.cat([mean.grad, log_variance.grad], 1)


def test_both_gradients_have_one_mean():
    mean, log_variance = torch.tensor([1.0, -1.0, 0.5]).double(), torch.zeros(D).double()
    torch.manual_seed(0)
    plain, stopped = (gradients(mean, log_variance, stop) for stop in (False, True))
    difference = plain.mean(0) - stopped.mean(0)
    error = ((plain.var(0) + stopped.var(0)) / K).sqrt()
    assert (difference.abs() < 5 * error).all()
    exact = torch.cat([2 * mean, log_variance.exp() - 0.5])
    assert ((stopped.mean(0) - exact).abs() < 5 * stopped.std(0) / K**0.5).all()


def test_at_the_optimum_the_stopped_gradient_is_zero_for_every_draw():
    mean = torch.zeros(D).double()
    log_variance = torch.full((D,), 0.5).double().log()
    torch.manual_seed(0)
    plain, stopped = (gradients(mean, log_variance, stop) for stop in (False, True))
    assert stopped.abs().max() < 1e-12
    assert plain[:, D:].std() > 0.1


def test_z_still_carries_the_posteriors_gradient():
    mean = nn.Parameter(torch.zeros(1, D))
    latent = Latent.draw(DiagonalNormal(mean, torch.zeros(1, D)), None, 1)
    latent.q_detached.log_prob(latent.z).sum().backward()
    torch.testing.assert_close(mean.grad, -(latent.z - mean)[0].detach())
