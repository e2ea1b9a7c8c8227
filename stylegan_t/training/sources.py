"""Where training pictures come from: one protocol for folders, zips, shards and the demo world."""

from __future__ import annotations

import glob
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor

from stylegan_t.training.order import GROUP, Shuffled, TrainingError, key
from stylegan_t.training.pictures import BrokenPictureError, read_picture

DEMO = "demo"
NAMES_TOLD = 3
CPU = torch.device("cpu")


@dataclass(frozen=True)
class Pictures:
    """Captioned pictures: `images` [N, 3, R, R], uint8 or float32 in [-1, 1]."""

    images: Tensor
    captions: list[str]

    def part(self, start: int, stop: int) -> Pictures:
        """Samples `start` to `stop` (not included)."""
        return Pictures(self.images[start:stop], self.captions[start:stop])


class Skipped:
    """The names of files that could not be used; each counts once."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def add(self, name: str, why: str) -> None:
        """Remember a file; `why` is half a sentence."""
        self._names.setdefault(name, why)

    def hashes(self) -> Tensor:
        """One int64 for each name, [N, 1]: what processes compare to count a file once."""
        return torch.tensor([key(0, name) for name in self._names], dtype=torch.int64).view(-1, 1)

    def sentence(self, total: int) -> str:
        """What to tell about `total` skipped files."""
        told = [f"{name} {why}" for name, why in list(self._names.items())[:NAMES_TOLD]]
        more = f", for example: {'; '.join(told)}" if told else ""
        return f"{total} picture{'s' * (total != 1)} could not be used and " + (
            f"{'were' if total != 1 else 'was'} skipped{more}."
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

    def take(self, groups: range) -> Pictures:
        """The next eight samples of every group in `groups`, in order.

        Raises:
            TrainingError: nothing can be read any more.
        """
        ...

    def positions(self, groups: range) -> Tensor:
        """Where these groups stand, int64 [len(groups), 3]."""
        ...

    def seek(self, positions: Tensor) -> None:
        """Go on from there: int64 [groups, 3], the rows of all groups of the batch."""
        ...


@dataclass(frozen=True)
class Wanted:
    """What a source is to give: groups in a batch, pictures' side in pixels, seed of the order,
    threads to decode on, and the device that shall draw (for sources that draw)."""

    groups: int
    resolution: int
    seed: int
    workers: int = 1
    device: torch.device = CPU


class Shelf(Protocol):
    """Captioned picture files that can be fetched by number."""

    title: str

    def __len__(self) -> int:
        """How many."""
        ...

    def name(self, index: int) -> str:
        """What to call one."""
        ...

    def fetch(self, index: int) -> tuple[bytes, str]:
        """The bytes of a picture file, and its caption.

        Raises:
            BrokenPictureError: it cannot be read.
        """
        ...


class ShelfSource:
    """The pictures of a shelf, shuffled anew in every epoch."""

    def __init__(self, shelf: Shelf, wanted: Wanted) -> None:
        self.title, self.skipped = shelf.title, Skipped()
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
        samples = list(self._pool.map(self._sample, [self._order[place] for place in places]))
        self._taken[groups.start : groups.stop, 0] += 1
        return Pictures(torch.stack([image for image, _ in samples]), [text for _, text in samples])

    def positions(self, groups: range) -> Tensor:
        """See `Source`."""
        return self._taken[groups.start : groups.stop].clone()

    def seek(self, positions: Tensor) -> None:
        """See `Source`."""
        self._taken.copy_(positions)

    def _sample(self, index: int) -> tuple[Tensor, str]:
        for step in range(len(self._shelf)):
            here = (index + step) % len(self._shelf)
            if here in self._broken:
                continue
            try:
                data, caption = self._shelf.fetch(here)
                return read_picture(data, self._wanted.resolution), caption
            except BrokenPictureError as error:
                self._broken.add(here)
                self.skipped.add(self._shelf.name(here), str(error))
        raise TrainingError(
            f"None of the pictures in {self.title} can be used, {self._shelf.name(index)} among "
            "them: look whether they open in another program and have captions."
        )


def open_source(spec: str, wanted: Wanted) -> Source:
    """Open training data.

    Args:
        spec: "demo" for scenes of the demo world, drawn on the fly; a folder of pictures with
            texts of the same name beside them; a .zip of the StyleGAN format (see
            `stylegan_t.training.shelves`); a .tar of the webdataset format, a folder of them, or a
            pattern such as "shards/*.tar".
        wanted: what it is to give.

    Raises:
        TrainingError: it is none of these, or nothing in it can be used.
    """
    from stylegan_t.training.drawn import DrawnSource
    from stylegan_t.training.shards import ShardSource
    from stylegan_t.training.shelves import FolderShelf, ZipShelf

    if spec == DEMO:
        return DrawnSource(wanted)
    place = Path(os.path.expanduser(spec))
    shards = shards_at(spec)
    if shards:
        return ShardSource(shards, wanted)
    if place.is_dir():
        return ShelfSource(FolderShelf(place), wanted)
    if place.suffix.lower() == ".zip" and place.is_file():
        return ShelfSource(ZipShelf(place), wanted)
    if not place.exists():
        raise TrainingError(
            f"There is no training data at {spec}: name a folder of pictures, a .zip, .tar shards, "
            f'or "{DEMO}".'
        )
    raise TrainingError(
        f"{spec} is no training data: a folder of pictures, a .zip or .tar shards are wanted."
    )


def shards_at(spec: str) -> list[Path]:
    """The .tar files that a file's name, a folder or a pattern stands for, in order of name."""
    spec = os.path.expanduser(spec)
    if os.path.isdir(spec):
        found = [Path(spec, name) for name in os.listdir(spec) if name.lower().endswith(".tar")]
    elif os.path.isfile(spec):
        found = [Path(spec)] if spec.lower().endswith(".tar") else []
    else:
        found = [Path(name) for name in glob.glob(spec) if name.lower().endswith(".tar")]
    return sorted(found)
