"""How long checkpoints of relatives take to open: `python -m tests.benchmarks.load_relatives`.

Files of the layout and the size of four public ones are made from random weights: StyleGAN3's
`stylegan3-r-ffhq-1024x1024.pkl`, ADA's `ffhq.pkl`, StyleGAN-XL's `imagenet256.pkl` and LAFITE's for
COCO, each with G, D and G_ema.  Beside each lie the same weights as a state dict that `torch.load`
reads.  Fresh processes open them in turns; `--keep FOLDER` leaves the files there.
"""

from __future__ import annotations

import argparse
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dill
import torch
from torch import nn

import stylegan_t
from renderer.models.device import choose
from renderer.pipeline.renderer import Renderer
from renderer.recipe.recipe import ModelRef, Recipe
from stylegan_t.family.lafite import Lafite, LafiteConfig
from stylegan_t.family.schedule import LayerSpec, Schedule, superresolved
from stylegan_t.family.stylegan2 import StyleGAN2, StyleGAN2Config
from stylegan_t.family.stylegan3 import StyleGAN3, StyleGAN3Config
from stylegan_t.family.stylegan_xl import StyleGANXL, StyleGANXLConfig
from stylegan_t.inference.fast import FastSynthesis
from stylegan_t.network import AnyNetwork
from tests.benchmarks.load import peak_megabytes
from tests.stylegan_t.family.recorded import Recorded
from tests.stylegan_t.reference import family_snapshot
from tests.stylegan_t.reference.family_snapshot import Persistent

MODULE = "tests.benchmarks.load_relatives"
FFHQ_D, IMAGENET_D = 29_000_000, 60_000_000
"""Numbers in the discriminators."""
CONTRAST = 0.4
"""Standard deviation of the pixels that random weights draw."""
WIDE = (512, 512, 512, 512, 512, 256, 128, 64, 32)
"""Channels of StyleGAN2 from 4 to 1024 pixels."""


@dataclass(frozen=True)
class Public:
    """A public file: its network, and how it is written."""

    file: str
    network: Callable[[], AnyNetwork]
    discriminator: int
    protocol: int = 4
    use_dill: bool = False


def _third() -> AnyNetwork:
    schedule = Schedule(
        img_resolution=1024, channel_base=65536, channel_max=1024, kernel=1, radial=True
    )
    return StyleGAN3(StyleGAN3Config(z_dim=512, w_dim=512, layers=schedule.layers()))


def _xl() -> AnyNetwork:
    def wide(side: int, layers: int) -> Schedule:
        return Schedule(
            img_resolution=side, channel_base=65536, channel_max=1024, num_layers=layers
        )

    layers = wide(16, 10).layers()
    for side in (32, 64, 128, 256):
        layers = superresolved(layers, wide(side, 7))
    sizes = {"z_dim": 64, "w_dim": 512, "c_dim": 1000, "table": (1000, 320)}
    return StyleGANXL(StyleGANXLConfig(**sizes, layers=layers))


def _lafite() -> AnyNetwork:
    sizes = {"z_dim": 512, "w_dim": 512, "channels": WIDE[:7], "conv_clamp": 256.0}
    return Lafite(LafiteConfig(**sizes, structures=(2,) * 7))


PUBLIC = (
    Public("stylegan3-r-ffhq-1024x1024.pkl", _third, FFHQ_D),
    Public(
        "ffhq.pkl",
        lambda: StyleGAN2(StyleGAN2Config(z_dim=512, w_dim=512, channels=WIDE, conv_clamp=256.0)),
        FFHQ_D,
        protocol=3,
    ),
    Public("imagenet256.pkl", _xl, IMAGENET_D, protocol=3, use_dill=True),
    Public("lafite-coco.pkl", _lafite, FFHQ_D),
)


def make(public: Public, folder: Path) -> Path:
    """Write a file, and its weights alone beside it."""
    path, network = folder / public.file, public.network()
    make_visible(network)
    with family_snapshot.original_names(), path.open("wb") as file:
        known = _recorded(public, network)
        held = {
            "G": family_snapshot.part(known, ""),
            "D": _discriminator(public.discriminator),
            "G_ema": family_snapshot.part(known, ""),
            "augment_pipe": None,
            "training_set_kwargs": family_snapshot.easy_dict(path="x"),
        }
        (dill if public.use_dill else pickle).dump(held, file, protocol=public.protocol)
    torch.save(network.state_dict(), _weights(path))
    return path


@torch.no_grad()
def make_visible(network: AnyNetwork) -> None:
    """Let random weights draw something: noise that is heard, kernels without a mean (with one,
    many layers draw a flat picture), and colours of a usual contrast."""
    for key, value in network.synthesis.named_parameters():
        if key.endswith("noise_strength"):
            value.fill_(0.1)
        elif key.endswith(".bias") and "affine" not in key:
            value.normal_(std=0.3)
        elif key.endswith(".weight") and value.ndim == 4:
            value.sub_(value.mean(dim=(1, 2, 3), keepdim=True))
    network.eval().requires_grad_(False)
    colours = [part.colours for part in network.synthesis.parts() if part.colours is not None]
    ws = torch.randn(1, 1, network.anatomy.latent_dim + _text(network))
    image = FastSynthesis(network.synthesis)(ws.expand(1, network.anatomy.num_ws, -1), "const")
    for layer in colours:
        layer.get_parameter("weight").mul_(CONTRAST / float(image.std()))
    network.requires_grad_(True)


