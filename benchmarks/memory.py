"""Resident memory of a training against the size of its data.

For each size a process of its own trains a small network for one epoch on as many pictures of
28 x 28, held as bytes as data in memory are, and its peak is read from the system. Beside it
stands what the pictures themselves take. The slope is what each further picture costs.

    python benchmarks/memory.py
"""

import argparse
import json
import multiprocessing
import resource

import numpy as np

SIZES = (10_000, 50_000, 100_000, 200_000)
MIB = 2**20


def peak(examples: int) -> float:
    """Train and return the most memory that was resident, in MiB.

    Args:
        examples: How many pictures.
    """
    import torch

    from reparam import data, fit, zoo
    from reparam.data import Dataset

    some = data.load("fashion-mnist-subset")[0].pixels
    pixels = torch.empty(examples, *some.shape[1:], dtype=torch.uint8)
    for start in range(0, examples, len(some)):
        pixels[start : start + len(some)] = some[: examples - start]
    train = Dataset(pixels)
    torch.set_num_threads(1)
    model, objective = zoo.vae(train.shape, latent=2, network="mlp", widths=[16])
    fit(model, objective, train, epochs=1, progress=False)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Measure, print and, if asked for, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", help="write the figures as JSON")
    options = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    found = {}
    for examples in SIZES:
        with context.Pool(1) as pool:
            found[examples] = pool.apply(peak, (examples,))
        own = examples * 784 / MIB
        print(
            f"{examples:7,} pictures of {own:4.0f} MiB: peak {found[examples]:5.0f} MiB",
            flush=True,
        )
    slope, base = np.polyfit([n * 784 / MIB for n in found], list(found.values()), 1)
    print(f"{base:.0f} MiB, and {slope:.2f} bytes for each byte of the data")
    if options.out:
        with open(options.out, "w") as file:
            json.dump({"peaks": found, "slope": slope, "base": base}, file, indent=1)


if __name__ == "__main__":
    main()
