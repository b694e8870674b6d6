"""A trained model on many rows: some at a time, in the rows' precision, each row by itself."""

import copy
from collections.abc import Callable
from typing import cast

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from reparam.conditional import Conditional
from reparam.divergences import log_mean_exp
from reparam.inference import inference
from reparam.models import VAE
from reparam.randomness import seeded
from reparam.sklearn.rows import Array
from reparam.trace import Latent

AT_ONCE = 8192
"""How many latents are encoded or decoded at a time."""


def each(
    model: VAE, function: Callable[[VAE, Tensor], Tensor], inputs: Tensor, draws: int = 1
) -> Array:
    """A function of the model and of some inputs at a time.

    Args:
        model: Is left as it is; a copy of it computes in other precisions than its own.
        function: Of a model and inputs (n, ...) to (n, ...).
        inputs: (N, ...); their precision is that of the whole computation, as far as the model's
            device has it.
        draws: How many latents an input takes.
    """
    if model.device.type == "mps":  # which has no float64
        inputs = inputs.float()
    if inputs.dtype != next(model.parameters()).dtype:
        model = copy.deepcopy(model).to(inputs.dtype)
    with inference(model):
        pieces = inputs.split(max(1, AT_ONCE // draws))
        found = [function(model, x.to(model.device)).cpu().numpy() for x in pieces]
    return np.concatenate(found)


def bounds(model: VAE, x: Float[Tensor, "N *X"], draws: int) -> Float[Tensor, "N"]:
    r"""The importance-weighted bound of each row's log p(x), by the same noise for every row.

    .. math:: \log \frac1K \sum_k \frac{p(x | z_k) \, p(z_k)}{q(z_k | x)}, \quad z_k \sim q

    So that a row's bound depends on the row alone, not on its place or its neighbours.

    Args:
        model: A posterior of network and family, a prior and a likelihood.
        x: Rows as the model sees them.
        draws: K.

    Raises:
        NoDensityError: If there is no prior, or the posterior or the likelihood has no density.

    Source: Burda, Grosse & Salakhutdinov 2016, https://arxiv.org/abs/1509.00519

    Example:
        >>> from reparam import zoo
        >>> model, _ = zoo.vae((4,), latent=2, widths=[8])
        >>> x = torch.rand(6, 4)
        >>> bool((bounds(model, x, 3).flip(0) - bounds(model, x.flip(0), 3)).abs().max() < 1e-4)
        True
    """
    posterior = cast("Conditional", model.posterior)
    prior = None if model.prior is None else model.prior()

    def draw(features: Tensor) -> tuple[Tensor, Tensor]:
        latent = Latent.draw(posterior.family(features.unsqueeze(0)), prior, draws)
        return latent.z.squeeze(1), latent.log_ratio.squeeze(1)

    with seeded(0, x.device):
        z, log_ratio = torch.vmap(draw, randomness="same")(posterior.network(x))
    log_likelihood = model.likelihood(z.transpose(0, 1)).log_prob(x)
    return log_mean_exp(log_likelihood - log_ratio.T, 0)
