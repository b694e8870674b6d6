"""Rows that a variational autoencoder finds unlikely."""

import numpy as np
from sklearn.base import BaseEstimator, OutlierMixin, clone
from sklearn.utils.validation import check_is_fitted

from reparam.errors import CompositionError
from reparam.sklearn import rows
from reparam.sklearn.autoencoder import VariationalAutoencoder
from reparam.sklearn.rows import Array

FENCE = 1.5
"""How many spreads between quartiles Tukey's fence lies below the lower one."""


class AutoencoderOutlierDetector(OutlierMixin, BaseEstimator):
    r"""Rows whose bound of log p(x) is low are outliers.

    .. math:: \mathrm{decision}(x) = \mathrm{score}(x) - \mathrm{offset}

    As everywhere in scikit-learn, high scores are normal, and labels are +1 for what is normal and
    -1 for outliers. PyOD's signs are the other way round.

    Args:
        autoencoder: A `VariationalAutoencoder` that is cloned and fitted; by default one whose
            decoder learns a variance for each number (`"pixel_sigma"`), the better density.
        contamination: Which part of the training rows `predict` calls outliers, above 0 and at
            most 0.5; `"auto"` for those below Tukey's fence, the lower quartile of the training
            rows' scores minus 1.5 times the distance between the quartiles.
        random_state: Replaces the autoencoder's where given.

    Attributes:
        autoencoder_: The fitted `VariationalAutoencoder`.
        offset_: Where outliers end, in nats.
        n_features_in_, feature_names_in_: As everywhere in scikit-learn.

    Source: An & Cho 2015, "Variational autoencoder based anomaly detection using reconstruction
        probability"; the fence: Tukey 1977, "Exploratory Data Analysis"

    Example:
        >>> X = np.random.default_rng(0).normal(size=(100, 5))
        >>> vae = VariationalAutoencoder(n_components=2, max_iter=20)
        >>> detector = AutoencoderOutlierDetector(vae, contamination=0.1, random_state=0)
        >>> np.unique(detector.fit_predict(X), return_counts=True)
        (array([-1,  1]), array([10, 90]))
    """

    def __init__(
        self,
        autoencoder: VariationalAutoencoder | None = None,
        *,
        contamination: float | str = "auto",
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.autoencoder = autoencoder
        self.contamination = contamination
        self.random_state = random_state

    def fit(self, X: object, y: object = None) -> "AutoencoderOutlierDetector":
        """Fit the autoencoder, and then the offset to the scores of the same rows.

        Args:
            X: (N, n_features).
            y: Ignored.

        Raises:
            ValueError: If X is no dense matrix of finite numbers, or a parameter makes no sense.
        """
        part = self._part()
        autoencoder = VariationalAutoencoder(variant_params={"loss": "pixel_sigma"})
        if self.autoencoder is not None:
            autoencoder = clone(self.autoencoder)
        if self.random_state is not None:
            autoencoder.set_params(random_state=self.random_state)
        X = rows.checked(self, X, autoencoder.image_shape, reset=True)
        self.autoencoder_ = autoencoder.fit(X)
        scores = self.autoencoder_.score_samples(X)
        if part is None:
            low, high = np.percentile(scores, [25, 75])
            self.offset_ = float(low - FENCE * (high - low))
        else:
            self.offset_ = float(np.percentile(scores, 100 * part))
        return self

    def score_samples(self, X: object) -> Array:
        """A lower bound of each row's log p(x) in nats, in the units of X; higher is more normal.

        Args:
            X: (N, n_features).

        Returns:
            (N,), float64.
        """
        check_is_fitted(self)
        X = rows.checked(self, X, self.autoencoder_.image_shape)
        return self.autoencoder_.score_samples(X)

    def decision_function(self, X: object) -> Array:
        """The scores above the offset, in nats; outliers are below 0.

        Args:
            X: (N, n_features).

        Returns:
            (N,), float64.
        """
        return self.score_samples(X) - self.offset_

    def predict(self, X: object) -> Array:
        """+1 for what is normal, -1 for outliers.

        Args:
            X: (N, n_features).

        Returns:
            (N,), int64.
        """
        return np.where(self.decision_function(X) >= 0, 1, -1)

    def _part(self) -> float | None:
        given = self.contamination
        if given == "auto":
            return None
        if isinstance(given, float | int | np.number) and 0 < given <= 0.5:
            return float(given)
        raise CompositionError(
            f"contamination is 'auto' or above 0 and at most 0.5, not {given!r}"
        )
