"""Looks inside the synthesis: statistics of every layer, the channels of one, their spectra.

Looking draws the picture once more with the readable network.  Its layers are watched through hooks
that are gone when the picture is; nothing is kept but the activations of the layer that was chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from renderer.frame.frame import LayerInfo, ModelInfo
from renderer.frame.layer_report import ChannelView, Choice, LayerReport, LayerStats
from renderer.pipeline.elsewhere import Elsewhere
from renderer.pipeline.renderer import Renderer
from renderer.recipe.recipe import Recipe

CELL_PX = 32
"""Side of a channel in the overview."""
COLUMNS = 32
ENLARGED_PX = 256
"""Channels smaller than this are enlarged by whole pixels."""
LARGEST_PX = 1024
"""Channels larger than this are averaged down for the window."""
BINS = 64
REACH_DEVIATIONS = 3.0
"""A few far values would leave all others dark."""
SPECTRUM_DECADES = 5.0
"""The range of power that the colours of a spectrum show."""
SMALLEST = 1e-12

See = Callable[[LayerInfo, nn.Module, Tensor], None]


@contextmanager
def watching(network: nn.Module, layers: Sequence[LayerInfo], see: See) -> Iterator[None]:
    """Within this block the output of every one of `layers` is shown to `see`, with the layer and
    its module."""

    def hook(layer: LayerInfo) -> Callable[[nn.Module, object, Tensor], None]:
        return lambda module, _, output: see(layer, module, output)

    handles = [
        network.get_submodule(layer.name).register_forward_hook(hook(layer)) for layer in layers
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


@dataclass(eq=False)
class Inspector:
    """Remembers the picture that was looked at last, so that another channel costs little.

    It belongs to the thread of its renderer.  What it holds is one layer's activations.
    """

    _recipe: Recipe | None = None
    _layers: tuple[LayerStats, ...] = ()
    _name: str = ""
    _asked: str = ""
    _output: Tensor | None = field(default=None, repr=False)

    def look(
        self,
        renderer: Renderer | Elsewhere,
        recipe: Recipe,
        choice: Choice,
        abandon: Callable[[], bool] | None = None,
    ) -> LayerReport:
        """Look at the picture of `recipe`.

        Args:
            renderer: draws it.
            recipe: the picture.
            choice: the layer and channel; a name that the model does not have is its first layer,
                a channel beyond the last is the last.
            abandon: asked between blocks; true gives up.

        Raises:
            RendererError: the picture cannot be made; one sentence for the user.
            Abandoned: `abandon` said so.
        """
        if isinstance(renderer, Elsewhere):
            return renderer.inspected(recipe, choice, abandon)
        wanted = choice.layer or self._name
        if self._output is None or (recipe, wanted) != (self._recipe, self._asked):
            renderer.look_inside(recipe, lambda *inside: self._draw(wanted, *inside), abandon)
            self._recipe, self._asked = recipe, wanted
        assert self._output is not None, "a synthesis has layers"
        with torch.inference_mode():
            view = channel_view(self._name, self._output, choice)
        return LayerReport(self._layers, view)

    def _draw(
        self,
        wanted: str,
        info: ModelInfo,
        network: nn.Module,
        draw: Callable[[], Tensor],
    ) -> None:
        """Draw and watch; keeps the statistics, and the output of the layer `wanted`."""
        self._recipe = self._output = None
        known = {layer.name: layer for layer in info.layers}
        name = wanted if wanted in known else info.layers[0].name
        figures: list[tuple[LayerInfo, tuple[int, ...], tuple[int, int], Tensor, bool]] = []
        kept: list[Tensor] = []

        def see(layer: LayerInfo, module: nn.Module, output: Tensor) -> None:
            weight = tuple(module.get_parameter("weight").shape)
            shape = output.shape[1], output.shape[2]
            limit: float | None = getattr(module, "output_limit", None)  # the input has none
            numbers = statistics(output, limit)
            figures.append((layer, weight, shape, numbers, limit is not None))
            if layer.name == name:
                kept.append(output)

        with watching(network, info.layers, see):
            draw()
        # One copy for all layers: each would wait for the device.
        table = torch.stack([numbers for _, _, _, numbers, _ in figures]).tolist()
        self._layers = tuple(
            _stats(layer, weight, shape, numbers, clamps)
            for (layer, weight, shape, _, clamps), numbers in zip(figures, table, strict=True)
        )
        self._name, self._output = name, kept[0]


def statistics(output: Tensor, limit: float | None) -> Tensor:
    """Six numbers of activations [1, C, H, W], on their device: mean, standard deviation, smallest,
    largest, the share of zeros, and the share at or beyond +-`limit` (0 without one)."""
    x = output.float()
    std, mean = torch.std_mean(x, correction=0)
    low, high = torch.aminmax(x)
    zeros = (x == 0).float().mean()
    clamped = (x.abs() >= limit).float().mean() if limit is not None else torch.zeros_like(mean)
    return torch.stack([mean, std, low, high, zeros, clamped])


def channel_view(name: str, output: Tensor, choice: Choice) -> ChannelView:
    """One channel of activations [1, C, H, W], and all of them small."""
    maps = output[0].float()
    mean = maps.mean(dim=0)
    count = len(maps)
    channel = None if choice.channel is None else min(max(choice.channel, 0), count - 1)
    plane = mean if channel is None else maps[channel]
    if (largest := max(plane.shape)) > LARGEST_PX:
        height, width = (max(1, side * LARGEST_PX // largest) for side in plane.shape)
        plane = F.adaptive_avg_pool2d(plane[None], (height, width))[0]
    shared = None if choice.own_range else reach(maps)
    if choice.reach > 0:
        shared = maps.new_tensor(choice.reach)
    own = reach(plane) if shared is None else shared
    low, high, counts = histogram(maps if channel is None else plane)
    power = spectrum(_square(plane))
    return ChannelView(
        layer=name,
        channel=channel,
        channels=count,
        values=plane.cpu().numpy(),
        picture=_enlarged(coloured(plane / own)),
        reach=float(own),
        atlas=atlas(torch.cat([mean[None], maps]), shared),
        cell=CELL_PX,
        columns=COLUMNS,
        counts=counts,
        low=low,
        high=high,
        spectrum=_enlarged(_spectrum_colours(power)),
        profile=profile(power),
    )


def _square(plane: Tensor) -> Tensor:
    """The largest square in the middle of [H, W]."""
    side = min(plane.shape)
    top, left = ((size - side) // 2 for size in plane.shape)
    return plane[top : top + side, left : left + side]


def reach(maps: Tensor) -> Tensor:
    """The value that gets the brightest colour: three times the root mean square, or the largest
    where that is less."""
    largest, usual = maps.abs().amax(), maps.square().mean().sqrt()
    return torch.minimum(largest, REACH_DEVIATIONS * usual).clamp_min(SMALLEST)


def histogram(values: Tensor) -> tuple[float, float, tuple[int, ...]]:
    """The smallest and the largest value, and how many lie in each of `BINS` equal steps."""
    low, high = (float(end) for end in torch.aminmax(values))
    if not high > low:
        middle = BINS // 2
        return low, high, (*[0] * middle, values.numel(), *[0] * (BINS - middle - 1))
    counts = torch.histc(values, BINS, low, high)
    return low, high, tuple(int(count) for count in counts.tolist())


def spectrum(plane: Tensor) -> Tensor:
    """The power of each frequency of [H, W], the constant part in the middle, same shape."""
    waves = torch.fft.fftshift(torch.fft.fft2(plane.double().cpu() / plane.numel()))
    return waves.abs().square()


def profile(power: Tensor) -> tuple[float, ...]:
    """The mean power of the rings around the middle of a spectrum, in decibels; without the
    constant part, up to the highest frequency along an axis."""
    side = power.shape[0]
    axis = torch.arange(side) - side // 2
    rings = torch.hypot(axis[:, None].double(), axis[None, :].double()).round().long().flatten()
    sums = torch.bincount(rings, power.flatten())
    sizes = torch.bincount(rings).clamp_min(1)
    decibels = 10 * torch.log10((sums / sizes).clamp_min(SMALLEST**2))
    return tuple(decibels[1 : side // 2 + 1].tolist())


def atlas(maps: Tensor, shared: Tensor | None) -> np.ndarray:
    """All of `maps` [N, H, W] small and side by side, in colours; uint8 [rows, columns, 3].

    `shared` is the reach of all; None lets every map have its own.  Those that are no squares stand
    in the middle of one.
    """
    wide = max(maps.shape[-2:])
    over = [wide - side for side in maps.shape[-2:]]
    maps = F.pad(maps, (over[1] // 2, over[1] - over[1] // 2, over[0] // 2, over[0] - over[0] // 2))
    if maps.shape[-1] > CELL_PX:
        maps = F.adaptive_avg_pool2d(maps, CELL_PX)
    else:
        maps = F.interpolate(maps[None], size=(CELL_PX, CELL_PX), mode="nearest")[0]
    side = CELL_PX
    if shared is None:
        largest = maps.abs().amax(dim=(1, 2))
        usual = REACH_DEVIATIONS * maps.square().mean(dim=(1, 2)).sqrt()
        scale = torch.minimum(largest, usual).clamp_min(SMALLEST)[:, None, None]
    else:
        scale = shared
    rows = -(-len(maps) // COLUMNS)
    cells = maps.new_zeros(rows * COLUMNS, side, side)
    cells[: len(maps)] = maps / scale
    grid = cells.view(rows, COLUMNS, side, side).permute(0, 2, 1, 3)
    return coloured(grid.reshape(rows * side, COLUMNS * side))


# -- colours -------------------------------------------------------------------------------------

_STOPS = (
    (-1.0, (208, 224, 255)),
    (-0.5, (79, 125, 219)),
    (0.0, (14, 15, 19)),
    (0.5, (214, 134, 50)),
    (1.0, (255, 236, 196)),
)
"""Blue below zero, dark at zero, amber above: both sides grow brighter with the distance."""


def _table() -> np.ndarray:
    at = np.linspace(-1.0, 1.0, 255)
    places = [place for place, _ in _STOPS]
    parts = [np.interp(at, places, [colour[i] for _, colour in _STOPS]) for i in range(3)]
    return np.stack(parts, axis=1).round().astype(np.uint8)


_COLOURS = _table()


def coloured(values: Tensor) -> np.ndarray:
    """Values [H, W], shown from -1 to 1, in colours: uint8 [H, W, 3]."""
    index = (values.clamp(-1, 1) * 127 + 127).round().to(torch.uint8)
    return _COLOURS[index.cpu().numpy()]


def _spectrum_colours(power: Tensor) -> np.ndarray:
    decades = torch.log10(power.clamp_min(SMALLEST**2))
    middle = power.shape[0] // 2
    decades[middle, middle] = decades.min()  # the constant part would outshine everything
    top = decades.max()
    return coloured(1 + (decades - top) / SPECTRUM_DECADES)


def _enlarged(pixels: np.ndarray) -> np.ndarray:
    times = max(1, ENLARGED_PX // max(pixels.shape[:2]))
    return np.ascontiguousarray(pixels.repeat(times, axis=0).repeat(times, axis=1))


def _stats(
    layer: LayerInfo,
    weight: tuple[int, ...],
    shape: tuple[int, int],
    numbers: list[float],
    clamps: bool,
) -> LayerStats:
    mean, std, low, high, zeros, clamped = numbers
    return LayerStats(
        name=layer.name,
        row=layer.row,
        resolution=shape[1],
        channels=shape[0],
        weight=weight,
        mean=mean,
        std=std,
        low=low,
        high=high,
        zeros=zeros,
        clamped=clamped if clamps else None,
    )
