"""Critics of codes: what they judge, what they learn where the answer is known, who is trained."""

import math
from itertools import permutations

import numpy as np
import pytest
import torch
from torch import nn
from torch.distributions import MultivariateNormal, Normal

from reparam import zoo
from reparam.distributions import DiagonalNormal
from reparam.networks import MLP
from reparam.objectives import AdversarialPrior, CriticTotalCorrelation, Objective
from reparam.objectives.adversarial import shuffled, telling_apart
from reparam.priors import StandardNormal
from reparam.randomness import seeded
from reparam.trace import Latent, Trace
from reparam.training import Step


def trace_of(z, prior=None):
    """A trace of codes (K, B, D) alone, under a standard normal prior."""
    q = DiagonalNormal(z[0], torch.zeros_like(z[0]))
    prior = prior or StandardNormal(z.shape[-1]).double()()
    return Trace(z[0], z[0], (Latent(z, q, prior),), q, nn.Identity())


def softplus(x):
    return np.log1p(np.exp(x))


class Heard(nn.Module):
    """A critic with one weight that keeps what it was shown."""

    def __init__(self):
        super().__init__()
        self.weight, self.shown = nn.Parameter(torch.tensor(0.7).double()), []

    def forward(self, z):
        self.shown.append(z)
        return self.weight * (z[:, :1] + 2 * z[:, 1:2])


def test_telling_apart_is_a_cross_entropy_with_equal_shares():
    """Whatever the numbers of draws: low for the right way round."""
    a, b = torch.randn(3, 1).double() + 2, torch.randn(7, 1).double() - 2
    expected = (softplus(-a.numpy()).mean() + softplus(b.numpy()).mean()) / 2
    assert telling_apart(a, b).item() == pytest.approx(expected)
    assert telling_apart(a, b) < math.log(2) < telling_apart(b, a)


def test_shuffling_gives_each_dimension_its_own_order():
    """Every pair of orders of 3 codes in 2 dimensions comes up as often as any other."""
    z = torch.tensor([[0.0, 0.0], [1, 1], [2, 2]])
    orders = list(permutations(range(3)))
    counts = np.zeros((6, 6))
    for _ in range(7200):
        first, second = (tuple(int(v) for v in column) for column in shuffled(z).T)
        counts[orders.index(first), orders.index(second)] += 1
    assert ((counts - 200) ** 2 / 200).sum() < 75  # chi-squared of 35: 1 in 10,000


@pytest.mark.parametrize("k", [1, 2])
def test_the_critic_of_dependence_sees_one_half_as_it_is_and_shuffles_the_other(k):
    critic = Heard()
    z = torch.randn(k, 6, 2).double()
    loss = CriticTotalCorrelation(critic).critic_loss(trace_of(z))
    real, mixed = critic.shown
    codes, half = z.reshape(-1, 2), 3 * k
    torch.testing.assert_close(real, codes[:half])
    assert not torch.equal(mixed, codes[half:])
    torch.testing.assert_close(mixed.sort(0).values, codes[half:].sort(0).values)
    logits = [0.7 * (part[:, 0] + 2 * part[:, 1]).detach().numpy() for part in (real, mixed)]
    expected = softplus(-logits[0]).mean() / 2 + softplus(logits[1]).mean() / 2
    assert loss.item() == pytest.approx(expected)


@pytest.mark.parametrize("k", [1, 3])
def test_the_terms_are_their_formulas(k):
    z = torch.randn(k, 5, 2).double()
    logits = (0.7 * (z[..., 0] + 2 * z[..., 1])).numpy()
    found = CriticTotalCorrelation(Heard().double())(trace_of(z))
    np.testing.assert_allclose(found.detach(), logits.mean(0))
    found = AdversarialPrior(Heard())(trace_of(z))
    np.testing.assert_allclose(found.detach(), softplus(-logits).mean(0))


def test_the_critic_of_codes_sees_as_many_draws_from_the_prior():
    critic, z = Heard(), torch.randn(2, 5, 2).double()
    prior = DiagonalNormal(torch.full((2,), 50.0).double(), torch.zeros(2).double())
    loss = AdversarialPrior(critic).critic_loss(trace_of(z, prior))
    drawn, codes = critic.shown
    torch.testing.assert_close(codes, z.reshape(-1, 2))
    assert drawn.shape == codes.shape
    assert (drawn > 40).all()
    logits = [0.7 * (part[:, 0] + 2 * part[:, 1]).detach().numpy() for part in (drawn, codes)]
    expected = softplus(-logits[0]).mean() / 2 + softplus(logits[1]).mean() / 2
    assert loss.item() == pytest.approx(expected)


