import hashlib
import json
from types import SimpleNamespace

import pytest
from safetensors.torch import load_file, save_file

from reparam import save, zoo
from reparam.data import Schema

SHAPE = (1, 4, 4)
SCHEMA = Schema("array", "train", "pictures", SHAPE, "float32")


@pytest.fixture
def variant():
    return zoo.vae(SHAPE, latent=2, network="mlp", widths=[4], warmup=3, beta=2.0, loss="mse")


@pytest.fixture
def run(variant, tmp_path):
    """A saved run, and what it takes to alter its files."""
    folder = tmp_path / "run"
    recipe, figures = {"epochs": 2}, {"train": {"loss": 1.5}, "steps": 7}
    save(folder, *variant, schema=SCHEMA, recipe=recipe, figures=figures)
    config, weights = folder / "config.json", folder / "model.safetensors"

    def edit(change):
        content = json.loads(config.read_text())
        change(content)
        config.write_text(json.dumps(content))

    def rewrite(change):
        """Other weights, with a configuration that knows them."""
        tensors = load_file(weights)
        change(tensors)
        save_file(tensors, weights)
        digest = hashlib.sha256(weights.read_bytes()).hexdigest()
        edit(lambda content: content["weights"].update(sha256=digest))

    return SimpleNamespace(
        folder=folder, config=config, weights=weights, edit=edit, rewrite=rewrite, variant=variant
    )
