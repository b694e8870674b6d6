"""Models of pictures with labels."""

from typing import Annotated

from reparam.conditional import Conditional
from reparam.families import DiagonalNormal
from reparam.models import VAE
from reparam.networks import LabelTable, WithLabels
from reparam.objectives import Objective, Rate
from reparam.zoo.arguments import Categories, Choice, Count, Seed, Weight, Widths
from reparam.zoo.catalogue import Variant, published
from reparam.zoo.compose import refuse_what_never_learns
from reparam.zoo.parts import LOSSES, Shape, decoder, encoder, pixels


@published(
    "Learning Structured Output Representation using Deep Conditional Generative Models",
    "Sohn, Lee & Yan",
    2015,
    "https://papers.nips.cc/paper/5775-learning-structured-output-representation-using-deep-"
    "conditional-generative-models",
)
def conditional_vae(
    shape: Shape,
    latent: Count = 16,
    classes: Categories = 10,
    loss: Annotated[str, Choice(LOSSES)] = "bce",
    beta: Weight = 1.0,
    network: Annotated[str, Choice(("auto", "convolutional", "mlp"))] = "auto",
    widths: Widths = None,
    seed: Seed = 0,
) -> Variant:
    r"""Labels are given to encoder, decoder and prior: codes say what the label does not.

    .. math:: \min \; -E_q[\log p(x | z, y)] + \beta \, KL(q(z | x, y) \| p(z | y))

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        classes: How many labels there are.
        loss: Which likelihood and distortion: a key of `LOSSES`.
        beta: What the rate is multiplied by.
        network: `"convolutional"`, `"mlp"`, or `"auto"`: by the shape.
        widths: Channels of each level, or widths of each hidden layer.
        seed: Of the weights.

    Example:
        >>> import torch
        >>> model, objective = conditional_vae((1, 28, 28), latent=8)
        >>> model.sample(3, torch.tensor([0, 1, 2])).shape
        torch.Size([3, 1, 28, 28])
    """
    kind, axes = LOSSES[loss], len(shape)
    q = encoder(shape, latent, DiagonalNormal(), network, widths, others=classes)
    p = decoder(shape, latent + classes, kind.family(axes), network, widths)
    model = VAE(
        Conditional(WithLabels(q.network, classes), q.family, [axes, 0]),
        Conditional(LabelTable(classes, 2 * latent), DiagonalNormal(), [0]),
        Conditional(WithLabels(p.network, classes), p.family, [1, 0]),
    )
    objective = Objective(kind.term(pixels(shape)), Rate(beta))
    refuse_what_never_learns(model, objective, shape)
    return Variant(model, objective)
