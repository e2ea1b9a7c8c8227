"""Sources of training pictures: one protocol for folders, zips, shards and the demo world."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from stylegan_t.data.captions import drawn_caption
from stylegan_t.data.images import BrokenImageError, read_square
from stylegan_t.data.sampling import GROUP, Shuffled, TrainingError, key
from stylegan_t.data.shelves import Shelf

NAMES_TOLD = 3
MAX_NOTED = 100_000
"""Names that are remembered; beyond, "or more" will do."""
CPU = torch.device("cpu")


@dataclass(frozen=True)
class Pictures:
    """Captioned pictures: `images` [N, 3, R, R], uint8 or float32 in [-1, 1]."""

    images: Tensor
    captions: list[str]

    def part(self, start: int, stop: int) -> Pictures:
        """Samples `start` to `stop` (not included)."""
        return Pictures(self.images[start:stop], self.captions[start:stop])


class Noted:
    """The names of files of which something is to be told; each counts once.

    Args:
        one, many: what there is to tell, of one picture and of several.
    """

    def __init__(self, one: str, many: str) -> None:
        self._one, self._many = one, many
        self._names: dict[str, str] = {}

    def add(self, name: str, why: str) -> None:
        """Remember a file; `why` is half a sentence."""
        if len(self._names) < MAX_NOTED:
            self._names.setdefault(name, why)

    def hashes(self) -> Tensor:
        """One int64 for each name, [N, 1]: what processes compare to count a file once."""
        names = list(self._names)  # at once: a thread that reads ahead may add to them
        return torch.tensor([key(0, name) for name in names], dtype=torch.int64).view(-1, 1)

    def example(self) -> str:
        """Some of the files, as a sentence; "" without any."""
        told = [f"{name} {why}" for name, why in list(self._names.items())[:NAMES_TOLD]]
        return f"For example: {'; '.join(told)}." if told else ""

    def sentence(self, total: int) -> str:
        """Return the sentence about `total` files."""
        example = self.example()
        more = f", {example[0].lower()}{example[1:].rstrip('.')}" if example else ""
        count = f"{total} picture{'s' * (total != 1)}{' or more' * (total >= MAX_NOTED)}"
        return f"{count} {self._many if total != 1 else self._one}{more}."


class Skipped(Noted):
    """Files that could not be used."""

    def __init__(self) -> None:
        super().__init__("could not be used and was skipped", "could not be used and were skipped")


class Enlarged(Noted):
    """Files with fewer pixels than are wanted."""

    def __init__(self) -> None:
        super().__init__(
            "is smaller than needed and was enlarged",
            "are smaller than needed and were enlarged",
        )


class Source(Protocol):
    """Captioned pictures in an order that the seed fixes.

    A batch has `groups` groups; `take` gives the next eight samples of each of some groups, so a
    process reads only what it works on.  A row of `positions` says where a group stands; `seek`
    goes back there.
    """

    title: str
    """For people: what and how many."""
    skipped: Skipped
    enlarged: Enlarged

    def take(self, groups: range) -> Pictures:
        """The next eight samples of every group in `groups`, in order.

        Raises:
            TrainingError: nothing can be read any more.
        """
        ...

    def positions(self, groups: range) -> Tensor:
        """Return where these groups stand, int64 [len(groups), 3]."""
        ...

    def seek(self, positions: Tensor) -> None:
        """Go on from there: int64 [groups, 3], the rows of all groups of the batch."""
        ...


@dataclass(frozen=True)
class Wanted:
    """The wish of a run to its source: groups in a batch, pictures' side in pixels, seed of the
    order, threads to decode on, and the device that draws (for sources that draw)."""

    groups: int
    resolution: int
    seed: int
    workers: int = 1
    device: torch.device = CPU


class ShelfSource:
    """The pictures of a shelf, shuffled again in every epoch."""

    def __init__(self, shelf: Shelf, wanted: Wanted) -> None:
        self.title, self.skipped, self.enlarged = shelf.title, Skipped(), Enlarged()
        self._shelf, self._wanted = shelf, wanted
        self._order = Shuffled(len(shelf), wanted.seed)
        self._taken = torch.zeros(wanted.groups, 3, dtype=torch.int64)
        self._broken: set[int] = set()
        self._pool = ThreadPoolExecutor(wanted.workers, "pictures")

    def take(self, groups: range) -> Pictures:
        """See `Source`.  In place of a broken picture comes the next on the shelf that is not."""
        places = [
            int(self._taken[group, 0]) * self._wanted.groups * GROUP + group * GROUP + k
            for group in groups
            for k in range(GROUP)
        ]
        samples = list(self._pool.map(self._sample, [self._order[p] for p in places], places))
        self._taken[groups.start : groups.stop, 0] += 1
        return Pictures(torch.stack([image for image, _ in samples]), [text for _, text in samples])

    def positions(self, groups: range) -> Tensor:
        """See `Source`."""
        return self._taken[groups.start : groups.stop].clone()

    def seek(self, positions: Tensor) -> None:
        """See `Source`."""
        self._taken.copy_(positions)

    def _sample(self, index: int, place: int) -> tuple[Tensor, str]:
        for step in range(len(self._shelf)):
            here = (index + step) % len(self._shelf)
            if here in self._broken:
                continue
            name = self._shelf.name(here)
            try:
                caption = drawn_caption(self._shelf.captions(here), self._wanted.seed, place)
                return usable(self, name, self._shelf.picture(here), self._wanted), caption
            except BrokenImageError as error:
                self._broken.add(here)
                self.skipped.add(name, str(error))
        raise TrainingError(
            f"None of the pictures in {self.title} can be used, {self._shelf.name(index)} among "
            "them: check that they open in another program and have captions."
        )


def usable(source: Source, name: str, data: bytes, wanted: Wanted) -> Tensor:
    """The pixels of a picture file; one that is too small is noted.

    Raises:
        BrokenImageError: it cannot be used.
    """
    pixels, side = read_square(data, wanted.resolution)
    if side < wanted.resolution:
        source.enlarged.add(name, f"has {side} of {wanted.resolution} pixels")
    return pixels
