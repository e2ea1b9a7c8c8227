"""How long the synthesis takes: the baseline, the readable path, and the prepared one, in turns."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

import stylegan_t
from renderer.models.device import Device, available_cores, choose
from renderer.models.store import ModelStore
from stylegan_t.config import PRESETS
from stylegan_t.generator import Generator, SynthesisNetwork
from stylegan_t.inference.fast import FastSynthesis
from stylegan_t.inference.fused import Ops
from stylegan_t.inference.graphs import GraphSynthesis
from stylegan_t.inference.prepared import Prepared
from tests.benchmarks.baseline import Baseline
from tests.benchmarks.random_models import latents, random_generator
from tests.benchmarks.tables import Table, spread

INPUTS = 4
LATE_BLOCKS = 3
MANY_DB = 200.0
"""Where there is no difference at all."""
HEAD = ("", "median ms", "p99 ms", "runs", "baseline /", "readable /", "PSNR dB")


@dataclass
class Road:
    """One way to draw: its name, what draws, and what it took in milliseconds.

    `fast` is what draws when that is the prepared synthesis.
    """

    name: str
    draw: Callable[[Tensor], Tensor]
    fast: Prepared | None = None
    ms: list[float] = field(default_factory=list)


def measured(name: str, rounds: int) -> list[Table]:
    """The tables of one model.

    Args:
        name: "demo", or a preset and a resolution: "lite-256".
        rounds: runs of every road, for each number of threads.
    """
    device = choose("auto")
    device.prepare()
    roads = _roads(name, device)
    config = next(road.fast.config for road in roads if road.fast is not None)
    inputs = [ws.to(device.torch_device) for ws in latents(config, INPUTS)]
    quality = _quality(roads, inputs)
    tables = []
    for threads in _threads(device.kind):
        torch.set_num_threads(threads)
        _alternate(roads, inputs, rounds, device.synchronize)
        place = "GPU" if device.kind == "cuda" else f"{threads} thread{'s' * (threads > 1)}"
        rows = tuple(_row(road, roads, quality[road.name]) for road in roads)
        tables.append(Table(f"{name}, synthesis, {place}", HEAD, rows, _note(name)))
        tables.append(_late_edits(f"{name}, edits of late blocks, {place}", roads, inputs, rounds))
    return tables


def _note(name: str) -> str:
    weights = "Trained weights" if name == "demo" else "Random weights in which everything matters"
    return f"{weights}, stored noise, batch 1; every run another latent, the same text."


def _generator(name: str, device: str) -> Generator:
    if name == "demo":
        return stylegan_t.load_generator("demo", device=device)
    preset, _, resolution = name.partition("-")
    return random_generator(PRESETS[preset](int(resolution)), device=device)


def _roads(name: str, device: Device) -> list[Road]:
    """The models are prepared by the program's own store, as it prepares them for the window."""
    store = ModelStore(device, lambda path, device, *, progress: _generator(name, device))
    single, half = (store.get(name, precision=kind) for kind in ("float32", "bfloat16"))
    roads = [
        Road("baseline, float32", Baseline(single.generator.synthesis)),
        Road("readable, float32", _with_noise(single.generator.synthesis)),
        Road("prepared, float32", _with_noise(single.draw), single.fast),
        Road("readable, bfloat16", _with_noise(half.generator.synthesis)),
        Road("prepared, bfloat16", _with_noise(half.draw), half.fast),
    ]
    return roads + (_card_roads(half.generator.synthesis) if device.kind == "cuda" else [])


def _card_roads(half: SynthesisNetwork) -> list[Road]:
    """What the graphs gain, and what the kernels gain."""
    ungraphed, unfused = FastSynthesis(half), GraphSynthesis(half, ops=Ops())
    return [
        Road("prepared, bfloat16, no graphs", _with_noise(ungraphed), ungraphed),
        Road("prepared, bfloat16, graphs, no own kernels", _with_noise(unfused), unfused),
    ]


def _with_noise(draw: Callable[..., Tensor]) -> Callable[[Tensor], Tensor]:
    """`draw` with the stored noise, which the baseline always uses."""
    return lambda ws: draw(ws, noise_mode="const")


