"""Maps that can be inverted, and distributions that are pushed through them."""

import subprocess
import sys
import warnings

import pytest
import torch
from torch.distributions import AffineTransform, Independent, Laplace, TanhTransform

from reparam.distributions import DiagonalNormal, NormalizingFlow, StandardNormal, tempered
from reparam.errors import CompositionError
from reparam.flows import MaskedFlow, Planar, Radial
from reparam.flows.masked import zuko
from reparam.flows.planar import above_minus_one

MAPS = ("planar", "radial", "affine", "spline")


def draw(*shape, seed=0, scale=1.0):
    source = torch.Generator().manual_seed(seed)
    return scale * torch.randn(shape, generator=source, dtype=torch.float64)


def build(kind, dim, batch=(), scale=1.5):
    """Two maps with random parameters that are far from the identity."""
    if kind == "planar":
        parts = [draw(*batch, dim, seed=s, scale=scale) for s in range(4)]
        offsets = [draw(*batch, seed=s) for s in (4, 5)]
        return [Planar(*parts[:2], offsets[0]), Planar(*parts[2:], offsets[1])]
    if kind == "radial":
        centres = [draw(*batch, dim, seed=s) for s in (0, 1)]
        others = [draw(*batch, seed=s, scale=scale) for s in range(4)]
        return [Radial(centres[0], *others[:2]), Radial(centres[1], *others[2:])]
    torch.manual_seed(1)
    flow = MaskedFlow(dim, kind, transforms=2, hidden=(8,), context=3).double()
    with torch.no_grad():
        for p in flow.parameters():
            p.mul_(5)
    return flow(draw(*batch, 3))


@pytest.mark.parametrize("kind", MAPS)
@pytest.mark.parametrize("dim", [1, 2, 5])
def test_log_determinants_are_those_of_the_jacobian(kind, dim):
    x = draw(4, dim, seed=7)
    for transform in build(kind, dim):
        y, stretched = transform.call_and_ladj(x)
        torch.testing.assert_close(transform.log_abs_det_jacobian(x, y), stretched)
        for one, of_one in zip(x, stretched, strict=True):
            jacobian = torch.autograd.functional.jacobian(transform, one)
            sign, expected = torch.linalg.slogdet(jacobian)
            assert sign == 1
            torch.testing.assert_close(of_one, expected)
        assert stretched.abs().max() > 0.01


@pytest.mark.parametrize("kind", MAPS)
@pytest.mark.parametrize("dim", [1, 2, 5])
def test_the_inverse_finds_x_again(kind, dim):
    x = draw(100, dim, seed=7, scale=3)
    for transform in build(kind, dim):
        y = transform(x)
        assert (y - x).abs().max() > 0.1
        torch.testing.assert_close(transform.inv(y), x, atol=1e-9, rtol=1e-9)


@pytest.mark.parametrize("dim", [1, 3])
@pytest.mark.parametrize("size", [1.0, 30.0, 1000.0])
def test_a_planar_map_can_be_inverted_whatever_its_parameters(size, dim):
    w, u, b = (draw(50, *shape, seed=s, scale=size) for s, shape in enumerate([(dim,)] * 2 + [()]))
    flow = Planar(w, u, b)
    torch.testing.assert_close((flow.w * flow.u).sum(-1), flow.along, atol=1e-6, rtol=1e-9)
    assert flow.along.min() >= -0.99 - 1e-9
    assert size == 1 or flow.along.min() < -0.9
    steps = torch.linspace(-3, 3, 2001, dtype=torch.float64)[:, None, None]
    along = steps * w / w.square().sum(-1, keepdim=True)
    assert ((w * flow(along)).sum(-1).diff(dim=0) > 0).all()
    x = draw(20, 50, dim, seed=9)
    torch.testing.assert_close(flow.inv(flow(x)), x, atol=1e-4, rtol=1e-6)


