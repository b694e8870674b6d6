"""Serving the explorer on loopback, to whoever has the token."""

import asyncio
import secrets
import signal
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from queue import Queue
from threading import Thread
from typing import Any

from panel.io.server import get_server

from reparam.explorer.compare import check_same_items
from reparam.explorer.page import page, title
from reparam.explorer.space import Space

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Served:
    """An explorer that is being served.

    Args:
        address: What to open in a browser; the token is in it.
        server: Bokeh's server.
    """

    address: str
    server: Any

    def run(self) -> None:
        """Answer until Ctrl-C or SIGTERM.

        Bokeh's own way would give the event loop the signals, which it hears only between two of
        its callbacks.
        """
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            self.server.io_loop.start()
        except KeyboardInterrupt:
            print(flush=True)  # behind the terminal's ^C
        finally:
            signal.signal(signal.SIGTERM, before)
            self.server.stop(wait=False)


@contextmanager
def serving(space: Space, other: Space | None = None) -> Iterator[str]:
    """Inside, a space's explorer is served from a thread; gives its address.

    Args:
        space: The latent space.
        other: Another model's, of the same items, to lie beside it.
    """
    ready: Queue[tuple[Served, asyncio.AbstractEventLoop]] = Queue()

    def run() -> None:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        ready.put((serve(space, other), loop))
        loop.run_forever()

    thread = Thread(target=run, daemon=True)
    thread.start()
    served, loop = ready.get(timeout=30)
    try:
        yield served.address
    finally:
        loop.call_soon_threadsafe(served.server.stop)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)


def serve(space: Space, other: Space | None = None, port: int = 0) -> Served:
    """Serve a space's explorer on loopback.

    Args:
        space: The latent space.
        other: Another model's, of the same items, to lie beside it.
        port: Where; any free port by default.

    Raises:
        CompositionError: If the other space is of other items.
    """
    # A part that was added to an open page, as tabs are, is sent back with its first event.
    warnings.filterwarnings("ignore", "reference already known")
    if other is not None:
        check_same_items(space, other)
    token = secrets.token_urlsafe(24)
    port = port or _free()
    server = get_server(
        {"/": lambda: page(space, other)},
        port=port,
        address=LOOPBACK,
        prefix=f"/{token}",
        websocket_origin=[f"{LOOPBACK}:{port}", f"localhost:{port}"],
        show=False,
        start=False,
        title=title(space, other),
    )
    server.start()
    return Served(f"http://{LOOPBACK}:{port}/{token}/", server)


def _free() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port
