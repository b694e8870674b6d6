r"""Reconstruction losses that see more than single pixels: no likelihoods, and no nats.

A likelihood of independent pixels charges a picture that was moved by one pixel as much as a wrong
one. The structural similarity compares the brightness, contrast and structure of small windows, a
feature distance what a network makes of the whole.
"""

import copy
from collections.abc import Sequence
from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

from reparam.divergences import multiscale_similarity
from reparam.errors import CompositionError
from reparam.objectives.schedules import Schedule
from reparam.objectives.term import Term
from reparam.registry import register
from reparam.trace import Trace


@register
class MultiscaleSimilarity(Term):
    r"""One minus the structural similarity of pictures over several scales, MS-SSIM.

    .. math:: 1 - \overline{l c}_M^{\, w_M} \prod_{j=1}^{M-1} \bar c_j^{\, w_j}

    where scale j is the picture halved j - 1 times. It takes as many of the five scales as leave
    the smaller side at least the window's 11 pixels, at least one, and their exponents add up to
    1; a side below 11 has a smaller window. Pixels lie in [0, 1]. Two pictures alike cost 0, and
    none costs more than 1.

    Args:
        weight: Nats per unit. The number of pixels is a start; with a weight of 1 the rate
            outweighs it and the latents collapse.
        name: What it is called in results.

    Raises:
        CompositionError: If the examples are no pictures.

    Source: Snell et al. 2017, "Learning to Generate Images with Perceptual Similarity Metrics",
        https://arxiv.org/abs/1511.06409; Wang, Simoncelli & Bovik 2003, "Multiscale Structural
        Similarity for Image Quality Assessment", https://doi.org/10.1109/ACSSC.2003.1292216

    Example:
        >>> from reparam import zoo
        >>> model, _ = zoo.vae((1, 28, 28), latent=2)
        >>> MultiscaleSimilarity(weight=784)(model(torch.rand(8, 1, 28, 28))).shape
        torch.Size([8])
    """

    name = "multiscale_similarity"

    def __init__(self, weight: float | Schedule = 1.0, name: str | None = None) -> None:
        super().__init__(weight, name)

    def forward(self, trace: Trace) -> Float[Tensor, "B"]:
        """One minus the similarity, averaged over the K draws."""
        if trace.x.ndim != 4:
            raise CompositionError(
                "a structural similarity is of pictures, (channels, height, width), "
                f"not of {tuple(trace.x.shape[1:])}: use squared_error or a likelihood"
            )
        mean = trace.likelihood.mean
        x = trace.x.expand(mean.shape)
        similarity = multiscale_similarity(x.flatten(0, 1), mean.flatten(0, 1))
        return 1 - similarity.unflatten(0, mean.shape[:2]).mean(0)


@register
class FeatureDistance(Term):
    r"""Half the squared distance between a network's features of a picture and its reconstruction.

    .. math:: \frac12 \sum_l \|f_l(x) - f_l(m)\|^2

    summed over all features of the chosen layers: the "perceptual loss". The network judges and is
    not judged: the term keeps a copy of it that is saved with the objective, stays in evaluation
    mode and is not trained. `networks.RandomFeatures(shape)` is one for any shape.

    Args:
        network: Pictures (N, \*X) to features.
        layers: Which outputs of an `nn.Sequential` to compare, counted from 0; the last alone by
            default.
        weight: Nats per squared feature unit: 1 / sigma^2 of a normal with that sigma in feature
            space.
        name: What it is called in results.

    Raises:
        CompositionError: If layers are asked of a network that is no plain chain of layers, or of
            one that has fewer.

    Source: Hou, Shen, Sun & Qiu 2017, "Deep Feature Consistent Variational Autoencoder",
        https://arxiv.org/abs/1610.00291

    Example:
        >>> from reparam import zoo
        >>> from reparam.networks import RandomFeatures
        >>> model, _ = zoo.vae((1, 28, 28), latent=2)
        >>> term = FeatureDistance(RandomFeatures((1, 28, 28)), layers=[1, 3])
        >>> term(model(torch.rand(8, 1, 28, 28))).shape
        torch.Size([8])
    """

    name = "feature_distance"

    def __init__(
        self,
        network: nn.Module,
        layers: Sequence[int] | None = None,
        weight: float | Schedule = 1.0,
        name: str | None = None,
    ) -> None:
        super().__init__(weight, name)
        self.layers = None if layers is None else sorted(set(layers))
        if self.layers is not None:
            _check(network, self.layers)
        self.network = copy.deepcopy(network).requires_grad_(False).eval()

    def train(self, mode: bool = True) -> "FeatureDistance":
        """Training or evaluation mode, but for the network, which stays as it is."""
        super().train(mode)
        self.network.eval()
        return self

    def forward(self, trace: Trace) -> Float[Tensor, "B"]:
        """Half the sum of squares, averaged over the K draws."""
        mean = trace.likelihood.mean
        lead = mean.shape[:2]
        pairs = zip(self.features(trace.x), self.features(mean.flatten(0, 1)), strict=True)
        distances = [
            (seen.unflatten(0, lead) - wanted).square().flatten(2).sum(-1)
            for wanted, seen in pairs
        ]
        return torch.stack(distances).sum(0).mean(0) / 2

    def features(self, x: Float[Tensor, "N *X"]) -> list[Tensor]:
        r"""What the network makes of pictures, at each of the layers.

        Args:
            x: Pictures, (N, \*X).
        """
        if self.layers is None:
            return [self.network(x)]
        found = []
        for index, layer in enumerate(cast("nn.Sequential", self.network)):
            x = layer(x)
            if index in self.layers:
                found.append(x)
        return found


def _check(network: nn.Module, layers: list[int]) -> None:
    kind = type(network).__name__
    if not isinstance(network, nn.Sequential) or type(network).forward is not (
        nn.Sequential.forward
    ):
        raise CompositionError(
            f"layers are those of a plain nn.Sequential, and {kind} is none: leave layers out"
        )
    if not layers or layers[0] < 0 or layers[-1] >= len(network):
        raise CompositionError(
            f"layers are numbers from 0 to {len(network) - 1} of this {kind}, not {layers}"
        )
