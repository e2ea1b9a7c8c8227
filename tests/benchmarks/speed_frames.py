"""Whole frames, from a recipe to pixels on the device, while one drags: all stages together."""

from __future__ import annotations

import time
from collections.abc import Callable

from msgspec.structs import replace

from renderer.models.device import Device, choose
from renderer.pipeline.renderer import Renderer
from renderer.recipe.recipe import ModelRef, Precision, Recipe
from stylegan_t.config import PRESETS
from stylegan_t.generator import Generator
from tests.benchmarks.random_models import random_generator
from tests.benchmarks.tables import Table, number, spread

Edit = Callable[[Recipe, float], Recipe]
MODELS: dict[str, tuple[tuple[str, Precision], ...]] = {
    "cuda": (("lite-256", "bfloat16"), ("full-256", "bfloat16"), ("full-256", "float32")),
    "cpu": (("demo", "float32"), ("demo", "bfloat16")),
}
"""What is worth looking at on a device."""


def _latent(recipe: Recipe, share: float) -> Recipe:
    return replace(recipe, latent=replace(recipe.latent, x=share))


def _psi(recipe: Recipe, share: float) -> Recipe:
    return replace(recipe, psi=0.5 + 0.5 * share)


def _known(recipe: Recipe, share: float) -> Recipe:
    return recipe


EDITS: dict[str, Edit] = {"latent": _latent, "psi": _psi, "nothing (known picture)": _known}


def measured(rounds: int) -> list[Table]:
    """One table for each model: what is dragged, and what a frame takes."""
    device = choose("auto")
    kinds = MODELS.get(device.kind, MODELS["cpu"])
    return [_table(device, model, precision, rounds) for model, precision in kinds]


def _loader(model: str) -> Callable[..., Generator]:
    """Makes a random model in place of a file; without text, so that no text tower is needed."""

    def load(path: str, device: str, *, progress: Callable[[float], None]) -> Generator:
        preset, _, resolution = model.partition("-")
        return random_generator(PRESETS[preset](int(resolution), c_dim=0), device=device)

    return load


def _table(device: Device, model: str, precision: Precision, rounds: int) -> Table:
    given = model == "demo"
    renderer = Renderer(device) if given else Renderer(device, load=_loader(model))
    base = Recipe(model=ModelRef(model if given else f"/{model}"), precision=precision)
    begin_s = time.perf_counter()
    _drawn(renderer, base, device)
    first_ms = (time.perf_counter() - begin_s) * 1e3
    rows: list[tuple[str, ...]] = []
    for name, edit in EDITS.items():
        times, stages = list[float](), dict[str, list[float]]()
        for index in range(rounds + 3):
            recipe = edit(base, (index + 1) / (rounds + 4))
            begin_s = time.perf_counter()
            told = _drawn(renderer, recipe, device)
            if index >= 3:
                times.append((time.perf_counter() - begin_s) * 1e3)
                for stage, ms in told:
                    stages.setdefault(stage, []).append(ms)
        mean = sum(times) / len(times)
        slowest = max(stages, key=lambda stage: sum(stages[stage]), default="")
        share = sum(stages.get(slowest, [0.0])) / max(sum(times), 1e-9)
        rows.append((name, *spread(times), number(1e3 / mean), f"{slowest} {share:.0%}"))
    head = ("what is dragged", "median ms", "p99 ms", "runs", "frames/s", "most of it")
    note = f"{device.name}; the first frame, the model's making included, took {first_ms:.0f} ms."
    return Table(f"{model}, {precision}, recipe to pixels", head, tuple(rows), note)


def _drawn(renderer: Renderer, recipe: Recipe, device: Device) -> tuple[tuple[str, float], ...]:
    frame = renderer.render(recipe)
    device.synchronize()
    assert frame.error is None, frame.error
    return frame.stage_ms
