"""A sampler is the distribution that its codes came from, as far as it can be one."""

import pytest
import torch

from reparam import load, save, zoo
from reparam.errors import CompositionError
from reparam.samplers import SAMPLERS, box, normal

MEAN = torch.tensor([3.0, -1.0, 0.5])
SCALE = torch.tensor([[2.0, 0.0, 0.0], [1.5, 0.5, 0.0], [-0.3, 0.2, 0.1]])


def correlated(count):
    noise = torch.randn(count, 3, generator=torch.Generator().manual_seed(0))
    return MEAN + noise @ SCALE.T


def test_a_normal_has_the_codes_mean_and_covariance():
    codes = correlated(500)
    fitted = normal(codes)()
    torch.testing.assert_close(fitted.mean, codes.mean(0))
    torch.testing.assert_close(fitted.covariance, codes.T.cov(), rtol=1e-4, atol=1e-5)


def test_the_draws_of_a_normal_are_distributed_as_the_codes():
    torch.manual_seed(1)
    drawn = normal(correlated(20_000))().sample((20_000,))
    torch.testing.assert_close(drawn.mean(0), MEAN, rtol=0, atol=0.06)
    torch.testing.assert_close(drawn.T.cov(), SCALE @ SCALE.T, rtol=0.05, atol=0.05)


def test_a_normal_lives_with_a_dimension_that_never_varies():
    codes = correlated(50)
    codes[:, 1] = 7.0
    drawn = normal(codes)().sample((100,))
    assert drawn.isfinite().all()
    assert (drawn[:, 1] - 7).abs().max() < 0.02


def test_a_box_holds_every_code_and_touches_the_outermost():
    codes = correlated(200)
    fitted = box(codes)()
    assert torch.equal(fitted.low, codes.min(0).values)
    assert torch.equal(fitted.high, codes.max(0).values)


def test_a_box_is_filled_evenly():
    torch.manual_seed(1)
    codes = correlated(200)
    fitted = box(codes)
    unit = (fitted().sample((20_000,)) - fitted.low) / (fitted.high - fitted.low)
    assert (unit >= 0).all()
    assert (unit <= 1).all()
    quarters = torch.histc(unit[:, 0], 4, 0, 1) / len(unit)
    torch.testing.assert_close(quarters, torch.full((4,), 0.25), rtol=0, atol=0.015)


@pytest.mark.parametrize("name", SAMPLERS)
@pytest.mark.parametrize("codes", [torch.zeros(1, 3), torch.zeros(5), torch.zeros(2, 3, 4)])
def test_what_is_no_set_of_codes_is_refused_with_its_shape(name, codes):
    with pytest.raises(CompositionError, match=rf"not to \({codes.shape[0]},"):
        SAMPLERS[name](codes)


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_sampler_makes_an_autoencoder_sample_and_is_saved_with_it(name, tmp_path):
    model, objective = zoo.autoencoder((1, 8, 8), latent=3, network="mlp")
    model.prior = SAMPLERS[name](correlated(100))
    save(tmp_path / "run", model, objective)
    again = load(tmp_path / "run").model
    assert torch.equal(model.sample(5, seed=2), again.sample(5, seed=2))
    assert not torch.equal(model.sample(5, seed=2), model.sample(5, seed=3))
