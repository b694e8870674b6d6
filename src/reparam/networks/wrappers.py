"""Networks around networks: what they change, they change in any network."""

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from reparam.errors import CompositionError
from reparam.registry import register

WEIGHTED = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)


@register
class TopK(nn.Module):
    """A network of whose outputs only the largest are kept, the others 0.

    Args:
        network: Anything to features (N, F).
        active: How many are kept.

    Raises:
        CompositionError: If none is.

    Source: Makhzani & Frey 2014, "k-Sparse Autoencoders", https://arxiv.org/abs/1312.5663

    Example:
        >>> TopK(nn.Identity(), 1)(torch.tensor([[1.0, 3.0, 2.0]]))
        tensor([[0., 3., 0.]])
    """

    def __init__(self, network: nn.Module, active: int) -> None:
        super().__init__()
        if active < 1:
            raise CompositionError(f"active must be at least 1, not {active}")
        self.network, self.active = network, active

    def forward(self, *inputs: Tensor) -> Float[Tensor, "N F"]:
        """The network's outputs, but few of them."""
        features = self.network(*inputs)
        kept = features.topk(min(self.active, features.shape[-1]), -1)
        return torch.zeros_like(features).scatter(-1, kept.indices, kept.values)


@register
class SpectralNorm(nn.Module):
    """A network each of whose layers is divided by its spectral norm.

    A dense layer then stretches nothing: a network of dense layers is Lipschitz with 1 times the
    activations' constant. A convolution's norm is, as in the paper, that of its weights as one
    matrix with a row for each channel that goes out; where its patches overlap it may still
    stretch. The norm follows the weights by one step of power iteration for each pass in training.

    Args:
        network: Any network of dense and convolutional layers; it is changed in place.

    Raises:
        CompositionError: If it has no such layer.

    Source: Miyato et al. 2018, https://arxiv.org/abs/1802.05957

    Example:
        >>> stretched = SpectralNorm(nn.Linear(3, 3, bias=False)).eval()
        >>> bool(stretched(torch.eye(3)).norm(2) < 2)
        True
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        layers = [layer for layer in network.modules() if isinstance(layer, WEIGHTED)]
        if not layers:
            raise CompositionError("a spectral norm needs a network with dense or other layers")
        for layer in layers:
            spectral_norm(layer)
        self.network = network

    def forward(self, *inputs: Tensor) -> Tensor:
        """What the network makes of the inputs."""
        found: Tensor = self.network(*inputs)
        return found


@register
class WithLabels(nn.Module):
    """A network that sees labels, as ones among zeros, beside its input.

    Args:
        network: Takes the input (N, ...) and (N, classes).
        classes: How many there are.

    Example:
        >>> from reparam.networks import MLP
        >>> WithLabels(MLP(4 + 3, 2), 3)(torch.zeros(5, 4), torch.tensor([0, 1, 2, 0, 1])).shape
        torch.Size([5, 2])
    """

    def __init__(self, network: nn.Module, classes: int) -> None:
        super().__init__()
        self.network, self.classes = network, classes

    def forward(self, x: Tensor, labels: Int64[Tensor, "N"]) -> Tensor:
        """What the network makes of both."""
        ones = F.one_hot(labels, self.classes).to(x.dtype)
        found: Tensor = self.network(x, ones)
        return found


@register
class LabelTable(nn.Module):
    """Features of each label, learned.

    Args:
        classes: How many labels there are.
        features: How many features each has.

    Example:
        >>> LabelTable(10, 4)(torch.tensor([3, 3, 1])).shape
        torch.Size([3, 4])
    """

    def __init__(self, classes: int, features: int) -> None:
        super().__init__()
        self.table = nn.Parameter(0.1 * torch.randn(classes, features))

    def forward(self, labels: Int64[Tensor, "N"]) -> Float[Tensor, "N F"]:
        """The rows of the labels."""
        return self.table[labels]
