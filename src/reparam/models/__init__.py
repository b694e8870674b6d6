"""Models: what leaves a trace."""

from reparam.models.vae import VAE

__all__ = ["VAE"]
