"""Free bits: every dimension costs at least its share, over the batch."""

import pytest
import torch

from reparam.distributions import DiagonalNormal
from reparam.errors import CompositionError
from reparam.objectives import Objective, Rate
from reparam.priors import StandardNormal
from reparam.trace import Latent, Trace


def trace_of(mean):
    """Unit variances, so that each dimension's divergence is mean^2 / 2."""
    q = DiagonalNormal(mean, torch.zeros_like(mean))
    latent = Latent(q.mean[None], q, StandardNormal(mean.shape[1])())
    return Trace(mean, mean, (latent,), None, None)


def test_a_hand_computation():
    """Nats of (0.5, 2.0), (0.0, 8.0), (0.02, 0.0): batch means 1.25, 4 and 0.01; floor 1.5."""
    mean = torch.tensor([[1.0, 0.0, 0.2], [2.0, 4.0, 0.0]])
    value = Rate(free_bits=1.5)(trace_of(mean))
    torch.testing.assert_close(value, torch.tensor(1.5 + 4.0 + 1.5))
    torch.testing.assert_close(Rate()(trace_of(mean)), torch.tensor([0.52, 10.0]))


def test_the_floor_is_on_the_batchs_mean_and_not_on_each_example():
    mean = torch.tensor([[0.0], [2.0]])
    torch.testing.assert_close(Rate(free_bits=0.5)(trace_of(mean)), torch.tensor(1.0))


def test_below_the_floor_a_dimension_has_no_gradient():
    mean = torch.tensor([[1.0, 0.1], [2.0, 0.2]], requires_grad=True)
    Objective(Rate(free_bits=0.5))(trace_of(mean))["loss"].backward()
    torch.testing.assert_close(mean.grad[:, 1], torch.zeros(2))
    torch.testing.assert_close(mean.grad[:, 0], mean[:, 0].detach() / 2)


def test_dimensions_of_all_latents_count():
    first, second = trace_of(torch.tensor([[1.0]])), trace_of(torch.tensor([[0.0, 0.0]]))
    both = Trace(first.x, first.x, (*first.latents, *second.latents), None, None)
    torch.testing.assert_close(Rate(free_bits=0.25)(both), torch.tensor(0.5 + 0.25 + 0.25))


def test_it_is_named_apart_and_never_negative():
    assert Rate(free_bits=0.1).name == "rate_with_free_bits"
    assert Rate(free_bits=0.1, name="floor").name == "floor"
    with pytest.raises(CompositionError, match="free bits cannot be negative"):
        Rate(free_bits=-0.1)