def learned(term, draw, steps=400):
    """The term after its critic alone was trained on fresh codes."""
    optimizer = torch.optim.Adam(term.parameters(), lr=0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        optimizer.zero_grad()
        term.critic_loss(trace_of(draw(1000))).backward()
        optimizer.step()
        schedule.step()
    return term


def far_off(term, z, truth):
    """The root of the mean squared error of the logits, and their correlation with the truth."""
    logits = term.critic(z).detach()[:, 0]
    error = (logits - truth).square().mean().sqrt()
    return error.item(), torch.corrcoef(torch.stack([logits, truth]))[0, 1].item()


def test_a_critic_learns_how_much_two_latents_depend_on_each_other():
    """Normal codes with a correlation of 0.8: -log(1 - 0.64) / 2 = 0.51 nats."""
    rho = 0.8
    q = MultivariateNormal(torch.zeros(2).double(), torch.tensor([[1, rho], [rho, 1]]).double())
    term = CriticTotalCorrelation(MLP(2, 1, hidden=[24, 24], activation="leaky_relu").double())
    term = learned(term, lambda n: q.sample((1, n)))
    z = q.sample((20_000,))
    truth = q.log_prob(z) - Normal(0.0, 1.0).log_prob(z).sum(-1)
    error, correlation = far_off(term, z, truth)
    assert error < 0.2
    assert correlation > 0.97
    correlation_of_latents = -math.log(1 - rho**2) / 2
    assert term(trace_of(z[None])).mean().item() == pytest.approx(correlation_of_latents, abs=0.06)
    apart = torch.randn(20_000, 2).double()
    assert term(trace_of(apart[None])).mean() < -0.7  # the divergence the other way: -1.27


def test_a_critic_learns_the_ratio_of_prior_and_codes():
    """Codes from N(1, 0.5^2) and a prior N(0, 1)."""
    q, p = Normal(torch.tensor(1.0).double(), 0.5), Normal(torch.tensor(0.0).double(), 1.0)
    term = AdversarialPrior(MLP(1, 1, hidden=[24, 24], activation="leaky_relu").double())
    term = learned(term, lambda n: q.sample((1, n, 1)))
    for z in (q.sample((20_000, 1)), torch.linspace(-0.5, 2.0, 50).double()[:, None]):
        truth = (p.log_prob(z) - q.log_prob(z))[:, 0]
        error, correlation = far_off(term, z, truth)
        assert error < 0.1
        assert correlation > 0.99
    z = q.sample((1, 20_000, 1))
    truth = nn.functional.softplus(q.log_prob(z) - p.log_prob(z)).mean()
    assert term(trace_of(z)).mean().item() == pytest.approx(truth.item(), abs=0.03)


class Ratio(nn.Module):
    """The best critic of codes from N(m, 1) against N(0, 1)."""

    def __init__(self, mean):
        super().__init__()
        self.mean = nn.Parameter(mean)

    def forward(self, z):
        return (self.mean.square() / 2 - self.mean * z).sum(-1, keepdim=True)


def test_the_encoder_that_listens_comes_nearer_to_the_prior():
    mean = torch.tensor([1.5, -0.5]).double().requires_grad_()
    z = mean + torch.randn(1, 500, 2).double()
    AdversarialPrior(Ratio(mean.detach().clone()))(trace_of(z)).mean().backward()
    assert mean.grad[0] > 0.1
    assert mean.grad[1] < -0.05


VARIANTS = {"factor_vae": "total_correlation", "adversarial_autoencoder": "adversarial_prior"}


@pytest.mark.parametrize("name", VARIANTS)
def test_one_backward_gives_each_player_its_own_gradient(name):
    """The model's through a critic of constants, the critic's of codes that are constants."""
    model, objective = getattr(zoo, name)((6,), latent=2, widths=[5], critic=[4])
    step, x = Step(model, objective).double(), torch.rand(8, 6).double()
    with seeded(3):
        values = step(x)
    (values["loss"] + values["critic"]).backward()
    found = {n: p.grad.clone() for n, p in step.named_parameters()}
    step.zero_grad()
    with seeded(3):
        trace = model(x)
        term = {term.name: term for term in objective}[VARIANTS[name]]
        term.critic.requires_grad_(False)
        values = objective(trace)
        others = sum(values[t.name] * t.weight for t in objective if t is not term)
        (others + term.weight * term(trace).mean()).backward()
        term.critic.requires_grad_(True)
        z = trace.latents[0].z.detach()
        term.critic_loss(
            Trace(x, x, (Latent(z, None, trace.latents[0].p),), None, model)
        ).backward()
    for key, p in step.named_parameters():
        torch.testing.assert_close(found[key], p.grad)
        assert p.grad.any()


@pytest.mark.parametrize("gamma", [1.0, 35.0])
def test_factor_vaes_loss_is_the_papers(gamma):
    model, objective = zoo.factor_vae((6,), latent=2, widths=[5], critic=[4], gamma=gamma)
    trace = model(torch.rand(8, 6))
    values = objective(trace)
    logits = objective.terms[2].critic(trace.latents[0].z[0]).mean()
    expected = -trace.log_likelihood.mean() + trace.kl.mean() + gamma * logits
    torch.testing.assert_close(values["loss"], expected)


@pytest.mark.parametrize("term", [CriticTotalCorrelation, AdversarialPrior])
def test_a_batch_of_one_is_finite(term):
    values = Step(zoo.vae((6,), latent=2, widths=[5]).model, Objective(term(MLP(2, 1, [4]))))
    assert all(value.isfinite().all() for value in values(torch.rand(1, 6)).values())
