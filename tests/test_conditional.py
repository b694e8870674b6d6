"""The first waist: leading axes are flattened for the network and come back afterwards."""

import pytest
import torch
from torch import nn

from reparam.conditional import Conditional
from reparam.errors import CompositionError
from reparam.families import Bernoulli, DiagonalNormal
from reparam.networks import MLP


class Watched(nn.Module):
    """A network of several inputs that notes the shapes it sees."""

    def __init__(self, *sizes):
        super().__init__()
        self.net = MLP(sum(sizes), 6, hidden=[8])

    def forward(self, *inputs):
        self.saw = [tuple(x.shape) for x in inputs]
        return self.net(*inputs)


@pytest.mark.parametrize("lead", [(), (7,), (5, 7), (2, 5, 7)])
def test_networks_only_see_one_batch_axis(lead):
    net = Watched(10)
    q = Conditional(net, DiagonalNormal(), [1])(torch.randn(*lead, 10))
    assert len(net.saw[0]) == 2
    assert (q.batch_shape, q.event_shape) == (lead, (3,))


def test_each_leading_position_gets_its_own_features():
    posterior = Conditional(Watched(10), DiagonalNormal(), [1])
    x = torch.randn(4, 5, 10)
    together = posterior(x)
    for k in range(4):
        for b in range(5):
            torch.testing.assert_close(together.mean[k, b], posterior(x[k, b]).mean)


def test_givens_with_other_leading_axes_are_spread():
    """z of (K, B) with a condition of (B,) and a constant of (): every pair is scored together."""
    net = Watched(3, 16, 2)
    likelihood = Conditional(net, DiagonalNormal(), [1, 3, 1])
    z, y, constant = torch.randn(4, 5, 3), torch.randn(5, 1, 4, 4), torch.randn(2)
    p = likelihood(z, y, constant)
    assert p.batch_shape == (4, 5)
    assert net.saw == [(20, 3), (20, 1, 4, 4), (20, 2)]
    torch.testing.assert_close(p.mean[2, 3], likelihood(z[2, 3], y[3], constant).mean)
    turned = likelihood(z[:, :1], y, constant)
    torch.testing.assert_close(turned.mean[2, 3], likelihood(z[2, 0], y[3], constant).mean)


def test_pictures_are_one_event():
    net = nn.Conv2d(1, 2, 3, padding=1)
    p = Conditional(net, Bernoulli(), [3])(torch.randn(4, 5, 1, 6, 6))
    assert (p.batch_shape, p.event_shape) == ((4, 5), (2, 6, 6))


def test_givens_that_do_not_broadcast_are_refused():
    likelihood = Conditional(Watched(3, 2), DiagonalNormal(), [1, 1])
    with pytest.raises(RuntimeError, match="Attempting to broadcast"):
        likelihood(torch.randn(4, 5, 3), torch.randn(6, 2))


@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_number_of_givens_is_checked(count):
    likelihood = Conditional(Watched(3, 2), DiagonalNormal(), [1, 1])
    with pytest.raises(CompositionError, match=rf"on 2 tensor\(s\), but was given {count}"):
        likelihood(*[torch.randn(5, 3)] * count)
