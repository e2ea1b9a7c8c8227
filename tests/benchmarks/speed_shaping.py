"""Bends and larger canvases: what they cost, and how far the square in the middle changes.

    python -m tests.benchmarks.speed_shaping

Alternating runs in one process, each of another latent; on one thread.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor

import stylegan_t
from renderer.recipe.parts.bends import AMOUNTS
from renderer.recipe.parts.canvas import ASPECTS, Canvas
from stylegan_t.extent import Extent, centre
from stylegan_t.inference.bending import Bends, Effect
from stylegan_t.inference.fast import FastSynthesis
from stylegan_t.network import AnyNetwork
from tests.benchmarks.tables import Table, number, plain

RUNS = 15
LAYER = "b64.convs1.1"
PROMPTS = {
    "demo": ("a red house at night", "snowy mountains at sunset"),
    "demo-2": ("a cat", "a castle above the sea at night, van gogh"),
}
"""Enough to see what a method does."""


def rows(network: AnyNetwork, prompt: str, seed: int) -> Tensor:
    """Rows of w of one picture."""
    z_dim = network.anatomy.z_dim
    z = torch.randn(1, z_dim, generator=torch.Generator().manual_seed(seed))
    return network.mapping(z, network.encode_text([prompt]))


def medians(draws: dict[str, Callable[[int], object]]) -> dict[str, float]:
    """The median time of each, in milliseconds."""
    times: dict[str, list[float]] = {name: [] for name in draws}
    for run in range(RUNS + 2):
        for name, draw in draws.items():
            start = time.perf_counter()
            draw(run)
            if run >= 2:
                times[name].append((time.perf_counter() - start) * 1e3)
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
    forms = [*ASPECTS, ("4 times", Canvas(2.0, 2.0))]
    ws = [rows(network, PROMPTS[name][i % 2], i) for i in range(20)]
    draws: dict[str, Callable[[int], object]] = {}
    for form, canvas in forms:
        extent = Extent(*canvas.cells(anatomy.grid))
        draws[form] = lambda run, extent=extent: fast(ws[run], "const", extent=extent)
    found, lines = medians(draws), []
    for form, canvas in forms:
        extent = Extent(*canvas.cells(anatomy.grid))
        area = extent.rows * extent.columns / anatomy.grid**2
        times = f"{found[form] / found['1:1']:.2f}x"
        changes = [change(network, each, extent) for each in ws[3:5]]
        lines.append((form, f"{area:.2f}", number(found[form]), times, f"{max(changes):.1f}"))
    heads = ("", "area", "median ms", "/ 1:1", "grey levels")
    note = "Grey levels: by which the square in the middle differs from the square alone."
    return Table(f"{name}, canvas", heads, tuple(lines), note)


def change(network: AnyNetwork, ws: Tensor, extent: Extent) -> float:
    """Mean difference of the square, in grey levels."""
    square = network.synthesis(ws, "const")
    large = network.synthesis(ws, "const", extent=extent)
    anatomy = network.anatomy
    middle = centre(large, anatomy.img_resolution, anatomy.grid)
    return float((middle - square).abs().mean()) * 127.5


def main() -> None:
    """Print the tables."""
    torch.set_num_threads(1)
    with torch.inference_mode():
        for table in (bends(stylegan_t.load("demo").eval()), *map(canvases, PROMPTS)):
            print(plain(table))


if __name__ == "__main__":
    main()
