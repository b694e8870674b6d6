"""Fresh pictures from the prior or a sampler, of which a person keeps some."""

import io
from typing import TYPE_CHECKING

import numpy as np
import panel as pn
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import nn

from reparam.distributions import tempered
from reparam.explorer.fields import Choice, Count, Number, written
from reparam.explorer.gallery import Gallery
from reparam.explorer.images import arrays, strip
from reparam.explorer.panel import sentences, telling
from reparam.inference import inference
from reparam.models import VAE
from reparam.randomness import seeded
from reparam.samplers import SAMPLERS

if TYPE_CHECKING:
    from reparam.explorer.window import Window

PRIOR = "the prior"
COUNT, MOST = 36, 400
TEMPERATURES = (0.1, 2.0)

Kept = tuple[Float[NDArray, "D"], Float[NDArray, "C H W"], str]
"""A latent, its picture, and what it is called."""


def draw(
    model: VAE, prior: nn.Module, count: int, temperature: float = 1.0, seed: int = 0
) -> Float[NDArray, "count D"]:
    """The latents that `model.sample` draws for a seed, were `prior` the model's prior.

    Args:
        model: The model.
        prior: Its prior, or a sampler in the prior's stead.
        count: How many.
        temperature: Multiplies the prior's standard deviations.
        seed: Makes the draw repeatable.

    Raises:
        CompositionError: If the prior has no temperature.
    """
    with inference(prior), seeded(seed, model.device):
        z = tempered(prior(), temperature).sample(torch.Size((count,)))
    found: NDArray[np.floating] = z.float().cpu().numpy()
    return found


class Sample:
    """A grid of draws.

    Args:
        window: Where it is shown.
    """

    title = "Sample"

    def __init__(self, window: "Window") -> None:
        self.window, self.space = window, window.space
        self.z: Float[NDArray, "K D"] = np.zeros((0, self.space.dimensions), "float32")
        self.x: Float[NDArray, "K C H W"] = np.zeros((0, *self.space.data.shape), "float32")
        self.names: list[str] = []
        self.kept: dict[bytes, Kept] = {}
        self._samplers: dict[str, nn.Module] = {}
        self._widgets()

    def view(self) -> pn.viewable.Viewable:
        """From what to draw, the draws, what is kept of them, and the files."""
        return pn.Column(
            pn.FlexBox(self.source, self.temperature, self.count),
            pn.FlexBox(self.seed, self.another, align_items="flex-end"),
            self.grid,
            self.words,
            self.keep,
            pn.FlexBox(*self.files),
            sizing_mode="stretch_width",
        )

    @telling
    def fill(self) -> None:
        """Draw latents and decode them.

        Raises:
            CompositionError: If the prior has no temperature.
        """
        count, seed = written(self.count), written(self.seed)
        z = draw(self.space.model, self._prior(), count, written(self.temperature), seed)
        self.x, self.z = self.space.decode(z), z
        self.names = [f"draw {k + 1} of seed {seed}" for k in range(count)]
        self.grid.fill(self.x, self.names, self._marks())
        self._tell()

    def pick(self, place: int) -> None:
        """Keep a picture, or no longer, and hold its latent.

        Args:
            place: Where it is in the grid.
        """
        z = self.z[place]
        if self.kept.pop(z.tobytes(), None) is None:
            self.kept[z.tobytes()] = (z.copy(), self.x[place].copy(), self.names[place])
        self.window.state.held = z.copy()
        self._list()

    def drop(self, place: int) -> None:
        """Keep a picture no longer.

        Args:
            place: Where it is among those that are kept.
        """
        del self.kept[list(self.kept)[place]]
        self._list()

    def chosen(self) -> tuple[Float[NDArray, "K D"], Float[NDArray, "K C H W"]]:
        """The latents and pictures of what is kept; of all draws where nothing is."""
        if not self.kept:
            return self.z, self.x
        z, x, _ = zip(*self.kept.values(), strict=True)
        return np.stack(z), np.stack(x)

    def _prior(self) -> nn.Module:
        name, prior = self.source.value, self.space.model.prior
        if name == PRIOR and prior is not None:
            return prior
        if name not in self._samplers:
            codes = torch.from_numpy(self.space.z).to(self.space.model.device)
            self._samplers[name] = SAMPLERS[name](codes)
        return self._samplers[name]

    def _opened(self) -> None:
        if not len(self.z):
            self.fill()

    def _hold_kept(self, place: int) -> None:
        self.window.state.held = list(self.kept.values())[place][0].copy()

    def _marks(self) -> list[bool]:
        return [z.tobytes() in self.kept for z in self.z]

    def _list(self) -> None:
        self.grid.mark(self._marks())
        self.keep.fill([x for _, x, _ in self.kept.values()], [n for *_, n in self.kept.values()])
        self._tell()

    def _tell(self) -> None:
        count = len(self.kept)
        self.words.object = (
            f"{count} kept; the files hold {'it' if count == 1 else 'them'}."
            if count
            else "Press a picture to keep it; while none is kept, the files hold all."
        )
        for file in self.files:
            file.disabled = not len(self.z) and not count

    def _png(self) -> io.BytesIO:
        _, x = self.chosen()
        return io.BytesIO(strip(x, across=int(np.ceil(np.sqrt(len(x))))))

    def _npz(self) -> io.BytesIO:
        z, x = self.chosen()
        return io.BytesIO(arrays(z=z, x=x))

    def _widgets(self) -> None:
        options = {f"{name} fitted to the codes": name for name in SAMPLERS}
        if self.space.model.prior is not None:
            options = {PRIOR: PRIOR, **options}
        low, high = TEMPERATURES
        self.source = Choice(label="Draw from", options=options, width=230)
        self.temperature = Number(
            label="Temperature", value=1.0, start=low, end=high, step=0.1, width=110
        )
        self.count = Count(label="Pictures", value=COUNT, start=1, end=MOST, width=90)
        self.seed = Count(label="Seed", value=0, start=0, width=110)
        self.another = pn.widgets.Button(label="draw again", on_click=self._next)
        self.words = sentences("kept")
        self.grid = Gallery("draws", picked=self.pick, opened=self._opened, marks=True, wide=44)
        self.keep = Gallery("kept", picked=self._hold_kept, dropped=self.drop, wide=44)
        self.files = [
            pn.widgets.FileDownload(
                label=f"download {kind.upper()}", filename=f"samples.{kind}", callback=callback,
                disabled=True,
            )
            for kind, callback in (("png", self._png), ("npz", self._npz))
        ]  # fmt: skip
        self._tell()
        for each in (self.source, self.temperature, self.count, self.seed):
            each.param.watch(lambda _: self.fill(), "value")

    @telling
    def _next(self, _: object) -> None:
        self.seed.value = written(self.seed) + 1
