import hashlib
import json
from types import SimpleNamespace

import pytest
from safetensors.torch import load_file
from safetensors.torch import save as to_bytes

from reparam import save, zoo
from reparam.artifact.folder import DIGEST, digest
from reparam.artifact.weights import metadata_of, with_metadata
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

    def seal():
        """Digests that fit, as of one who knows how."""
        content = json.loads(config.read_text())
        held = with_metadata(weights.read_bytes(), {DIGEST: digest(content)})
        weights.write_bytes(held)
        content["weights"] = {"sha256": hashlib.sha256(held).hexdigest()}
        config.write_text(json.dumps(content))

    def edit(change, sealed=True):
        content = json.loads(config.read_text())
        change(content)
        config.write_text(json.dumps(content))
        if sealed:
            seal()

    def rewrite(change):
        """Other weights, with a configuration that knows them."""
        tensors = load_file(weights)
        change(tensors)
        weights.write_bytes(to_bytes(tensors, metadata_of(weights.read_bytes())))
        seal()

    return SimpleNamespace(
        folder=folder,
        config=config,
        weights=weights,
        edit=edit,
        rewrite=rewrite,
        seal=seal,
        variant=variant,
    )
