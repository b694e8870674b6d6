"""The two simplest samplers: a normal distribution around the codes, and a box around them.

A sampler is a prior that came after training: `model.prior = normal(codes)`.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from reparam.errors import CompositionError
from reparam.priors import FittedBox, FittedNormal

JITTER = 1e-6


def normal(codes: Float[Tensor, "N D"]) -> FittedNormal:
    r"""The normal distribution with the codes' mean and covariance.

    Args:
        codes: At least two, (N, D).

    Raises:
        CompositionError: If there are fewer.

    Example:
        >>> from reparam import zoo
        >>> model, _ = zoo.autoencoder((1, 28, 28), latent=2)
        >>> model.prior = normal(model.encode(torch.rand(50, 1, 28, 28)))
        >>> model.sample(3).shape
        torch.Size([3, 1, 28, 28])
    """
    codes = _checked(codes)
    sampler = FittedNormal(codes.shape[1]).to(codes)
    exact = codes.double().cpu()
    jitter = JITTER * exact.var(0).mean().clamp_min(1e-12) * torch.eye(codes.shape[1]).to(exact)
    sampler.mean.copy_(exact.mean(0))
    sampler.scale_tril.copy_(torch.linalg.cholesky(exact.T.cov().reshape(jitter.shape) + jitter))
    return sampler


def box(codes: Float[Tensor, "N D"]) -> FittedBox:
    """The uniform distribution between the codes' smallest and largest value in each dimension.

    Args:
        codes: At least two, (N, D).

    Raises:
        CompositionError: If there are fewer.

    Example:
        >>> box(torch.tensor([[0.0, 1.0], [2.0, 5.0]]))().high
        tensor([2., 5.])
    """
    codes = _checked(codes)
    sampler = FittedBox(codes.shape[1]).to(codes)
    low, high = codes.aminmax(dim=0)
    sampler.low.copy_(low)
    sampler.high.copy_(high)
    return sampler


SAMPLERS: dict[str, Callable[[Tensor], nn.Module]] = {"normal": normal, "box": box}


def _checked(codes: Tensor) -> Tensor:
    if codes.ndim != 2 or len(codes) < 2:
        raise CompositionError(
            f"a sampler is fitted to at least two codes (N, D), not to {tuple(codes.shape)}"
        )
    return codes.detach()
