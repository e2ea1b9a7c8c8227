"""Captioned pictures out of .tar shards of the webdataset format, read in order.

A sample is a picture and a .txt, .caption or .json of the same name right beside it.
Shards are shuffled in every epoch; inside a shard samples come in the order in which they stand
there, so write shards from shuffled data, as is usual.

Each group of a batch reads shards of its own (parts of shards, when there are fewer shards than
groups).  A process works on some of the groups, so it opens only their shards, and the batch is
the same however many processes share it.
"""

from __future__ import annotations

import importlib
import os
import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from stylegan_t.data.captions import TEXT_SUFFIXES, drawn_caption, read_captions
from stylegan_t.data.images import MAX_FILE_BYTES, SUFFIXES, BrokenImageError
from stylegan_t.data.sampling import GROUP, TrainingError, source_of
from stylegan_t.data.sources import Enlarged, Pictures, Skipped, Wanted, usable
from stylegan_t.terminal.installing import pip_install

EPOCHS_TRIED = 30
"""Epochs without a sample that can be used before a group gives up: it may meet one damaged shard
again and again."""
KINDS = tuple(suffix.removeprefix(".") for suffix in SUFFIXES)
Sample = tuple[Tensor, str]


@dataclass(frozen=True)
class Part:
    """Every `of`-th sample of a shard, from the one numbered `first` on."""

    shard: Path
    first: int = 0
    of: int = 1


