"""Draws made of given noise have the prior's distribution."""

import pytest
import torch
from scipy.stats import ks_2samp
from torch import nn

from reparam.conditional import Conditional
from reparam.distributions import PointMass
from reparam.errors import CompositionError
from reparam.export.noise import drawn, needs
from reparam.families import DiagonalNormal, InverseAutoregressiveFlow, VonMisesFisher
from reparam.priors import (
    FittedBox,
    FittedNormal,
    FlowPrior,
    JointPrior,
    MixtureOfNormals,
    StandardNormal,
    UniformCategorical,
    UniformRelaxedCategorical,
    UniformSphere,
    VampPrior,
    WrappedStandardNormal,
)

N = 4000
LARGEST = 1.95 * (2 / N) ** 0.5
"""Of the Kolmogorov-Smirnov statistic: one of a thousand pairs of equal samples exceeds it."""


def vamp(family, features):
    return VampPrior(Conditional(nn.Linear(6, features), family, [1]), 6, components=3)


def flow():
    return vamp(InverseAutoregressiveFlow(3, 1, context=2), 8)


PRIORS = {
    "standard normal": lambda: StandardNormal(4),
    "standard normal of pictures": lambda: StandardNormal((2, 3)),
    "fitted normal": lambda: FittedNormal(4),
    "fitted box": lambda: FittedBox(4),
    "mixture": lambda: MixtureOfNormals(4, 3),
    "vamp": lambda: vamp(DiagonalNormal(), 8),
    "vamp of flows": flow,
    "vamp on the sphere": lambda: vamp(VonMisesFisher(4), 5),
    "autoregressive flow": lambda: FlowPrior(3),
    "spline flow": lambda: FlowPrior(3, "spline"),
    "sphere": lambda: UniformSphere(4),
    "ball": lambda: WrappedStandardNormal(3),
    "relaxed": lambda: UniformRelaxedCategorical(6, 3),
    "categorical": lambda: UniformCategorical(6, 3),
    "joint": lambda: JointPrior([MixtureOfNormals(2), UniformCategorical(6, 3)]),
}


def made(p, n=N):
    size = needs(p)
    return drawn(p, torch.randn(n, size.normal), torch.rand(n, size.uniform))


@pytest.mark.parametrize("name", PRIORS)
@torch.no_grad()
def test_the_distribution_is_the_priors(name):
    prior = PRIORS[name]()
    for parameter in [*prior.parameters(), *prior.buffers()]:
        if "fitted" not in name and parameter.is_floating_point() and parameter.any():
            parameter.add_(0.3 * torch.randn_like(parameter))
    p = prior()
    ours, theirs = made(p), p.sample((N,))
    assert ours.shape == theirs.shape
    ours, theirs = ours.flatten(1), theirs.flatten(1)
    ways = torch.cat([torch.eye(ours.shape[1]), torch.randn(4, ours.shape[1])])
    for way in ways:  # each dimension, and some sums that see how they hang together
        pair = (ours @ way).numpy(), (theirs @ way).numpy()
        statistic = ks_2samp(*pair, method="asymp").statistic
        assert statistic < LARGEST
    if hasattr(p, "log_prob"):
        scores = [p.log_prob(z).double().mean() for z in (made(p), p.sample((N,)))]
        spread = p.log_prob(p.sample((N,))).double().std()
        assert abs(scores[0] - scores[1]) < 5 * spread * (2 / N) ** 0.5 + 1e-6


@torch.no_grad()
def test_draws_of_a_conditional_prior_go_with_their_batch():
    p = DiagonalNormal()(torch.tensor([[0.0, 0.0], [5.0, -60.0]]))
    z = drawn(p, torch.tensor([[1.0], [1.0]]), torch.zeros(2, 0))
    torch.testing.assert_close(z, torch.tensor([[1.0], [5.0]]))


@torch.no_grad()
def test_uniform_noise_chooses_by_inversion():
    mixture = MixtureOfNormals(1, 2)
    mixture.means.copy_(torch.tensor([[-9.0], [9.0]]))
    mixture.logits.copy_(torch.tensor([0.25, 0.75]).log())
    chance = torch.tensor([[0.0], [0.24], [0.26], [0.999999]])
    z = drawn(mixture(), torch.zeros(4, 1), chance)
    assert z.flatten().tolist() == [-9, -9, 9, 9]


@torch.no_grad()
@pytest.mark.parametrize("name", PRIORS)
def test_noise_at_its_ends_gives_numbers(name):
    p = PRIORS[name]()()
    size = needs(p)
    for chance in (0.0, 1 - 2**-24):
        for value in (0.0, 6.0):
            normal = torch.full((2, size.normal), value)
            z = drawn(p, normal, torch.full((2, size.uniform), chance))
            assert torch.isfinite(z).all()


def test_what_is_not_known_says_so():
    with pytest.raises(CompositionError, match="a draw of a PointMass prior is not known here"):
        needs(PointMass(torch.zeros(2)))
