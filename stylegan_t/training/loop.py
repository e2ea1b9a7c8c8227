"""The training loop: steps, averaging over processes, EMA, snapshots that survive a kill.

One process trains alone; under `torchrun` every process draws its own share of each batch and
gradients are averaged, so N processes train as one with N times the batch.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
from msgspec import Struct, to_builtins
from torch import Tensor, nn

from stylegan_t.checkpoints.checkpoint import save
from stylegan_t.files.whole import whole_file
from stylegan_t.generator import Generator
from stylegan_t.training.lessons import LandscapeLesson, Lesson
from stylegan_t.training.paired import (
    CRISP_WEIGHT,
    Batch,
    TextColumns,
    learning_rate,
    paired_loss,
    parameter_groups,
    rows_of,
)
from stylegan_t.training.processes import Processes

EMA_HALF_LIFE = 0.01
"""In shares of the whole run: the average forgets half of what it knew in one percent of it."""
GRADIENT_NORM = 1.0
X_AVG_BATCH = 4096
STEPS_PER_DRAW = 8


class TrainOptions(Struct, frozen=True):
    """Options of a run.

    `images` is the length of the whole run in pictures; `batch` is per process; snapshots are
    written every `snapshot_s` seconds.  `crisp_weight` and `softness` are `paired_loss`'s.
    `average` is the half-life of the weights' average as a share of the whole run.  `bf16` and
    `compile` trade nothing but set-up time for speed where bfloat16 is known.  `device` is where
    everything is trained: "cpu", "cuda", "cuda:1", or "auto", CUDA where there is some.
    """

    out: str
    images: int
    batch: int = 16
    learning_rate: float = 1e-2
    seed: int = 0
    bf16: bool = True
    compile: bool = True
    snapshot_s: float = 300.0
    crisp_weight: float = CRISP_WEIGHT
    softness: float = 0.0
    average: float = EMA_HALF_LIFE
    log_every: int = 50
    device: str = "cpu"


class Trainer:
    """Trains one generator; `run` goes on until the run's images are seen.

    What it learns from is the `lesson`: landscapes in the words of the generator's text tower,
    when none is given.
    """

    def __init__(
        self,
        generator: Generator,
        options: TrainOptions,
        report: Callable[[str], None] = print,
        lesson: Lesson | None = None,
    ) -> None:
        if lesson is None:
            assert generator.text is not None, "landscapes are taught in words"
            lesson = LandscapeLesson(generator.text, options.seed)
        self.options, self.report, self.lesson = options, report, lesson
        self.processes = Processes(options.device)
        self.out = Path(options.out)
        self.out.mkdir(parents=True, exist_ok=True)
        self.generator = generator.train().to(self.device, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue] - the stubs lack this form
        if generator.text is not None:
            generator.text.requires_grad_(False).eval()
        self.optimizer = torch.optim.Adam(
            parameter_groups(generator, options.learning_rate),
            betas=(0.9, 0.99),
            eps=1e-8,
            fused=True,
        )
        self.text_columns = TextColumns(generator, lesson.paces)
        self.ema = deepcopy(generator).eval().requires_grad_(False)
        for buffer in self.ema.buffers():
            buffer.requires_grad_(False)
        self.step = self.seen = 0
        self._drawn: tuple[int, list[Batch]] | None = None
        draw = generator.synthesis.forward
        self.draw = torch.compile(draw, dynamic=False) if options.compile else draw

    @property
    def device(self) -> torch.device:
        """The device on which everything is trained."""
        return self.processes.device

    @property
    def trained(self) -> list[Tensor]:
        """Every tensor that the optimizer moves."""
        return [p for group in self.optimizer.param_groups for p in group["params"]]

    def run(self) -> None:
        """Train to the end, with snapshots on the way."""
        options = self.options
        started = saved = logged = time.perf_counter()
        error_sum, count, first_seen = 0.0, 0, self.seen
        while self.seen < options.images:
            error_sum += self.train_step()
            count += 1
            now = time.perf_counter()
            if self.step % options.log_every == 0 and self.processes.rank == 0:
                rate = options.log_every * self._global_batch / (now - logged)
                left = (options.images - self.seen) * (now - started) / (self.seen - first_seen)
                self._log(error_sum / count, rate, left)
                error_sum, count, logged = 0.0, 0, now
            if now - saved > options.snapshot_s:
                self.snapshot()
                saved = now
        self.snapshot()

    @property
    def _global_batch(self) -> int:
        return self.options.batch * self.processes.world

    def train_step(self) -> float:
        """One step on every process; returns the mean absolute error of this process's batch."""
        options, generator = self.options, self.generator
        progress = self.seen / options.images
        size = generator.config.img_resolution
        batch = self._batch(size)
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(progress, group["base"])
        ws = rows_of(generator, batch)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=options.bf16):
            fake = self.draw(ws, "const")
        loss, error = self._loss(fake, batch)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self._share_gradients(self.trained)
        self.text_columns.remember()
        self.optimizer.step()
        self.text_columns.lengthen()
        self.step += 1
        self.seen += self._global_batch
        self._update_ema()
        return error.item()

    def _loss(self, fake: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return what the generator makes small, and the mean absolute error for the log."""
        return paired_loss(fake, batch, self.options.crisp_weight, self.options.softness)

    def _share_gradients(self, parameters: Sequence[Tensor]) -> None:
        """Average gradients over the processes, and bound them."""
        gradients = [p.grad for p in parameters if p.grad is not None]
        self.processes.average(gradients)
        nn.utils.clip_grad_norm_(parameters, GRADIENT_NORM, error_if_nonfinite=False)
        for gradient in gradients:
            torch.nan_to_num_(gradient, nan=0.0, posinf=1e5, neginf=-1e5)

    def _batch(self, size: int) -> Batch:
        """This step's batch; several are drawn at once, which is faster."""
        block, place = divmod(self.step, STEPS_PER_DRAW)
        if self._drawn is None or self._drawn[0] != block:
            n = self.options.batch * STEPS_PER_DRAW
            drawn = self.lesson.draw(block, self.processes.rank, size, n).to(self.device)
            self._drawn = (block, drawn.split(self.options.batch))
        return self._drawn[1][place]

    @torch.no_grad()
    def _update_ema(self) -> None:
        half_life = self.options.average * min(self.options.images, self.seen * 5)
        beta = 0.5 ** (self._global_batch / max(half_life, 1.0))
        ours, theirs = self.generator.state_dict(), self.ema.state_dict()
        for name, value in theirs.items():
            if name.startswith("text."):
                continue
            value.lerp_(ours[name], 1 - beta)

    @torch.no_grad()
    def _measure_x_avg(self) -> None:
        """The mean of the mapped latent, measured rather than tracked."""
        z = torch.randn(X_AVG_BATCH, 64, generator=torch.Generator().manual_seed(1))
        z = z.to(self.device)
        self.ema.mapping.x_avg.copy_(self.ema.mapping.mlp(z).mean(dim=0))

    def _log(self, error: float, rate: float, left_s: float) -> None:
        entry = {
            "step": self.step,
            "images": self.seen,
            "l1": round(error, 4),
            "img_s": round(rate),
        }
        self.report(
            f"{self.seen / 1000:.1f} / {self.options.images / 1000:.0f} kimg  l1 {error:.4f}  "
            f"{rate:.0f} img/s  {left_s / 60:.0f} min left"
        )
        with open(self.out / "log.jsonl", "a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    def snapshot(self) -> None:
        """Write the averaged model and everything that resuming needs; whole files only."""
        if self.processes.rank:
            return
        self._measure_x_avg()
        save(self.ema, self.out / "model.safetensors")
        with whole_file(self.out / "state.pt") as file:
            torch.save(self.state(), file)

    def state(self) -> dict[str, Any]:
        """All that going on needs."""
        return {
            "options": to_builtins(self.options),
            "step": self.step,
            "seen": self.seen,
            "generator": self.generator.state_dict(),
            "ema": self.ema.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self.generator.load_state_dict(state["generator"])
        self.ema.load_state_dict(state["ema"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.seen = state["step"], state["seen"]

    def resume(self) -> bool:
        """Go on from the last snapshot, when there is one."""
        file = self.out / "state.pt"
        if not file.exists():
            return False
        self.restore(torch.load(file, map_location=self.device, weights_only=True))
        self.report(f"Resumed at {self.seen / 1000:.1f} kimg.")
        return True


@torch.no_grad()
def grow(smaller: Generator, larger: Generator) -> None:
    """Copy what a smaller model has learned into one with more blocks; the new ones stay fresh."""
    ours = larger.state_dict()
    for name, value in smaller.state_dict().items():
        if name in ours and ours[name].shape == value.shape:
            ours[name].copy_(value)
