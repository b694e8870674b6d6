"""Autoencoder against variational autoencoder: the chapter's claims, measured and drawn."""

from reparam.study.study import Study, run_study

__all__ = ["Study", "run_study"]
