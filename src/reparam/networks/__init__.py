"""Networks: tensor to tensor, no distributions, no losses."""

from reparam.networks.chapter import ChapterDecoder, ChapterEncoder
from reparam.networks.convolutional import ConvolutionalDecoder, ConvolutionalEncoder, widths_for
from reparam.networks.corruption import GaussianNoise, MaskingNoise
from reparam.networks.critic import PictureCritic
from reparam.networks.features import RandomFeatures
from reparam.networks.mlp import MLP
from reparam.networks.wrappers import LabelTable, SpectralNorm, TopK, WithLabels

__all__ = [
    "MLP",
    "ChapterDecoder",
    "ChapterEncoder",
    "ConvolutionalDecoder",
    "ConvolutionalEncoder",
    "GaussianNoise",
    "LabelTable",
    "MaskingNoise",
    "PictureCritic",
    "RandomFeatures",
    "SpectralNorm",
    "TopK",
    "WithLabels",
    "widths_for",
]