def _threads(kind: str) -> Sequence[int]:
    """The numbers of threads to try: beside a graphics card they hardly matter."""
    if kind != "cpu":
        return (torch.get_num_threads(),)
    return tuple(range(1, min(2, available_cores()) + 1))


@torch.inference_mode()
def _quality(roads: Sequence[Road], inputs: Sequence[Tensor]) -> dict[str, float]:
    """The worst PSNR of each road against the first; the first runs, too, warm them all up."""
    worst = {road.name: MANY_DB for road in roads}
    for ws in inputs[:2]:
        expected = roads[0].draw(ws)
        for road in roads[1:]:
            worst[road.name] = min(worst[road.name], psnr(road.draw(ws), expected))
    return worst


def psnr(found: Tensor, expected: Tensor) -> float:
    """In dB of the expected picture's own range, `MANY_DB` at most."""
    error = (found - expected).square().mean()
    if not error:
        return MANY_DB
    span = expected.max() - expected.min()
    return min(MANY_DB, float(10 * torch.log10(span.square() / error)))


@torch.inference_mode()
def _alternate(
    roads: Sequence[Road],
    inputs: Sequence[Tensor],
    rounds: int,
    synchronize: Callable[[], None],
) -> None:
    """Let every road draw in turns, each time another picture than before."""
    for road in roads:
        road.ms = []
        road.draw(inputs[-1])
    synchronize()
    for index in range(rounds):
        ws = inputs[index % len(inputs)]
        for road in (*roads[index % len(roads) :], *roads[: index % len(roads)]):
            road.ms.append(_timed(road.draw, ws, synchronize))
            if road.fast is not None:
                blocks = len(road.fast.config.block_resolutions)
                assert road.fast.blocks_drawn == blocks, "a whole picture was to be drawn"


def _timed(draw: Callable[[Tensor], Tensor], ws: Tensor, synchronize: Callable[[], None]) -> float:
    begin_s = time.perf_counter()
    draw(ws)
    synchronize()
    return (time.perf_counter() - begin_s) * 1e3


def _row(road: Road, roads: Sequence[Road], quality: float) -> tuple[str, ...]:
    median = statistics.median(road.ms)
    ratios = (f"{statistics.median(other.ms) / median:.2f}x" for other in roads[:2])
    shown = "" if road is roads[0] else f"{quality:.0f}"
    return (road.name, *spread(road.ms), *ratios, shown)


# -- edits of late blocks ----------------------------------------------------------------------


@torch.inference_mode()
def _late_edits(title: str, roads: Sequence[Road], inputs: Sequence[Tensor], rounds: int) -> Table:
    """A whole picture, then edits of w's rows from one of the last blocks on, in turns."""
    synchronize = choose("auto").synchronize
    rows: list[tuple[str, ...]] = []
    for road in roads:
        if road.fast is None:
            continue
        resolutions = road.fast.config.block_resolutions
        late = range(len(resolutions) - 1, max(0, len(resolutions) - 1 - LATE_BLOCKS), -1)
        whole: list[float] = []
        times: dict[int, list[float]] = {block: [] for block in late}
        drawn: dict[int, int] = {}
        for index in range(rounds):
            ws = inputs[index % len(inputs)]
            whole.append(_timed(road.draw, ws, synchronize))
            for block in late:
                ws = ws.clone()
                ws[:, block * road.fast.config.convs_per_block :] *= 1.1
                times[block].append(_timed(road.draw, ws, synchronize))
                drawn[block] = road.fast.blocks_drawn
        rows.append((f"{road.name}: whole", *spread(whole), str(len(resolutions)), "1.00x"))
        for block, ms in times.items():
            faster = statistics.median(whole) / statistics.median(ms)
            name = f"{road.name}: from the {resolutions[block]} px block"
            rows.append((name, *spread(ms), str(drawn[block]), f"{faster:.2f}x"))
    head = ("", "median ms", "p99 ms", "runs", "blocks drawn", "whole /")
    note = "Rows of w change from a block on, as mixing and psi of blocks change them."
    return Table(title, head, tuple(rows), note)
