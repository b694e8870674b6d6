"""Memory and time of each measure on a million codes in 16 dimensions.

Each measure has a process of its own, whose peak of resident memory is read from the system before
and after: the codes themselves, Python and torch are in both. Progress is shown by the measures.

    python benchmarks/million_codes.py
    python benchmarks/million_codes.py --only two_sample support
"""

import argparse
import json
import multiprocessing
import resource
import time
from collections.abc import Callable

CODES, DIMENSIONS = 1_000_000, 16


def peak() -> float:
    """The most memory that was resident, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def prepared(name: str, codes: int) -> Callable[[], object]:
    """What to measure, with its codes, items or model already made.

    Args:
        name: The measure.
        codes: How many.
    """
    import numpy as np
    import torch

    from reparam import latent, metrics, zoo
    from reparam.data import Dataset
    from reparam.distributions import DiagonalNormal, StandardNormal
    from reparam.metrics import effects, estimate, neighbours, plane

    rng = np.random.default_rng(0)
    shape = (codes, DIMENSIONS)

    def normal(dimensions: int = DIMENSIONS) -> np.ndarray:
        return rng.standard_normal((codes, dimensions), dtype=np.float32)

    if name in ("bound", "evidence", "reconstruction"):
        items = Dataset(torch.rand(shape))
        model, _ = zoo.vae(items.shape, latent=4, network="mlp", widths=[32])
        of_model = {
            "bound": lambda: metrics.bound(model, items, batch_size=10_000),
            "evidence": lambda: metrics.evidence(model, items, samples=16, at_once=100_000),
            "reconstruction": lambda: metrics.reconstruction(model, items, items, 0, 10_000),
        }
        return of_model[name]
    if name in ("gaps", "areas", "quadrants"):
        plane_codes, labels = normal(2), np.arange(codes) % 10
        of_plane = {
            "gaps": lambda: plane.gap_share(plane_codes),
            "areas": lambda: plane.area_ratio(plane_codes, labels),
            "quadrants": lambda: estimate.estimate(
                plane.quadrant_ratio, plane_codes, progress=True
            ),
        }
        return of_plane[name]
    z = normal()
    if name == "information":
        q = DiagonalNormal(torch.from_numpy(z), torch.full(shape, -2.0))
        return lambda: metrics.information(q, StandardNormal(torch.zeros(DIMENSIONS)))
    if name == "active_units":
        return lambda: metrics.active_units(torch.from_numpy(z))
    if name in ("offset", "extent"):
        statistic = getattr(plane, name)
        return lambda: statistic(z)
    if name == "checkup_codes":
        decode = torch.nn.Linear(DIMENSIONS, 64)
        labels = torch.arange(codes) % 10
        return lambda: latent.checkup_codes(torch.from_numpy(z), decode, labels)
    other = normal()
    few = other[:2000] + np.float32(0.1)
    of_two = {
        "two_sample": lambda: metrics.two_sample(z, other),
        "support": lambda: metrics.support(z, other, "codes"),
        "frechet_distance": lambda: metrics.frechet_distance(z, other),
        "memorisation": lambda: metrics.memorisation(few, z, other),
        "nearest_error": lambda: neighbours.nearest_error(few, z),
        "spread": lambda: effects.spread(z),
    }
    return of_two[name]


MEASURES = (
    *("active_units", "information", "bound", "evidence", "reconstruction", "offset", "extent"),
    *("two_sample", "support", "frechet_distance", "memorisation", "nearest_error"),
    *("quadrants", "areas", "gaps", "checkup_codes"),
)


def measured(name: str, codes: int) -> dict[str, float]:
    """Measure once: seconds, and peaks of memory before and in all.

    Args:
        name: The measure.
        codes: How many.
    """
    measure = prepared(name, codes)
    before, start = peak(), time.perf_counter()
    measure()
    return {"seconds": time.perf_counter() - start, "before": before, "peak": peak()}


def main() -> None:
    """Measure, print and, if asked for, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--codes", type=int, default=CODES)
    parser.add_argument("--only", nargs="+", choices=MEASURES, default=MEASURES)
    parser.add_argument("--out", help="write the figures as JSON")
    options = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    found = {}
    print("| measure | seconds | GB before | GB at most |\n| --- | --- | --- | --- |")
    for name in options.only:
        with context.Pool(1) as pool:
            row = found[name] = pool.apply(measured, (name, options.codes))
        print(
            f"| `{name}` | {row['seconds']:.1f} | {row['before']:.2f} | {row['peak']:.2f} |",
            flush=True,
        )
    if options.out:
        with open(options.out, "w") as file:
            json.dump(found, file, indent=1)


if __name__ == "__main__":
    main()
