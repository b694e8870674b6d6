"""Items on disk are the items in memory, read piece by piece."""

import numpy as np
import pytest
import torch

from reparam.data import Batches, Dataset, describe, items, memory
from reparam.data.items import InMemory, OnDisk, joined
from reparam.errors import DataError


@pytest.fixture
def both(tmp_path):
    """The same forty pictures in memory and on disk."""
    pixels = np.random.default_rng(0).integers(0, 256, (40, 3, 6, 5), np.uint8)
    np.save(tmp_path / "pixels.npy", pixels)
    labels = torch.arange(40) % 4
    return (
        Dataset(torch.from_numpy(pixels), labels),
        Dataset(OnDisk(tmp_path / "pixels.npy"), labels),
    )


def test_the_same_dataset(both):
    here, there = both
    assert (len(here), here.shape, repr(here)) == (len(there), there.shape, repr(there))
    assert here.pixels.equal(there.pixels)
    assert here.tensor().equal(there.tensor())
    assert describe(here) == describe(there)
    for one, other in zip(here.split(0.3, 1), there.split(0.3, 1), strict=True):
        assert one.pixels.equal(other.pixels)
        assert one.labels.equal(other.labels)
    chosen = torch.tensor([3, 3, 39, -1])
    assert here.subset(chosen).pixels.equal(there.subset(chosen).pixels)
    assert here[4:20:3].take(2).tensor().equal(there[4:20:3].take(2).tensor())


def test_the_same_batches(both):
    made = []
    for dataset in both:
        batches = Batches(dataset.to("cpu"), 7, torch.Generator().manual_seed(0))
        made.append([batch for _ in range(2) for batch in batches])
    for one, other in zip(*made, strict=True):
        assert all(a.equal(b) for a, b in zip(one, other, strict=True))


def test_pages_are_handed_back(both, monkeypatch):
    there = both[1]
    monkeypatch.setattr(items, "KEPT", 100)
    released = []
    release = OnDisk._release
    monkeypatch.setattr(OnDisk, "_release", lambda self: (released.append(1), release(self)))
    for _ in range(3):
        assert there.batch(torch.arange(5))[0].equal(both[0].batch(torch.arange(5))[0])
    assert len(released) == 3


def test_joined_on_disk_stays_there(both):
    here, there = both
    first, second = there[:10], there[30:]
    together = joined(second.items, first.items)
    assert isinstance(together, OnDisk)
    assert together.whole().equal(torch.cat([here.pixels[30:], here.pixels[:10]]))
    assert isinstance(joined(here.items, first.items), InMemory)
    assert len(joined(here.items, first.items)) == 50


def test_all_at_once_must_fit(both, monkeypatch):
    there = both[1]
    needed = 40 * 3 * 6 * 5
    monkeypatch.setattr(memory, "available", lambda: 2 * needed)
    assert len(there.pixels) == 40
    with pytest.raises(DataError, match="all 40 items would take"):
        there.tensor()
    monkeypatch.setattr(memory, "available", lambda: 2 * needed - 2)
    with pytest.raises(DataError, match="go batch by batch"):
        _ = there.pixels
    assert len(there.batch(torch.arange(40))[0]) == 40
