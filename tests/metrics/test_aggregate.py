"""The aggregate's density is the mixture's, whatever the tiles."""

import pytest
import torch
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

from reparam.distributions import DiagonalNormal, FullNormal
from reparam.metrics import aggregate
from reparam.metrics.aggregate import log_aggregate

MEAN, LOG_VARIANCE = torch.randn(2, 31, 3, generator=torch.Generator().manual_seed(0)) * 2
Z = 3 * torch.randn(17, 3, generator=torch.Generator().manual_seed(1))


def mixture(every):
    scale = (LOG_VARIANCE[::every] / 2).exp()
    parts = Independent(Normal(MEAN[::every], scale), 1)
    return MixtureSameFamily(Categorical(torch.ones(len(scale))), parts)


@pytest.mark.parametrize(("tile", "at_once"), [(2**13, 2**22), (4, 10), (2, 1)])
@pytest.mark.parametrize("full", [False, True])
def test_it_is_torchs_mixture(monkeypatch, tile, at_once, full):
    monkeypatch.setattr(aggregate, "TILE", tile)
    monkeypatch.setattr(aggregate, "AT_ONCE", at_once)
    q = DiagonalNormal(MEAN, LOG_VARIANCE)
    if full:
        q = FullNormal(MEAN, (LOG_VARIANCE / 2).exp().diag_embed())
    whole, half = log_aggregate(q, Z)
    torch.testing.assert_close(whole.float(), mixture(1).log_prob(Z), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(half.float(), mixture(2).log_prob(Z), rtol=1e-4, atol=1e-4)
