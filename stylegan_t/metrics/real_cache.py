"""Statistics of real pictures in files, so that the same pictures are looked at once.

A file is named by what it was made from: the pictures, their size and number, and the weights of
the feature network.  What cannot be read is computed again.
"""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

from stylegan_t.files.partial_files import sweep
from stylegan_t.files.tensors import TensorFile, TensorFileError, save_tensors
from stylegan_t.files.whole import cannot_write
from stylegan_t.metrics.errors import MetricError
from stylegan_t.metrics.frechet import Moments
from stylegan_t.metrics.survey import Survey

FORMAT = "2"
"""Changes with the way in which pictures are read."""


def statistics_file(folder: Path, pictures: str, features: str, count: int, size: int) -> Path:
    """The file in `folder` for a number of pictures of a set, at a size, in a network's features.

    `pictures` and `features` are the keys of the set and the network.
    """
    facts = f"{FORMAT}|{pictures}|{features}|{count}|{size}"
    return folder / f"real-{hashlib.sha256(facts.encode()).hexdigest()[:24]}.safetensors"


def stored(file: Path, dim: int, count: int, keep: bool) -> Survey | None:
    """Return what an earlier run has stored; None where there is nothing that will do.

    Args:
        file: of `statistics_file`.
        dim: length of a feature row.
        count: how many pictures there must have been.
        keep: whether the features themselves are wanted too.
    """
    try:
        with TensorFile(file) as archive:
            if "moments" not in archive.shapes or (keep and "features" not in archive.shapes):
                return None
            stored = archive.read_all(["moments", "features"] if keep else ["moments"])
            moments, rows = Moments.from_flat(stored["moments"], dim), stored.get("features")
    except (TensorFileError, OSError, MetricError):
        return None
    right = rows is None or (rows.shape == (count, dim) and bool(rows.isfinite().all()))
    return Survey(moments, rows) if right and moments.count == count else None


def store(file: Path, seen: Survey) -> str:
    """Write what was seen, whole or not at all.

    Returns:
        Why it cannot be written, as a sentence; the figures do not depend on it.
    """
    tensors = {"moments": seen.moments.flat()}
    if seen.features is not None:
        tensors["features"] = seen.features.contiguous()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        sweep(file.parent, time.time())
        save_tensors(file, tensors)
    except OSError as error:
        return (
            "Statistics of real pictures are not kept, and will be made again: "
            f"{cannot_write(error, file.parent)}"
        )
    return ""
