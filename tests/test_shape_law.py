"""A log-density is (K, B), always: families learn their axes, all else is refused."""

import math

import pytest
import torch
from torch import distributions as torchs
from torch import nn

from reparam import families, fit, zoo
from reparam.conditional import Conditional
from reparam.data import Dataset
from reparam.distributions import StandardNormal as Standard
from reparam.errors import CompositionError
from reparam.metrics import bound, evidence
from reparam.models import VAE
from reparam.networks import MLP
from reparam.objectives import (
    Distortion,
    ImportanceWeighted,
    MaximumMeanDiscrepancy,
    Objective,
    Rate,
    Term,
)
from reparam.priors import StandardNormal
from reparam.trace import Latent, Trace

B, K, D = 6, 3, 2
MAKES = {
    "Bernoulli": (families.Bernoulli, lambda p: torchs.Bernoulli(logits=p)),
    "Normal": (
        lambda: families.Normal(0.1, "scalar"),
        lambda p: torchs.Normal(p.sigmoid(), 0.1),
    ),
    "Laplace": (lambda: families.Laplace(0.5), lambda p: torchs.Laplace(p.sigmoid(), 0.5)),
    "StudentT": (
        lambda: families.StudentT(4.0, 0.1),
        lambda p: torchs.StudentT(4.0, p.sigmoid(), 0.1),
    ),
    "ContinuousBernoulli": (
        families.ContinuousBernoulli,
        lambda p: torchs.ContinuousBernoulli(logits=p),
    ),
}


