"""The second waist: what a pass leaves, and what can be read off it."""

from types import SimpleNamespace

import pytest
import torch
from torch import distributions as torchs
from torch import nn
from torch.distributions import Independent, Laplace, MixtureSameFamily, Normal, kl_divergence

from reparam import families, priors, zoo
from reparam.distributions import DiagonalNormal, FullNormal, IsotropicNormal, PointMass
from reparam.errors import CompositionError, NoDensityError
from reparam.flows.masked import zuko
from reparam.models import VAE
from reparam.priors import StandardNormal
from reparam.trace import Latent, Trace, detached

K, B, D = 4000, 3, 2


@pytest.fixture
def q():
    torch.manual_seed(0)
    return DiagonalNormal(torch.randn(B, D), torch.randn(B, D))


def standard():
    return StandardNormal(D)()


def test_a_known_divergence_is_exact_for_every_draw(q):
    latent = Latent.draw(q, standard(), K)
    assert latent.z.shape == (K, B, D)
    assert latent.exact
    assert latent.kl.shape == (K, B)
    torch.testing.assert_close(latent.kl, kl_divergence(q, standard()).expand(K, B))


@pytest.mark.parametrize("untouched", [True, False])
def test_a_sampled_divergence_tends_to_the_exact_one(q, untouched):
    """With a prior whose divergence from q nobody knows, and with a z that is called moved."""
    known = kl_divergence(q, standard())
    p = standard() if not untouched else Hidden(standard())
    latent = Latent.draw(q, p, K)
    latent.untouched = untouched
    assert not latent.exact
    assert latent.kl.std() > 0.1
    error = latent.kl.std(0) / K**0.5
    assert ((latent.kl.mean(0) - known).abs() < 5 * error).all()
    torch.testing.assert_close(latent.kl, latent.log_ratio)


class Hidden(torchs.Distribution):
    """A distribution of which no divergence is registered."""

    arg_constraints = {}  # noqa: RUF012

    def __init__(self, base):
        self.base = base
        super().__init__(base.batch_shape, base.event_shape, validate_args=False)

    def log_prob(self, value):
        return self.base.log_prob(value)


def test_a_moved_z_is_scored_where_it_is_now(q):
    latent = Latent.draw(q, standard(), 5)
    latent = Latent(latent.z + 10, q, standard(), untouched=False)
    expected = q.log_prob(latent.z) - standard().log_prob(latent.z)
    torch.testing.assert_close(latent.kl, expected)
    assert not latent.exact
    with pytest.raises(CompositionError, match="z was moved after it was drawn"):
        _ = latent.kl_per_dimension


def test_the_density_that_drawing_gave_is_kept(q):
    class Flow(Hidden):
        def rsample_and_log_prob(self, shape):
            z = self.base.rsample(shape)
            return z, self.base.log_prob(z) + 1

    latent = Latent.draw(Flow(q), standard(), 5)
    torch.testing.assert_close(latent.log_q, q.log_prob(latent.z) + 1)
    expected = q.log_prob(latent.z) + 1 - standard().log_prob(latent.z)
    torch.testing.assert_close(latent.kl, expected)


def test_dimensions_add_up(q):
    latent = Latent.draw(q, standard(), 5)
    assert latent.kl_per_dimension.shape == (B, D)
    torch.testing.assert_close(latent.kl_per_dimension.sum(-1), latent.kl[0])


def test_without_a_prior_a_rate_is_refused(q):
    latent = Latent.draw(q, None, 2)
    for name in ("kl", "log_ratio", "kl_per_dimension", "prior"):
        with pytest.raises(NoDensityError, match="no prior, so it has no rate"):
            getattr(latent, name)


def test_a_point_posterior_has_no_rate_rather_than_zero():
    latent = Latent.draw(PointMass(torch.zeros(B, D)), standard(), 2)
    with pytest.raises(NoDensityError, match="a point has no density"):
        _ = latent.kl


def pass_through(posterior, prior, likelihood, x, samples=1):
    return VAE(posterior, prior, likelihood)(x, samples=samples)


class Gives(nn.Module):
    """A conditional that gives what a function of its input says."""

    def __init__(self, read):
        super().__init__()
        self.read = read

    def forward(self, given):
        return self.read(given)


def unit(event_dims=1):
    return Gives(lambda given: IsotropicNormal(given, torch.zeros(()), event_dims))


@pytest.mark.parametrize(
    ("posterior", "prior", "likelihood", "rate", "distortion"),
    [
        (unit(), StandardNormal(D), unit(), True, True),
        (Gives(PointMass), None, unit(), False, True),
        (Gives(PointMass), StandardNormal(D), unit(), False, True),
        (unit(), None, unit(), False, True),
        (unit(), StandardNormal(D), Gives(PointMass), True, False),
    ],
)
def test_what_is_defined_is_known_before_it_is_asked_for(
    posterior, prior, likelihood, rate, distortion
):
    trace = pass_through(posterior, prior, likelihood, torch.zeros(B, D))
    assert (trace.has_rate, trace.has_distortion) == (rate, distortion)


