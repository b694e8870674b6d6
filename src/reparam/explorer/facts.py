"""Two models in numbers: computed aside once the page stands, and kept as long as the spaces."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from html import escape
from itertools import chain
from weakref import WeakKeyDictionary

import numpy as np
import panel as pn
import torch
from scipy.spatial import QhullError

from reparam.data import Dataset
from reparam.errors import NoDensityError
from reparam.explorer.gradually import served, stepwise
from reparam.explorer.space import Space
from reparam.metrics.bound import batches
from reparam.metrics.plane import gap_share
from reparam.metrics.reconstruction import reconstruction
from reparam.models import VAE
from reparam.report.html import number

Fact = float | str
"""A number, or a word that says why there is none."""

LOOK = """
table { border-collapse: collapse; color: var(--ink); font: 0.9rem/1.4 system-ui, sans-serif; }
caption { text-align: left; color: var(--faint); padding-bottom: 0.2rem; }
th, td { text-align: left; font-weight: normal; padding: 0.2rem 1.2rem 0.2rem 0; border-bottom: 1px solid var(--line); }
thead th { font-weight: 600; }
td { font-variant-numeric: tabular-nums; }
.none { color: var(--faint); }
"""  # noqa: E501
_WORKER = ThreadPoolExecutor(1, thread_name_prefix="reparam-facts")
_BOUNDS: WeakKeyDictionary[Space, Iterator[None]] = WeakKeyDictionary()
"""Half-taken measurements; every page that waits for one takes its steps."""
_FOUND: WeakKeyDictionary[Space, dict[str, Future[Fact]]] = WeakKeyDictionary()


def bound(model: VAE, data: Dataset, told: Future[Fact]) -> Iterator[None]:
    """Minus the evidence lower bound in nats an item, with one draw each; the lower the better.

    It is measured a batch at a time in the server's own thread: all draws come from one global
    generator, which another thread would share with whoever draws in the meantime.

    Args:
        model: The model.
        data: The items.
        told: What is told of it in the end.
    """
    try:
        if model.prior is None:
            told.set_result("no prior")
            return
        found = []
        for batch in batches(model, data):
            found.append(batch)
            yield
        told.set_result(sum(torch.cat(part).mean().item() for part in zip(*found, strict=True)))
    except NoDensityError:
        told.set_result("no density")
    except Exception as error:  # as of the worker, and the table tells of it
        told.set_exception(error)


def error(space: Space) -> Fact:
    """The root mean squared error of the reconstructions, in pixel units.

    Args:
        space: The latent space.
    """
    return reconstruction(space.model, space.data, progress=False).root_mean_squared_error


def gaps(space: Space) -> Fact:
    """The share of the occupied part of the plane that is a gap.

    Args:
        space: The latent space.
    """
    if space.dimensions != 2:
        return "no plane"
    try:
        return gap_share(space.z)
    except QhullError:
        return "codes on a line"


def spread(space: Space) -> Fact:
    r"""The root mean squared distance of the codes from their mean.

    .. math:: \sqrt{\frac1N \sum_n \|z_n - \bar z\|^2}

    Args:
        space: The latent space.
    """
    return float(np.sqrt(space.z.astype("f8").var(0).sum()))


BOUND = "Bound on -log p(x), nats an item"
FACTS: dict[str, Callable[[Space], Fact]] = {
    "RMSE of reconstructions": error,
    "Share of the plane in gaps": gaps,
    "Spread of the codes": spread,
}


def table(*spaces: Space) -> pn.viewable.Viewable:
    """The spaces' facts as a table, which fills once the page is there.

    Args:
        *spaces: One for each column.
    """
    shown = pn.pane.HTML(written(spaces), stylesheets=[LOOK], css_classes=["facts"])
    document = pn.state.curdoc

    def refresh() -> None:
        shown.object = written(spaces)

    def done(_: Future[Fact]) -> None:
        if served(document):
            with suppress(RuntimeError):  # the page is closed
                document.add_next_tick_callback(refresh)
        else:
            refresh()

    def start() -> None:
        for space in spaces:
            for future in _computed(space).values():
                future.add_done_callback(done)
        stepwise(document, chain(*(_BOUNDS[space] for space in spaces)))

    pn.state.onload(start) if document is not None else start()
    return shown


def written(spaces: tuple[Space, ...]) -> str:
    """The table in HTML, as far as it is known.

    Args:
        spaces: One for each column.
    """
    heads = "".join(f'<th scope="col">{escape(space.name)}</th>' for space in spaces)
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th>'
        + "".join(_cell(_FOUND.get(space, {}).get(name)) for space in spaces)
        + "</tr>"
        for name in (BOUND, *FACTS)
    )
    items = f"{len(spaces[0].z):,} items"
    return (
        f"<table><caption>Of {items}</caption><thead><tr><td></td>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def _computed(space: Space) -> dict[str, Future[Fact]]:
    if space not in _FOUND:
        told: Future[Fact] = Future()
        _BOUNDS[space] = bound(space.model, space.data, told)
        aside = {name: _WORKER.submit(fact, space) for name, fact in FACTS.items()}
        _FOUND[space] = {BOUND: told, **aside}
    return _FOUND[space]


def _cell(future: Future[Fact] | None) -> str:
    if future is None or not future.done():
        return '<td class="none">computing</td>'
    if future.exception() is not None:
        return '<td class="none">cannot be had</td>'
    fact = future.result()
    if isinstance(fact, str):
        return f'<td class="none">{escape(fact)}</td>'
    return f'<td data-value="{fact!r}">{number(fact)}</td>'
