"""The aggregate's density from a minibatch: its mean over all batches, counted out."""

import math
from itertools import combinations

import pytest
import torch
from torch.distributions import Normal

from reparam.divergences import stratified_log_density

N = 5


@pytest.fixture
def densities():
    """q(z_i | x_j) of a data set of 5 examples and a code of each, i before j."""
    means = 2 * torch.randn(N).double()
    scales = torch.rand(N).double() + 0.3
    codes = Normal(means, scales).sample()
    return Normal(means, scales).log_prob(codes[:, None]).exp()


def batches(size):
    return [list(batch) for batch in combinations(range(N), size)]


@pytest.mark.parametrize("size", [2, 3, 4, 5])
def test_over_all_batches_the_mean_is_the_aggregate(densities, size):
    """For each code, over every batch that holds the example that it was drawn for."""
    truth = densities.mean(1)
    found = [[] for _ in range(N)]
    for batch in batches(size):
        values = stratified_log_density(densities[batch][:, batch].log(), float(N)).exp()
        for i, value in zip(batch, values, strict=True):
            found[i].append(value)
    assert {len(each) for each in found} == {math.comb(N - 1, size - 1)}
    torch.testing.assert_close(torch.stack([sum(each) / len(each) for each in found]), truth)
    assert size == N or max(torch.stack(each).std() for each in found) > 1e-3


def test_a_plain_average_over_the_batch_would_be_far_too_much(densities):
    """What the shares are for: the own example is in every batch and counts 1/3 instead of 1/5."""
    plain = [[] for _ in range(N)]
    for batch in batches(3):
        for i in batch:
            plain[i].append(densities[i, batch].mean())
    excess = torch.stack([sum(each) / len(each) for each in plain]) / densities.mean(1)
    own = densities.diagonal() > densities.mean(1)
    assert own.any()
    assert (excess[own] > 1.02).all()


def test_the_shares_add_up_to_one_and_the_own_one_is_one_of_n():
    flat = torch.zeros(4, 4).double()
    torch.testing.assert_close(stratified_log_density(flat, 1000.0), torch.zeros(4).double())
    alone = torch.full((4, 4), -math.inf).double().fill_diagonal_(0.0)
    expected = torch.full((4,), -math.log(1000.0)).double()
    torch.testing.assert_close(stratified_log_density(alone, 1000.0), expected)
    torch.testing.assert_close(
        stratified_log_density(alone, torch.tensor(1000.0)), expected, rtol=1e-6, atol=0
    )


def test_leading_axes_are_each_on_their_own():
    pairs = torch.randn(2, 3, 4, 4).double()
    whole = stratified_log_density(pairs, 9.0)
    assert whole.shape == (2, 3, 4)
    each = [[stratified_log_density(inner, 9.0) for inner in outer] for outer in pairs]
    torch.testing.assert_close(whole, torch.stack([torch.stack(rows) for rows in each]))


def test_it_is_the_codes_that_stay_and_the_examples_that_are_summed():
    """Row i is one code under every example."""
    pairs = torch.log(torch.tensor([[0.5, 0.1], [0.3, 0.2]]).double())
    expected = torch.tensor([0.5 / 4 + 0.1 * 3 / 4, 0.2 / 4 + 0.3 * 3 / 4]).double().log()
    torch.testing.assert_close(stratified_log_density(pairs, 4.0), expected)


def test_one_example_in_the_batch_speaks_for_all():
    pairs = torch.randn(3, 1, 1).double()
    torch.testing.assert_close(stratified_log_density(pairs, 50.0), pairs[..., 0])


def test_a_huge_data_set_and_far_codes_stay_finite_with_their_gradients():
    pairs = torch.tensor([[0.0, -1e4], [-1e4, -2e4]], requires_grad=True)
    found = stratified_log_density(pairs, torch.tensor(1e7))
    found.sum().backward()
    assert found.isfinite().all()
    assert pairs.grad.isfinite().all()
    torch.testing.assert_close(pairs.grad.sum(1), torch.ones(2))
