r"""The density of the aggregate posterior, estimated from a minibatch.

The aggregate :math:`q(z) = \frac1N \sum_n q(z | x_n)` sums over all N examples, of which a batch
of B holds few. A code was drawn from one of them, and that one's density is by far the largest:
to weigh it like the others, as a plain average over the batch does, is far too much. Stratified
weights give it its true share 1 / N and split the rest evenly:

.. math:: q(z_i) \approx \frac1N q(z_i | x_i)
    + \frac{N - 1}{N} \frac{1}{B - 1} \sum_{j \ne i} q(z_i | x_j)

This is unbiased for q(z); its logarithm is not, so that what is made of it is for training, and no
measurement.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor


def stratified_log_density(
    pairs: Float[Tensor, "*K B B"], examples: Tensor | float
) -> Float[Tensor, "*K B"]:
    r"""Log q(z) of each code of a batch.

    Args:
        pairs: Log q(z_i | x_j) in nats, with i before j.
        examples: N, how many examples the data set has; B: the batch is the whole.

    Source: Chen et al. 2018, https://arxiv.org/abs/1802.04942, appendix C.2; here the share of the
        batch's last example is spread evenly, which is its mean over the order of the batch.

    Example:
        >>> pairs = torch.tensor([[0.0, -2.0], [-2.0, 0.0]])
        >>> stratified_log_density(pairs, 2.0).exp()  # (1 + exp(-2)) / 2
        tensor([0.5677, 0.5677])
    """
    batch = pairs.shape[-1]
    if batch == 1:
        return pairs.squeeze(-1)
    n = torch.as_tensor(examples, dtype=pairs.dtype, device=pairs.device)
    others = torch.log1p(-1 / n) - math.log(batch - 1)
    own = torch.eye(batch, dtype=torch.bool, device=pairs.device)
    return (pairs + torch.where(own, -n.log(), others)).logsumexp(-1)
