"""Squared errors against numpy, and against the normal likelihoods that they stand for."""

import math

import numpy as np
import pytest
import torch

from reparam.errors import CompositionError
from reparam.objectives import Distortion, OptimalSigma, RootMeanSquaredError, SquaredError

PIXELS = 12


def errors(trace):
    return (trace.likelihood.mean - trace.x).numpy().reshape(*trace.latents[0].z.shape[:2], -1)


def test_squared_error_is_half_the_sum_of_squares(make):
    trace = make(k=3)
    expected = (errors(trace) ** 2).sum(-1).mean(0) / 2
    np.testing.assert_allclose(SquaredError()(trace), expected)


def test_squared_error_and_a_constant_is_the_distortion_at_sigma_one(make):
    trace = make(k=3, log_variance=0.0)
    constant = PIXELS / 2 * math.log(2 * math.pi)
    torch.testing.assert_close(SquaredError()(trace) + constant, Distortion()(trace))


def test_its_weight_is_one_over_another_sigma_squared(make):
    sigma = 0.3
    trace = make(log_variance=2 * math.log(sigma))
    constant = PIXELS * (math.log(2 * math.pi) / 2 + math.log(sigma))
    weighted = SquaredError()(trace) / sigma**2 + constant
    torch.testing.assert_close(weighted, Distortion()(trace))


def test_rmse_is_in_pixel_units(make):
    trace = make(k=3)
    expected = np.sqrt((errors(trace) ** 2).mean(-1)).mean(0)
    np.testing.assert_allclose(RootMeanSquaredError()(trace), expected)
    trace.x = trace.likelihood.mean[0] + 0.25
    torch.testing.assert_close(
        RootMeanSquaredError()(make_one(trace)), torch.full((5,), 0.25).double()
    )


def make_one(trace):
    """The trace's first draw alone."""
    p = trace.likelihood
    trace.likelihood = type(p)(p.mean[:1], torch.zeros(()).double(), 3)
    return trace


@pytest.mark.parametrize("k", [1, 3])
def test_optimal_sigma_is_the_least_a_normal_can_cost(make, k):
    """Over a grid of sigmas for the whole batch, or for each example and draw."""
    squares = errors(make(k=k)) ** 2
    sigmas = np.exp(np.linspace(-4, 1, 20_001))[:, None, None]
    nats = PIXELS * np.log(sigmas * np.sqrt(2 * np.pi)) + squares.sum(-1) / (2 * sigmas**2)
    batch = nats.mean((1, 2)).min()
    np.testing.assert_allclose(OptimalSigma()(make(k=k)), batch, atol=1e-5)
    example = nats.min(0).mean(0)
    np.testing.assert_allclose(OptimalSigma(per="example")(make(k=k)), example, atol=1e-5)


def test_optimal_sigma_is_log_rmse_and_a_constant(make):
    trace = make()
    rmse = np.sqrt((errors(trace)[0] ** 2).mean(-1))
    expected = PIXELS * np.log(rmse) + PIXELS / 2 * np.log(2 * np.pi * np.e)
    np.testing.assert_allclose(OptimalSigma(per="example")(trace), expected)


@pytest.mark.parametrize(
    "term", [SquaredError(), RootMeanSquaredError(), OptimalSigma(), OptimalSigma(per="example")]
)
def test_a_perfect_picture_has_a_finite_value_and_gradient(make, term):
    trace = make_one(make())
    p = trace.likelihood
    mean = p.mean.clone().requires_grad_()
    trace.likelihood, trace.x = type(p)(mean, torch.zeros(()).double(), 3), p.mean[0]
    value = term(trace).mean()
    value.backward()
    assert bool(torch.isfinite(value))
    assert bool(torch.isfinite(mean.grad).all())


def test_optimal_sigma_is_per_batch_or_per_example():
    with pytest.raises(CompositionError, match="per is 'batch' or 'example', not 'pixel'"):
        OptimalSigma(per="pixel")
