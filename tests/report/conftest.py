import pytest
import torch

from reparam import fit, zoo
from reparam.artifact import load
from reparam.data import Dataset


@pytest.fixture(scope="session")
def items():
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(240) % 3
    x = torch.rand(240, 1, 8, 8, generator=generator) * 0.3 + 0.3 * labels.view(-1, 1, 1, 1)
    data = Dataset(x.clamp(0, 1), labels)
    data = data.described(classes=("<low>", "middle", "high"))
    return data[:120], data[120:]


@pytest.fixture(scope="session")
def run_of(items, tmp_path_factory):
    """A run of two latents, or of more."""

    def make(latent, kind="vae"):
        folder = tmp_path_factory.mktemp("runs") / f"{kind}{latent}"
        model, objective = zoo.ZOO[kind].make((1, 8, 8), latent=latent, network="mlp", widths=[16])
        fit(model, objective, items[0], epochs=4, batch_size=20, learning_rate=1.2e-2,
            out=folder, progress=False)  # fmt: skip
        return load(folder)

    return make
