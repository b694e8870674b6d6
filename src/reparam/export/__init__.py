"""A trained model as files that run without this library: encoder, decoder and sampler."""

from reparam.export.metadata import METADATA
from reparam.export.writer import FORMATS, export

__all__ = ["FORMATS", "METADATA", "export"]
