"""A latent plane that answers the mouse: codes, and what a grid of the plane decodes to."""

import io
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import nn

from reparam.inference import inference
from reparam.latent import Codes
from reparam.models import VAE
from reparam.plots.plane import limits
from reparam.plots.style import CLASSES
from reparam.report.html import embedded

SIDE = 1600
"""The most pixels along the side of all decoded pictures together."""
TILES = (12, 49)
"""The fewest and the most pictures along it."""
POINTS = 3000
UNKNOWN = "#222222"


def latent_plane(model: VAE, codes: Codes, classes: tuple[str, ...] = ()) -> dict[str, Any]:
    """What the page's script draws: plain values, and one picture with all the decodings.

    Args:
        model: A model with two latents that decodes to pictures.
        codes: Its codes of real items.
        classes: The classes' names.
    """
    z = codes.mean.double().numpy()
    (left, right), (low, high) = limits(z, share=0.998)
    height, width = model.decode(torch.zeros(1, 2)).shape[-2:]
    across = int(np.clip(SIDE // max(height, width), *TILES))
    places = (np.arange(across) + 0.5) / across
    x, y = left + places * (right - left), high - places * (high - low)
    grid = np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)
    parts = torch.from_numpy(grid).float().split(500)
    decoded = torch.cat([model.decode(part).cpu() for part in parts]).clamp(0, 1).numpy()
    labels = None if codes.labels is None else codes.labels[:POINTS].tolist()
    many = 0 if codes.labels is None else int(codes.labels.max()) + 1
    return {
        "frame": [left, right, low, high],
        "across": across,
        "width": width,
        "height": height,
        "sprite": embedded(_sprite(decoded, across)),
        "points": z[:POINTS].round(3).tolist(),
        "labels": labels,
        "classes": [classes[k] if k < len(classes) else f"class {k}" for k in range(many)],
        "colours": [CLASSES[k % len(CLASSES)] for k in range(many)] or [UNKNOWN],
        "prior": _prior(model.prior),
    }


def _prior(prior: nn.Module | None) -> list[list[float]] | None:
    """The prior's mean and standard deviations, where it has both."""
    if prior is None:
        return None
    try:
        with inference(prior):
            p = prior()
            return [p.mean.tolist(), p.stddev.tolist()]
    except NotImplementedError:
        return None


def _sprite(pictures: np.ndarray, across: int) -> bytes:
    """All pictures as one, in rows from the top."""
    channels, height, width = pictures.shape[1:]
    tiled = pictures.reshape(across, across, channels, height, width).transpose(0, 3, 1, 4, 2)
    whole = (tiled.reshape(across * height, across * width, channels) * 255).round().astype("u1")
    image = Image.fromarray(whole[:, :, 0] if channels == 1 else whole)
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()
