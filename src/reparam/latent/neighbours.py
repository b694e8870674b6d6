"""The nearest of some codes to others."""

import torch
from jaxtyping import Float, Int64
from sklearn.neighbors import NearestNeighbors
from torch import Tensor

from reparam.errors import CompositionError


def nearest(
    z: Float[Tensor, "N *Z"], reference: Float[Tensor, "M *Z"], k: int = 5
) -> tuple[Float[Tensor, "N k"], Int64[Tensor, "N k"]]:
    r"""The k nearest reference codes of each code, the nearest first.

    .. math:: d_{ij} = \|z_i - r_j\|

    A code that is itself in the reference is its own nearest.

    Args:
        z: Codes, (N, \*Z).
        reference: The codes to look among, (M, \*Z).
        k: How many neighbours.

    Returns:
        How far they are, (N, k), and which of the reference they are, (N, k).

    Raises:
        CompositionError: If the codes differ in shape, k is below 1, or the reference has fewer
            than k.

    Example:
        >>> reference = torch.tensor([[0.0], [9.0], [4.0]])
        >>> distances, which = nearest(torch.tensor([[3.0]]), reference, k=2)
        >>> distances.tolist(), which.tolist()
        ([[1.0, 3.0]], [[2, 0]])
    """
    if z.shape[1:] != reference.shape[1:] or z.ndim < 2:
        raise CompositionError(
            f"codes of {tuple(z.shape)} have no neighbours among codes of "
            f"{tuple(reference.shape)}: give (N, *Z) and (M, *Z) of one model"
        )
    if k < 1:
        raise CompositionError(f"{k} nearest were asked for: ask for at least one")
    if len(reference) < k:
        raise CompositionError(
            f"a reference of {len(reference)} items has no {k} nearest: give more"
        )
    search = NearestNeighbors(n_neighbors=k).fit(reference.flatten(1).cpu().numpy())
    distances, which = search.kneighbors(z.flatten(1).cpu().numpy())
    return torch.from_numpy(distances).to(z.device), torch.from_numpy(which).to(z.device)
