import pytest
import torch

from reparam.distributions import DiagonalNormal, IsotropicNormal
from reparam.priors import StandardNormal
from reparam.trace import Latent, Trace

PICTURE = (1, 3, 4)


@pytest.fixture
def make():
    """A trace of K draws for B pictures of 12 pixels, with 2 latents, in float64."""

    def build(k=1, b=5, log_variance=0.0, seed=0):
        source = torch.Generator().manual_seed(seed)

        def draw(*shape):
            return torch.randn(*shape, generator=source, dtype=torch.float64)

        q = DiagonalNormal(draw(b, 2), draw(b, 2))
        z = q.mean + q.colour(draw(k, b, 2))
        shared = torch.tensor(log_variance).double()
        likelihood = IsotropicNormal(draw(k, b, *PICTURE).sigmoid(), shared, 3)
        x = draw(b, *PICTURE).sigmoid()
        latent = Latent(z, q, StandardNormal(2).double()())
        return Trace(x, x, (latent,), likelihood, None)

    return build
