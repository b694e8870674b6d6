"""Nats per example: sums over pixels and latents, means over examples."""

import pytest
import torch
from torch.distributions import kl_divergence

from reparam.errors import CompositionError
from reparam.objectives import (
    Distortion,
    Objective,
    OptimalSigma,
    Rate,
    RootMeanSquaredError,
    SquaredError,
    Term,
)
from reparam.trace import Latent, Trace

TERMS = [
    Distortion(),
    Rate(),
    Rate(free_bits=0.5),
    SquaredError(),
    RootMeanSquaredError(),
    OptimalSigma(),
    OptimalSigma(per="example"),
]


def doubled(trace):
    """The same examples twice in one batch."""
    latent = trace.latents[0]
    q = type(latent.q)(latent.q.mean.repeat(2, 1), latent.q.log_variance.repeat(2, 1))
    p = trace.likelihood
    likelihood = type(p)(p.mean.repeat(1, 2, 1, 1, 1), p.shared_log_variance[0, 0], 3)
    x = trace.x.repeat(2, 1, 1, 1)
    return Trace(x, x, (Latent(latent.z.repeat(1, 2, 1), q, latent.p),), likelihood, None)


def test_distortion_and_rate_are_summed_within_and_averaged_over_examples(make):
    trace = make(k=3)
    values = Objective(Distortion(), Rate())(trace)
    p, q = trace.likelihood, trace.latents[0].q
    pixels = torch.distributions.Normal(p.mean, 1.0).log_prob(trace.x)
    torch.testing.assert_close(values["distortion"], -pixels.sum((2, 3, 4)).mean())
    scalars = torch.distributions.Normal(q.mean, q.stddev)
    standard = torch.distributions.Normal(torch.zeros(2).double(), 1.0)
    torch.testing.assert_close(values["rate"], kl_divergence(scalars, standard).sum(1).mean())
    torch.testing.assert_close(values["loss"], values["distortion"] + values["rate"])


@pytest.mark.parametrize("term", TERMS, ids=lambda term: f"{term.name}-{vars(term).get('per')}")
def test_a_batch_of_twins_has_the_same_loss(make, term):
    trace = make(k=2)
    once, twice = Objective(term)(trace), Objective(term)(doubled(trace))
    torch.testing.assert_close(once["loss"], twice["loss"])


def test_terms_say_whether_they_are_of_examples_or_of_the_batch(make):
    shapes = [tuple(term(make(k=2)).shape) for term in TERMS]
    assert shapes == [(5,), (5,), (), (5,), (5,), (), (5,)]


@pytest.mark.parametrize("k", [1, 2, 7])
def test_draws_are_averaged_and_not_summed(make, k):
    trace = make(k=k)
    values = Distortion()(trace), Rate()(trace)
    torch.testing.assert_close(values[0], -trace.log_likelihood.sum(0) / k)
    torch.testing.assert_close(values[1], trace.kl[0])


def test_weights_multiply_terms_and_values_are_shown_without_them(make):
    plain = Objective(Distortion(), Rate())(make())
    weighted = Objective(Distortion(weight=0.5), Rate(weight=4.0))(make())
    torch.testing.assert_close(weighted["distortion"], plain["distortion"])
    torch.testing.assert_close(weighted["rate"], plain["rate"])
    expected = 0.5 * plain["distortion"] + 4 * plain["rate"]
    torch.testing.assert_close(weighted["loss"], expected)


def test_example_weights_enter_once(make):
    trace, weights = make(), torch.tensor([0.0, 0.0, 2.0, 1.0, 2.0]).double()
    objective = Objective(Distortion(), Rate(weight=3.0))
    values = objective(trace, weights)
    each = Distortion()(trace), Rate()(trace)
    torch.testing.assert_close(values["distortion"], (each[0] * weights).sum() / 5)
    torch.testing.assert_close(values["rate"], (each[1] * weights).sum() / 5)
    torch.testing.assert_close(values["loss"], values["distortion"] + 3 * values["rate"])
    even = objective(trace, torch.ones(5).double())
    torch.testing.assert_close(even["loss"], objective(trace)["loss"])


def test_a_number_for_the_whole_batch_has_no_example_weights(make):
    weights = torch.tensor([0.0, 0.0, 2.0, 1.0, 2.0]).double()
    objective = Objective(OptimalSigma())
    torch.testing.assert_close(objective(make(), weights), objective(make()))


def test_two_terms_of_one_name_are_refused():
    with pytest.raises(CompositionError, match=r"the name 'rate' is taken: give .* name="):
        Objective(Distortion(), Rate(), Rate(2.0))
    assert [t.name for t in Objective(Rate(), Rate(2.0, name="again"))] == ["rate", "again"]
    assert [t.name for t in Objective(Rate(), Rate(free_bits=1.0))][1] == "rate_with_free_bits"


@pytest.mark.parametrize("name", ["loss", "critic", "gradient_norm", "step", "epoch", "split"])
def test_names_of_other_results_are_refused(name):
    with pytest.raises(CompositionError, match=f"the name '{name}' is taken"):
        Objective(Distortion(name=name))


def test_an_objective_has_terms_and_samples():
    with pytest.raises(CompositionError, match="at least one term"):
        Objective()
    with pytest.raises(CompositionError, match="at least one sample, not 0"):
        Objective(Distortion(), samples=0)


@pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf")])
def test_weights_are_finite_and_not_negative(weight):
    with pytest.raises(CompositionError, match="a weight is a finite number of at least 0"):
        Rate(weight)


def test_critic_losses_add_up_where_there_are_any(make):
    class Judge(Term):
        name = "judge"

        def forward(self, trace):
            return trace.x.flatten(1).sum(1)

        def critic_loss(self, trace):
            return trace.x.mean()

    trace = make()
    assert Objective(Distortion()).critic_loss(trace) is None
    both = Objective(Distortion(), Judge(), Judge(name="second"))
    torch.testing.assert_close(both.critic_loss(trace), 2 * trace.x.mean())
