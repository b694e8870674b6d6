"""Every variant goes through `fit`, with checkpoints, and comes back from its folder."""

import math

import pytest
import torch

from reparam import fit, load
from reparam.data import Dataset
from reparam.zoo import ZOO

SMALL = {
    "latent": 4, "widths": [8, 4], "draws": 3, "groups": 2, "critic": [6, 6], "components": 3,
    "categories": 2, "classes": 3, "active": 3,
}  # fmt: skip


def items(shape, n=48):
    """Two kinds of pictures, with a little noise and labels from 0 to 2."""
    source = torch.Generator().manual_seed(0)
    kinds = torch.rand(2, *shape, generator=source).round()
    which = torch.arange(n) % 2
    noise = 0.1 * torch.rand(n, *shape, generator=source)
    return Dataset((0.9 * kinds[which] + noise).clamp(0, 1), torch.arange(n) % 3)


@pytest.mark.filterwarnings("ignore::reparam.errors.CollapseWarning")
@pytest.mark.filterwarnings("ignore::reparam.errors.EndingWarning")  # nine steps end anywhere
@pytest.mark.parametrize("name", ZOO)
def test_a_variant_trains_and_comes_back(name, tmp_path):
    shape = (1, 16, 16) if name in ("chapter", "ms_ssim_vae") else (7,)
    known = {key: value for key, value in SMALL.items() if key in ZOO[name].defaults}
    model, objective = ZOO[name].make(shape, **known)
    before = [p.detach().clone() for p in model.parameters()]
    data = items(shape)
    history = fit(
        model, objective, data, data, epochs=3, batch_size=16, progress=False, out=tmp_path,
        device="cpu", checkpoint_seconds=1e9,
    )  # fmt: skip
    last = history.last["train"]
    names = {term.name for term in objective} | {"loss"}
    assert names <= set(last)
    assert all(math.isfinite(last[key]) for key in names)
    assert ("critic" in last) is objective.has_critic
    assert any(not torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))
    found = load(tmp_path)
    x, *y = data.batch(torch.arange(5))
    given = y[: model.conditions]
    assert torch.equal(found.model.reconstruct(x, *given), model.reconstruct(x, *given))
    assert [term.name for term in found.objective] == [term.name for term in objective]
