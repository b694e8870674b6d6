from typing import NamedTuple

import pytest
import torch
from torch import Tensor

from reparam.distributions import (
    DiagonalNormal,
    FullNormal,
    IsotropicNormal,
    Normal,
    StandardNormal,
)


class Case(NamedTuple):
    """A normal distribution, and its mean and covariance written down apart from it."""

    normal: Normal
    mean: Tensor
    covariance: Tensor


@pytest.fixture
def make():
    """One of the normals in float64, with random parameters of shape (*batch, dim)."""

    def build(kind, batch=(3,), dim=4, seed=0):
        source = torch.Generator().manual_seed(seed)

        def draw(*shape):
            return torch.randn(shape, generator=source, dtype=torch.float64)

        mean = draw(*batch, dim)
        if kind == "standard":
            covariance = torch.eye(dim, dtype=torch.float64).expand(*batch, dim, dim)
            return Case(StandardNormal(0 * mean), 0 * mean, covariance)
        if kind == "isotropic":
            log_variance = draw(*batch)
            eye = torch.eye(dim, dtype=torch.float64)
            covariance = log_variance.exp()[..., None, None] * eye
            return Case(IsotropicNormal(mean, log_variance), mean, covariance)
        if kind == "diagonal":
            log_variance = draw(*batch, dim)
            covariance = log_variance.exp().diag_embed()
            return Case(DiagonalNormal(mean, log_variance), mean, covariance)
        root = draw(*batch, dim, dim).tril(-1) + draw(*batch, dim).exp().diag_embed()
        return Case(FullNormal(mean, root), mean, root @ root.mT)

    return build
