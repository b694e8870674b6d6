"""Networks: tensor to tensor, no distributions, no losses."""

from reparam.networks.chapter import ChapterDecoder, ChapterEncoder
from reparam.networks.convolutional import ConvolutionalDecoder, ConvolutionalEncoder
from reparam.networks.mlp import MLP

__all__ = [
    "MLP",
    "ChapterDecoder",
    "ChapterEncoder",
    "ConvolutionalDecoder",
    "ConvolutionalEncoder",
]