@pytest.mark.parametrize("shape", [(20,), (2, 5), (1, 3, 4), (1, 2, 3, 2)])
@pytest.mark.parametrize("name", MAKES)
def test_families_learn_their_axes_from_the_shape(name, shape):
    """Against torch's densities, summed over an item's axes: vectors, sequences, volumes."""
    torch.manual_seed(0)
    family, theirs = MAKES[name]
    network = MLP(D, shape, hidden=[4])
    p = Conditional(network, family(), [1])(z := torch.randn(K, B, D))
    x = torch.rand(B, *shape).round()
    logits = network(z.flatten(0, 1)).unflatten(0, (K, B))
    expected = theirs(logits).log_prob(x).flatten(2).sum(-1)
    assert (p.batch_shape, p.event_shape) == ((K, B), shape)
    torch.testing.assert_close(p.log_prob(x), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("latent", [(4,), (4, 3), (4, 3, 2)])
def test_a_latent_of_any_shape_has_one_rate_an_example(latent):
    features = (2 * latent[0], *latent[1:])
    q = Conditional(MLP(5, features, hidden=[8]), families.DiagonalNormal(), [1])(torch.rand(B, 5))
    drawn = Latent.draw(q, Standard(torch.zeros(latent), len(latent)), K)
    assert drawn.z.shape == (K, B, *latent)
    assert drawn.kl_per_dimension.shape == (B, *latent)
    torch.testing.assert_close(drawn.kl, drawn.kl_per_dimension.flatten(1).sum(1).expand(K, B))


def test_the_recipe_of_the_readme_trains_on_the_right_number_for_vectors():
    """Images have three axes and vectors one: three axes once summed over the batch."""
    model, _ = zoo.vae((20,), latent=D, widths=[8])
    family = families.Normal(0.1, "scalar")
    model.likelihood = Conditional(model.likelihood.network, family, [1])
    x = torch.rand(B, 20)
    values = Objective(Distortion(), Rate())(trace := model(x))
    error = (trace.likelihood.mean - x).square().sum(-1)
    nats = error / (2 * 0.1**2) + 20 * math.log(0.1 * math.sqrt(2 * math.pi))
    torch.testing.assert_close(values["distortion"], nats.mean())


class Plain(families.Family):
    """A family as a newcomer writes it: pixels that nobody told to be one event."""

    def read(self, features):
        return torchs.Normal(features, 1.0, validate_args=False)

    def features(self, shape):
        return tuple(shape)


def broken(part):
    model, _ = zoo.vae(
        (1, 4, 4), latent=B, network="mlp", widths=[8]
    )  # B latents: shapes coincide
    if part == "likelihood":
        model.likelihood.family = Plain()
    elif part == "posterior":
        model.posterior = Conditional(MLP(16, B, hidden=[8]), Plain(), [3])
    else:
        model.likelihood.network = MLP(B, (3, 4, 4), hidden=[8])  # would broadcast over channels
    return model


REFUSED = {
    "likelihood": r"the likelihood's log-density would not be one number .* its Normal has the",
    "posterior": r"the rate \(KL divergence\) would not be one number|has no prior|posterior's",
    "channels": r"the likelihood's log-density would not be one number .* \(3, 4, 4\)",
}


@pytest.mark.parametrize("part", REFUSED)
def test_what_is_not_one_number_a_draw_is_refused_everywhere(part, tmp_path):
    model, data = broken(part), Dataset(torch.rand(B, 1, 4, 4))
    objective = Objective(Distortion(), Rate())
    with pytest.raises(CompositionError, match=REFUSED[part]):
        objective(model(data.tensor()))
    with pytest.raises(CompositionError, match=REFUSED[part]):
        fit(model, objective, data, epochs=1, out=tmp_path / "run", progress=False)
    assert not (tmp_path / "run").exists()
    for measure in (bound, evidence):
        with pytest.raises(CompositionError, match="one number for each draw"):
            measure(model, data, samples=B)
    with pytest.raises(CompositionError, match="one number for each draw"):
        model.log_prob(data.tensor(), samples=B)
    for gradient in ("plain", "path", "doubly"):
        weighted = Objective(ImportanceWeighted(gradient=gradient), samples=B)
        with pytest.raises((CompositionError, RuntimeError)):
            weighted(model(data.tensor(), samples=B))


def test_a_term_of_another_shape_is_refused_by_its_name():
    class Wrong(Term):
        name = "wrong"

        def forward(self, trace):
            return trace.x.flatten(1)

    model, _ = zoo.vae((5,), latent=D, widths=[4])
    with pytest.raises(CompositionError, match=r"the term 'wrong' gives the shape \(6, 5\)"):
        Objective(Wrong())(model(torch.rand(B, 5)))


def test_a_family_made_for_other_axes_is_refused():
    net = nn.Linear(3, 7)
    with pytest.raises(
        CompositionError, match="made for events of 2 axes, and its network gives 1"
    ):
        Conditional(net, families.Bernoulli(2), [1])(torch.zeros(4, 3))
    with pytest.raises(
        CompositionError, match="takes events of 3 axes, and these features have 2"
    ):
        families.Bernoulli()(torch.zeros(4, 7))


class TwoLevels(nn.Module):
    """q(z2 | x), q(z1 | x, z2), p(z1 | z2): the lower posterior has a batch of (K, B)."""

    def __init__(self):
        super().__init__()
        self.top, self.prior = nn.Linear(5, 4), StandardNormal(2)
        self.low = Conditional(MLP(7, 6, hidden=[8]), families.DiagonalNormal(), [1])
        self.below = Conditional(nn.Linear(2, 6), families.DiagonalNormal(), [1])
        self.likelihood = Conditional(nn.Linear(3, 5), families.Bernoulli(), [1])

    def forward(self, x, samples=1):
        q = families.DiagonalNormal()(self.top(x))
        top = Latent.draw(q, self.prior(), samples)
        q = self.low(torch.cat([x.expand(samples, *x.shape), top.z], -1))
        low = Latent(q.rsample(), q, self.below(top.z))
        return Trace(x, x, (top, low), self.likelihood(low.z), self)


def test_free_bits_of_a_lower_latent_are_means_over_the_batch():
    """Each dimension's mean over draws and examples, counted out in float64 by torch's own KL."""
    torch.manual_seed(0)
    model, x = TwoLevels().double(), torch.rand(B, 5).double()
    trace = model(x, samples=K)
    expected = 0.0
    for latent in trace.latents:
        q = torchs.Normal(latent.q.mean, latent.q.variance.sqrt())
        p = torchs.Normal(latent.p.mean, latent.p.variance.sqrt())
        each = torchs.kl_divergence(q, p).expand(K, B, -1)
        expected += sum(max(0.3, each[:, :, j].mean().item()) for j in range(each.shape[-1]))
    found = Rate(free_bits=0.3)(trace)
    assert found.ndim == 0
    assert found.item() == pytest.approx(expected)
    assert trace.kl.shape == trace.log_weight.shape == (K, B)


def test_two_latents_are_trained_and_validated():
    data = Dataset(torch.rand(24, 5, generator=torch.Generator().manual_seed(0)))
    objective = Objective(Distortion(), Rate(free_bits=0.1), samples=2)
    history = fit(TwoLevels(), objective, data, data, epochs=2, batch_size=8, progress=False)
    validation = history.last["validation"]
    assert len(validation["rate_per_dimension"]) == 5
    assert sum(validation["rate_per_dimension"]) == pytest.approx(validation["rate"], rel=1e-4)


def test_a_term_of_one_latent_refuses_two():
    trace = TwoLevels()(torch.rand(B, 5))
    with pytest.raises(CompositionError, match="has 2 latent variables, and a term of the"):
        MaximumMeanDiscrepancy()(trace)
    assert isinstance(trace.model, TwoLevels)
    assert not isinstance(trace.model, VAE)
