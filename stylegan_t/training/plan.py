"""The cost of a run, found by building it and training one step that is thrown away."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable

import torch
from torch import Tensor

from stylegan_t.training.logs import time_left
from stylegan_t.training.trainer import Trainer

WARM_UP_LIMIT_S = 30.0
"""The first step makes things ready; where it took less than this, a second one is timed."""
GB = 1e9


def describe(trainer: Trainer) -> list[str]:
    """The plan of a run, line by line; its networks are no good for training afterwards."""
    options, split, players = trainer.options, trainer.split, trainer.players
    generator = players.generator
    steps = -(-max(trainer.total - trainer.seen, 0) // split.batch)
    start_kimg = trainer.seen / 1000
    seconds = _timed_step(trainer)
    rate = split.batch / seconds
    held = _held_bytes(trainer)
    return [
        f"data: {trainer.source.title}",
        *trainer.begins,
        f"generator: {_millions(generator.mapping.parameters())} weights in the mapping, "
        f"{_millions(generator.synthesis.parameters())} in the synthesis at {options.resolution} "
        f"pixels; text tower {_millions(players.reader.parameters())}",
        f"discriminator: {_millions(players.discriminator.trainable())} weights in the heads, "
        f"{_millions(players.discriminator.features.parameters())} in the frozen features",
        f"trained ({options.mode}): {_millions(players.trained.values())} of the generator",
        f"batch: {split.batch} = {split.per_round} at a time x {split.rounds} rounds x "
        f"{split.world} processes on {trainer.processes.device}, "
        + ("bfloat16" if trainer.game.half else "float32"),
        f"memory: {held / GB:.2f} GB for weights, gradients, averages and optimizers; "
        f"{_peak_text(trainer)}",
        f"steps: {steps} to {options.kimg:g} kimg, from {start_kimg:g}",
        f"speed: about {rate:.3g} img/s, so {time_left(steps * seconds)}",
    ]


def _timed_step(trainer: Trainer) -> float:
    """Seconds that a step takes, its data included."""
    seconds = _step(trainer)
    return _step(trainer) if seconds < WARM_UP_LIMIT_S else seconds


def _step(trainer: Trainer) -> float:
    started = time.perf_counter()
    stats = trainer.train_step()
    float(stats["loss_d"])  # waits for the device
    return time.perf_counter() - started


def _held_bytes(trainer: Trainer) -> int:
    """Return what stays in memory between steps, and the gradients."""
    players = trainer.players
    tensors = {t.data_ptr(): t.nbytes for t in _tensors(trainer)}
    heads = players.discriminator.trainable()
    gradients = max(_bytes(players.trained.values()), _bytes(heads))
    return sum(tensors.values()) + gradients


def _tensors(trainer: Trainer) -> Iterable[Tensor]:
    players = trainer.players
    yield from trainer.state_tensors().values()
    for network in (players.generator, players.average, players.discriminator, players.guidance):
        if network is not None:
            yield from network.parameters()
            yield from network.buffers()


def _bytes(tensors: Iterable[Tensor]) -> int:
    return sum(t.nbytes for t in tensors)


def _millions(parameters: Iterable[Tensor]) -> str:
    return f"{sum(p.numel() for p in parameters) / 1e6:.2f} M"


def _peak_text(trainer: Trainer) -> str:
    device = trainer.processes.device
    if device.type == "cuda":
        return f"{torch.cuda.max_memory_allocated(device) / GB:.2f} GB at the peak of a step"
    peak = _process_peak()
    return f"{peak / GB:.2f} GB of memory for the whole program" if peak else "peak not known here"


def _process_peak() -> int:
    """The most memory that this program has had, in bytes; 0 where the system does not tell."""
    try:
        # Windows has no such module
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