def _text(network: AnyNetwork) -> int:
    return network.anatomy.c_dim if network.anatomy.condition == "text" else 0


def _weights(path: Path) -> Path:
    return path.with_suffix(".pt")


def _discriminator(count: int) -> Persistent:
    """Many tensors of a usual size."""
    tensors = {f"w{k}": nn.Parameter(torch.randn(1 << 20)) for k in range(count >> 20)}
    state = {"training": False, "_parameters": tensors, "_buffers": {}, "_modules": {}}
    return Persistent("Discriminator", state)


def _recorded(public: Public, network: AnyNetwork) -> Recorded:
    """What the writer of snapshots wants to know of a network."""
    state, own = network.state_dict(), dict(network.named_parameters())
    anatomy, config = network.anatomy, network.config
    keys = [{"name": n, "kind": "parameter" if n in own else "buffer"} for n in state]
    info: dict[str, Any] = {
        "class_name": "SuperresGenerator" if "imagenet" in public.file else "Generator",
        "keys": keys,
        "generator_kwargs": {"synthesis_kwargs": {"conv_clamp": 256}},
        **{name: getattr(anatomy, name) for name in ("z_dim", "c_dim", "num_ws")},
        "w_dim": config.w_dim,
        "img_resolution": anatomy.img_resolution,
        "img_channels": anatomy.img_channels,
    }
    if isinstance(network, StyleGAN3):
        layers = network.config.layers
        info |= {
            "layer_names": [layer.name for layer in layers],
            "layers": [_row(layer) for layer in layers],
            "output_scale": network.config.output_scale,
            "input": {"size": [layers[0].in_size] * 2, "bandwidth": network.config.bandwidth},
        }
    return Recorded("xl" if isinstance(network, StyleGANXL) else public.file, info, state, {})


def _row(layer: LayerSpec) -> dict[str, Any]:
    """The attributes of a layer as the original has them."""
    told = ("in_cutoff", "out_cutoff", "in_half_width", "out_half_width", "is_torgb", "conv_clamp")
    return {
        "name": layer.name,
        **{name: getattr(layer, name) for name in (*told, "up_taps", "down_taps", "down_radial")},
        "is_critically_sampled": layer.is_critical,
        "in_size": [layer.in_size] * 2,
        "out_size": [layer.out_size] * 2,
        "in_sampling_rate": layer.in_rate,
        "out_sampling_rate": layer.out_rate,
        "tmp_sampling_rate": layer.inner_rate,
        "padding": list(layer.padding),
    }


WAYS = ("opened", "weights alone", "torch.load of the weights")
DRAWN = ("first picture", "first picture, readable")
"""Ways that `--draw` adds: by the window's renderer, and by the network as it is written down."""


def open_once(way: str, path: str) -> None:
    """In a process of its own: open a file and print seconds, those of the processor, megabytes."""
    before, start, worked = peak_megabytes(), time.perf_counter(), time.process_time()
    if way in DRAWN:
        opened: object = _first_picture(path, readable=way == DRAWN[1])
    elif way == WAYS[2]:
        opened = torch.load(_weights(Path(path)), weights_only=True)
    else:
        opened = stylegan_t.load(path if way == WAYS[0] else _weights(Path(path)))
    seconds, cpu = time.perf_counter() - start, time.process_time() - worked
    assert opened is not None
    print(seconds, cpu, peak_megabytes() - before)


@torch.inference_mode()
def _first_picture(path: str, *, readable: bool) -> object:
    device = choose("auto")
    device.prepare()
    if not readable:
        frame = Renderer(device).render(Recipe(ModelRef(path)))
        assert frame.error is None
        return frame.image
    network = stylegan_t.load(path)
    anatomy = network.anatomy
    ws = torch.randn(1, 1, anatomy.latent_dim + _text(network))
    return network.synthesis(ws.expand(1, anatomy.num_ws, -1), noise_mode="const")


def measured(path: Path, runs: int, ways: tuple[str, ...]) -> None:
    """Print the rows of one file."""
    for way in ways:
        figures = []
        for _ in range(runs):
            command = [sys.executable, "-m", MODULE, "--open", way, str(path)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            figures.append(tuple(map(float, done.stdout.split())))
        seconds, cpu, more = (statistics.median(column) for column in zip(*figures, strict=True))
        size = (_weights(path) if way in WAYS[1:] else path).stat().st_size / 1e6
        print(f"{path.name:34}{way:28}{size:9.0f}{seconds:9.2f}{cpu:9.2f}{more:9.0f}", flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", help="the beginning of a file's name")
    parser.add_argument("--keep", type=Path, help="a folder for the files")
    parser.add_argument("--draw", action="store_true", help="a first picture, instead of loads")
    parser.add_argument("--open", nargs=2, metavar=("WAY", "PATH"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.open:
        open_once(*options.open)
        return
    print(
        f"{'file':34}{'way':28}{'file MB':>9}{'seconds':>9}{'CPU s':>9}{'more MB':>9}", flush=True
    )
    for public in PUBLIC:
        if not public.file.startswith(options.only or ""):
            continue
        with tempfile.TemporaryDirectory() as temporary:
            folder = options.keep or Path(temporary)
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / public.file
            made = path if path.exists() else make(public, folder)
            measured(made, options.runs, DRAWN if options.draw else WAYS)


if __name__ == "__main__":
    main()
