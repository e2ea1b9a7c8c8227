"""The place of every sample in a run: everything random is a function of seed, step and place.

A batch of a step is cut into *groups* of eight consecutive samples, the virtual batch over which
the discriminator normalises.  A group draws its own latents, noise and pictures, whichever process
works on it, so N processes train as one does with the same batch, and a run resumes exactly.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from stylegan_t.data.errors import TrainingError

GROUP = 8
"""Samples of a virtual batch (see `stylegan_t.discriminator`)."""


def key(seed: int, purpose: str, *places: int) -> int:
    """A seed of its own, 63 bits, for one purpose at one place of a run."""
    text = f"{seed}/{purpose}/" + "/".join(str(place) for place in places)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def source_of(
    seed: int, purpose: str, *places: int, device: torch.device | str = "cpu"
) -> torch.Generator:
    """A random generator that stands at the start of that seed."""
    return torch.Generator(device).manual_seed(key(seed, purpose, *places))


@dataclass(frozen=True)
class Split:
    """A batch shared out: `batch` samples a step, `per_round` at a time on each of `world`
    processes, in `rounds` rounds whose gradients are added up."""

    batch: int
    world: int
    per_round: int

    @property
    def rounds(self) -> int:
        """Rounds of each process in one step ("gradient accumulation")."""
        return self.batch // (self.world * self.per_round)

    @property
    def groups(self) -> int:
        """Groups in the whole batch."""
        return self.batch // GROUP

    def of_rank(self, rank: int) -> range:
        """The groups that a process works on."""
        share = self.groups // self.world
        return range(rank * share, (rank + 1) * share)

    def of_round(self, rank: int, index: int) -> range:
        """Those of one of its rounds."""
        first = self.of_rank(rank).start + index * (self.per_round // GROUP)
        return range(first, first + self.per_round // GROUP)


def split_batch(batch: int, world: int, per_round: int | None) -> Split:
    """Share a batch out; without `per_round` each process does its share in one round.

    Raises:
        TrainingError: it does not divide; the sentence says by what.
    """
    if batch < GROUP or batch % (GROUP * world):
        processes = f" for each of {world} processes" if world > 1 else ""
        raise TrainingError(
            f"A batch of {batch} does not divide into virtual batches of {GROUP}{processes}: "
            f"give --batch a multiple of {GROUP * world}."
        )
    each = batch // world if per_round is None else per_round
    if each < GROUP or each % GROUP or batch % (each * world):
        choices = [n for n in range(GROUP, batch // world + 1, GROUP) if batch % (n * world) == 0]
        raise TrainingError(
            f"A batch of {batch} on {world} process{'es' * (world > 1)} cannot be done "
            f"{each} at a time: give --batch-per-gpu one of {', '.join(map(str, choices))}."
        )
    return Split(batch, world, each)


class Shuffled:
    """An endless order over `size` things: each epoch a new permutation of all of them."""

    def __init__(self, size: int, seed: int) -> None:
        self.size, self.seed = size, seed
        self._epochs: dict[int, Tensor] = {}

    def __getitem__(self, position: int) -> int:
        """The thing at `position`, counted from the start of the run."""
        epoch, place = divmod(position, self.size)
        if epoch not in self._epochs:
            for old in [e for e in self._epochs if e < epoch - 1]:
                del self._epochs[old]
            generator = source_of(self.seed, "epoch", epoch)
            self._epochs[epoch] = torch.randperm(self.size, generator=generator)
        return int(self._epochs[epoch][place])


class GroupDraws:
    """Random numbers for some groups of a batch, each group from its own stream.

    Args:
        seed, purpose, step: whose numbers.
        groups: which groups, counted over the whole batch.
        device: where they are drawn and wanted; processors and graphics cards differ in numbers.
    """

    def __init__(
        self, seed: int, purpose: str, step: int, groups: Sequence[int], device: torch.device
    ) -> None:
        self._device = device
        self._streams = [source_of(seed, purpose, step, g, device=device) for g in groups]

    def normal(self, *shape: int) -> Tensor:
        """N(0, I) samples, [8 * groups, *shape]."""
        parts = [
            torch.randn(GROUP, *shape, generator=stream, device=self._device)
            for stream in self._streams
        ]
        return torch.cat(parts)

    def noise(self, resolution: int, stored: Tensor) -> Tensor:
        """A fresh noise map for every sample, as `stylegan_t.layers.NoiseSource`."""
        return self.normal(1, resolution, resolution)