@pytest.mark.parametrize("dim", [1, 3])
@pytest.mark.parametrize("strength", [-1e4, -3.0, 3.0, 30.0])
@pytest.mark.parametrize("log_alpha", [-5.0, 0.0, 5.0])
def test_a_radial_map_can_be_inverted_whatever_its_parameters(strength, log_alpha, dim):
    flow = Radial(draw(dim), *torch.tensor([log_alpha, strength]).double())
    away = torch.linspace(0, 5, 2001, dtype=torch.float64)[:, None] * torch.ones(dim)
    distances = torch.linalg.vector_norm(flow(flow.centre + away) - flow.centre, dim=-1)
    assert (distances.diff() > 0).all()
    x = torch.cat([draw(100, dim, seed=9, scale=2), flow.centre[None]])
    torch.testing.assert_close(flow.inv(flow(x)), x, atol=1e-10, rtol=1e-10)


def test_a_small_w_keeps_the_correction_consistent():
    """Where w is too short to divide by, its share of the correction is what was added."""
    flow = Planar(torch.tensor([1e-7, 0.0]).double(), torch.tensor([50.0, 1.0]).double(), draw())
    torch.testing.assert_close((flow.w * flow.u).sum(), flow.along, atol=1e-15, rtol=1e-9)
    zero = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    flow = Planar(zero, torch.ones(3).double(), torch.tensor(0.5).double())
    flow(torch.ones(3).double()).sum().backward()
    assert bool(torch.isfinite(zero.grad).all())


def test_the_correction_is_nothing_at_nothing_and_the_papers_slope_far_off():
    raw = torch.tensor([-40.0, 0.0, 40.0]).double().requires_grad_()
    values = above_minus_one(raw)
    torch.testing.assert_close(values[1].item(), 0.0, atol=1e-12, rtol=0)
    assert values[0].item() == pytest.approx(-0.99)
    (slope,) = torch.autograd.grad(values.sum(), raw)
    assert slope[2].item() == pytest.approx(1)
    identity = Planar(draw(3), torch.zeros(3).double(), draw())
    torch.testing.assert_close(identity(draw(5, 3, seed=2)), draw(5, 3, seed=2))


@pytest.mark.parametrize("dim", [1, 3])
def test_gradients_of_the_planar_inverse_are_its_slopes(dim):
    """gradcheck compares with finite differences, in every parameter and in y."""
    given = [draw(4, dim, seed=s).requires_grad_() for s in range(3)]
    given += [draw(4, seed=3).requires_grad_()]

    def inverse(y, w, u, b):
        flow = Planar(w, u, b)
        x = flow.inv(y)
        return x, flow.inv.log_abs_det_jacobian(y, x)

    assert torch.autograd.gradcheck(inverse, given)


def test_gradients_of_the_radial_inverse_are_its_slopes():
    given = [draw(4, 3).requires_grad_(), draw(4, 3, seed=1).requires_grad_()]
    given += [draw(4, seed=2).requires_grad_(), draw(4, seed=3).requires_grad_()]
    assert torch.autograd.gradcheck(lambda y, *parts: Radial(*parts).inv(y), given)


@pytest.mark.parametrize("kind", MAPS)
def test_a_draws_density_is_the_density_at_the_draw(kind):
    base = DiagonalNormal(draw(3, 4), draw(3, 4, seed=1, scale=0.5))
    flow = NormalizingFlow(base, build(kind, 4, (3,)))
    z, log_q = flow.rsample_and_log_prob((50,))
    assert (z.shape, log_q.shape) == ((50, 3, 4), (50, 3))
    torch.testing.assert_close(flow.log_prob(z), log_q, atol=1e-7, rtol=1e-7)
    assert flow.rsample((7,)).shape == flow.sample((7,)).shape == (7, 3, 4)
    assert flow.log_prob(z[:, :1]).shape == (50, 3)
    torch.testing.assert_close(flow.log_prob(z[:, :1])[:, 0], log_q[:, 0], atol=1e-7, rtol=1e-7)


@pytest.mark.parametrize("kind", MAPS)
def test_the_density_of_many_points_under_many_posteriors(kind):
    """As the aggregate posterior needs it: (S, 1, D) against a batch of (N,)."""
    whole = NormalizingFlow(StandardNormal(torch.zeros(3, 2).double()), build(kind, 2, (3,)))
    z = draw(6, 1, 2, seed=5)
    each = whole.log_prob(z)
    assert each.shape == (6, 3)
    torch.testing.assert_close(each[:, 1], whole.log_prob(z.expand(6, 3, 2))[:, 1])


