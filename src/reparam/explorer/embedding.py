"""UMAP and t-SNE of the codes, in a process of their own that says how far it has come.

`python -m reparam.explorer.embedding KIND CODES OUT` is that process.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from threading import Thread

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from reparam.atomic import replacing
from reparam.errors import ReparamError
from reparam.explorer.plane import Plane
from reparam.explorer.space import Space

ITEMS = {"UMAP": 20_000, "t-SNE": 5_000}
"""Of how many items at most each is made: more would take many minutes."""
ROUNDS = {"UMAP": 200, "t-SNE": 1000}
STAGES = {
    "Finding Nearest Neighbors": "looks for neighbours",
    "Construct embedding": "places the items",
}
WORDS = re.compile(r"\d{4} ")
COUNTS = re.compile(r"completed\s+(\d+)|Iteration (\d+)")


class Embedding:
    """An embedding that is being computed, or was kept beside the run.

    Args:
        space: The latent space.
        kind: UMAP or t-SNE.
    """

    def __init__(self, space: Space, kind: str) -> None:
        self.space, self.kind = space, kind
        self.progress, self.stage = 0.0, "begins"
        chosen = np.random.default_rng(0).permutation(len(space.z))[: ITEMS[kind]]
        self.items = np.sort(chosen)
        self._last = ""
        self._process: subprocess.Popen[str] | None = None
        self._listener: Thread | None = None
        self._own = None if space.cache else tempfile.TemporaryDirectory()
        self._folder = space.cache or Path(self._own.name)  # type: ignore[union-attr]
        self._file = self._folder / f"{kind.lower()}.npy"
        if not self._file.exists():
            self._start()

    def poll(self) -> Plane | None:
        """The finished map, or `None` while it is being computed.

        Raises:
            ReparamError: If it failed.
        """
        if self._process is not None and self._process.poll() is None:
            return None
        if self._listener is not None:
            self._listener.join()
        if not self._file.exists():
            raise ReparamError(f"{self.kind} failed: {self._last or 'its process ended'}")
        return Plane(self.kind, ("", ""), np.load(self._file), None, None, items=self.items)

    def stop(self) -> None:
        """End the computation, if it still goes on."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def _start(self) -> None:
        codes = self._folder / f"{self.kind.lower()}-codes.npy"
        with replacing(codes) as file:
            np.save(file, self.space.z[self.items])
        self._process = subprocess.Popen(
            [sys.executable, "-u", "-m", __spec__.name, self.kind, str(codes), str(self._file)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self._listener = Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self._last = line.strip() or self._last
                self.stage = STAGES.get(WORDS.split(self._last)[-1].strip(), self.stage)
                if found := COUNTS.search(line):
                    self.stage = STAGES["Construct embedding"]
                    self.progress = int(found[1] or found[2]) / ROUNDS[self.kind]


def embedded(kind: str, z: Float[NDArray, "N D"]) -> Float[NDArray, "N 2"]:
    """Compute an embedding, telling of its progress on standard output.

    Args:
        kind: UMAP or t-SNE.
        z: Codes.
    """
    if kind == "UMAP":
        from umap import UMAP

        made = UMAP(n_epochs=ROUNDS[kind], random_state=0, n_jobs=1, verbose=True)
    else:
        from sklearn.manifold import TSNE

        near = min(30.0, (len(z) - 1) / 3)
        made = TSNE(max_iter=ROUNDS[kind], perplexity=near, random_state=0, verbose=2)
    found: NDArray[np.floating] = made.fit_transform(z).astype("float32")
    return found


def main() -> None:
    """The process: read codes, write places."""
    kind, codes, out = sys.argv[1:]
    try:
        places = embedded(kind, np.load(codes))
    except ImportError:
        sys.exit("umap-learn is not installed: pip install 'reparam[explore]'")
    with replacing(out) as file:
        np.save(file, places)


if __name__ == "__main__":
    main()
