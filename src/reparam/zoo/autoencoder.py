"""The deterministic autoencoder."""

from collections.abc import Sequence

from reparam.families import Point
from reparam.models import VAE
from reparam.objectives import Objective
from reparam.zoo.catalogue import Variant, published
from reparam.zoo.parts import decoder, encoder, picture_family, reconstruction


@published(
    "Reducing the Dimensionality of Data with Neural Networks",
    "Hinton & Salakhutdinov",
    2006,
    "https://doi.org/10.1126/science.1127647",
)
def autoencoder(
    shape: Sequence[int],
    latent: int = 16,
    loss: str = "bce",
    network: str = "auto",
    widths: Sequence[int] | None = None,
    seed: int = 0,
) -> Variant:
    r"""An autoencoder: every picture has one code, and nothing says where codes lie.

    .. math:: \min \; -\log p(x | z = e(x))

    It has no prior: to sample from it, fit one to its codes (`reparam.samplers`).

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        loss: `"bce"` (binary cross-entropy), `"rmse"` (times the number of pixels) or `"mse"`.
        network: `"convolutional"`, `"mlp"`, or `"auto"`: by the shape.
        widths: Channels of each level, or widths of each hidden layer.
        seed: Of the weights.

    Example:
        >>> model, objective = autoencoder((3, 37, 50), latent=8)
    """
    return Variant(
        VAE(
            encoder(shape, latent, Point(), network, widths),
            None,
            decoder(shape, latent, picture_family(loss, len(shape)), network, widths),
        ),
        Objective(reconstruction(loss, shape)),
    )
