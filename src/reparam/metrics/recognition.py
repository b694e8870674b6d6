"""Whether decoded pictures are recognisable, by a judge that is sure of noise as well.

A classifier gives noise a class, too, and often with certainty. So a picture counts as
recognisable where the judge is confident *and* finds it as close to real pictures as real ones
are.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from torch import Tensor

from reparam.metrics.classifier import Classifier, judged

CONFIDENT = 0.5
RANGE = (0.05, 0.95)


@dataclass(frozen=True)
class Judgement:
    """What a judge says of pictures.

    Args:
        label: The class of each, (N,).
        confidence: The class's probability, (N,).
        distance: From the nearest real training picture, in the judge's features, (N,).
        recognisable: Whether each is confidently one class and as near to real pictures as real
            test pictures are, (N,).
    """

    label: Int[NDArray, "N"]
    confidence: Float[NDArray, "N"]
    distance: Float[NDArray, "N"]
    recognisable: Bool[NDArray, "N"]


class Recogniser:
    """A judge with real pictures to compare with.

    A picture is recognisable where its class has a probability of at least one half and its
    distance to the nearest real training picture, in the judge's features, lies within the 5 to
    95% range of the real test pictures' distances.

    Args:
        judge: The classifier.
        train: Real pictures, (N, 1, 28, 28) in [0, 1].
        test: Other real pictures.

    Example:
        >>> import torch
        >>> from reparam import data
        >>> from reparam.metrics.classifier import fashion_classifier
        >>> train, test = (split[:500].tensor() for split in data.load("fashion-mnist-subset"))
        >>> recogniser = Recogniser(fashion_classifier(), train, test)
        >>> bool(recogniser(torch.rand(50, 1, 28, 28)).recognisable.any())  # noise
        False
    """

    def __init__(
        self, judge: Classifier, train: Float[Tensor, "N C H W"], test: Float[Tensor, "M C H W"]
    ) -> None:
        self.judge = judge
        self.tree = cKDTree(judged(judge, train)[1].numpy())
        distances, _ = self.tree.query(judged(judge, test)[1].numpy())
        self.low, self.high = np.quantile(distances, RANGE)

    def __call__(self, x: Float[Tensor, "N C H W"]) -> Judgement:
        """Judge pictures.

        Args:
            x: Pictures in [0, 1].
        """
        chances, features = judged(self.judge, x)
        distance, _ = self.tree.query(features.numpy())
        confidence, label = (part.numpy() for part in chances.max(1))
        near = (distance >= self.low) & (distance <= self.high)
        return Judgement(label, confidence, distance, near & (confidence >= CONFIDENT))
