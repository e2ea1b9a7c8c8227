"""The plan of a run of `stylegan_t.training.demo`: how long each stage is, on which device.

It is made once, from the time that there is and a short trial of this machine, and kept in the
run's folder, so that a run that goes on is the same run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from msgspec import Struct, json
from msgspec.structs import replace

from stylegan_t import config
from stylegan_t.demo.things.codes import CodeBook
from stylegan_t.files.whole import whole_file
from stylegan_t.generator import Generator
from stylegan_t.process_group import world
from stylegan_t.training.naming import train_namer
from stylegan_t.training.processes import is_first, wait_for_all
from stylegan_t.training.thing_text import train_thing_tower

SIZES: tuple[int, int, int] = (32, 64, 128)
"""The sides of the pictures that the generator learns to draw, one after the other."""
BATCHES = {32: 4, 64: 8, 128: 8}
"""Pictures per process and step on processors: at first, many small steps learn more than fewer
large ones."""
CARD_BATCHES = {32: 128, 64: 128, 128: 64}
"""The same on a graphics card, which takes as long for a few pictures.  Chosen, not measured."""
SHARES = {32: 0.16, 64: 0.38, 128: 0.32}
"""Shares of the generator's time; the adversarial stage has the rest."""
SHARPENING_COST = 1.25
"""The time of a picture of the adversarial stage as a multiple of one without; on processors."""
TEXT_SHARE, TEXT_STEPS = 0.05, (300, 3000)
NAMER_SHARE, NAMER_STEPS = 0.12, (600, 16_000)
"""Shares of the time, and fewest and most steps."""
_TRIAL_STEPS = 4


class Plan(Struct, frozen=True, forbid_unknown_fields=True):
    """The plan of a run: the number of things it learns, and the length of each stage.

    `images` are pictures at 32, 64 and 128 pixels, `sharpened` those of the adversarial stage.
    `start` is the name or the file of the model that stands in for the stages before that one, and
    `practised` are the things and other values to which that stage gives more room.
    """

    things: int
    text_steps: int
    images: tuple[int, int, int]
    seed: int = 0
    namer_steps: int = 6000
    sharpened: int = 40_000
    start: str = ""
    practised: tuple[str, ...] = ()


class Speeds(NamedTuple):
    """The speed of a machine: pictures a second at each size, of all processes together, and
    seconds of one step of the text tower and of the discriminator's eyes."""

    pictures: Mapping[int, float]
    text_step_s: float
    namer_step_s: float


def planned(
    minutes: float, things: int, seed: int, start: str = "", device: torch.device | str = "cpu"
) -> Plan:
    """Return a plan for this many minutes on this machine, by a short trial."""
    speeds, whole_s = measured(things, torch.device(device)), minutes * 60
    shares = dict.fromkeys(SHARES, 0.0) if start else SHARES
    text_steps = 0 if start else _steps(whole_s, TEXT_SHARE, speeds.text_step_s, TEXT_STEPS)
    namer_steps = _steps(whole_s, NAMER_SHARE, speeds.namer_step_s, NAMER_STEPS)
    spent_s = text_steps * speeds.text_step_s + namer_steps * speeds.namer_step_s
    left_s = max(whole_s - spent_s, 1.0)
    small, middle, large = (int(left_s * shares[n] * speeds.pictures[n]) for n in SIZES)
    rate = speeds.pictures[max(SIZES)] / SHARPENING_COST
    sharpened = int(left_s * (1 - sum(shares.values())) * rate)
    images = small, middle, large
    return Plan(things, text_steps, images, seed, namer_steps, sharpened, start)


def _steps(whole_s: float, share: float, step_s: float, bounds: tuple[int, int]) -> int:
    return int(min(max(whole_s * share / step_s, bounds[0]), bounds[1]))


def batches(device: torch.device) -> Mapping[int, int]:
    """Pictures per process and step at each size on a device."""
    return CARD_BATCHES if device.type == "cuda" else BATCHES


def measured(things: int, device: torch.device) -> Speeds:
    """Measure this machine by a few steps of everything that is trained."""
    book = CodeBook(things)

    def read(steps: int) -> None:
        train_thing_tower(book, steps, report=_unheard, device=device)

    def name(steps: int) -> None:
        train_namer(things, steps, report=_unheard, device=device)

    rates = {
        size: batch * world() / _step_s(_drawing(size, batch, device), device)
        for size, batch in batches(device).items()
    }
    return Speeds(rates, _step_s(read, device), _step_s(name, device))


def _drawing(size: int, batch: int, device: torch.device) -> Callable[[int], None]:
    network = Generator(config.things(size)).synthesis.to(device)
    ws = torch.randn(batch, network.config.num_ws, network.config.w_dim, device=device)

    def draw(steps: int) -> None:
        for _ in range(steps):
            network(ws, "const").square().mean().backward()

    return draw


def _step_s(train: Callable[[int], None], device: torch.device) -> float:
    """Seconds of one step; the first, which has more to do, is not counted."""
    ends = []
    for steps in (1, 1 + _TRIAL_STEPS):
        began = time.perf_counter()
        train(steps)
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        ends.append(time.perf_counter() - began)
    return max(ends[1] - ends[0], 1e-6) / _TRIAL_STEPS


def _unheard(line: str) -> None:
    """Report nothing: a trial is no training."""


_PLAN_DECODER = json.Decoder(Plan)


def plan_of_run(out: Path, make: Callable[[], Plan], given: Mapping[str, Any]) -> Plan:
    """The plan of the run in `out`, or a new one; what is `given`, by the names of `Plan`, replaces
    the plan's and is kept.

    Things and seed stay what they were: all that was trained depends on them.
    """
    file = out / "plan.json"
    if is_first():
        before = plan_in(out) if file.exists() else None
        plan = replace(before or make(), **given)
        if plan != before:
            with whole_file(file) as part:
                part.write(json.encode(plan))
    wait_for_all()
    return plan_in(out)


def plan_in(out: Path) -> Plan:
    """The plan of the run in a folder."""
    return _PLAN_DECODER.decode((out / "plan.json").read_bytes())