def test_log_weight_is_the_joint_over_the_posterior(q):
    x = torch.rand(B, 1, 4, 4)
    model, _ = zoo.vae((1, 4, 4), latent=D, network="mlp", widths=[8])
    trace = model(x, samples=5)
    z = trace.latents[0].z
    joint = model.likelihood(z).log_prob(x) + standard().log_prob(z)
    assert trace.log_weight.shape == (5, B)
    torch.testing.assert_close(trace.log_weight, joint - model.posterior(x).log_prob(z))
    torch.testing.assert_close(trace.log_likelihood, model.likelihood(z).log_prob(x))
    assert trace.model is model
    assert trace.x is x
    assert trace.seen is x


def test_several_latents_add_up(q):
    pair = (Latent.draw(q, standard(), 5), Latent.draw(q, standard(), 5))
    likelihood = IsotropicNormal(torch.zeros(5, B, D), torch.zeros(()))
    x = torch.randn(B, D)
    trace = Trace(x, x, pair, likelihood, SimpleNamespace())
    torch.testing.assert_close(trace.kl, pair[0].kl + pair[1].kl)
    ratio = pair[0].log_ratio + pair[1].log_ratio
    torch.testing.assert_close(trace.log_weight, likelihood.log_prob(x) - ratio)


def leaf(*shape):
    return torch.rand(*shape).add(0.5).requires_grad_()


@pytest.mark.parametrize(
    "build",
    [
        lambda: DiagonalNormal(leaf(B, D), leaf(B, D)),
        lambda: IsotropicNormal(leaf(B, D), leaf(B)),
        lambda: FullNormal(leaf(B, D), leaf(B, D, D).tril()),
        lambda: Independent(Laplace(leaf(B, D), leaf(B, D)), 1),
        lambda: Independent(torchs.LogNormal(leaf(B, D), leaf(B, D)), 1),
        lambda: torchs.TransformedDistribution(
            Independent(Normal(leaf(B, D), leaf(B, D)), 1),
            [torchs.AffineTransform(leaf(D), leaf(D)), torchs.SigmoidTransform().inv.inv],
        ),
        lambda: MixtureSameFamily(
            torchs.Categorical(logits=leaf(B, 4)), Independent(Normal(leaf(B, 4, D), 1.0), 1)
        ),
    ],
)
def test_a_detached_density_is_the_same_and_only_z_carries_gradients(build):
    density = build()
    z = (torch.rand(B, D) * 0.8 + 0.1).requires_grad_()
    before = density.log_prob(z)
    stopped = detached(density)
    torch.testing.assert_close(stopped.log_prob(z), before)
    assert not stopped.log_prob(z.detach()).requires_grad
    assert stopped.log_prob(z).requires_grad
    assert density.log_prob(z.detach()).requires_grad


def zukos():
    """One of zuko's own flows, whose maps are functions bound to networks."""
    return zuko().flows.NSF(D, 3, transforms=2, passes=2, hidden_features=(8,))(leaf(B, 3))


@pytest.mark.parametrize(
    "build",
    [
        lambda: families.PlanarFlow(2)(leaf(B, 2 * D + 2 * (2 * D + 1))),
        lambda: families.RadialFlow(2)(leaf(B, 2 * D + 2 * (D + 2))),
        lambda: families.InverseAutoregressiveFlow(D, context=3)(leaf(B, 2 * D + 3)),
        lambda: families.InverseAutoregressiveFlow(D, context=0)(leaf(B, 2 * D)),
        lambda: families.NeuralSplineFlow(D, context=3)(leaf(B, 2 * D + 3)),
        lambda: priors.FlowPrior(D)(),
        lambda: priors.FlowPrior(D, "spline")(),
        lambda: priors.MixtureOfNormals(D, 3)(),
        zukos,
    ],
)
def test_a_detached_flow_is_the_same_and_only_z_carries_gradients(build):
    """Also where parameters are those of networks within transforms."""
    density = build()
    z = torch.randn(5, B, D).requires_grad_()
    before = density.log_prob(z)
    stopped = detached(density)
    torch.testing.assert_close(stopped.log_prob(z), before)
    assert not stopped.log_prob(z.detach()).requires_grad
    (gradient,) = torch.autograd.grad(stopped.log_prob(z).sum(), z)
    torch.testing.assert_close(gradient, torch.autograd.grad(before.sum(), z)[0])
    assert density.log_prob(z.detach()).requires_grad
    if density.has_rsample:
        assert not stopped.rsample().requires_grad


def test_detaching_leaves_networks_as_they_were():
    family = families.InverseAutoregressiveFlow(D, context=3)
    before = {name: id(p) for name, p in family.named_parameters()}
    q = family(leaf(B, 2 * D + 3))
    detached(q).log_prob(torch.randn(B, D))
    assert {name: id(p) for name, p in family.named_parameters()} == before
    q.log_prob(torch.randn(B, D)).sum().backward()
    assert all(p.grad is not None for p in family.parameters())


def test_a_transform_does_not_remember_the_inverse_of_what_was_stopped():
    affine = torchs.AffineTransform(leaf(D), leaf(D))
    remembered = affine.inv
    density = torchs.TransformedDistribution(Independent(Normal(leaf(B, D), 1.0), 1), [affine])
    assert not detached(density).log_prob(torch.randn(B, D)).requires_grad
    assert remembered.inv is affine
