import gzip
from pathlib import Path

import numpy as np
import pytest

from reparam.data import places
from reparam.data.builtin import NAMED, STEMS, NamedSet
from reparam.data.idx import checksum, encode


@pytest.fixture(autouse=True)
def bare_machine(tmp_path_factory, monkeypatch):
    """A machine without any copy of any set, and without a network."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.delenv("REPARAM_DATA", raising=False)
    monkeypatch.delenv("REPARAM_CACHE", raising=False)
    monkeypatch.delenv("KERAS_HOME", raising=False)
    monkeypatch.setattr(places, "DEBIAN", home / "debian")
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    return home


@pytest.fixture
def tiny_arrays():
    """Six training and four test pictures of 5 x 4."""
    random = np.random.default_rng(0)
    return {
        "x_train": random.integers(0, 256, (6, 5, 4), np.uint8),
        "y_train": np.arange(6, dtype=np.uint8) % 3,
        "x_test": random.integers(0, 256, (4, 5, 4), np.uint8),
        "y_test": np.arange(4, dtype=np.uint8) % 3,
    }


@pytest.fixture
def tiny(tiny_arrays, monkeypatch):
    """A named set of these that `load` knows; its host is a closed port."""
    named = NamedSet(
        name="tiny",
        title="Tiny",
        classes=("a", "b", "c"),
        counts={"train": 6, "test": 4},
        licence="none",
        checksums={key: checksum(encode(array)) for key, array in tiny_arrays.items()},
        torchvision="Tiny",
        host="http://127.0.0.1:9/",
    )
    monkeypatch.setitem(NAMED, "tiny", named)
    return named


@pytest.fixture
def write_idx(tiny_arrays):
    """Write the tiny set's idx files into a folder."""

    def write(folder, *, packed=True):
        folder.mkdir(parents=True, exist_ok=True)
        for key, stem in STEMS.items():
            content = encode(tiny_arrays[key])
            name = f"{stem}.gz" if packed else stem
            (folder / name).write_bytes(gzip.compress(content) if packed else content)
        return folder

    return write


@pytest.fixture
def debian():
    """Debian's copy of Fashion-MNIST, where this machine has it."""
    folder = Path("/usr/share/datasets/fashion-mnist")
    if not folder.is_dir():
        pytest.skip("Debian's package dataset-fashion-mnist is not installed")
    return folder