class ShardSource:
    """Pictures from shards; see the top of this file."""

    def __init__(self, shards: list[Path], wanted: Wanted) -> None:
        self._tar = _webdataset()
        # A group that had less than one shard of its own would wait for others.
        pieces = -(-wanted.groups // len(shards))
        parts = [Part(shard, first, pieces) for shard in shards for first in range(pieces)]
        place = os.path.commonpath([shard.parent for shard in shards])
        self.title = f"{len(shards)} shard{'s' * (len(shards) != 1)} in {place or '.'}"
        self.skipped, self.enlarged = Skipped(), Enlarged()
        self._wanted = wanted
        self._lanes = [_Lane(self, parts, group) for group in range(wanted.groups)]
        self._pool = ThreadPoolExecutor(wanted.workers, "shards")
        self._checked: set[Path] = set()

    def take(self, groups: range) -> Pictures:
        """See `Source`."""
        lanes = [self._lanes[group] for group in groups]
        samples = [
            sample for eight in self._pool.map(lambda lane: lane.take(), lanes) for sample in eight
        ]
        return Pictures(torch.stack([image for image, _ in samples]), [text for _, text in samples])

    def positions(self, groups: range) -> Tensor:
        """See `Source`: epoch, part, and samples read of that part."""
        return torch.tensor([self._lanes[group].position for group in groups], dtype=torch.int64)

    def seek(self, positions: Tensor) -> None:
        """See `Source`; what was read of a part is read over once more, but not decoded."""
        for lane, (epoch, part, read) in zip(self._lanes, positions.tolist(), strict=True):
            lane.seek(epoch, part, read)

    def order(self, parts: list[Part], epoch: int, group: int) -> list[Part]:
        """The parts that a group reads in an epoch."""
        generator = source_of(self._wanted.seed, "shards", epoch)
        shuffled = torch.randperm(len(parts), generator=generator).tolist()
        return [parts[i] for i in shuffled[group :: self._wanted.groups]]

    def sample(self, raw: dict[str, Any], *places: int) -> Sample | None:
        """Picture and caption of a raw sample, or None when it cannot be used.

        Args:
            raw: the files of the sample by their suffixes.
            places: of the visit, which decide the caption where there are several.
        """
        # With its folder: shards of several folders often have the same names.
        place = Path(str(raw["__url__"])).parts[-2:]
        name = "/".join((*place, str(raw["__key__"])))
        try:
            picture = next((raw[kind] for kind in KINDS if kind in raw), None)
            if picture is None:
                raise BrokenImageError("has no picture")
            text = next((s for s in TEXT_SUFFIXES if s[1:] in raw), None)
            if text is None:
                raise BrokenImageError("has no caption")
            captions = read_captions(raw[text[1:]], text)
            caption = drawn_caption(captions, self._wanted.seed, *places)
            return usable(self, name, picture, self._wanted), caption
        except BrokenImageError as error:
            self.skipped.add(name, str(error))
            return None

    def samples(self, part: Part, read: int) -> Iterator[dict[str, Any]]:
        """The raw samples of a part, but for the first `read`.

        A shard that is damaged ends early, and is told as skipped.
        """
        try:
            self._check(part.shard)
            with open(part.shard, "rb") as stream:
                opened = [{"url": str(part.shard), "stream": stream}]
                files = self._tar.tar_file_expander(opened, select_files=_wanted_file)
                grouped = self._tar.group_by_keys(files)
                yield from islice(grouped, part.first + part.of * read, None, part.of)
        except BrokenImageError as error:
            self.skipped.add(part.shard.name, str(error))
        except Exception as error:  # what a hostile archive raises has no bounds
            self.skipped.add(part.shard.name, f"cannot be read to its end ({_reason(error)})")

    def _check(self, shard: Path) -> None:
        """Look at the sizes that a shard claims before the library reads its files whole."""
        if shard in self._checked:
            return
        # "r:" takes no compressed file, which could unfold without end.
        with tarfile.open(shard, "r:") as archive:
            for member in archive:
                archive.members = []  # pyright: ignore - it would remember all of them
                if member.size > MAX_FILE_BYTES or member.issparse():
                    limit = MAX_FILE_BYTES // 1_000_000
                    raise BrokenImageError(f"holds a file of more than {limit} MB")
        self._checked.add(shard)


class _Lane:
    """One group's way through its shards, epoch after epoch."""

    def __init__(self, source: ShardSource, parts: list[Part], group: int) -> None:
        self._source, self._parts, self._group = source, parts, group
        self._stream: Iterator[dict[str, Any]] | None = None
        self._epoch: tuple[int, list[Part]] = (-1, [])
        self.position = (0, 0, 0)

    def seek(self, epoch: int, part: int, read: int) -> None:
        """Stand there; at the next epoch, where there are fewer shards than there were."""
        there = 0 <= part < len(self._order(epoch)) and read >= 0
        self.position, self._stream = (epoch, part, read) if there else (epoch + 1, 0, 0), None

    def _order(self, epoch: int) -> list[Part]:
        if self._epoch[0] != epoch:
            self._epoch = (epoch, self._source.order(self._parts, epoch, self._group))
        return self._epoch[1]

    def take(self) -> list[Sample]:
        """The next eight samples that can be used."""
        samples: list[Sample] = []
        started = self.position[0]
        while len(samples) < GROUP:
            place = (self._group, *self.position)
            raw = self._next()
            sample = None if raw is None else self._source.sample(raw, *place)
            if sample is not None:
                samples.append(sample)
            elif not samples and self.position[0] > started + EPOCHS_TRIED:
                raise TrainingError(
                    f"Nothing in {self._source.title} can be used for training: each picture "
                    f"needs one of {', '.join(TEXT_SUFFIXES)} of the same name right beside it. "
                    f"{self._source.skipped.example()}"
                )
        return samples

    def _next(self) -> dict[str, Any] | None:
        """The next raw sample; None when a part ends, and the lane goes on to the next."""
        epoch, part, read = self.position
        parts = self._order(epoch)
        if self._stream is None:
            self._stream = self._source.samples(parts[part], read)
        raw = next(self._stream, None)
        if raw is not None:
            self.position = (epoch, part, read + 1)
            return raw
        self._stream = None
        self.position = (epoch, part + 1, 0) if part + 1 < len(parts) else (epoch + 1, 0, 0)
        return None


def _wanted_file(name: str) -> bool:
    return name.lower().endswith((*SUFFIXES, *TEXT_SUFFIXES))


def _reason(error: Exception) -> str:
    """An error's first line; the library adds its stream to the arguments."""
    first = error.args[0] if error.args else ""
    return str(getattr(error, "strerror", None) or first or type(error).__name__).split("\n")[0][
        :200
    ]


def _webdataset() -> Any:
    """The library's readers of tar files; only they are used, which open and run nothing."""
    try:
        # an extra that may be missing
        return importlib.import_module("webdataset.tariterators")
    except ImportError as error:
        raise TrainingError(
            "Reading .tar shards needs the package webdataset; "
            f"{pip_install('webdataset')} installs it."
        ) from error
