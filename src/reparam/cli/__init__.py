"""The command line."""

from reparam.cli.main import main

__all__ = ["main"]
