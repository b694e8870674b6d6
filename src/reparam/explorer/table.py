"""Items' codes as a table in a file."""

import csv
import io

import numpy as np
from jaxtyping import Int64
from numpy.typing import NDArray

from reparam.explorer.space import Space


def table(space: Space, items: Int64[NDArray, "K"]) -> str:
    """Codes as CSV: item, label, z0, z1, ..., log_variance0, ... where there are any.

    `item` is the place in the data, `label` the class's number, -1 or nothing where there is none.
    Numbers have the nine digits that keep every bit.

    Args:
        space: The latent space.
        items: Their places in the data.
    """
    names = [f"z{k}" for k in range(space.dimensions)]
    columns = [space.z[items]]
    if space.log_variance is not None:
        names += [f"log_variance{k}" for k in range(space.dimensions)]
        columns.append(space.log_variance[items])
    labels = [""] * len(items) if space.labels is None else space.labels[items].tolist()
    stream = io.StringIO()
    file = csv.writer(stream, lineterminator="\n")
    file.writerow(["item", "label", *names])
    for item, label, row in zip(items.tolist(), labels, np.hstack(columns), strict=True):
        file.writerow([item, label, *(f"{value:.9g}" for value in row)])
    return stream.getvalue()
