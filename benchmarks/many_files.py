"""A hundred thousand files: memory against their number, and speed against data in memory.

    python benchmarks/many_files.py --out runs/files         # 10,000 and 100,000 files
    python benchmarks/many_files.py --out runs/files --table

For each number a folder of PNG files of 64 x 64 is written, of shapes in random colours. Then each
of these is a process of its own, whose peak resident memory is read: one that only imports, one
that decodes the folder, one that opens it again, and one that trains on it. At last one process
trains on the files and on the same pictures in memory, in turns.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw

from reparam import fit, zoo
from reparam.data import Batches, Dataset, load_split
from reparam.randomness import seeded
from reparam.training import Step

SIDE, BATCH, STEPS, TURNS = 64, 128, 20, 12


def write(folder: Path, count: int) -> None:
    """Write a folder of pictures, a thousand to a sub-folder.

    Args:
        folder: Where to.
        count: How many.
    """
    random = np.random.default_rng(0)
    for index in range(count):
        place = folder / f"{index // 1000:03}" / f"{index:06}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        picture = Image.new("RGB", (SIDE, SIDE), tuple(random.integers(0, 256, 3).tolist()))
        draw = ImageDraw.Draw(picture)
        for _ in range(3):
            x, y, width, height = random.integers(4, 40, 4).tolist()
            colour = tuple(random.integers(0, 256, 3).tolist())
            draw.ellipse((x, y, x + width, y + height), colour)
        picture.save(place)


def work(what: str, folder: Path) -> dict[str, float]:
    """Do one thing, and say what it took.

    Args:
        what: import, open or train.
        folder: The pictures.
    """
    began = time.perf_counter()
    if what != "import":
        dataset = load_split(folder, "all")
    if what == "train":
        model, objective = zoo.vae(dataset.shape, latent=16)
        began = time.perf_counter()
        short = dataset[:: max(1, len(dataset) // (STEPS * BATCH))]  # from all over the file
        fit(model, objective, short, epochs=1, batch_size=BATCH, progress=False)
        _ = sum(len(chunk) for chunk in dataset.chunks(BATCH))  # and all of it once
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": time.perf_counter() - began, "peak_mib": peak}


def ratio(folder: Path) -> dict[str, float]:
    """Steps on files over steps on the same pictures in memory, in turns.

    Args:
        folder: The pictures.
    """
    disk = load_split(folder, "all")
    memory = Dataset(disk.pixels.clone(), disk.labels, disk.schema)
    model, objective = zoo.vae(disk.shape, latent=16)
    step = Step(model, objective)
    optimizer = torch.optim.AdamW(model.parameters(), fused=True)

    def turn(batches: Iterator[tuple[torch.Tensor, ...]]) -> float:
        began = time.perf_counter()
        for _ in range(STEPS):
            optimizer.zero_grad()
            step(next(batches)[0])["loss"].backward()
            optimizer.step()
        return time.perf_counter() - began

    with seeded(0):
        both = [endless(data) for data in (disk, memory)]
        pairs = [(turn(both[0]), turn(both[1])) for _ in range(TURNS)][1:]
    ratios = sorted(first / second for first, second in pairs)
    rate = STEPS * BATCH * len(pairs) / sum(first for first, _ in pairs)
    return {
        "ratio": statistics.median(ratios),
        "low": ratios[0],
        "high": ratios[-1],
        "per_second": rate,
    }


def endless(data: Dataset) -> Iterator[tuple[torch.Tensor, ...]]:
    """Shuffled batches, epoch after epoch.

    Args:
        data: The pictures.
    """
    batches = Batches(data, BATCH, torch.Generator().manual_seed(0), drop_last=True)
    while True:
        yield from batches


def measured(what: str, folder: Path, cache: Path) -> dict[str, float]:
    """The same in a process of its own.

    Args:
        what: import, open, train or ratio.
        folder: The pictures.
        cache: Where decoded pictures are kept.
    """
    command = [sys.executable, __file__, "--work", what, "--folder", str(folder)]
    environment = {**os.environ, "REPARAM_CACHE": str(cache)}
    found = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, float] = json.loads(found.stdout)
    return result


def table(results: dict[str, dict[str, dict[str, float]]]) -> str:
    """The results as a table.

    Args:
        results: By number of files and by what was done.
    """
    lines = [
        "| files | import, MiB | decode, MiB | decode, s | open again, MiB | open again, s "
        "| train, MiB | on files over in memory |",
        "| --- " * 8 + "|",
    ]
    for count, found in results.items():
        turns = found["ratio"]
        lines.append(
            f"| {int(count):,} | {found['import']['peak_mib']:.0f} "
            f"| {found['decode']['peak_mib']:.0f} | {found['decode']['seconds']:.1f} "
            f"| {found['open']['peak_mib']:.0f} | {found['open']['seconds']:.2f} "
            f"| {found['train']['peak_mib']:.0f} "
            f"| {turns['ratio']:.3f} ({turns['low']:.3f} to {turns['high']:.3f}) |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure what is missing, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("runs/files"))
    parser.add_argument("--counts", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--table", action="store_true", help="print what there is")
    parser.add_argument("--work", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        do = ratio if options.work == "ratio" else lambda folder: work(options.work, folder)
        print(json.dumps(do(options.folder)))
        return
    kept = options.out / "results.json"
    results = json.loads(kept.read_text()) if kept.exists() else {}
    for count in [] if options.table else options.counts:
        folder, cache = options.out / str(count), options.out / "cache"
        if not (options.out / f"{count}.written").exists():
            write(folder, count)
            (options.out / f"{count}.written").touch()
        found = {}
        for name, what in {"import": "import", "decode": "open", "open": "open",
                           "train": "train", "ratio": "ratio"}.items():  # fmt: skip
            found[name] = measured(what, folder, cache)
            print(count, name, found[name], flush=True)
        results[str(count)] = found
        kept.write_text(json.dumps(results, indent=1))
    print(table(results))


if __name__ == "__main__":
    main()
