"""A joint distribution against its parts."""

import copy

import pytest
import torch
from torch.distributions import kl_divergence

from reparam.distributions import (
    DiagonalNormal,
    FullNormal,
    Joint,
    PointMass,
    RelaxedCategorical,
    StandardNormal,
    StraightThroughCategorical,
    WrappedNormal,
    kl_per_part,
    tempered,
)
from reparam.errors import CompositionError, NoDensityError
from reparam.randomness import seeded
from reparam.trace import Latent, detached


def draw(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).double()


def normal(*batch, seed=0):
    return DiagonalNormal(draw(*batch, 2, seed=seed), draw(*batch, 2, seed=seed + 1))


def kinds(*batch, seed=0):
    return StraightThroughCategorical(draw(*batch, 2, 3, seed=seed))


def relaxed(*batch, seed=0):
    return RelaxedCategorical(draw(*batch, 2, 3, seed=seed), 0.67)


def test_events_lie_one_after_another():
    style, kind = normal(5), kinds(5)
    q = Joint(style, kind)
    assert (q.batch_shape, q.event_shape, q.has_rsample) == ((5,), (8,), True)
    torch.testing.assert_close(q.mean, torch.cat([style.mean, kind.mean], -1))
    for name in ("rsample", "sample"):
        with seeded(1):
            z = getattr(q, name)((4,))
        with seeded(1):
            expected = torch.cat([getattr(style, name)((4,)), getattr(kind, name)((4,))], -1)
        assert torch.equal(z, expected)


def test_logarithms_add_up():
    style, kind = normal(5), kinds(5)
    q = Joint(style, kind)
    z = q.sample((4,))
    expected = style.log_prob(z[..., :2]) + kind.log_prob(z[..., 2:])
    torch.testing.assert_close(q.log_prob(z), expected)
    torch.testing.assert_close(q.entropy(), style.entropy() + kind.entropy())
    assert q.log_prob(torch.zeros(6, 1, 8).double()).shape == (6, 5)


def test_a_divergence_is_the_sum_of_the_parts():
    q = Joint(normal(5, seed=1), kinds(5, seed=1))
    p = Joint(StandardNormal(torch.zeros(2).double()), kinds(seed=2))
    parts = kl_per_part(q, p)
    assert [part.shape for part in parts] == [(5,), (5,)]
    for part, own, other in zip(parts, q.parts, p.parts, strict=True):
        torch.testing.assert_close(part, kl_divergence(own, other))
    torch.testing.assert_close(kl_divergence(q, p), parts[0] + parts[1])
    z = q.sample((40_000,))
    ratio = q.log_prob(z) - p.log_prob(z)
    assert ((ratio.mean(0) - kl_divergence(q, p)).abs() < 4.5 * ratio.std(0) / 200).all()
    latent = Latent.draw(q, p, 3)
    assert latent.exact
    assert latent.log_q is None
    torch.testing.assert_close(latent.kl, kl_divergence(q, p).expand(3, 5))


def test_one_part_without_a_closed_divergence_leaves_the_sampled_one():
    q = Joint(normal(5), relaxed(5, seed=1))
    p = Joint(StandardNormal(torch.zeros(2).double()), relaxed(seed=2))
    with pytest.raises(NotImplementedError):
        kl_divergence(q, p)
    latent = Latent.draw(q, p, 3)
    assert not latent.exact
    torch.testing.assert_close(latent.kl, q.log_prob(latent.z) - p.log_prob(latent.z))


def test_parts_of_other_sizes_have_no_closed_divergence():
    with pytest.raises(NotImplementedError, match=r"sizes \[2, 6\] and of sizes \[6, 2\]"):
        kl_divergence(Joint(normal(5), kinds(5)), Joint(kinds(5), normal(5)))
    with pytest.raises(NotImplementedError):
        kl_divergence(Joint(normal(5)), StandardNormal(torch.zeros(2)))


class Knowing(WrappedNormal):
    """A part whose draws say another density than it is asked for."""

    def rsample_and_log_prob(self, sample_shape=()):
        z, log_p = super().rsample_and_log_prob(sample_shape)
        return z, log_p + 100


def test_a_part_that_knows_its_log_density_from_drawing_gives_it():
    ball = WrappedNormal(draw(5, 2), draw(5, 2))
    q = Joint(normal(5), ball, relaxed(5))
    z, log_q = q.rsample_and_log_prob((4,))
    assert (z.shape, log_q.shape) == ((4, 5, 10), (4, 5))
    torch.testing.assert_close(log_q, q.log_prob(z), rtol=1e-9, atol=1e-9)
    own = Joint(normal(5), Knowing(draw(5, 2), draw(5, 2)))
    z, log_q = own.rsample_and_log_prob()
    torch.testing.assert_close(log_q, own.log_prob(z) + 100)  # only the part itself knows
    assert not hasattr(Joint(normal(5), kinds(5)), "rsample_and_log_prob")


def test_all_parts_have_a_temperature_or_none_has():
    ball = WrappedNormal(draw(5, 2), draw(5, 2))
    warm = tempered(Joint(normal(5), ball), 0.5)
    for part, own in zip(warm.parts, (normal(5), ball), strict=True):
        torch.testing.assert_close(part.log_variance, tempered(own, 0.5).log_variance)
    with pytest.raises(CompositionError, match="a Joint prior has no temperature"):
        tempered(Joint(normal(5), kinds(5)), 0.5)


def test_a_point_among_the_parts_leaves_no_density():
    q = Joint(normal(5), PointMass(draw(5, 3)))
    assert not q.has_density
    assert Joint(normal(5), kinds(5)).has_density
    assert torch.equal(q.rsample((4,))[..., 2:], draw(5, 3).expand(4, 5, 3))
    with pytest.raises(NoDensityError):
        q.log_prob(torch.zeros(5).double())


def test_parameters_are_stopped_in_all_parts():
    mean, raw = draw(5, 2).requires_grad_(), draw(5, 2, 3).requires_grad_()
    q = Joint(DiagonalNormal(mean, draw(5, 2)), RelaxedCategorical(raw, 0.67))
    stopped = detached(q)
    z = q.rsample((4,)).detach()
    assert not stopped.log_prob(z).requires_grad
    assert not stopped.rsample_and_log_prob()[0].requires_grad
    assert q.log_prob(z).requires_grad
    assert copy.copy(q).sizes == [2, 6]


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ([], "at least one part"),
        ([normal(5), normal(4)], r"share a batch, but theirs have shapes \(5,\), \(4,\)"),
        (
            [normal(5), DiagonalNormal(draw(5, 2, 2), draw(5, 2, 2), 2)],
            r"is a vector, but events have shapes \(2,\), \(2, 2\)",
        ),
        ([FullNormal(draw(5, 2), draw(5, 2, 2)), kinds()], "share a batch"),
    ],
)
def test_parts_that_do_not_go_together_are_refused(parts, sentence):
    with pytest.raises(CompositionError, match=sentence):
        Joint(*parts)
