"""A page in the browser that puts a hand into latent space."""

from typing import Any

from reparam.data import Dataset
from reparam.models import VAE

__all__ = ["explore"]

HEIGHT = 560
"""Of a map in a notebook, in pixels."""


def explore(model: VAE, data: Dataset, name: str = "model") -> Any:  # noqa: ANN401
    """Show a model's latent space inside a notebook, as `reparam explore` does in a page.

    Args:
        model: The trained model, of pictures and without labels.
        data: The items to show.
        name: What to call the model.

    Returns:
        What the notebook shows: a Panel object.

    Raises:
        CompositionError: If the model or the items cannot be shown.

    Example:
        >>> from reparam import data, zoo
        >>> _, test = data.load("fashion-mnist-subset")
        >>> model, _ = zoo.vae(test.shape, latent=2)
        >>> explore(model, test[:100])  # doctest: +SKIP
    """
    import panel as pn

    from reparam.explorer.space import space
    from reparam.explorer.window import Window

    pn.extension(inline=True)  # nothing is fetched from elsewhere
    parts = Window(space(model, data, name)).parts(HEIGHT)
    return pn.Column(
        parts["message"],
        pn.Row(
            pn.Column(parts["controls"], parts["map"], sizing_mode="stretch_width"),
            pn.Column(parts["pointer"], parts["panels"], width=420),
        ),
    )
