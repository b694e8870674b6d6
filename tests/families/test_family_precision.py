"""Densities are computed in float32 or wider, and no log-variance overflows."""

import pytest
import torch
from torch import nn

from reparam import families
from reparam.families.family import bounded

CASES = [
    (families.DiagonalNormal(), (4,)),
    (families.IsotropicNormal(), (4,)),
    (families.FullNormal(4), (4,)),
    (families.Bernoulli(), (1, 4, 4)),
    (families.ContinuousBernoulli(), (1, 4, 4)),
    (families.Normal(), (1, 4, 4)),
    (families.Normal(variance="scalar"), (1, 4, 4)),
    (families.Normal(variance="pixel"), (1, 4, 4)),
    (families.Padded(families.Bernoulli(), [1, 1, 1, 1]), (1, 4, 4)),
]


@pytest.mark.parametrize(("family", "event"), CASES)
def test_mixed_precision_ends_at_the_family(family, event):
    features = torch.randn(5, *family.features(event))
    x = torch.rand(5, *event)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        read = family(features.bfloat16())
        assert read.mean.dtype == torch.float32
        nats = read.log_prob(x)
    assert nats.dtype == torch.float32
    torch.testing.assert_close(nats, family(features.bfloat16().float()).log_prob(x))


def test_a_linear_layer_inside_autocast_is_what_is_cast():
    """Guards the test above: autocast does give bfloat16 here."""
    layer, x = nn.Linear(4, 8), torch.randn(5, 4)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        features = layer(x)
        assert features.dtype == torch.bfloat16
        q = families.DiagonalNormal()(features)
    q.log_prob(torch.zeros(4)).sum().backward()
    assert layer.weight.grad.dtype == torch.float32
    assert bool(layer.weight.grad.any())


@pytest.mark.parametrize(("family", "event"), CASES)
@pytest.mark.parametrize("dtype", [torch.float16, torch.float64])
def test_halves_are_widened_and_doubles_kept(family, event, dtype):
    read = family(torch.randn(2, *family.features(event)).to(dtype))
    wide = torch.float32 if dtype == torch.float16 else torch.float64
    assert read.mean.dtype == wide
    assert read.log_prob(torch.rand(2, *event).to(wide)).dtype == wide


def test_small_log_variances_pass_as_they_are():
    raw = torch.linspace(-3, 3, 101)
    assert (bounded(raw) - raw).abs().max() < 0.01
    slope = torch.autograd.functional.jacobian(bounded, raw).diagonal()
    assert slope.min() > 0.98


@pytest.mark.parametrize("raw", [1e9, 1e30, -1e30])
def test_no_log_variance_overflows(raw):
    assert bounded(torch.tensor(raw)).abs() == 30
    features = torch.cat([torch.zeros(2), torch.full((2,), raw)]).requires_grad_()
    q = families.DiagonalNormal()(features)
    nats = torch.distributions.kl_divergence(q, families.DiagonalNormal()(torch.zeros(4)))
    total = nats + q.rsample().square().sum() + q.log_prob(torch.ones(2))
    total.backward()
    assert bool(torch.isfinite(total))
    assert bool(torch.isfinite(features.grad).all())


@pytest.mark.parametrize("raw", [1e30, -1e30])
def test_no_normal_overflows(raw):
    wide = torch.full((1, 1, 2, 2), raw)
    pictures = families.Normal(variance="pixel")(torch.cat([torch.zeros_like(wide), wide], 1))
    assert bool(torch.isfinite(pictures.log_prob(torch.ones(1, 2, 2))).all())
    isotropic = families.IsotropicNormal()(torch.tensor([0.0, 0.0, raw]))
    assert bool(torch.isfinite(isotropic.log_prob(torch.ones(2))))
    full = families.FullNormal(2)(torch.tensor([0.0, 0.0, raw, raw, 0.5]))
    assert bool(torch.isfinite(full.log_prob(torch.ones(2))))


def test_a_learned_scalar_is_bounded_too():
    family = families.Normal(variance="scalar")
    with torch.no_grad():
        family.log_variance.fill_(1e9)
    assert bool(torch.isfinite(family(torch.zeros(1, 1, 2, 2)).log_prob(torch.zeros(1, 1, 2, 2))))
