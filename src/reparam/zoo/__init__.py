"""Published variants, each a function of a few lines that returns a model and its objective."""

from reparam.zoo.autoencoder import autoencoder
from reparam.zoo.catalogue import ZOO, Entry, Variant
from reparam.zoo.chapter import chapter
from reparam.zoo.vae import beta_vae, vae

__all__ = ["ZOO", "Entry", "Variant", "autoencoder", "beta_vae", "chapter", "vae"]
