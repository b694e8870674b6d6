"""The VAE-GAN's three gradients, against its three objectives on graphs with nothing detached.

Encoder, decoder and critic each minimise a loss of their own. Here each loss is written as in the
paper, on one graph from pixels to logits, and differentiated by its own player's weights alone.
"""

import pytest
import torch
import torch.nn.functional as F

from reparam import zoo
from reparam.errors import CompositionError
from reparam.networks import PictureCritic
from reparam.objectives import AdversarialPictures, CriticDistance, Distortion, Objective
from reparam.randomness import seeded
from reparam.training import Step

SHAPES = [(6,), (1, 6, 5)]


def build(shape=(6,), samples=1, **arguments):
    model, objective = zoo.vae_gan(shape, latent=2, widths=[5], critic=[4, 3], **arguments)
    objective = Objective(*objective, samples=samples)
    with torch.no_grad(), seeded(1):
        for p in (*model.parameters(), *objective.parameters()):
            p.add_(0.2 * torch.randn_like(p))
    return Step(model, objective).double(), torch.rand(7, *shape).double()


class Papers:
    """The three losses, from one pass with the draws that a step makes in this order."""

    def __init__(self, step, x):
        model, critic = step.model, step.objective.terms[0].critic
        samples = step.objective.samples
        with seeded(9):
            q, p = model.posterior(x), model.prior()
            z = q.rsample((samples,))
            drawn = [p.sample((samples, len(x))) for _ in range(2)]
        self.rate = 0.5 * (q.mean.square() + q.variance - 1 - q.log_variance).sum(1).mean()
        decoded = model.likelihood(z).mean.flatten(0, 1)
        again = [model.likelihood(more).mean.flatten(0, 1) for more in drawn]
        _, real = critic(x.repeat(samples, *[1] * (x.ndim - 1)))
        logits, shown = critic(decoded)
        square = (real - shown).flatten(1).square().sum(1)
        self.distance = square.mean() / 2
        both = [torch.cat([logits, critic(other)[0]]) for other in again]
        self.fooling = -F.logsigmoid(both[0]).mean()
        judged = -F.logsigmoid(critic(x)[0]).mean() - F.logsigmoid(-both[1]).mean()
        self.judging = judged / 2


def gradients(loss, module):
    return torch.autograd.grad(loss, [*module.parameters()], retain_graph=True)


@pytest.mark.parametrize("samples", [1, 2])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("gamma", "beta"), [(0.3, 1.0), (5.0, 0.5)])
def test_each_player_gets_the_gradient_of_the_papers_loss(shape, samples, gamma, beta):
    step, x = build(shape, samples, gamma=gamma, beta=beta)
    papers = Papers(step, x)
    with seeded(9):
        values = step(x)
    (values["loss"] + values["critic"]).backward()
    for player, loss in (
        (step.model.posterior, papers.distance + beta * papers.rate),
        (step.model.likelihood, gamma * papers.distance + papers.fooling),
        (step.objective.terms[0].critic, papers.judging),
    ):
        expected = gradients(loss, player)
        for p, right in zip(player.parameters(), expected, strict=True):
            torch.testing.assert_close(p.grad, right)
        assert all(right.any() for right in expected)


def test_what_is_reported_is_each_formulas_value():
    step, x = build((1, 6, 5), 2, gamma=0.3, beta=0.5)
    papers = Papers(step, x)
    with seeded(9):
        values = step(x)
    for name, right in (
        ("critic_distance", papers.distance),
        ("adversarial_pictures", papers.fooling),
        ("rate", papers.rate),
        ("critic", papers.judging),
        ("loss", papers.distance + 0.5 * papers.rate + papers.fooling),
    ):
        torch.testing.assert_close(values[name], right)


def test_fooling_is_the_decoders_business_alone():
    step, x = build()
    trace = step.model(x)
    distance, _, adversary = step.objective
    for term, trained in ((adversary, {"likelihood"}), (distance, {"posterior", "likelihood"})):
        found = torch.autograd.grad(
            term(trace).mean(), [*step.parameters()], retain_graph=True, allow_unused=True
        )
        pairs = zip(step.named_parameters(), found, strict=True)
        assert {n.split(".")[1] for (n, _), g in pairs if g is not None and g.any()} == trained
    judged = torch.autograd.grad(
        adversary.critic_loss(trace), [*step.model.parameters()], allow_unused=True
    )
    assert not any(g is not None and g.any() for g in judged)


@pytest.mark.parametrize("gamma", [0.0, 2.0])
def test_gamma_weighs_the_decoders_distance_and_neither_value_nor_encoder(gamma):
    step, x = build()
    trace, critic = step.model(x), step.objective.terms[0].critic
    found, plain = (CriticDistance(critic, g)(trace) for g in (gamma, 1.0))
    torch.testing.assert_close(found, plain)
    for part, times in ((step.model.posterior, 1.0), (step.model.likelihood, gamma)):
        for one, other in zip(
            gradients(found.sum(), part), gradients(plain.sum(), part), strict=True
        ):
            torch.testing.assert_close(one, times * other)
    with pytest.raises(CompositionError, match="of at least 0, not -1"):
        CriticDistance(critic, -1.0)


def test_the_critics_of_both_terms_are_one():
    """And it is one player: its parameters stand once among the objective's."""
    step, _ = build()
    distance, _, adversary = step.objective
    assert distance.critic is adversary.critic
    assert len([*step.objective.parameters()]) == len([*distance.critic.parameters()])


def test_a_critic_that_learns_tells_pictures_apart_and_the_decoder_learns_to_fool_it():
    """Each alone, the other standing still."""
    critic = PictureCritic((6,), (8,)).double()
    model = zoo.vae((6,), latent=2, widths=[5]).model.double()
    step = Step(model, Objective(Distortion(0.0), AdversarialPictures(critic)))
    x, seen = 0.1 * torch.rand(32, 6).double(), []
    for module, name in ((critic, "critic"), (model.likelihood, "loss")):
        optimizer = torch.optim.Adam(module.parameters(), lr=0.03)
        for _ in range(60):
            optimizer.zero_grad()
            with seeded(1):
                values = step(x)
            values[name].backward()
            optimizer.step()
            seen.append((values["critic"].item(), values["adversarial_pictures"].item()))
    (start, _), (judged, unmasked), (fooled, hidden) = seen[0], seen[59], seen[-1]
    assert judged < 0.2 < start
    assert unmasked > 1
    assert hidden < 0.3
    assert fooled > 2 * judged
