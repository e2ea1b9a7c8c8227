"""NumPy's `.npy` files of plain numbers, read without trust.

NumPy reads a header as a Python value, which may be any, and makes an array as large as it claims.
Here the header must be one of the few that arrays of numbers have, before NumPy sees it, and an
array is no larger than its file.
"""

from __future__ import annotations

import io
import math
import re

import numpy as np

from renderer.errors import RendererError

MAGIC = b"\x93NUMPY"
MAX_HEADER = 10_000
_FIELDS = {
    "descr": re.compile(r"'descr': *(?:'([^']{0,20})'|\[)"),
    "fortran_order": re.compile(r"'fortran_order': *(?:True|False)"),
    "shape": re.compile(r"'shape': *\((\d{0,9}(?:, *\d{1,9}){0,8}),? *\)"),
}
"""The parts of a header, see `numpy.lib.format`."""
_ANY_FIELD = "|".join(one.pattern for one in _FIELDS.values())
_HEADER = re.compile(rf"\{{\s*(?:(?:{_ANY_FIELD})[,\s]*){{3}}\}}\s*").fullmatch
_NUMBER = re.compile(r"[<>|=]?(?:f[248]|[iu][1248])")


class NumberArrayError(RendererError, ValueError):
    """A file is no array of numbers; `damaged` is false where it is one of something else."""

    def __init__(self, damaged: bool) -> None:
        super().__init__("it is damaged" if damaged else "it does not contain plain numbers")
        self.damaged = damaged


def claimed_shape(data: bytes) -> tuple[int, ...]:
    """Return the shape that a file's header claims; nothing is made of that size.

    Raises:
        NumberArrayError: the header is damaged, or not one of plain numbers.
    """
    width = 2 if data[6:7] == b"\x01" else 4
    length = int.from_bytes(data[8 : 8 + width], "little")
    header = data[8 + width :][: min(length, MAX_HEADER)].decode("latin-1")
    found = {name: _FIELDS[name].search(header) for name in _FIELDS}
    kind, shape = found["descr"], found["shape"]
    if kind is not None and _NUMBER.fullmatch(kind[1] or "") is None:
        raise NumberArrayError(damaged=False)
    complete = data.startswith(MAGIC) and all(found.values()) and _HEADER(header)
    if shape is None or not complete:
        raise NumberArrayError(damaged=True)
    return tuple(int(side) for side in re.findall(r"\d+", shape[1]))


def decode_array(data: bytes) -> np.ndarray:
    """Return the array in a file, of whole numbers or floating point.

    Raises:
        NumberArrayError: see `claimed_shape`; or the file is shorter than its header claims.
    """
    if math.prod(claimed_shape(data)) > len(data):
        raise NumberArrayError(damaged=True)
    try:
        return np.load(io.BytesIO(data), allow_pickle=False, max_header_size=MAX_HEADER)
    except (ValueError, TypeError, EOFError, OSError) as error:
        raise NumberArrayError(damaged=True) from error
