"""A variational autoencoder as a scikit-learn transformer."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.preprocessing import StandardScaler
from sklearn.utils import Tags, check_array, check_random_state
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from reparam.inference import inference
from reparam.sklearn import keeping, parameters, rows
from reparam.sklearn.learning import learn, variant
from reparam.sklearn.rows import Array
from reparam.sklearn.running import bounds, each

SEEDS = 2**31 - 1


class VariationalAutoencoder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    r"""Rows of X to the means of their latent distributions, and back.

    .. math:: \log p(x) \ge E_{q(z|x)}[\log p(x | z)] - KL(q(z | x) \| N(0, I))

    Rows are tables' by default: real numbers, standardised inside as `StandardScaler` does, with a
    multi-layer perceptron each way, a diagonal normal posterior and a normal likelihood with one
    learned variance. With `image_shape` they are pictures, and the model is the zoo's:
    convolutions and binary cross-entropy.

    Training looks at the held-out part every 50 steps, or after each pass over the rows where that
    is longer. It stops once the bound there has not become better for `n_iter_no_change` steps, at
    the latest after `max_iter`, and keeps the weights of the best look.

    Args:
        n_components: D, how many dimensions the latents have.
        hidden_layer_sizes: The encoder's widths, the decoder's backwards; for pictures the
            channels of each level. By default one layer of 256, for pictures the zoo's.
        image_shape: (H, W) or (H, W, C) of the pictures in X, whose columns are their pixels in
            that order: floats in [0, 1], or bytes (uint8) from 0 to 255. `None` for tables.
        variant: A name of the zoo (`reparam zoo` lists them).
        variant_params: The variant's own arguments, such as `{"beta": 4.0}`. For a table its
            `loss` is `"learned_sigma"`, or `"pixel_sigma"` for variances that the decoder learns
            for each number: the better density, and often the worse features.
        batch_size: Rows a step.
        max_iter: At most so many steps, rounded up to whole passes over the rows.
        learning_rate_init: AdamW's rate, which stays constant.
        validation_fraction: Which part of the rows is held out of training; `None` for none, with
            which all `max_iter` steps are made.
        n_iter_no_change: Stop after so many steps without a better bound on the part held out;
            `None` for never.
        n_draws: K, the draws of `score_samples`.
        device: `"cpu"`, `"cuda"`, `"mps"` or `"auto"`; small tables train fastest on the CPU.
        verbose: Whether to show progress.
        random_state: Seeds weights, order, noise and the part held out. A whole number gives the
            same bits on the same machine with as many threads, and touches no global generator.

    Attributes:
        model_: The model, an ordinary `reparam.models.VAE` in evaluation mode.
        objective_: What trained it.
        mean_, scale_: Of each feature, (n_features_in_,); for tables alone.
        n_iter_: How many steps were made.
        n_features_in_, feature_names_in_: As everywhere in scikit-learn.

    Source: Kingma & Welling 2014, https://arxiv.org/abs/1312.6114; the learned variance: Rybkin,
        Daniilidis & Levine 2021, https://arxiv.org/abs/2006.13202

    Example:
        >>> X = np.random.default_rng(0).normal(size=(100, 5)) * [1, 2, 3, 4, 5]
        >>> vae = VariationalAutoencoder(n_components=2, max_iter=20, random_state=0).fit(X)
        >>> vae.transform(X).shape, vae.inverse_transform(vae.transform(X)).shape
        ((100, 2), (100, 5))
        >>> vae.score_samples(X).shape
        (100,)
    """

    def __init__(
        self,
        n_components: int = 16,
        *,
        hidden_layer_sizes: Sequence[int] | None = None,
        image_shape: Sequence[int] | None = None,
        variant: str = "vae",
        variant_params: Mapping[str, object] | None = None,
        batch_size: int = 128,
        max_iter: int = 5000,
        learning_rate_init: float = 2e-3,
        validation_fraction: float | None = 0.1,
        n_iter_no_change: int | None = 500,
        n_draws: int = 64,
        device: str = "cpu",
        verbose: int | bool = 0,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.n_components = n_components
        self.hidden_layer_sizes = hidden_layer_sizes
        self.image_shape = image_shape
        self.variant = variant
        self.variant_params = variant_params
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.learning_rate_init = learning_rate_init
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.n_draws = n_draws
        self.device = device
        self.verbose = verbose
        self.random_state = random_state

    def fit(self, X: object, y: object = None) -> "VariationalAutoencoder":
        """Train a new model.

        Args:
            X: (N, n_features).
            y: Ignored.

        Raises:
            ValueError: If X is no dense matrix of finite numbers, pixels are not in their range,
                or a parameter makes no sense.
        """
        parameters.check(self.get_params())
        X = rows.checked(self, X, self.image_shape, reset=True)
        seed = self._seed()
        self._begin(X, seed)
        self._learn(X, seed, self.max_iter, self.validation_fraction)
        return self

    def partial_fit(self, X: object, y: object = None) -> "VariationalAutoencoder":
        """Train on by one pass over some rows, repeated to a batch where they are fewer.

        The first rows ever seen, by this or by `fit`, decide `mean_` and `scale_`; let them be
        typical. Nothing is held out, and each pass begins with a new optimizer.

        Args:
            X: (n, n_features).
            y: Ignored.

        Raises:
            ValueError: As `fit`.
        """
        parameters.check(self.get_params())
        first = not hasattr(self, "model_")
        X = rows.checked(self, X, self.image_shape, reset=first)
        seed = self._seed()
        if first:
            self._begin(X, seed)
        self._learn(X, (seed + self.n_iter_) % SEEDS, 1, None)
        return self

    def transform(self, X: object) -> Array:
        """The means of the rows' posteriors.

        Args:
            X: (N, n_features).

        Returns:
            (N, D), in the precision of X.
        """
        check_is_fitted(self)
        X = rows.checked(self, X, self.image_shape)
        seen = self._seen(X)
        codes = each(self.model_, lambda model, x: model.posterior(x).mean.flatten(1), seen)
        return codes.astype(X.dtype if X.dtype.kind == "f" else np.float64, copy=False)

    def inverse_transform(self, X: object) -> Array:
        """What latents decode to: the likelihood's means, in the units of the rows.

        Args:
            X: (N, D), latents.

        Returns:
            (N, n_features), in the precision of X; pixels in [0, 1], of bytes too.
        """
        check_is_fitted(self)
        Z = check_array(X, dtype=[np.float64, np.float32], input_name="X")
        if Z.shape[1] != self._n_features_out:
            raise ValueError(
                f"X has {Z.shape[1]} features, but {type(self).__name__}.inverse_transform is "
                f"expecting {self._n_features_out} latents as input"
            )
        shown = each(self.model_, lambda model, z: model.likelihood(z).mean, torch.tensor(Z))
        return self._in_units(shown).astype(Z.dtype, copy=False)

    def sample(
        self,
        n_samples: int = 1,
        *,
        mean: bool | None = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> Array:
        """New rows: latents of the prior, decoded.

        Args:
            n_samples: How many.
            mean: Whether to show each latent's mean; otherwise the likelihood's noise is drawn,
                too. By default pictures are means, and rows of tables have their noise.
            random_state: The estimator's own by default.

        Returns:
            (n_samples, n_features), float64.

        Raises:
            NoDensityError: If the variant has no prior.
        """
        check_is_fitted(self)
        still = self.image_shape is not None if mean is None else mean
        seed = self._seed(random_state)
        drawn = self.model_.sample(n_samples, mean=still, seed=seed)
        return self._in_units(drawn.cpu().numpy().astype(np.float64))

    def score_samples(self, X: object) -> Array:
        r"""A lower bound of each row's log p(x) in nats, in the units of X.

        .. math:: \log \frac1K \sum_k \frac{p(x | z_k) \, p(z_k)}{q(z_k | x)}, \quad z_k \sim q

        It is below log p(x) in the mean over draws, and the closer the more there are. Every row
        has the same K draws of noise, so that a row's score depends on nothing but the row, and
        that rows compare well; their mean keeps a part of the draws' error. For pictures log
        p(x | z) is minus a binary cross-entropy, a log-likelihood only where all pixels are 0 or
        1.

        Args:
            X: (N, n_features).

        Returns:
            (N,), float64; higher is more likely.

        Raises:
            NoDensityError: If the variant has no prior, or no density.

        Source: Burda, Grosse & Salakhutdinov 2016, https://arxiv.org/abs/1509.00519
        """
        check_is_fitted(self)
        seen = self._seen(rows.checked(self, X, self.image_shape))
        scores = each(self.model_, lambda m, x: bounds(m, x, self.n_draws), seen, self.n_draws)
        scores = scores.astype(np.float64, copy=False)
        return scores if self.image_shape is not None else scores - np.log(self.scale_).sum()

    def score(self, X: object, y: object = None) -> float:
        """The mean of `score_samples`, in nats.

        Args:
            X: (N, n_features).
            y: Ignored.
        """
        return float(self.score_samples(X).mean())

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def __getstate__(self) -> dict[str, Any]:
        return keeping.packed(super().__getstate__())

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(keeping.unpacked(state))

    def _seed(self, given: int | np.random.RandomState | None = None) -> int:
        source = self.random_state if given is None else given
        return int(check_random_state(source).randint(SEEDS))

    def _begin(self, X: Array, seed: int) -> None:
        if self.image_shape is None:
            scaler = StandardScaler().fit(X)
            self.mean_, self.scale_ = scaler.mean_, scaler.scale_
        seen = self._seen(X[:1])
        self.model_, self.objective_ = variant(
            self.variant,
            seen.shape[1:],
            int(self.n_components),
            self.hidden_layer_sizes,
            seed,
            self.variant_params or {},
        )
        self.n_iter_ = 0
        with inference(self.model_):
            self._n_features_out = self.model_.posterior(seen.float()).mean[0].numel()

    def _learn(self, X: Array, seed: int, steps: int, held_out: float | None) -> None:
        self.n_iter_ += learn(
            self.model_,
            self.objective_,
            rows.dataset(self._seen(X)),
            steps=int(steps),
            batch_size=int(self.batch_size),
            rate=self.learning_rate_init,
            held_out=held_out,
            patience=self.n_iter_no_change,
            device=self.device,
            progress=bool(self.verbose),
            seed=seed,
        )

    def _seen(self, X: Array) -> Tensor:
        if self.image_shape is not None:
            return rows.pictures(X, self.image_shape)
        return rows.vectors(X, self.mean_, self.scale_)

    def _in_units(self, shown: Array) -> Array:
        if self.image_shape is not None:
            return rows.flat(shown)
        units: Array = shown * self.scale_ + self.mean_
        return units
