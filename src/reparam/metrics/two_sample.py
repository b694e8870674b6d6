"""Whether two sets of codes come from one distribution, as effect sizes."""

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from reparam.divergences import energy_distance
from reparam.metrics.estimate import Estimate, estimate


def separability(x: Float[NDArray, "N D"], y: Float[NDArray, "M D"], seed: int = 0) -> Estimate:
    """How well a classifier tells one set from the other: the area under its ROC curve.

    0.5 is chance, 1 is certainty. Gradient-boosted trees score each point after learning from the
    other four fifths. The spread is over the points, not over trainings.

    Args:
        x: Points.
        y: Points.
        seed: Of the folds.

    Source: Lopez-Paz & Oquab 2017, https://arxiv.org/abs/1610.06545

    Example:
        >>> rng = np.random.default_rng(0)
        >>> separability(rng.normal(size=(300, 2)), rng.normal(size=(300, 2)) + 5).value > 0.99
        True
    """
    points = np.concatenate([x, y])
    which = np.repeat([0, 1], [len(x), len(y)])
    model = HistGradientBoostingClassifier(max_iter=60, random_state=seed)
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    scores = cross_val_predict(model, points, which, cv=folds, method="predict_proba")[:, 1]
    return estimate(roc_auc_score, which, scores, strata=which, seed=seed)


def energy_share(x: Float[NDArray, "N D"], y: Float[NDArray, "M D"]) -> float:
    r"""The energy distance as a share of the distance between the sets: 0 where they are alike.

    .. math:: \frac{2 E\|x - y\| - E\|x - x'\| - E\|y - y'\|}{2 E\|x - y\|}

    Args:
        x: Points.
        y: Points.

    Source: Szekely & Rizzo 2013, "Energy statistics", the coefficient of inhomogeneity.

    Example:
        >>> energy_share(np.array([[0.0], [1.0]]), np.array([[10.0], [11.0]]))
        0.9
    """
    first, second = torch.from_numpy(x), torch.from_numpy(y)
    between = 2 * torch.cdist(first, second).mean()
    return float(energy_distance(first, second) / between)


def reflection(z: Float[NDArray, "N D"]) -> float:
    """How far codes are from being symmetric about the origin: `energy_share` with their image.

    Args:
        z: Codes.

    Example:
        >>> reflection(np.array([[1.0, 2.0], [-1.0, -2.0], [3.0, 0.0], [-3.0, 0.0]])) < 0.01
        True
    """
    return energy_share(z, -z)
