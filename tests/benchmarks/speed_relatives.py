"""How long StyleGAN2, StyleGAN3, StyleGAN-XL and LAFITE take: readable and prepared, in turns.

Sizes are those of the public checkpoints, weights are random.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from renderer.models.device import choose
from renderer.models.store import ModelStore
from stylegan_t.family.lafite import Lafite, LafiteConfig
from stylegan_t.family.schedule import Schedule, superresolved
from stylegan_t.family.stylegan2 import StyleGAN2, StyleGAN2Config
from stylegan_t.family.stylegan3 import StyleGAN3, StyleGAN3Config
from stylegan_t.family.stylegan_xl import StyleGANXL, StyleGANXLConfig
from stylegan_t.network import AnyNetwork
from tests.benchmarks.tables import Table, number

Z_DIM = W_DIM = 512
CLAMP = 256.0
NOISE, BIAS = 0.1, 0.3
LARGE_PX, LARGE_ROUNDS = 512, 3
"""From here on a model takes long: so many runs more than that which makes things ready."""
HEAD = (
    *("", "readable ms", "prepared ms", "readable /", "readable CPU ms", "prepared CPU ms"),
    *("CPU readable /", "runs", "largest difference"),
)


def _channels(resolution: int, base: int) -> tuple[int, ...]:
    sides = [4 << index for index in range(resolution.bit_length() - 2)]
    return tuple(min(base // side, 512) for side in sides)


def _second(resolution: int) -> AnyNetwork:
    base = 16384 if resolution <= 256 else 32768
    return StyleGAN2(StyleGAN2Config(Z_DIM, W_DIM, _channels(resolution, base), conv_clamp=CLAMP))


def _lafite() -> AnyNetwork:
    channels = _channels(256, 32768)
    structures: Any = (2,) * len(channels)
    return Lafite(LafiteConfig(Z_DIM, W_DIM, channels, conv_clamp=CLAMP, structures=structures))


def _third(resolution: int, *, turns: bool) -> AnyNetwork:
    """Configuration R is the one whose details turn with the image."""
    base = 16384 if resolution <= 256 else 32768
    how: dict[str, Any] = {"channel_base": base}
    if turns:
        how = {"channel_base": 2 * base, "channel_max": 1024, "kernel": 1, "radial": True}
    layers = Schedule(img_resolution=resolution, **how).layers()
    return StyleGAN3(StyleGAN3Config(Z_DIM, W_DIM, layers))


def _xl() -> AnyNetwork:
    """A stem of 16 pixels and four stages, at the default widths."""
    widths: dict[str, Any] = {"channel_base": 65536, "channel_max": 1024}
    layers = Schedule(img_resolution=16, num_layers=10, **widths).layers()
    for resolution in (32, 64, 128, 256):
        layers = superresolved(layers, Schedule(img_resolution=resolution, num_layers=7, **widths))
    return StyleGANXL(StyleGANXLConfig(64, W_DIM, layers, table=(1000, 320)))


KINDS: dict[str, Callable[[], AnyNetwork]] = {
    "StyleGAN2, 256 px": lambda: _second(256),
    "LAFITE, 256 px": _lafite,
    "StyleGAN3-T, 256 px": lambda: _third(256, turns=False),
    "StyleGAN3-R, 256 px": lambda: _third(256, turns=True),
    "StyleGAN2, 1024 px": lambda: _second(1024),
    "StyleGAN-XL, 256 px": _xl,
    "StyleGAN3-T, 1024 px": lambda: _third(1024, turns=False),
    "StyleGAN3-R, 1024 px": lambda: _third(1024, turns=True),
}


@dataclass
class Way:
    """A way to draw, and what it took: wall-clock and processor's milliseconds."""

    draw: Callable[..., Tensor]
    ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)

    def timed(self, ws: Tensor, synchronize: Callable[[], None]) -> Tensor:
        """Draw, and take the time."""
        begin_s, cpu_s = time.perf_counter(), time.process_time()
        image = self.draw(ws, noise_mode="const")
        synchronize()
        self.ms.append((time.perf_counter() - begin_s) * 1e3)
        self.cpu_ms.append((time.process_time() - cpu_s) * 1e3)
        return image


def measured(rounds: int, names: tuple[str, ...] = tuple(KINDS)) -> list[Table]:
    """The table of all kinds."""
    device = choose("auto")
    device.prepare()
    rows = tuple(_row(name, rounds) for name in names)
    note = (
        "Random weights, stored noise, batch 1, as many threads as in the window "
        f"({torch.get_num_threads()}); every run another latent."
    )
    return [Table("StyleGAN-T's relatives, synthesis", HEAD, rows, note)]


def made(name: str, device: str) -> AnyNetwork:
    """One of `KINDS`, with weights that draw something."""
    torch.manual_seed(0)
    network = KINDS[name]().eval().requires_grad_(False)
    for key, value in network.synthesis.named_parameters():
        if key.endswith("noise_strength"):
            value.fill_(NOISE)
        elif key.endswith(".bias") and "affine" not in key:
            value.normal_(std=BIAS)
        elif key.endswith(".weight") and value.ndim == 4:
            # Kernels without a mean: otherwise many layers draw a flat image.
            value.sub_(value.mean(dim=(1, 2, 3), keepdim=True))
    return network.to(device)


@torch.inference_mode()
def _row(name: str, rounds: int) -> tuple[str, ...]:
    device = choose("auto")
    store = ModelStore(device, lambda path, device, *, progress: made(name, device))
    model = store.get("demo")
    anatomy = model.generator.anatomy
    ways = (Way(model.generator.synthesis), Way(model.draw))
    text = torch.randn(anatomy.c_dim if anatomy.condition == "text" else 0)
    if anatomy.img_resolution >= LARGE_PX or len(anatomy.layers) > 20:
        rounds = min(rounds, LARGE_ROUNDS)
    worst = 0.0
    for index in range(rounds + 1):
        row = torch.cat([torch.randn(anatomy.latent_dim), text])
        ws = row.expand(1, anatomy.num_ws, -1).to(device.torch_device)
        order = ways if index % 2 else ways[::-1]
        images = [way.timed(ws, device.synchronize) for way in order]
        worst = max(worst, float((images[0] - images[1]).abs().max()))
        if not index:  # the first makes things ready
            for way in ways:
                way.ms.clear()
                way.cpu_ms.clear()
    ms = [statistics.median(way.ms) for way in ways]
    cpu_ms = [statistics.median(way.cpu_ms) for way in ways]
    ratios = [f"{both[0] / both[1]:.2f}x" for both in (ms, cpu_ms)]
    return (
        *(name, *map(number, ms), ratios[0], *map(number, cpu_ms), ratios[1]),
        *(str(len(ways[0].ms)), f"{worst:.1e}"),
    )
