"""Bends and larger canvases: what they cost, and how far the square in the middle changes.

    python -m tests.benchmarks.speed_shaping
    python -m tests.benchmarks.speed_shaping --only relatives

Alternating runs in one process, each of another latent; on one thread.  Times are those of the
processor alone, which other programs lengthen less.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor

import stylegan_t
from renderer.models.device import choose
from renderer.models.store import ModelStore
from renderer.recipe.parts.bends import AMOUNTS
from renderer.recipe.parts.canvas import ASPECTS, Canvas
from stylegan_t.extent import Extent, centre
from stylegan_t.inference.bending import Bends, Effect
from stylegan_t.inference.fast import FastSynthesis
from stylegan_t.network import AnyNetwork
from tests.benchmarks.speed_relatives import made
from tests.benchmarks.tables import Table, number, plain

RUNS, LONG_RUNS = 15, 5
RELATIVES = ("StyleGAN2, 256 px", "StyleGAN3-T, 256 px")
"""Random weights at the size of public checkpoints."""
LAYER = "b64.convs1.1"
PROMPTS = {
    "demo": ("a red house at night", "snowy mountains at sunset"),
    "demo-2": ("a cat", "a castle above the sea at night, van gogh"),
}
"""Enough to see what a method does."""
CANVASES = (*ASPECTS, ("4 times", Canvas(2.0, 2.0)))


def rows(network: AnyNetwork, prompt: str, seed: int) -> Tensor:
    """Rows of w of one picture."""
    z_dim = network.anatomy.z_dim
    z = torch.randn(1, z_dim, generator=torch.Generator().manual_seed(seed))
    return network.mapping(z, network.encode_text([prompt]))


def medians(draws: dict[str, Callable[[int], object]], runs: int = RUNS) -> dict[str, float]:
    """The median time of each, in milliseconds of the processor."""
    times: dict[str, list[float]] = {name: [] for name in draws}
    for run in range(runs + 2):
        for name, draw in draws.items():
            start = time.process_time()
            draw(run)
            if run >= 2:
                times[name].append((time.process_time() - start) * 1e3)
    return {name: statistics.median(values) for name, values in times.items()}


def bends(network: AnyNetwork) -> Table:
    """The time of a picture with each kind of bend of one layer."""
    fast, ws = FastSynthesis(network.synthesis), [rows(network, "a house", i) for i in range(20)]

    def drawn(run: int, effects: Bends) -> None:
        fast.forget()
        fast(ws[run], "const", bends=effects)

    draws: dict[str, Callable[[int], object]] = {"none": lambda run: drawn(run, {})}
    for kind, amount in AMOUNTS.items():
        effect = {LAYER: (Effect(kind, amount.usual, side=64),)}
        draws[kind] = lambda run, effect=effect: drawn(run, effect)
    found = medians(draws)
    lines = [[kind, number(ms), f"{ms / found['none']:.2f}x"] for kind, ms in found.items()]

    def dragged(run: int) -> None:
        fast(ws[0], "const", bends={LAYER: (Effect("gain", 1.0 + run / 9, side=64),)})

    ms = medians({"dragged": dragged})["dragged"]
    lines.append(["gain, dragged", number(ms), f"{ms / found['none']:.2f}x"])
    note = f"A bend of {LAYER} of the demo model, prepared, float32."
    return Table("demo, bends", ("", "median ms", "/ none"), tuple(map(tuple, lines)), note)


def canvases(name: str) -> Table:
    """The time of each form, and the change of the square within."""
    network = stylegan_t.load(name).eval()
    fast, anatomy = FastSynthesis(network.synthesis), network.anatomy
    ws = [rows(network, PROMPTS[name][i % 2], i) for i in range(20)]
    draws: dict[str, Callable[[int], object]] = {}
    for form, canvas in CANVASES:
        extent = Extent(*canvas.cells(anatomy.grid))
        draws[form] = lambda run, extent=extent: fast(ws[run], "const", extent=extent)
    found, lines = medians(draws), []
    for form, canvas in CANVASES:
        extent = Extent(*canvas.cells(anatomy.grid))
        area = extent.rows * extent.columns / anatomy.grid**2
        times = f"{found[form] / found['1:1']:.2f}x"
        changes = [change(network, each, extent) for each in ws[3:5]]
        lines.append((form, f"{area:.2f}", number(found[form]), times, f"{max(changes):.1f}"))
    heads = ("", "area", "median ms", "/ 1:1", "grey levels")
    note = "Grey levels: by which the square in the middle differs from the square alone."
    return Table(f"{name}, canvas", heads, tuple(lines), note)


def relatives(name: str) -> Table:
    """The time of each shape, as the window draws it, for a network of random weights."""
    store = ModelStore(choose("cpu"), lambda path, device, *, progress: made(name, device))
    model = store.get("demo")
    anatomy = model.generator.anatomy
    ws = [torch.randn(1, 1, anatomy.latent_dim).expand(1, anatomy.num_ws, -1) for _ in range(20)]
    draws: dict[str, Callable[[int], object]] = {}
    shapes = [(shape, canvas) for shape, canvas in CANVASES if shape in ("1:1", "16:9", "4 times")]
    for shape, canvas in shapes:
        extent = None if shape == "1:1" else Extent(*canvas.cells(anatomy.grid))
        draws[shape] = lambda run, extent=extent: model.draw(
            ws[run], noise_mode="const", extent=extent
        )
    found, lines = medians(draws, LONG_RUNS), []
    for shape, canvas in shapes:
        rows_of, columns = canvas.cells(anatomy.grid)
        area, times = rows_of * columns / anatomy.grid**2, found[shape] / found["1:1"]
        lines.append((shape, f"{area:.2f}", number(found[shape]), f"{times:.2f}x"))
    heads = ("", "area", "median ms", "/ 1:1")
    return Table(f"{name}, canvas", heads, tuple(lines), f"Prepared, {LONG_RUNS} runs.")


def change(network: AnyNetwork, ws: Tensor, extent: Extent) -> float:
    """Mean difference of the square, in grey levels."""
    square = network.synthesis(ws, "const")
    large = network.synthesis(ws, "const", extent=extent)
    anatomy = network.anatomy
    middle = centre(large, anatomy.img_resolution, anatomy.grid)
    return float((middle - square).abs().mean()) * 127.5


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=("bends", "demos", "relatives"))
    only = parser.parse_args().only
    torch.set_num_threads(1)
    with torch.inference_mode():
        if only in (None, "bends"):
            print(plain(bends(stylegan_t.load("demo").eval())))
        for name in PROMPTS if only in (None, "demos") else ():
            print(plain(canvases(name)))
        for name in RELATIVES if only in (None, "relatives") else ():
            print(plain(relatives(name)), flush=True)


if __name__ == "__main__":
    main()
