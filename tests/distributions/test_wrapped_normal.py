"""The wrapped normal: a density on the ball's coordinates, and draws that have it."""

import math

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from reparam.distributions import WrappedNormal, tempered
from reparam.errors import CompositionError
from reparam.families import WrappedNormal as Family
from reparam.priors import WrappedStandardNormal

CURVATURES = (0.5, 1.0)


def one(dim, curvature, distance=1.3):
    """A distribution off the origin with another spread in each dimension, in float64."""
    location = torch.tensor([1.0, -0.6, 0.4][:dim]).double()
    location = location / location.norm() * distance
    log_variance = torch.tensor([-0.5, 0.3, 0.1][:dim]).double()
    return WrappedNormal(location, log_variance, curvature)


def grid(dim, curvature, reach=16.0, cells=1200):
    """Points of the whole ball, and the Lebesgue volume that each stands for."""
    distance = (torch.arange(cells).double() + 0.5) / cells * reach
    radius = distance.tanh() / curvature**0.5
    width = (1 - distance.tanh().square()) / curvature**0.5 * reach / cells
    if dim == 1:
        return torch.cat([-radius, radius]).unsqueeze(-1), torch.cat([width, width])
    angle = torch.arange(360).double() / 360 * 2 * math.pi
    around = torch.stack([angle.cos(), angle.sin()], -1)
    points = radius[:, None, None] * around
    area = (radius * width * 2 * math.pi / 360)[:, None].expand(-1, 360)
    return points.flatten(0, 1), area.flatten()


@pytest.mark.parametrize("curvature", CURVATURES)
@pytest.mark.parametrize("dim", [1, 2])
@pytest.mark.parametrize("distance", [0.0, 1.3, 3.0])
def test_it_integrates_to_one_over_the_balls_coordinates(dim, curvature, distance):
    z, volume = grid(dim, curvature)
    total = (one(dim, curvature, distance).log_prob(z).exp() * volume).sum()
    assert total.item() == pytest.approx(1, abs=2e-4)


@pytest.mark.parametrize("curvature", CURVATURES)
@pytest.mark.parametrize("dim", [1, 2])
def test_draws_have_that_density(dim, curvature):
    q, (points, volume) = one(dim, curvature), grid(dim, curvature)
    torch.manual_seed(0)
    z = q.sample((40_000,))
    weights = q.log_prob(points).exp() * volume
    for g in (
        lambda x: x[:, 0],
        lambda x: x.square().sum(-1),
        lambda x: x[:, -1] * x[:, 0],
        lambda x: (-3 * (x - 0.5).square().sum(-1)).exp(),
        lambda x: (x.square().sum(-1) * curvature > 0.5).double(),
    ):
        found, exact = g(z), (g(points) * weights).sum()
        assert (found.mean() - exact).abs() < 4.5 * found.std() / len(z) ** 0.5 + 2e-3


@pytest.mark.parametrize("dim", [1, 2, 3])
@pytest.mark.parametrize("curvature", CURVATURES)
def test_the_exponential_and_the_logarithm_map_agree(dim, curvature):
    q = one(dim, curvature)
    z, log_q = q.rsample_and_log_prob((500,))
    torch.testing.assert_close(q.log_prob(z), log_q, rtol=1e-10, atol=1e-10)
    assert (curvature**0.5 * z.norm(dim=-1) < 1).all()


def mobius(x, y, c):
    """The textbook's addition of two points of the ball."""
    xy, xx, yy = (x * y).sum(-1, keepdim=True), x.square().sum(-1, True), y.square().sum(-1, True)
    top = (1 + 2 * c * xy + c * yy) * x + (1 - c * xx) * y
    return top / (1 + 2 * c * xy + c**2 * xx * yy)


@pytest.mark.parametrize("curvature", [0.5, 1.0, 2.0])
def test_a_draw_is_the_textbooks_exponential_map(curvature):
    q, root = one(3, curvature), curvature**0.5
    torch.manual_seed(4)
    noise = torch.randn(100, 3).double()
    torch.manual_seed(4)
    spread = (q.log_variance / 2).exp()
    single = WrappedNormal(q.location.float(), q.log_variance.float(), curvature)
    z = single.rsample((100,)).double()
    factor = 2 / (1 - curvature * q.mean.square().sum())
    v = noise * spread / factor  # in the ball's coordinates at the mean
    length = v.norm(dim=-1, keepdim=True)
    step = (root * factor * length / 2).tanh() * v / (root * length)
    torch.testing.assert_close(z, mobius(q.mean, step, curvature), atol=1e-5, rtol=1e-4)
    there = 2 / root * (root * mobius(-q.mean, z, curvature).norm(dim=-1)).atanh()
    torch.testing.assert_close(there, (noise * spread).norm(dim=-1), atol=1e-4, rtol=1e-4)


def test_the_mean_lies_at_its_tangent_vectors_length():
    q = one(3, 0.5)
    distance = 2 / 0.5**0.5 * (0.5**0.5 * q.mean.norm()).atanh()
    torch.testing.assert_close(distance, q.location.norm())
    still = WrappedNormal(q.location, torch.full((3,), -40.0).double(), 0.5)
    torch.testing.assert_close(still.sample((5,)), q.mean.expand(5, 3), atol=1e-7, rtol=0)


def test_a_flat_ball_is_euclidean_space():
    """As c falls to 0 the ball's coordinates are half the normal's, which costs D log 2."""
    location, log_variance = torch.randn(2, 3).double()
    q, x = WrappedNormal(location, log_variance, 1e-8), torch.randn(50, 3).double()
    flat = Normal(location, (log_variance / 2).exp()).log_prob(x).sum(-1)
    torch.testing.assert_close(q.log_prob(x / 2), flat + 3 * math.log(2), atol=1e-5, rtol=0)


