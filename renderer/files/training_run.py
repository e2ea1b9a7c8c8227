"""The folder of a training run, ours or one of the reference's: its snapshots, found without trust.

A run may be at work in it meanwhile, so files come, grow and go between two looks.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import msgspec

from renderer.files.folder_scan import files_in, names_in
from stylegan_t.errors import BROKEN_JSON

MAX_HEADER_BYTES = 16_000_000
"""Of a safetensors file that is looked at; ours have some tens of kilobytes."""
_NUMBERED = re.compile(
    r"network-snapshot-(\d{1,9})(?:\.(\d{3}))?\.(?:pkl|safetensors|pth?)", re.ASCII
)
_LATEST = ("network-snapshot.pkl", "best_model.pkl")
"""Files that StyleGAN-XL overwrites while it trains."""


class _Tensor(msgspec.Struct):
    data_offsets: tuple[int, int] = (0, 0)


_HEADER = msgspec.json.Decoder(dict[str, msgspec.Raw])
_TENSOR = msgspec.json.Decoder(_Tensor)


@dataclass(frozen=True)
class Snapshot:
    """A checkpoint of a run; `kimg` is how many thousand pictures it has seen, None if its name
    does not say.  What follows tells that the file is another one than before."""

    path: str
    name: str
    kimg: float | None
    changed_ns: int
    size_bytes: int


@dataclass(frozen=True)
class RunFiles:
    """The snapshots of a folder, oldest first; `problem` says why there are none or not all.

    A newest one that is still being written is left out, and `unfinished` is its name.
    """

    snapshots: tuple[Snapshot, ...] = ()
    problem: str = ""
    unfinished: str = ""


def is_run(folder: Path) -> bool:
    """Return whether there is a snapshot of a training run in a folder."""
    return any(map(_is_snapshot, names_in(folder)))


def run_files(folder: Path) -> RunFiles:
    """Look through a run's folder; of its files only the end of the newest snapshot is read."""
    try:
        found, problem = files_in(folder, _is_snapshot, _snapshot)
    except FileNotFoundError:
        return RunFiles(problem=f"{folder} is not there any more.")
    found.sort(key=lambda one: (one.kimg is None, one.kimg or 0.0, one.changed_ns, one.name))
    unfinished = ""
    while found and not is_whole(found[-1]):
        unfinished = unfinished or found[-1].name
        found.pop()
    if not found and not problem:
        problem = f"{folder} contains no snapshot of a training run yet."
    return RunFiles(tuple(found), problem, unfinished)


def is_whole(snapshot: Snapshot) -> bool:
    """Return whether a snapshot ends as its kind of file does: else it is still being written."""
    try:
        with open(snapshot.path, "rb") as file:
            if snapshot.name.endswith(".safetensors"):
                length = int.from_bytes(file.read(8), "little")
                header = file.read(min(length, MAX_HEADER_BYTES))
                ends = [
                    _TENSOR.decode(value).data_offsets[1]
                    for name, value in _HEADER.decode(header).items()
                    if name != "__metadata__"
                ]
                return snapshot.size_bytes >= 8 + length + max(ends, default=0)
            if not snapshot.name.endswith(".pkl"):
                return snapshot.size_bytes > 0
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"."  # the end of every pickle
    except (*BROKEN_JSON, OSError, ValueError):
        return False


def _is_snapshot(name: str) -> bool:
    return kimg_of(name) is not None or name in _LATEST


def _snapshot(path: str, name: str, changed_ns: int, size_bytes: int) -> Snapshot:
    return Snapshot(path, name, kimg_of(name), changed_ns, size_bytes)


def kimg_of(name: str) -> float | None:
    """Return how many thousand pictures a snapshot has seen, by its file's name; None if that does
    not say."""
    found = _NUMBERED.fullmatch(name)
    return None if found is None else int(found[1]) + int(found[2] or 0) / 1000
