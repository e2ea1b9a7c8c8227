"""The layers of StyleGAN3 and StyleGAN-XL: sizes, sampling rates and cutoffs.

Source: Karras et al. 2021, section 3.2 and appendix D; Sauer et al. 2022, "StyleGAN-XL", section 3.
Frequencies are in cycles per side of the image, rates in samples per side; all in double precision,
since rounding them decides about sizes.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence

from msgspec import Struct

from stylegan_t.config import require_clamp, require_sizes

MAX_SIDE = 8192
MAX_TAPS = 512
MAX_FACTOR = 64
MAX_LAYERS = 100
MAX_NUMBER = 1e6
"""Bounds what a file can make us build: the originals stay far below."""
NAME = re.compile(r"L\d{1,4}_(\d{1,5})_(\d{1,5})")
"""Of a layer, with its size and its channels; in files the numbers need not be right."""
HEAD_CRITICAL = 2
"""The highest cutoff of a super-resolution head is reached this many layers before its end."""


class LayerSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """One layer: what comes in, what goes out, and how it filters.

    Sizes are sides in samples, the margin included.  `kernel` is the side of the convolution;
    `filter_size` the number of taps for each step of resampling; `lrelu_upsampling` how much
    higher the rate is at which the leaky ReLU works.  `radial` means a down filter that is the
    same in every direction.
    """

    name: str
    in_channels: int
    out_channels: int
    in_size: int
    out_size: int
    in_rate: float
    out_rate: float
    in_cutoff: float
    out_cutoff: float
    in_half_width: float
    out_half_width: float
    is_torgb: bool = False
    is_critical: bool = False
    kernel: int = 3
    conv_clamp: float | None = 256.0
    filter_size: int = 6
    lrelu_upsampling: int = 2
    radial: bool = False

    def __post_init__(self) -> None:
        rates = (self.in_rate, self.out_rate)
        bands = (self.in_cutoff, self.out_cutoff, self.in_half_width, self.out_half_width)
        if not NAME.fullmatch(self.name):
            raise ValueError("A layer has an unusual name.")
        if not 0 < min(rates) <= max(rates) <= MAX_NUMBER or self.lrelu_upsampling < 1:
            raise ValueError(f"Layer {self.name} has impossible sampling rates.")
        if not all(abs(number) <= MAX_NUMBER for number in bands):
            raise ValueError(f"Layer {self.name} has impossible filters.")
        require_sizes(self.in_channels, self.out_channels)
        require_sizes(self.in_size, self.out_size, most=MAX_SIDE)
        require_sizes(self.kernel, most=MAX_FACTOR)
        require_sizes(self.up, self.down, most=1 if self.is_torgb else MAX_FACTOR)
        require_sizes(self.filter_size, self.up_taps, self.down_taps, most=MAX_TAPS)
        require_clamp(self.conv_clamp)

    @property
    def inner_rate(self) -> float:
        """The rate at which the leaky ReLU works."""
        return max(self.in_rate, self.out_rate) * (1 if self.is_torgb else self.lrelu_upsampling)

    @property
    def up(self) -> int:
        """Factor of the up-sampling."""
        return round(self.inner_rate / self.in_rate)

    @property
    def down(self) -> int:
        """Factor of the down-sampling."""
        return round(self.inner_rate / self.out_rate)

    @property
    def up_taps(self) -> int:
        """Length of the up filter; 1 means none."""
        return self.filter_size * self.up if self.up > 1 and not self.is_torgb else 1

    @property
    def down_taps(self) -> int:
        """Length of the down filter; 1 means none."""
        return self.filter_size * self.down if self.down > 1 and not self.is_torgb else 1

    @property
    def down_radial(self) -> bool:
        """Return whether the down filter is the same in every direction."""
        return self.radial and not self.is_critical

    @property
    def padding(self) -> tuple[int, int, int, int]:
        """Zeros between bias and up filter, so that sizes come out right and nothing shifts."""
        total = (self.out_size - 1) * self.down + 1
        total -= (self.in_size + self.kernel - 1) * self.up
        total += self.up_taps + self.down_taps - 2
        low = (total + self.up) // 2
        return low, total - low, low, total - low


class Bands(Struct, frozen=True):
    """Cutoff, half width of the transition, rate, size and channels at each border between layers,
    from the input of the first to the output of the last."""

    cutoffs: tuple[float, ...]
    half_widths: tuple[float, ...]
    rates: tuple[float, ...]
    sizes: tuple[int, ...]
    channels: tuple[int, ...]


class Schedule(Struct, frozen=True, kw_only=True):
    """The layout of a StyleGAN3 generator; the defaults are those of configuration T."""

    img_resolution: int
    img_channels: int = 3
    channel_base: int = 32768
    channel_max: int = 512
    num_layers: int = 14
    num_critical: int = 2
    first_cutoff: float = 2.0
    first_stopband: float = 2**2.1
    last_stopband_rel: float = 2**0.3
    margin_size: int = 10
    kernel: int = 3
    filter_size: int = 6
    lrelu_upsampling: int = 2
    radial: bool = False
    conv_clamp: float | None = 256.0

    def layers(self) -> tuple[LayerSpec, ...]:
        """The layers, from the one behind the input to the colour output."""
        last = self.num_layers
        steps = [min(index / (last - self.num_critical), 1) for index in range(last + 1)]
        top = self.img_resolution / 2
        cutoffs = _geometric(self.first_cutoff, top, steps)
        stopbands = _geometric(self.first_stopband, top * self.last_stopband_rel, steps)
        channels = [
            round(min(self.channel_base / 2 / cutoff, self.channel_max)) for cutoff in cutoffs
        ]
        channels[-1] = self.img_channels
        bands = self._bands(cutoffs, stopbands, channels)
        return self._specs(bands, [max(index - 1, 0) for index in range(last + 1)], 0)

    def head(self, before: LayerSpec, first_number: int) -> tuple[LayerSpec, ...]:
        """The layers that super-resolution puts behind a cut generator (StyleGAN-XL, section 3.1).

        Args:
            before: the last layer that is left; `num_layers` counts those of the head, without
                the colour output.
            first_number: the number in the name of the head's first layer.
        """
        last = self.num_layers
        steps = [min(index / (last - HEAD_CRITICAL), 1) for index in range(last + 1)]
        top = self.img_resolution / 2
        cutoffs = _geometric(before.out_cutoff, top, steps)
        start = before.out_cutoff + before.out_half_width
        stopbands = _geometric(start, top * self.last_stopband_rel, steps)
        channels = [
            round(min(self.channel_base / 2 / cutoff, self.channel_max)) for cutoff in cutoffs
        ]
        channels[0], channels[-1] = before.out_channels, self.img_channels
        bands = self._bands(cutoffs, stopbands, channels, before.out_rate)
        return self._specs(bands, [max(index - 1, 0) for index in range(last + 1)], first_number)

    def _bands(
        self,
        cutoffs: Sequence[float],
        stopbands: Sequence[float],
        channels: Sequence[int],
        first_rate: float | None = None,
    ) -> Bands:
        top = self.img_resolution
        rates = [2.0 ** math.ceil(math.log2(min(2 * stop, top))) for stop in stopbands]
        if first_rate is not None:
            rates[0] = first_rate
        half_widths = [
            max(stop, rate / 2) - cutoff
            for stop, rate, cutoff in zip(stopbands, rates, cutoffs, strict=True)
        ]
        sizes = [int(rate) + 2 * self.margin_size for rate in rates]
        sizes[-2:] = [top, top]
        return Bands(
            tuple(cutoffs), tuple(half_widths), tuple(rates), tuple(sizes), tuple(channels)
        )

    def _specs(
        self, bands: Bands, sources: Sequence[int], first_number: int
    ) -> tuple[LayerSpec, ...]:
        last, specs = len(sources) - 1, []
        for index, source in enumerate(sources):
            size, channels = bands.sizes[index], bands.channels[index]
            specs.append(
                LayerSpec(
                    name=f"L{index + first_number}_{size}_{channels}",
                    in_channels=bands.channels[source],
                    out_channels=channels,
                    in_size=bands.sizes[source],
                    out_size=size,
                    in_rate=bands.rates[source],
                    out_rate=bands.rates[index],
                    in_cutoff=bands.cutoffs[source],
                    out_cutoff=bands.cutoffs[index],
                    in_half_width=bands.half_widths[source],
                    out_half_width=bands.half_widths[index],
                    is_torgb=index == last,
                    is_critical=index >= last - self.num_critical,
                    kernel=1 if index == last else self.kernel,
                    conv_clamp=self.conv_clamp,
                    filter_size=self.filter_size,
                    lrelu_upsampling=self.lrelu_upsampling,
                    radial=self.radial,
                )
            )
        return tuple(specs)


def require_chain(layers: Sequence[LayerSpec]) -> None:
    """Raise `ValueError` unless each layer takes what the one before it gives, and the last one
    alone makes colours."""
    if not 2 <= len(layers) <= MAX_LAYERS or len({layer.name for layer in layers}) < len(layers):
        raise ValueError("It has an impossible list of layers.")
    if [layer.is_torgb for layer in layers] != [False] * (len(layers) - 1) + [True]:
        raise ValueError("Its colours do not come last.")
    for before, after in itertools.pairwise(layers):
        given = (before.out_rate, before.out_channels, before.out_size)
        if given != (after.in_rate, after.in_channels, after.in_size):
            raise ValueError(f"Layer {after.name} does not fit the one before it.")
        if after.out_rate < before.out_rate:
            raise ValueError(f"Layer {after.name} works at a lower rate.")


def superresolved(layers: Sequence[LayerSpec], head: Schedule) -> tuple[LayerSpec, ...]:
    """The layers of the next stage of StyleGAN-XL: those flagged as critically sampled give way to
    a head for the higher resolution.

    Args:
        layers: of the stage before.
        head: the new resolution, and as `num_layers` the number of layers to add, without the
            colour output.
    """
    left = tuple(layer for layer in layers if not layer.is_critical)
    # A number is skipped at the first cut, and the names of later stages go on from there.
    return left + head.head(left[-1], len(left) + 1)


def _geometric(first: float, last: float, steps: Sequence[float]) -> list[float]:
    return [first * (last / first) ** step for step in steps]
