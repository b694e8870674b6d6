"""The check-up of a latent space."""

from reparam.latent.checkup.checkup import Checkup, checkup, checkup_codes
from reparam.latent.checkup.finding import Finding

__all__ = ["Checkup", "Finding", "checkup", "checkup_codes"]