@pytest.mark.parametrize("location", [(0.0, 0.0), (1e-13, 0.0), (1e-5, 2e-5), (0.3, -2.0)])
def test_gradients_are_slopes_also_at_the_origin(location):
    x = torch.tensor(location).double().requires_grad_()
    log_variance = torch.tensor([0.2, -0.4]).double().requires_grad_()
    z = torch.tensor([[0.3, 0.5], [0.0, 0.1], [-0.6, 0.2]]).double().requires_grad_()

    def scored(x, log_variance, z):
        return WrappedNormal(x, log_variance, 0.7).log_prob(z)

    def drawn(x, log_variance):
        torch.manual_seed(0)
        return WrappedNormal(x, log_variance, 0.7).rsample_and_log_prob((4,))

    def plain(x):
        return WrappedNormal(x, log_variance, 0.7).mean

    assert torch.autograd.gradcheck(scored, (x, log_variance, z))
    assert torch.autograd.gradcheck(drawn, (x, log_variance))
    assert torch.autograd.gradcheck(plain, (x,))


@pytest.mark.parametrize("dim", [1, 2, 10])
@pytest.mark.parametrize("distance", [0.0, 3.0, 6.0])
def test_float32_keeps_the_log_ratio(dim, distance):
    location = torch.nn.functional.normalize(torch.randn(500, dim), dim=-1) * distance
    double, ratios = location.double(), []
    noise = torch.randn(500, dim).double()
    for q in (WrappedNormal(location, torch.zeros(dim)), WrappedNormal(double, 0 * double[0])):
        p = WrappedStandardNormal(dim).to(q.location.dtype)()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(torch, "randn", lambda *_, dtype, device: noise.to(dtype))
            z, log_q = q.rsample_and_log_prob()
        assert z.dtype == log_q.dtype == q.location.dtype
        ratios.append((log_q - p.log_prob(z)).double())
    assert (ratios[0] - ratios[1]).abs().max() < 0.1
    assert (ratios[0] - ratios[1]).abs().median() < 2e-3


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("dim", [1, 2, 5])
def test_no_spread_or_point_leaves_the_numbers(dtype, dim):
    for log_variance in (-30.0, 0.0, 30.0):
        location = torch.full((dim,), 4.0, dtype=dtype).requires_grad_()
        spread = torch.full((dim,), log_variance, dtype=dtype).requires_grad_()
        q = WrappedNormal(location, spread)
        z, log_q = q.rsample_and_log_prob((50,))
        on_the_border = torch.zeros(dim, dtype=dtype)
        on_the_border[0] = -1
        nats = log_q.sum() + z.sum() + q.log_prob(z).sum() + q.log_prob(on_the_border)
        nats.backward()
        assert (z.norm(dim=-1) < 1).all()
        assert all(torch.isfinite(x).all() for x in (nats, location.grad, spread.grad))


@pytest.mark.parametrize(
    ("batch", "value", "result"),
    [((), (2,), ()), ((), (6, 2), (6,)), ((3,), (2,), (3,)), ((3,), (6, 1, 2), (6, 3))],
)
def test_leading_axes_broadcast(batch, value, result):
    q = WrappedNormal(torch.randn(*batch, 2), torch.zeros(2), 0.5)
    assert (q.batch_shape, q.event_shape) == (batch, (2,))
    assert q.log_prob(torch.rand(*value)).shape == result
    z, log_q = q.rsample_and_log_prob((4,))
    assert (z.shape, log_q.shape, q.mean.shape) == ((4, *batch, 2), (4, *batch), (*batch, 2))


def test_a_temperature_multiplies_standard_deviations():
    q = one(2, 0.5)
    hot = tempered(q, 1.5)
    torch.testing.assert_close((hot.log_variance / 2).exp(), 1.5 * (q.log_variance / 2).exp())
    assert (hot.curvature, hot.location is q.location) == (0.5, True)


def test_it_has_no_closed_divergence():
    with pytest.raises(NotImplementedError):
        kl_divergence(one(2, 1.0), one(2, 1.0))


@pytest.mark.parametrize("make", [Family, WrappedStandardNormal])
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"dim": 0}, "at least one dimension, not 0"),
        ({"dim": 2, "curvature": 0.0}, "must be positive, not 0.0"),
        ({"dim": 2, "curvature": math.inf}, "must be positive, not inf"),
        ({"dim": 200}, "use one of at most 0.5"),
    ],
)
def test_a_ball_that_cannot_be_is_refused(make, options, sentence):
    with pytest.raises(CompositionError, match=sentence):
        make(**options)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("log_variance", [-30.0, -15.0, 1.0, 3.0, 8.0])
@pytest.mark.parametrize("distance", [0.0, 1.0, 10.0])
def test_a_draw_has_one_density_however_narrow_or_wide(dtype, log_variance, distance):
    """Beyond what coordinates resolve, and beyond the border, it is that of the coordinates."""
    location = torch.zeros(200, 2, dtype=dtype)
    location[:, 0] = distance
    q = WrappedNormal(location, torch.full_like(location, log_variance).requires_grad_())
    z, log_q = q.rsample_and_log_prob()
    torch.testing.assert_close(log_q, q.log_prob(z), rtol=1e-5, atol=1e-5)
    (gradient,) = torch.autograd.grad(log_q.sum(), q.log_variance)
    assert gradient.isfinite().all()
