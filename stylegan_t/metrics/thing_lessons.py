"""Teaches networks to see what is in scenes of the second demo world: the judge, and the eyes of a
discriminator."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import OneCycleLR

from stylegan_t.demo.things.attributes import COLUMN
from stylegan_t.demo.things.scenes import WIDEST_PSI, captioned, picture_of
from stylegan_t.demo.things.seeing import seeing_loss
from stylegan_t.demo.world import Z_DIM
from stylegan_t.files.whole import whole_file

STEPS_PER_SNAPSHOT = 200
_CLIP = 1.0
_STRIDE = 1_000_003

S = TypeVar("S", bound=nn.Module)


@dataclass(frozen=True)
class Schooling:
    """The teaching of a network: pictures of `size` pixels, `batch` at a time, for so many `steps`.

    `rate` is the highest learning rate; `grain` is the noise in its pictures, so that it does not
    look for what only a drawing program does.
    """

    steps: int
    size: int
    rate: float
    decay: float
    batch: int = 64
    grain: float = 0.0
    betas: tuple[float, float] = (0.9, 0.999)
    seed: int = 7


def teach(
    network: S,
    count: int,
    how: Schooling,
    report: Callable[[str], None] = print,
    state: Path | None = None,
    device: torch.device | str = "cpu",
) -> S:
    """Train on fresh scenes of the first `count` things; it is on the CPU then.

    Args:
        network: pictures [N, 3, size, size] in [-1, 1] to logits for each attribute.
        count: how many things there are in the scenes.
        how: for how long, and how fast.
        report: told now and then how far it is.
        state: where snapshots are kept; training goes on from the last one there.
        device: where scenes are drawn and the network learns.
    """
    torch.manual_seed(how.seed)
    device = torch.device(device)
    network = network.train().to(device, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue] - the stubs lack this form
    optimizer = torch.optim.AdamW(network.parameters(), how.rate, how.betas, weight_decay=how.decay)
    parts = {"network": network, "optimizer": optimizer}
    done = _resumed(state, parts)
    schedule = _schedule(optimizer, how, done)
    started = time.perf_counter()
    for step in range(done + 1, how.steps + 1):
        image, rows = _scenes(count, how, step, device)
        with torch.autocast(device.type, torch.bfloat16):
            logits = network(image)
        optimizer.zero_grad()
        seeing_loss(logits, rows).backward()
        nn.utils.clip_grad_norm_(network.parameters(), _CLIP)
        optimizer.step()
        schedule.step()
        last = step == how.steps
        if state is not None and (last or step % STEPS_PER_SNAPSHOT == 0):
            _keep(state, step, parts)
        if last or step % 100 == 0:
            rate = (step - done) * how.batch / (time.perf_counter() - started)
            report(f"step {step}/{how.steps}  {_marks(logits, rows)}  {rate:.0f} img/s")
    return network.cpu().eval()


def _schedule(optimizer: torch.optim.Optimizer, how: Schooling, done: int) -> OneCycleLR:
    """One cycle over all steps, of which some are `done`.

    It is worked out from their number and never read from a snapshot, so that a run that goes on
    may be longer than it was planned when it began.
    """
    return OneCycleLR(optimizer, how.rate, how.steps, pct_start=0.1, last_epoch=done - 1)


def _resumed(state: Path | None, parts: Mapping[str, Any]) -> int:
    """Bring the parts to the last snapshot, if there is one; returns the steps that are done."""
    if state is None or not state.exists():
        return 0
    kept = torch.load(state, map_location="cpu", weights_only=True)
    for name, part in parts.items():
        part.load_state_dict(kept[name])
    return kept["step"]


def _keep(state: Path, step: int, parts: Mapping[str, Any]) -> None:
    with whole_file(state) as file:
        torch.save({"step": step, **{k: part.state_dict() for k, part in parts.items()}}, file)


def _scenes(count: int, how: Schooling, step: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """The pictures and rows of one step: a function of its number, so that training resumes exactly
    where it stopped."""
    key = how.seed * _STRIDE + step
    generator = torch.Generator().manual_seed(key)
    _, named = captioned(how.batch, count, random.Random(key), generator)
    z = torch.randn(how.batch, Z_DIM, generator=generator).to(device)
    image, _, rows = picture_of(named, z, WIDEST_PSI, how.size, count)
    image = image + how.grain * torch.randn(image.shape, generator=generator).to(device)
    return image.contiguous(memory_format=torch.channels_last), rows


def _marks(logits: list[Tensor], rows: Tensor) -> str:
    """Shares of this batch that are seen rightly, as a line of a log."""
    shares = [
        f"{name} {(logits[k].argmax(dim=1) == rows[:, k]).float().mean():.2f}"
        for name, k in COLUMN.items()
        if name in ("thing", "relation", "style")
    ]
    return ", ".join(shares)
