"""The logarithm of a mean of exponentials, without overflow."""

import math

from torch import Tensor


def log_mean_exp(values: Tensor, dim: int = 0) -> Tensor:
    r"""The logarithm of the mean of exp(values) along one axis.

    .. math:: \log \frac1K \sum_{k=1}^K \exp(v_k)

    Args:
        values: Log-weights in nats, of any shape.
        dim: The axis to average over.

    Example:
        >>> import torch
        >>> log_mean_exp(torch.tensor([1000.0, 1000.0]))
        tensor(1000.)
    """
    return values.logsumexp(dim) - math.log(values.shape[dim])
