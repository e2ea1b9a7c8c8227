"""Opening training pictures: what a folder, a file or a pattern stands for."""

from __future__ import annotations

import glob
import os
from pathlib import Path

from stylegan_t.config import DEMO
from stylegan_t.data.demo_source import DrawnSource
from stylegan_t.data.images import SUFFIXES
from stylegan_t.data.sampling import TrainingError
from stylegan_t.data.shards import ShardSource
from stylegan_t.data.shelves import FolderShelf, Shelf, TarShelf, ZipShelf, files_below
from stylegan_t.data.sources import ShelfSource, Source, Wanted

PACKED = (".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst")


def open_source(spec: str, wanted: Wanted) -> Source:
    """Open training data.

    Args:
        spec: "demo" for scenes of the demo world, drawn on the fly; else see `open_shelf`.
        wanted: what it is to give.

    Raises:
        TrainingError: it is none of these, or nothing in it can be used.
    """
    if spec == DEMO:
        return DrawnSource(wanted)
    if shards := shards_at(spec):
        return ShardSource(shards, wanted)
    return ShelfSource(open_shelf(spec), wanted)


def open_shelf(spec: str, captioned: bool = True) -> Shelf:
    """Open pictures that can be fetched by number.

    Args:
        spec: a folder of pictures with their captions (see `stylegan_t.data.shelves`); a .zip
            of the same; a .tar of the webdataset format, a folder of them, or a pattern such as
            "shards/*.tar".
        captioned: whether pictures without a caption are left out.

    Raises:
        TrainingError: it is none of these, or nothing in it can be used.
    """
    if shards := shards_at(spec):
        return TarShelf(shards, captioned)
    place = Path(os.path.expanduser(spec))
    if place.is_dir():
        return FolderShelf(place, captioned)
    if place.suffix.lower() == ".zip" and place.is_file():
        return ZipShelf(place, captioned)
    if not place.exists():
        raise TrainingError(
            f"There are no pictures at {spec}: name a folder of them, a .zip, or .tar shards."
        )
    raise TrainingError(
        f"{spec} contains no pictures that can be read: name a folder of them, a .zip or .tar "
        "shards."
    )


def shards_at(spec: str) -> list[Path]:
    """The .tar files that a file's name, a folder or a pattern stands for, in order of name.

    Raises:
        TrainingError: some are compressed, or stand among pictures.
    """
    spec = os.path.expanduser(spec)
    names = [spec] if os.path.isfile(spec) else sorted(glob.glob(spec))
    if os.path.isdir(spec):
        names = files_below(Path(spec))
    found = sorted(name for name in names if name.lower().endswith(".tar"))
    packed = [name for name in names if name.lower().endswith(PACKED)]
    pictures = sum(name.lower().endswith(SUFFIXES) for name in names)
    if packed and not pictures:
        raise TrainingError(
            f"{packed[0]} is compressed, which gains nothing with pictures and cannot be read in "
            "parts: unpack it to a .tar (gunzip does for .tar.gz)."
        )
    if found and pictures:
        raise TrainingError(
            f"{spec} holds .tar shards and pictures beside them: name one, such as {spec}/*.tar."
        )
    return [Path(spec, name) if os.path.isdir(spec) else Path(name) for name in found]
