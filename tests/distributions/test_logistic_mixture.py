"""The mixture of rounded logistics: masses that add up to 1, scipy's numbers, and its draws."""

import itertools

import numpy as np
import pytest
import torch
from scipy import stats
from scipy.special import logsumexp, softmax

from reparam import families
from reparam.distributions import DiscretizedLogisticMixture
from reparam.errors import CompositionError
from reparam.registry import build, describe
from reparam.trace import detached

LEVELS = torch.arange(256).double() / 255


def drawn(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).double()


def pictures(batch=(2,), m=3, shape=(2, 3, 4), levels=256, seed=0):
    """A mixture with random parameters, some of them beyond [0, 1] or narrower than a level."""
    channels, *positions = shape
    return DiscretizedLogisticMixture(
        drawn(*batch, m, *positions, seed=seed),
        0.5 + drawn(*batch, m, channels, *positions, seed=seed + 1) / 2,
        -3 + 2 * drawn(*batch, m, channels, *positions, seed=seed + 2),
        levels,
    )


def expected(p, x):
    """Log-probabilities of (B, C, H, W) levels, from scipy's distribution functions alone."""
    half = 0.5 / (p.levels - 1)
    location, scale = p.locations.numpy(), np.exp(p.log_scales.numpy())
    x = np.round(x.numpy() * (p.levels - 1))[:, None] / (p.levels - 1)
    top = np.where(x >= 1, np.inf, x + half)
    bottom = np.where(x <= 0, -np.inf, x - half)
    upper, lower = (stats.logistic.cdf(end, location, scale) for end in (top, bottom))
    above, below = (stats.logistic.sf(end, location, scale) for end in (bottom, top))
    mass = np.where(lower < 0.5, upper - lower, above - below)
    each = np.log(mass).sum(2) + np.log(softmax(p.logits.numpy(), 1))
    return logsumexp(each, 1).sum((-2, -1))


def test_it_is_scipys_difference_of_distribution_functions():
    p = pictures((5,))
    p.log_scales.clamp_(min=-5)  # narrower ones have masses below the smallest number
    x = (drawn(5, 2, 3, 4, seed=9).sigmoid() * 255).round() / 255
    x[:2], x[2, :, 0], x[3, :, 1] = p.mean[:2], 0, 1
    wanted = expected(p, x)
    assert np.isfinite(wanted).all()
    np.testing.assert_allclose(p.log_prob(x), wanted, rtol=1e-7)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("shift", [0.0, -6.0, 6.0])
def test_all_levels_of_a_pixel_add_up_to_one(dtype, shift):
    p = pictures((40,), shape=(1, 1, 1))
    scales = p.log_scales + shift
    p = DiscretizedLogisticMixture(*(t.to(dtype) for t in (p.logits, p.locations, scales)))
    total = p.log_prob(LEVELS.to(dtype).reshape(-1, 1, 1, 1, 1)).exp().sum(0)
    precision = 1e-10 if dtype == torch.float64 else 1e-4
    torch.testing.assert_close(total, torch.ones(40, dtype=dtype), atol=precision, rtol=0)


def test_all_pictures_of_two_levels_and_two_channels_add_up_to_one():
    p = pictures((6,), shape=(2, 1, 2), levels=2)
    every = torch.tensor(list(itertools.product([0.0, 1.0], repeat=4))).double()
    total = p.log_prob(every.reshape(16, 1, 2, 1, 2)).exp().sum(0)
    torch.testing.assert_close(total, torch.ones(6).double())


def test_channels_share_their_component():
    """Two sharp components, (0, 1) and (1, 0): the channels are never the same."""
    place = torch.tensor([[0.0, 1.0], [1.0, 0.0]]).reshape(2, 2, 1, 1)
    p = DiscretizedLogisticMixture(torch.zeros(2, 1, 1), place, torch.full((2, 2, 1, 1), -9.0), 2)
    every = torch.tensor(list(itertools.product([0.0, 1.0], repeat=2))).reshape(4, 2, 1, 1)
    torch.testing.assert_close(p.log_prob(every).exp(), torch.tensor([0, 0.5, 0.5, 0]))
    draws = p.sample((400,))
    assert bool((draws.sum(1) == 1).all())
    assert 140 < draws[:, 0].sum() < 260


