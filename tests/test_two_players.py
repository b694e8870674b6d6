"""Two published algorithms that need two gradients, trained as one.

VAE-GAN: a critic judges decoded pictures. Its gradient trains the decoder and not the encoder; the
critic itself learns from its own loss alone. Source: Larsen et al. 2016,
https://arxiv.org/abs/1512.09300

PIWAE: of the same M K draws the decoder climbs the bound over all of them and the encoder the mean
of M bounds of K. Source: Rainforth et al. 2018, https://arxiv.org/abs/1802.04537
"""

import pytest
import torch
import torch.nn.functional as F

from reparam import fit, zoo
from reparam.data import Dataset
from reparam.errors import TrainingError
from reparam.networks import PictureCritic
from reparam.objectives import (
    AdversarialPictures,
    Distortion,
    ImportanceWeighted,
    Objective,
    PartiallyImportanceWeighted,
    Rate,
    Term,
)
from reparam.objectives.bounds import bound
from reparam.randomness import seeded
from reparam.training import Recipe, Step
from reparam.training.players import players

SHAPE = (1, 3, 4)


@pytest.fixture
def model():
    return zoo.vae(SHAPE, latent=2, network="mlp", widths=[8]).model.double()


@pytest.fixture
def critic():
    return PictureCritic(SHAPE, [6]).double()


@pytest.fixture
def x():
    return torch.rand(6, *SHAPE).double()


def gradients(loss, module):
    parameters = list(module.parameters())
    found = torch.autograd.grad(loss, parameters, retain_graph=True, allow_unused=True)
    return [
        torch.zeros_like(p) if g is None else g for p, g in zip(parameters, found, strict=True)
    ]


def step_values(model, objective, x):
    with seeded(7):
        return Step(model, objective)(x)


def accumulated(module):
    return [p.grad for p in module.parameters()]


@pytest.mark.parametrize("groups", [1, 3, 12])
def test_piwae_gives_each_network_its_own_bound(model, x, groups):
    values = step_values(model, Objective(PartiallyImportanceWeighted(groups), samples=12), x)
    values["loss"].backward()
    encoders = step_values(model, Objective(ImportanceWeighted(groups), samples=12), x)["loss"]
    decoders = step_values(model, Objective(ImportanceWeighted(), samples=12), x)["loss"]
    torch.testing.assert_close(values["loss"], decoders)
    expected = gradients(encoders, model.posterior)
    torch.testing.assert_close(accumulated(model.posterior), expected)
    expected = gradients(decoders, model.likelihood)
    torch.testing.assert_close(accumulated(model.likelihood), expected)
    if groups > 1:
        other = gradients(decoders, model.posterior)
        assert not torch.allclose(other[0], model.posterior.network[0].weight.grad, rtol=1e-3)


def test_one_group_of_many_is_not_many_groups_of_one(model, x):
    """K = 16 bounds tightly, M = 16 groups of one draw is the plain bound with less noise."""
    with seeded(1):
        trace = model(x, samples=16)
    tight, plain = bound(trace.log_weight, 1), bound(trace.log_weight, 16)
    torch.testing.assert_close(plain, trace.log_weight.mean(0))
    assert (tight > plain).all()


def test_the_adversary_trains_the_decoder_and_not_the_encoder(model, critic, x):
    values = step_values(model, Objective(AdversarialPictures(critic)), x)
    assert not any(g.any() for g in gradients(values["loss"], model.posterior))
    assert all(g.any() for g in gradients(values["loss"], model.likelihood))
    assert not any(g.any() for g in gradients(values["loss"], critic))


def test_the_critics_loss_trains_the_critic_alone(model, critic, x):
    values = step_values(model, Objective(AdversarialPictures(critic)), x)
    assert not any(g.any() for g in gradients(values["critic"], model))
    assert all(g.any() for g in gradients(values["critic"], critic))