def test_torchs_own_transforms_will_do_too():
    """Also one that acts on single numbers, whose log-determinants must be added up."""
    flow = NormalizingFlow(
        Independent(Laplace(torch.zeros(2).double(), torch.full((2,), 0.2).double()), 1),
        [AffineTransform(0.5, 2.0), TanhTransform()],
    )
    torchs = torch.distributions.TransformedDistribution(flow.base, flow.transforms)
    z, log_q = flow.rsample_and_log_prob((40,))
    torch.testing.assert_close(log_q, torchs.log_prob(z))
    torch.testing.assert_close(flow.log_prob(z), torchs.log_prob(z))
    assert NormalizingFlow(flow.base, []).log_prob(z).shape == (40,)


@pytest.mark.parametrize("kind", MAPS)
def test_the_mean_is_where_cold_draws_go(kind):
    base = DiagonalNormal(draw(3, 2), draw(3, 2, seed=1))
    flow = NormalizingFlow(base, build(kind, 2, (3,)))
    cold = tempered(flow, 1e-9).sample((5,))
    torch.testing.assert_close(cold, flow.mean.expand(5, 3, 2), atol=1e-6, rtol=1e-6)
    assert torch.equal(flow.mean, flow.mean)
    assert tempered(flow, 2.0).base.variance.equal(base.tempered(2.0).variance)


def test_a_masked_flow_waits_for_what_comes_before():
    """The Jacobian of one map is triangular, and with two passes block triangular."""
    for passes, order in ((None, [0, 1, 2, 3]), (2, [0, 0, 1, 1])):
        torch.manual_seed(0)
        flow = MaskedFlow(4, "affine", 1, (16,), passes=passes)
        jacobian = torch.autograd.functional.jacobian(flow()[0], torch.randn(4))
        waits = torch.tensor(order)[:, None] > torch.tensor(order)
        assert bool((jacobian.abs() > 0)[waits].all())
        assert not bool(jacobian[~waits & ~torch.eye(4, dtype=torch.bool)].any())


def test_a_masked_flows_order_is_reversed_between_maps():
    flow = MaskedFlow(3, "affine", 3, (16,))
    assert [step.order.tolist() for step in flow.maps] == [[0, 1, 2], [2, 1, 0], [0, 1, 2]]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"kind": "radial"}, "one of affine, spline, not 'radial'"),
        ({"dim": 0}, "at least one dimension"),
        ({"transforms": 0}, "at least one dimension"),
        ({"hidden": (0,)}, "at least one dimension"),
        ({"bins": 1}, "at least one dimension"),
    ],
)
def test_a_masked_flows_options_are_checked(options, sentence):
    good = {"dim": 2, "kind": "affine", "transforms": 2, "hidden": (8,)}
    with pytest.raises(CompositionError, match=sentence):
        MaskedFlow(**(good | options))


SCRIPT = """
import sys
from torch.distributions import Distribution, Normal
before = vars(Distribution)["arg_constraints"]
import reparam
import reparam.distributions, reparam.families, reparam.flows, reparam.priors
assert "zuko" not in sys.modules, "imported too early"
reparam.families.PlanarFlow(2)
assert "zuko" not in sys.modules, "imported for nothing"
reparam.priors.FlowPrior(2)
assert "zuko" in sys.modules
assert vars(Distribution)["arg_constraints"] is before
assert Distribution._validate_args
try:
    Normal(0.0, -1.0)
except ValueError:
    print("validated")
"""


def test_torch_goes_on_validating_after_zuko_was_imported():
    command = [sys.executable, "-W", "error", "-c", SCRIPT]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "validated\n"


def test_zukos_own_distributions_still_work():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        flow = zuko().flows.NSF(2, 1)(torch.zeros(3, 1))
        assert flow.log_prob(torch.zeros(3, 2)).shape == (3,)