def test_a_vector_is_a_column_of_pixels():
    logits, place, scale = drawn(5, 3, 7), drawn(5, 3, 7, seed=1), drawn(5, 3, 7, seed=2)
    vector = DiscretizedLogisticMixture(logits, place, scale, event_dims=1)
    column = DiscretizedLogisticMixture(
        logits[..., None], place[:, :, None, :, None], scale[:, :, None, :, None]
    )
    x = torch.rand(2, 5, 7).double()
    torch.testing.assert_close(vector.log_prob(x), column.log_prob(x[:, :, None, :, None]))
    torch.testing.assert_close(vector.mean, column.mean.flatten(1))
    assert (vector.batch_shape, vector.event_shape) == ((5,), (7,))
    assert vector.sample((4,)).shape == (4, 5, 7)


def test_numbers_between_two_levels_count_as_the_nearer():
    p = pictures((1,))
    x = torch.full((2, 3, 4), 100.4 / 255).double()
    torch.testing.assert_close(p.log_prob(x), p.log_prob(torch.full_like(x, 100 / 255)))


def test_draws_have_these_masses():
    p = pictures((3,), shape=(1, 1, 1), levels=6)
    n = 20_000
    draws = p.sample((n,))
    assert draws.shape == (n, 3, 1, 1, 1)
    assert not draws.requires_grad
    level = (draws * 5).round().flatten(1).long()
    torch.testing.assert_close(level / 5, draws.flatten(1).float(), atol=1e-6, rtol=0)
    masses = p.log_prob((torch.arange(6).double() / 5).reshape(-1, 1, 1, 1, 1)).exp()
    for i in range(3):
        seen = np.bincount(level[:, i], minlength=6)
        wanted = n * masses[:, i].numpy()
        likely = wanted > 5
        statistic = ((seen - wanted) ** 2 / wanted)[likely].sum()
        assert statistic < stats.chi2(likely.sum()).isf(1e-4)
        assert seen[~likely].sum() < 30


def test_draws_of_colour_have_the_joint_masses():
    p = pictures((), shape=(2, 1, 1), levels=3)
    draws = (p.sample((30_000,)) * 2).round().flatten(1).long()
    every = torch.tensor(list(itertools.product(range(3), repeat=2))).double() / 2
    wanted = 30_000 * p.log_prob(every.reshape(9, 2, 1, 1)).exp().numpy()
    seen = np.bincount(draws[:, 0] * 3 + draws[:, 1], minlength=9)
    assert ((seen - wanted) ** 2 / wanted).sum() < stats.chi2(8).isf(1e-4)


def test_the_mean_is_the_mixtures_and_stays_inside():
    p = pictures((4,), shape=(2, 3, 4))
    weights = softmax(p.logits.numpy(), 1)[:, :, None]
    mean = (weights * p.locations.numpy()).sum(1)
    assert mean.min() < 0
    assert mean.max() > 1
    np.testing.assert_allclose(p.mean, mean.clip(0, 1))


@pytest.mark.parametrize("lead", [(), (5,), (6, 5), (6, 1)])
def test_leading_axes_broadcast(lead):
    p = pictures((5,))
    x = torch.rand(*lead, 2, 3, 4).double()
    whole = p.log_prob(x)
    assert whole.shape == ((6, 5) if len(lead) == 2 else (5,))
    every = x.expand(*whole.shape, 2, 3, 4)
    one = DiscretizedLogisticMixture(p.logits[2], p.locations[2], p.log_scales[2])
    torch.testing.assert_close(whole[..., 2], one.log_prob(every[..., 2, :, :, :]))


def test_gradients_are_the_slopes_and_can_be_stopped():
    p = pictures((2,))
    x = torch.rand(2, 2, 3, 4).double()
    given = [t.clone().requires_grad_() for t in (p.logits, p.locations, p.log_scales)]

    def nats(*parameters):
        return DiscretizedLogisticMixture(*parameters).log_prob(x)

    assert torch.autograd.gradcheck(nats, given)
    assert not detached(DiscretizedLogisticMixture(*given)).log_prob(x).requires_grad


