"""Operations on a trained model's latent space."""

from reparam.latent.codes import Codes, codes

__all__ = ["Codes", "codes"]
