"""What cases damage copies of: small runs, a run that was stopped, and data that fit them."""

import warnings
from pathlib import Path

import numpy as np
from PIL import Image
from tests.fuzz.guard import command_line

from reparam import save, zoo
from reparam.data import load
from reparam.training.checkpoints import Checkpoints

SHAPE = (1, 8, 8)


def prepare(base: Path) -> None:
    """Write all of it.

    Args:
        base: An empty folder.
    """
    draw = np.random.default_rng(0)
    pixels = draw.integers(0, 256, (36, 8, 8), dtype=np.uint8)
    np.savez(base / "x.npz", x=pixels, y=np.arange(36) % 3)
    np.savez(base / "v.npz", x=draw.random((40, 6), dtype=np.float32), y=np.arange(40) % 3)
    (base / "images").mkdir()
    for number, each in enumerate(pixels[:12]):
        Image.fromarray(each).save(base / "images" / f"{number}.png")
    _parquet(base)
    schema = load(base / "x.npz")[0].schema
    small = {"latent": 2, "network": "mlp", "widths": [4]}
    made = {
        "run": zoo.vae(SHAPE, warmup=3, **small),
        "labelled": zoo.conditional_vae(SHAPE, classes=3, **small),
        "flow": zoo.flow_prior_vae(SHAPE, **small),
        "autoencoder": zoo.autoencoder(SHAPE, **small),
    }
    for name, variant in made.items():
        save(base / name, *variant, schema=schema, recipe={"epochs": 1})
    _unfinished(base)


def _parquet(base: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    content = [file.read_bytes() for file in sorted((base / "images").iterdir())]
    parquet.write_table(pa.table({"image": pa.array(content)}), base / "x.parquet")


def _unfinished(base: Path) -> None:
    """A run that is killed after its second checkpoint."""
    line = ["fit", str(base / "v.npz"), "--set", "widths=4", "--epochs", "2", "--batch-size", "8"]
    (base / "unfinished-command.txt").write_text("\n".join(line))
    write = Checkpoints.write

    def stop(self: Checkpoints, step: int, state: dict) -> None:
        write(self, step, state)
        if step >= 6:
            raise KeyboardInterrupt

    Checkpoints.write = stop  # type: ignore[method-assign]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            command_line([*line, "--out", str(base / "unfinished")])
    finally:
        Checkpoints.write = write  # type: ignore[method-assign]
    assert (base / "unfinished" / "checkpoints" / "latest").exists()
