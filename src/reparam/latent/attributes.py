"""Directions in latent space that stand for an attribute, such as having sleeves."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from torch import Tensor

from reparam.errors import CompositionError
from reparam.metrics.estimate import Estimate, estimate

FOLDS = 5


@dataclass(frozen=True)
class Attribute:
    """The way from items without an attribute to those that have it.

    Args:
        direction: The difference of the two means, (D,).
        separation: How well the direction tells the two apart on items that it was not made from:
            the area under the ROC curve, 0.5 for chance.
        examples: How many have it and how many do not.
    """

    direction: Float[Tensor, "D"]
    separation: Estimate
    examples: tuple[int, int]

    def add(self, z: Float[Tensor, "*batch D"], strength: float = 1.0) -> Float[Tensor, "..."]:
        r"""Codes with more of the attribute.

        Args:
            z: Codes, (\*batch, D).
            strength: In units of the whole way; below 0 takes away.
        """
        return z + strength * self.direction.to(z)

    def subtract(
        self, z: Float[Tensor, "*batch D"], strength: float = 1.0
    ) -> Float[Tensor, "..."]:
        r"""Codes with less of the attribute.

        Args:
            z: Codes, (\*batch, D).
            strength: In units of the whole way.
        """
        return self.add(z, -strength)


def attribute(z: Float[Tensor, "N D"], has: Bool[Tensor, "N"], seed: int = 0) -> Attribute:
    r"""The direction of an attribute, from items of which it is known.

    .. math:: v = \frac{1}{N_1} \sum_{n: \mathrm{has}} z_n
        - \frac{1}{N_0} \sum_{n: \mathrm{has\ not}} z_n

    Args:
        z: Codes.
        has: Which of them have it.
        seed: Of the folds and the interval.

    Raises:
        CompositionError: If fewer than five have it, or fewer than five do not.

    Source: Larsen et al. 2016, https://arxiv.org/abs/1512.09300

    Example:
        >>> z = torch.cat([torch.randn(50, 2), torch.randn(50, 2) + torch.tensor([9.0, 0.0])])
        >>> found = attribute(z, torch.arange(100) >= 50)
        >>> round(found.add(torch.zeros(2))[0].item()), found.separation
        (9, 1)
    """
    points, which = z.double().cpu().numpy(), has.cpu().numpy().astype(bool)
    counts = int(which.sum()), int((~which).sum())
    if min(counts) < FOLDS:
        raise CompositionError(
            f"{counts[0]} items have the attribute and {counts[1]} have not: give at least "
            f"{FOLDS} of each"
        )
    projections = np.empty(len(points))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for known, other in folds.split(points, which):
        way = _difference(points[known], which[known])
        middle = points[known].mean(0)
        projections[other] = (points[other] - middle) @ way / max(np.linalg.norm(way), 1e-300)
    separation = estimate(roc_auc_score, which, projections, strata=which, seed=seed)
    direction = torch.from_numpy(_difference(points, which)).to(z)
    return Attribute(direction, separation, counts)


def _difference(points: NDArray[np.floating], which: NDArray[np.bool_]) -> NDArray[np.floating]:
    difference: NDArray[np.floating] = points[which].mean(0) - points[~which].mean(0)
    return difference
