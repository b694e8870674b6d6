"""An independent judge of clothes: a small network that has seen no model's output.

What a model is worth is never judged by that model. The network's weights come with the package;
`scripts/train_classifier.py` trained them on the 60,000 training pictures of Fashion-MNIST.
"""

from functools import cache
from importlib import resources

import torch
from jaxtyping import Float
from safetensors.torch import load
from torch import Tensor, nn

from reparam.inference import inference

WEIGHTS = "fashion-classifier.safetensors"
WIDTHS = (16, 32, 48, 64)


class Classifier(nn.Module):
    """Pictures of 28 x 28 to ten classes, by way of 64 features.

    Four 3x3 convolutions with batch normalisation and ReLU, the second and the third of stride 2,
    then the mean over all places, and a dense layer.

    Example:
        >>> judge = Classifier().eval()
        >>> judge(torch.zeros(2, 1, 28, 28)).shape, judge.features(torch.zeros(2, 1, 28, 28)).shape
        (torch.Size([2, 10]), torch.Size([2, 64]))
    """

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, after, stride in zip((1, *WIDTHS), WIDTHS, (1, 2, 2, 1), strict=False):
            layers += [
                nn.Conv2d(before, after, 3, stride, padding=1, bias=False),
                nn.BatchNorm2d(after),
                nn.ReLU(),
            ]
        self.levels = nn.Sequential(*layers)
        self.dense = nn.Linear(WIDTHS[-1], 10)

    def features(self, x: Float[Tensor, "N 1 28 28"]) -> Float[Tensor, "N 64"]:
        """What the classes are read off.

        Args:
            x: Pictures in [0, 1].
        """
        return self.levels(x).mean((2, 3))

    def forward(self, x: Float[Tensor, "N 1 28 28"]) -> Float[Tensor, "N 10"]:
        """The logits of the classes.

        Args:
            x: Pictures in [0, 1].
        """
        return self.dense(self.features(x))


@cache
def fashion_classifier() -> Classifier:
    """The trained classifier that comes with the package, in evaluation mode.

    Example:
        >>> from reparam import data
        >>> _, test = data.load("fashion-mnist-subset")
        >>> x, labels = test[:500].batch(torch.arange(500))
        >>> bool((fashion_classifier()(x).argmax(1) == labels).float().mean() > 0.88)
        True
    """
    judge = Classifier()
    file = resources.files("reparam.metrics") / "weights" / WEIGHTS
    judge.load_state_dict(load(file.read_bytes()))
    return judge.eval().requires_grad_(False)


def judged(
    judge: Classifier, x: Float[Tensor, "N 1 28 28"], batch_size: int = 1000
) -> tuple[Float[Tensor, "N 10"], Float[Tensor, "N 64"]]:
    """The class probabilities and the features of many pictures.

    Args:
        judge: The classifier.
        x: Pictures in [0, 1].
        batch_size: Pictures at a time.
    """
    chances, features = [], []
    with inference(judge):
        for part in x.split(batch_size):
            seen = judge.features(part)
            features.append(seen)
            chances.append(judge.dense(seen).softmax(1))
    return torch.cat(chances), torch.cat(features)