def test_a_level_whose_mass_underflows_still_pulls():
    """A million scales away: the log-mass falls by 1 for each scale."""
    place = torch.full((1, 1, 1, 1), 0.1, requires_grad=True)
    log_scale = torch.full((1, 1, 1, 1), np.log(1e-6).item(), requires_grad=True)
    p = DiscretizedLogisticMixture(torch.zeros(1, 1, 1), place, log_scale)
    nats = p.log_prob(torch.full((1, 1, 1), 0.8))
    nats.backward()
    half = 0.5 / 255
    assert nats.item() == pytest.approx(-(0.7 - half) * 1e6, rel=1e-4)
    assert place.grad.item() == pytest.approx(1e6, rel=1e-4)
    assert log_scale.grad.item() == pytest.approx((0.7 - half) * 1e6, rel=1e-4)


CASES = [
    (families.DiscretizedLogisticMixture(), (3, 6, 5), (35, 6, 5)),
    (families.DiscretizedLogisticMixture(1, levels=2), (1, 6, 5), (3, 6, 5)),
    (families.DiscretizedLogisticMixture(4, event_dims=1), (7,), (84,)),
]


@pytest.mark.parametrize(("family", "event", "features"), CASES)
def test_a_familys_features_give_one_event(family, event, features):
    assert family.features(event) == features
    p = family(torch.randn(5, 2, *features))
    assert (p.batch_shape, p.event_shape) == ((5, 2), event)
    assert p.log_prob(torch.rand(2, *event)).shape == (5, 2)
    assert p.mean.shape == p.sample().shape == (5, 2, *event)
    assert describe(build(describe(family))) == describe(family)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert family(torch.randn(2, *features).bfloat16()).mean.dtype == torch.float32


@pytest.mark.parametrize(("family", "event", "features"), CASES)
def test_zero_features_are_a_broad_grey_of_different_components(family, event, features):
    p = family(torch.zeros(features, dtype=torch.float64))
    torch.testing.assert_close(p.mean, torch.full(event, 0.5).double())
    steps = p.locations.diff(dim=0)
    torch.testing.assert_close(steps, torch.full_like(steps, 1 / family.components))
    nats = p.log_prob(torch.stack([torch.zeros(event), torch.full(event, 0.5)]).double())
    uniform = -np.log(family.levels) * np.prod(event)
    assert bool((nats > 1.5 * uniform).all())


@pytest.mark.parametrize(("family", "event", "features"), CASES)
@pytest.mark.parametrize("size", [1e4, -1e4, 1e30])
def test_no_feature_gives_an_infinite_loss_or_gradient(family, event, features, size):
    for sign in (torch.ones(features), torch.randn(features).sign()):
        given = (size * sign).requires_grad_()
        nats = family(given).log_prob(torch.stack([torch.zeros(event), torch.rand(event)]))
        nats.sum().backward()
        assert bool(nats.isfinite().all())
        assert bool(given.grad.isfinite().all())


def test_features_are_logits_then_locations_then_scales():
    family = families.DiscretizedLogisticMixture(2)
    features = torch.zeros(10, 1, 1)
    features[1], features[2 + 3], features[6 + 2] = 1.0, 2.0, 0.5
    p = family(features)
    assert p.logits.flatten().tolist() == [0, 1]
    middle = torch.tensor([[0.25, 0.25], [0.75, 0.75]]).logit()
    middle[1, 1] += 2
    torch.testing.assert_close(p.locations.flatten(1), middle.sigmoid())
    log_scales = torch.full((2, 2), np.log(0.25).item())
    log_scales[1, 0] += 0.5
    torch.testing.assert_close(p.log_scales.flatten(1), log_scales, atol=1e-3, rtol=0)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"components": 0}, "at least one component, not 0"),
        ({"levels": 1}, "at least two levels, not 1"),
        ({"event_dims": 2}, "event_dims is 3 for pictures or 1 for vectors, not 2"),
    ],
)
def test_options_are_checked(options, sentence):
    with pytest.raises(CompositionError, match=sentence):
        families.DiscretizedLogisticMixture(**options)
