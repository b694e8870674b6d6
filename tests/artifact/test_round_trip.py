"""What was saved comes back."""

import json
import os
import warnings

import pytest
import torch
from safetensors.torch import load_file
from torch import nn
from torch.distributions import Categorical, MixtureSameFamily

from reparam import load, samplers, save, zoo
from reparam.artifact import add_figures
from reparam.conditional import Conditional
from reparam.errors import ArtifactError, ReparamError
from reparam.families import Bernoulli, DiagonalNormal
from reparam.models import VAE
from reparam.networks import MLP
from reparam.objectives import Distortion, LinearSchedule, Objective, Rate, Term
from reparam.priors import FittedBox, FittedNormal, StandardNormal
from reparam.registry import register

X = torch.rand(5, 1, 4, 4, generator=torch.Generator().manual_seed(0))


@register(name="tests.VampPrior")
class Vamp(nn.Module):
    """A mixture of the posteriors of learned pictures: it shares the model's posterior."""

    def __init__(self, posterior, count):
        super().__init__()
        self.posterior = posterior
        self.pictures = nn.Parameter(torch.rand(count, 7))

    def forward(self):
        even = Categorical(logits=torch.zeros(len(self.pictures)), validate_args=False)
        return MixtureSameFamily(even, self.posterior(self.pictures), validate_args=False)


@register(name="tests.Holds")
class Holds(Term):
    name = "holds"

    def __init__(self, part, weight=1.0):
        super().__init__(weight)
        self.part = part

    def forward(self, trace):
        return self.part(trace.x).mean.square().sum(-1)


class Unknown(nn.Module):
    """A network that nobody registered."""

    def __init__(self):
        super().__init__()
        self.net = nn.Linear(7, 4)

    def forward(self, x):
        return self.net(x)


def parts():
    posterior = Conditional(MLP(7, 4, hidden=[4]), DiagonalNormal(), [1])
    likelihood = Conditional(MLP(2, 7, hidden=[4]), Bernoulli(1), [1])
    return posterior, likelihood


def test_everything_comes_back(run):
    found = load(run.folder)
    model, objective = run.variant
    assert torch.equal(found.model.reconstruct(X), model.reconstruct(X))
    assert not found.model.training
    assert not found.objective.training
    assert [t.weight.item() for t in found.objective] == [1.0, 2.0]
    assert [type(t) for t in found.objective] == [type(t) for t in objective]
    assert found.schema.shape == (1, 4, 4)
    assert found.recipe == {"epochs": 2}
    assert found.figures == {"train": {"loss": 1.5}, "steps": 7}
    assert found.path == run.folder


def test_a_model_alone_comes_back_alone(variant, tmp_path):
    save(tmp_path, variant.model)
    found = load(tmp_path)
    assert found.objective is None
    assert found.schema is None
    assert torch.equal(found.model.reconstruct(X), variant.model.reconstruct(X))


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_the_precision_comes_back(tmp_path, dtype):
    model, objective = zoo.vae((7,), latent=2, widths=[4])
    save(tmp_path, model.to(dtype), objective.to(dtype))
    found = load(tmp_path).model
    assert {p.dtype for p in found.parameters()} == {dtype}
    assert found.sample(2, seed=0).dtype == dtype
    assert torch.equal(found.sample(2, seed=0), model.sample(2, seed=0))


def test_shared_parts_are_written_once_and_stay_shared(tmp_path):
    posterior, likelihood = parts()
    model = VAE(posterior, Vamp(posterior, 5), likelihood)
    save(tmp_path, model, Objective(Distortion(), Rate()))
    assert len(load_file(tmp_path / "model.safetensors")) == len(list(model.parameters()))
    found = load(tmp_path).model
    assert found.prior.posterior is found.posterior
    assert torch.equal(found.sample(3, seed=0), model.sample(3, seed=0))


def test_a_part_that_model_and_objective_share_stays_shared(tmp_path):
    posterior, likelihood = parts()
    model = VAE(posterior, StandardNormal(2), likelihood)
    save(tmp_path, model, Objective(Distortion(), Holds(posterior)))
    found = load(tmp_path)
    assert found.objective.terms[1].part is found.model.posterior


def test_one_schedule_for_two_terms(tmp_path):
    line = LinearSchedule(0.0, 1.0, steps=3)
    model, _ = zoo.vae((7,), latent=2, widths=[4])
    save(tmp_path, model, Objective(Distortion(line), Rate(line)))
    first, second = load(tmp_path).objective
    assert first.schedules["weight"] is second.schedules["weight"]
    assert (first.weight, second.weight) == (1, 1)


