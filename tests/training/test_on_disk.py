"""Training on pictures that stay on disk is training on the same pictures in memory."""

import numpy as np
import pytest
import torch
from PIL import Image

from reparam import fit, zoo
from reparam.data import Dataset, load_split
from reparam.errors import Interrupted
from reparam.training import Callback
from reparam.training.identity import fingerprint


@pytest.fixture
def disk(tmp_path):
    random = np.random.default_rng(0)
    for index in range(40):
        place = tmp_path / "pictures" / "ab"[index % 2] / f"{index}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(random.integers(0, 256, (9, 8, 3), np.uint8)).save(place)
    return load_split(tmp_path / "pictures", "all")


def weights(dataset, **options):
    model, objective = zoo.vae(dataset.shape, latent=2, widths=[4, 8])
    train, validation = dataset.split(0.25, 0)
    fit(model, objective, train, validation, epochs=3, batch_size=8, progress=False, **options)
    return torch.cat([p.flatten() for p in model.parameters()])


def test_the_same_weights_to_the_bit(disk):
    memory = Dataset(disk.pixels.clone(), disk.labels, disk.schema)
    assert fingerprint(disk) == fingerprint(memory)
    assert weights(disk).equal(weights(memory))


class Stop(Callback):
    def on_record(self, state, record):
        if state.step == 5:
            import signal

            signal.raise_signal(signal.SIGTERM)


def test_resumed_to_the_bit(disk, tmp_path):
    whole = weights(disk)
    with pytest.raises(Interrupted):
        weights(disk, out=tmp_path / "run", callbacks=[Stop()])
    again = load_split(tmp_path / "pictures", "all")
    assert weights(again, out=tmp_path / "run", resume=True).equal(whole)
