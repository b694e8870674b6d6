"""What one window knows: what a person chose, and where they are in latent space."""

import numpy as np
import param

MAPS = ("dimensions", "PCA", "UMAP", "t-SNE")


class View(param.Parameterized):
    """What a person has chosen; the page's address holds it."""

    map = param.Selector[str](default="dimensions", objects=list(MAPS), doc="What the map shows.")
    across = param.Integer(0, bounds=(0, None), doc="Which dimension goes across.")
    up = param.Integer(1, bounds=(0, None), doc="Which dimension goes up.")
    colour = param.String("class", doc="What colours the items: class, or a score's name.")
    over = param.List([], item_type=str, doc="What lies over the map.")
    panel = param.String("", doc="Which panel is open.")


class State(param.Parameterized):
    """Where a person is; panels watch it and set it."""

    held = param.Array(doc="The code that the sliders hold, (D,).")
    clicked = param.Array(doc="The code of the place that was clicked last, (D,).")
    selected = param.Array(np.zeros(0, int), doc="The items that are selected.")
    message = param.String("", doc="One sentence for the person: what went wrong, what to do.")