@pytest.mark.parametrize("name", samplers.SAMPLERS)
def test_a_sampler_in_the_priors_place_is_saved(tmp_path, name):
    model, objective = zoo.autoencoder((7,), latent=2, widths=[4])
    model.prior = samplers.SAMPLERS[name](torch.randn(50, 2) + 3)
    save(tmp_path, model, objective)
    found = load(tmp_path).model
    assert type(found.prior) is {"normal": FittedNormal, "box": FittedBox}[name]
    assert torch.equal(found.sample(4, seed=0), model.sample(4, seed=0))


def test_a_prior_that_was_taken_away_stays_away(tmp_path):
    model, _ = zoo.vae((7,), latent=2, widths=[4])
    model.prior = None
    save(tmp_path, model)
    assert load(tmp_path).model.prior is None


def test_an_unregistered_composition_saves_its_weights_and_warns(tmp_path):
    def compose():
        _, likelihood = parts()
        return VAE(Conditional(Unknown(), DiagonalNormal(), [1]), StandardNormal(2), likelihood)

    model = compose()
    objective = Objective(Distortion(), Rate(weight=3.0))
    with pytest.warns(UserWarning, match=r"model.posterior.network is a Unknown.*model=mine"):
        save(tmp_path, model, objective)
    with pytest.raises(ArtifactError, match=r"not registered: build .* load\(path, model=mine\)"):
        load(tmp_path)
    found = load(tmp_path, model=compose())
    assert torch.equal(found.model.sample(2, seed=0), model.sample(2, seed=0))
    assert [t.weight.item() for t in found.objective] == [1.0, 3.0]


def test_an_unregistered_objective_leaves_the_model_loadable(tmp_path):
    class Own(Term):
        name = "own"

        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(torch.tensor(3.0))

        def forward(self, trace):
            return trace.x.flatten(1).sum(1) * self.scale

    model, _ = zoo.vae((7,), latent=2, widths=[4])
    with pytest.warns(UserWarning, match=r"weights of the objective.*objective=mine"):
        save(tmp_path, model, Objective(Own()))
    assert load(tmp_path).objective is None
    assert torch.equal(load(tmp_path).model.sample(2, seed=0), model.sample(2, seed=0))
    mine = Objective(Own())
    with torch.no_grad():
        mine.terms[0].scale.zero_()
    assert load(tmp_path, objective=mine).objective.terms[0].scale == 3


def test_saving_again_replaces_the_run(run):
    other = zoo.vae((1, 4, 4), latent=2, network="mlp", widths=[4], seed=7)
    save(run.folder, *other)
    assert torch.equal(load(run.folder).model.reconstruct(X), other.model.reconstruct(X))


@pytest.mark.parametrize("reason", ["disk", "recipe"])
def test_a_failed_save_leaves_the_old_run(run, monkeypatch, reason):
    other = zoo.vae((1, 4, 4), latent=2, network="mlp", widths=[4], seed=7)
    files = sorted(run.folder.iterdir())
    if reason == "disk":

        def full(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "replace", full)
        with pytest.raises(ReparamError, match="cannot be written: No space left"):
            save(run.folder, *other)
    else:
        with pytest.raises(TypeError, match="not JSON serializable"):
            save(run.folder, *other, recipe={"what": torch.zeros(1)})
    assert sorted(run.folder.iterdir()) == files
    assert torch.equal(load(run.folder).model.reconstruct(X), run.variant.model.reconstruct(X))


def test_more_figures_join_the_ones_that_are_there(run):
    add_figures(run.folder, test={"rate": 2.25})
    found = load(run.folder)
    assert found.figures == {"train": {"loss": 1.5}, "steps": 7, "test": {"rate": 2.25}}
    card = (run.folder / "README.md").read_text()
    assert "| rate | 2.25 |" in card


def test_the_configuration_is_plain_json_and_the_card_says_what_it_is(run):
    config = json.loads(run.config.read_text())
    parameters = sum(p.numel() for p in run.variant.model.parameters())
    assert config["parameters"] == parameters
    card = (run.folder / "README.md").read_text()
    assert f"| parameters | {parameters:,} |" in card
    assert "SquaredError x 1.0, Rate x 0.0 to 2.0" in card
    assert "| loss | 1.5 |" in card
    assert "cross-entropy" not in card


@pytest.mark.parametrize("family", ["Bernoulli", "ContinuousBernoulli"])
def test_the_card_calls_a_cross_entropy_one(tmp_path, family):
    import reparam.families

    posterior, likelihood = parts()
    likelihood.family = getattr(reparam.families, family)(1)
    save(tmp_path, VAE(posterior, StandardNormal(2), likelihood))
    card = (tmp_path / "README.md").read_text()
    assert ("cross-entropy" in card) is (family == "Bernoulli")


def test_a_registered_composition_saves_without_a_warning(variant, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        save(tmp_path, *variant)
