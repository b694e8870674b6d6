"""Draw the zoo's pictures, docs/images/zoo/*.png, from models trained on Fashion-MNIST (subset).

    OMP_NUM_THREADS=1 python scripts/draw_zoo.py                 # all
    OMP_NUM_THREADS=1 python scripts/draw_zoo.py bounds priors   # some

The same machine, versions and number of threads give the same pictures. Numbers that the pages
quote are printed.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image
from zoo_pictures import bounds, likelihoods, planes, posteriors, weights

from reparam.plots import save

OUT = Path(__file__).resolve().parents[1] / "docs/images/zoo"

DRAWINGS: dict[str, Callable[[], Figure]] = {
    "autoencoders": planes.draw_autoencoders,
    "vae": weights.draw_vae,
    "matching": planes.draw_matching,
    "bounds": bounds.draw_bounds,
    "disentangling": weights.draw_disentangling,
    "posteriors": posteriors.draw_posteriors,
    "spaces": planes.draw_spaces,
    "priors": planes.draw_priors,
    "likelihoods": likelihoods.draw_likelihoods,
    "pixels": likelihoods.draw_pixels,
    "labels": planes.draw_labels,
    "conditional": planes.draw_conditional,
}


def in_few_colours(path: Path) -> None:
    """Write a picture again in 256 colours: the most frequent, and others spread over the rest."""
    with Image.open(path) as picture:
        whole = picture.convert("RGB")
    counted = sorted(whole.getcolors(whole.width * whole.height), reverse=True)
    others = whole.quantize(192, Image.Quantize.MAXCOVERAGE).getpalette()
    palette = np.array(
        [colour for _, colour in counted[:64]] + np.reshape(others, (-1, 3)).tolist()
    )
    colours, which = np.unique(np.asarray(whole).reshape(-1, 3), axis=0, return_inverse=True)
    distances = [
        np.square(part[:, None] - palette).sum(-1) for part in colours.astype(int)[:, None]
    ]
    nearest = np.concatenate(distances).argmin(1).astype(np.uint8)
    few = Image.fromarray(nearest[which.reshape(whole.height, whole.width)])
    few.putpalette(palette.astype(np.uint8).tobytes())
    few.save(path, optimize=True)


def write(name: str, folder: Path) -> None:
    """Draw one picture and write it in few colours."""
    began = time.time()
    print(name, flush=True)
    path = save(DRAWINGS[name](), folder / f"{name}.png")
    in_few_colours(path)
    print(f"  {path.name}: {path.stat().st_size // 1000} kB, {time.time() - began:.0f} s")


def main() -> None:
    """Draw what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(DRAWINGS))
    parser.add_argument("--out", type=Path, default=OUT, help="where the pictures go")
    options = parser.parse_args()
    if unknown := set(options.names) - set(DRAWINGS):
        parser.error(f"no picture is called {', '.join(unknown)}: there are {', '.join(DRAWINGS)}")
    for name in options.names or DRAWINGS:
        write(name, options.out)


if __name__ == "__main__":
    main()
