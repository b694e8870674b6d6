"""The exact system of a textbook chapter on autoencoders."""

from typing import Annotated

from reparam.conditional import Conditional
from reparam.errors import CompositionError
from reparam.families import DiagonalNormal, Family, Padded, Point
from reparam.models import VAE
from reparam.networks import ChapterDecoder, ChapterEncoder
from reparam.networks.chapter import border
from reparam.objectives import Objective, Rate, Term, equivalent_beta
from reparam.priors import StandardNormal
from reparam.zoo.arguments import Choice, Count, OptionalWeight, Seed
from reparam.zoo.catalogue import Variant, published
from reparam.zoo.parts import LOSSES, Shape, pixels

BOOKS_WEIGHT = 500


@published(
    "Generative Deep Learning, 2nd edition, chapter 3",
    "Foster",
    2023,
    "https://www.oreilly.com/library/view/generative-deep-learning/9781098134174/",
)
def chapter(
    shape: Shape,
    latent: Count = 2,
    variational: bool = True,
    loss: Annotated[str, Choice(LOSSES)] = "bce",
    beta: OptionalWeight = None,
    seed: Seed = 0,
) -> Variant:
    r"""The chapter's autoencoder or VAE: 28 pixels padded to 32, the border scored too.

    The book minimises 500 times the *mean* over pixels of the binary cross-entropy, plus the KL
    divergence. Divided by 500 / D, D = 32 * 32, that is our sum over pixels with

    .. math:: \beta = D / 500 = 2.048

    Its recipe is Adam at a constant rate with batches of 100: 3 epochs at 1e-3 for the
    autoencoder, 5 epochs at 5e-4 for the variational one.

    Args:
        shape: One picture's (C, H, W).
        latent: How many dimensions z has.
        variational: The variational autoencoder; otherwise the deterministic one.
        loss: `"bce"` as in the book; `"rmse"` and `"mse"` compare the pictures without their
            border.
        beta: What the rate is multiplied by; the book's by default.
        seed: Of the weights.

    Example:
        >>> model, objective = chapter((1, 28, 28))
        >>> round(objective.terms[1].weight.item(), 3)
        2.048
    """
    if beta is not None and not variational:
        raise CompositionError("beta weighs a rate (KL divergence), and an autoencoder has none")
    pictures = Padded(LOSSES[loss].family(3), border(shape))
    family: Family = DiagonalNormal() if variational else Point()
    model = VAE(
        Conditional(ChapterEncoder(shape, *family.features((latent,))), family, [3]),
        StandardNormal(latent) if variational else None,
        Conditional(ChapterDecoder(latent, pictures.features(shape)), pictures, [1]),
    )
    terms: list[Term] = [LOSSES[loss].term(pixels(shape))]
    if variational:
        terms.append(Rate(books_beta(shape) if beta is None else beta))
    return Variant(model, Objective(*terms))


def books_beta(shape: Shape) -> float:
    """The book's weights as our beta: it takes 500 times the mean over the padded pixels.

    Args:
        shape: One picture's (C, H, W).

    Example:
        >>> books_beta((1, 28, 28))
        2.048
    """
    left, right, top, bottom = border(shape)
    padded = shape[0] * (shape[1] + top + bottom) * (shape[2] + left + right)
    return equivalent_beta(padded, reconstruction_weight=BOOKS_WEIGHT, reconstruction="mean")
