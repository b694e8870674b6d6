"""A learned mixture of normals as the prior."""

import pytest
import torch

from reparam.distributions import DiagonalNormal
from reparam.errors import CompositionError
from reparam.priors import MixtureOfNormals
from reparam.registry import build, describe


def test_it_is_the_mixture_of_its_parameters():
    prior = MixtureOfNormals(2, 3).double()
    with torch.no_grad():
        prior.raw.normal_()
        prior.logits.normal_()
    z = torch.randn(5, 4, 2).double()
    normals = [DiagonalNormal(m, v) for m, v in zip(prior.means, prior.log_variances, strict=True)]
    each = torch.stack([p.log_prob(z).exp() for p in normals], -1)
    expected = (each * prior.logits.softmax(-1)).sum(-1).log()
    torch.testing.assert_close(prior().log_prob(z), expected)


@pytest.mark.parametrize("dim", [1, 2])
def test_its_density_integrates_to_one(dim):
    prior = MixtureOfNormals(dim, 4).double()
    middle = -12 + 24 / 400 * (torch.arange(400).double() + 0.5)
    z = torch.stack(torch.meshgrid(*[middle] * dim, indexing="ij"), -1)
    total = prior().log_prob(z).exp().sum() * (24 / 400) ** dim
    assert total.item() == pytest.approx(1, abs=1e-9)


def test_components_begin_apart_with_equal_weights_and_unit_variance():
    prior = MixtureOfNormals(50, 20)
    apart = torch.cdist(prior.means, prior.means)[~torch.eye(20, dtype=torch.bool)]
    assert apart.min() > 3
    assert abs(prior.means.std().item() - 1) < 0.1
    torch.testing.assert_close(prior().logits.softmax(-1), torch.full((20,), 0.05))
    torch.testing.assert_close(prior.log_variances, torch.zeros(20, 50))


def test_every_parameter_is_learned_from_the_first_step():
    prior = MixtureOfNormals(2, 3)
    prior().log_prob(torch.randn(20, 2)).sum().backward()
    assert all(bool(p.grad.abs().min() > 0) for p in prior.parameters())


@pytest.mark.parametrize("raw", [1e4, -1e4, 1e30])
def test_no_variance_overflows(raw):
    prior = MixtureOfNormals(2, 3)
    with torch.no_grad():
        prior.raw.fill_(raw)
    nats = prior().log_prob(torch.randn(20, 2)).sum()
    nats.backward()
    assert bool(torch.isfinite(nats))
    assert all(bool(torch.isfinite(p.grad).all()) for p in prior.parameters())


def test_it_fits_two_clusters():
    """By maximum likelihood, to within a hundredth of a nat of the truth's own score."""
    prior = MixtureOfNormals(1, 2)
    truth = torch.distributions.MixtureSameFamily(
        torch.distributions.Categorical(torch.tensor([0.3, 0.7])),
        torch.distributions.Normal(torch.tensor([-3.0, 2.0]), torch.tensor([0.5, 1.0])),
    )
    z = truth.sample((2000, 1))
    optimizer = torch.optim.Adam(prior.parameters(), lr=0.05)
    for _ in range(400):
        optimizer.zero_grad()
        loss = -prior().log_prob(z).mean()
        loss.backward()
        optimizer.step()
    assert loss.item() < -truth.log_prob(z).mean().item() + 0.01


def test_it_is_described_and_built_again():
    again = build(describe(MixtureOfNormals(3, components=4)))
    assert again.means.shape == (4, 3)
    with pytest.raises(CompositionError, match="dimensions and components, not 3 and 0"):
        MixtureOfNormals(3, 0)