def test_one_backward_gives_each_player_exactly_its_own_gradient(model, critic, x):
    objective = Objective(Distortion(), Rate(), AdversarialPictures(critic, weight=5.0))
    values = step_values(model, objective, x)
    (values["loss"] + values["critic"]).backward()
    plain = step_values(model, Objective(Distortion(), Rate()), x)
    with seeded(7):
        trace = model(x)
        drawn = [trace.latents[0].p.sample((6,)) for _ in range(2)]
    fooling, judging = (
        torch.cat([trace.likelihood.mean[0], model.likelihood(z).mean]) for z in drawn
    )
    torch.testing.assert_close(
        accumulated(model.posterior), gradients(plain["loss"], model.posterior)
    )
    doubt = F.softplus(-critic(fooling)[0]).mean()
    torch.testing.assert_close(values["adversarial_pictures"], doubt)
    expected = gradients(plain["loss"] + 5 * doubt, model.likelihood)
    torch.testing.assert_close(accumulated(model.likelihood), expected)
    judged = F.softplus(critic(judging.detach())[0]).mean() + F.softplus(-critic(x)[0]).mean()
    judged = judged / 2
    torch.testing.assert_close(values["critic"], judged)
    torch.testing.assert_close(accumulated(critic), gradients(judged, critic))


def test_fit_trains_each_player_at_its_own_rate(model, critic):
    objective = Objective(Distortion(), Rate(), AdversarialPictures(critic))
    seen, before = {}, {}
    for name, module in (("model", model), ("critic", critic)):
        module.float()
        before[name] = [p.detach().clone() for p in module.parameters()]
        seen[name] = []
        for p in module.parameters():
            p.register_post_accumulate_grad_hook(
                lambda p, name=name: seen[name].append((p, p.grad.clone()))
            )
    history = fit(
        model,
        objective,
        Dataset(torch.rand(6, *SHAPE)),
        epochs=1,
        progress=False,
        device="cpu",
        optimizer="SGD",
        schedule="constant",
        learning_rate=0.5,
        critic_learning_rate=0.125,
    )
    for name, module, rate in (("model", model, 0.5), ("critic", critic, 0.125)):
        grads = {id(p): g for p, g in seen[name]}
        assert len(grads) == len(seen[name])
        for start, p in zip(before[name], module.parameters(), strict=True):
            assert grads[id(p)].any()
            torch.testing.assert_close(p.detach(), start - rate * grads[id(p)])
    reported = {"adversarial_pictures", "critic", "distortion", "rate", "loss"}
    assert reported <= set(history.last["train"])


def test_both_players_learn(model, critic):
    """A critic of fixed pictures tells them apart after a while, and the decoder still learns."""
    adversary = AdversarialPictures(critic.float(), weight=0.1)
    objective = Objective(Distortion(), Rate(0.1), adversary)
    data = Dataset(torch.rand(1, *SHAPE).round().repeat(64, 1, 1, 1))
    options = {"batch_size": 16, "epochs": 30, "progress": False, "device": "cpu"}
    history = fit(model.float(), objective, data, critic_learning_rate=0.02, **options)
    first, last = history.of("train")[0], history.last["train"]
    assert last["critic"] < first["critic"]
    assert last["distortion"] < first["distortion"] / 2


def test_each_player_is_one_group_and_one_schedule(model, critic):
    step = Step(model, Objective(Distortion(), AdversarialPictures(critic)))
    recipe = Recipe(epochs=1, learning_rate=0.4, critic_learning_rate=0.1)
    groups = players(step, recipe)
    assert [g["name"] for g in groups] == ["model", "critic"]
    assert [len(g["params"]) for g in groups] == [8, 4]
    optimizer = recipe.optimise(groups)
    schedule = recipe.schedule_of(optimizer, 10)
    peaks = [0.0, 0.0]
    for _ in range(10):
        peaks = [max(p, g["lr"]) for p, g in zip(peaks, optimizer.param_groups, strict=True)]
        optimizer.step()
        schedule.step()
    assert peaks == pytest.approx([0.4, 0.1])


def test_a_part_that_both_hold_belongs_to_the_model(model):
    class Shares(Term):
        name = "shares"

        def __init__(self, part):
            super().__init__()
            self.part = part

    groups = players(Step(model, Objective(Shares(model.posterior))), Recipe(epochs=1))
    assert [g["name"] for g in groups] == ["model"]


def test_a_rate_for_a_critic_that_is_not_there_is_refused(model):
    data = Dataset(torch.rand(6, *SHAPE))
    with pytest.raises(TrainingError, match="critic_learning_rate has no effect"):
        fit(model, Objective(Distortion()), data, epochs=1, critic_learning_rate=0.1)


def test_a_critic_learns_at_a_thousandth_unless_said():
    assert Recipe(epochs=1).critic_rate == 1e-3
    assert Recipe(epochs=1, learning_rate=1e-4).critic_rate == 1e-4
    assert Recipe(epochs=1, critic_learning_rate=0.5).critic_rate == 0.5
