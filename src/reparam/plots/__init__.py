"""Arrays of numbers as pictures and figures; nothing here knows a model.

Pictures (`grid`) are PIL images, figures (`reconstructions`, `loss_curve`) are matplotlib's, made
without pyplot, so that they need no display and leave no global state. `save` and `save_grid`
write a file whole or not at all.
"""

from reparam.plots.curves import loss_curve
from reparam.plots.pictures import grid, save_grid
from reparam.plots.reconstructions import reconstructions
from reparam.plots.style import COLOURS, png, save, style

__all__ = ["COLOURS", "grid", "loss_curve", "png", "reconstructions", "save", "save_grid", "style"]
