"""The scikit-learn face: autoencoders with `fit`, `transform` and `predict`.

Inside is an ordinary model of the library, `model_`, trained by `fit` of `reparam.training`. Here
`sklearn` always means scikit-learn: this package is `reparam.sklearn`.
"""

from reparam.sklearn.autoencoder import VariationalAutoencoder
from reparam.sklearn.outliers import AutoencoderOutlierDetector

__all__ = ["AutoencoderOutlierDetector", "VariationalAutoencoder"]
