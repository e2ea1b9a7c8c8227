"""The heap of the C library: what a picture gives back, the next one takes again.

By itself the GNU C library returns every large block to the system as soon as it is free, and each
feature map of the next picture costs a page fault for every 4 KiB: 5 to 10% of a large model's
time on a processor (measured).
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any

_MMAP_THRESHOLD, _TRIM_THRESHOLD, _ARENA_MAX = -3, -1, -8
"""Options of `mallopt`, as <malloc.h> numbers them."""
KEPT_BLOCK_BYTES = 256 << 20
"""Larger blocks (whole models, not feature maps) go back to the system at once, as ever."""
KEPT_BYTES = 512 << 20
"""So much free memory at the heap's end stays with the process."""


def _library() -> Any | None:
    """The C library, where it is GNU's."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    known = all(hasattr(library, name) for name in ("gnu_get_libc_version", "mallopt"))
    return library if known else None


def keep_freed_blocks() -> bool:
    """Let the process keep the blocks of feature maps for the next picture.

    Threads that begin afterwards share one heap: those that the library gives to each of several
    threads cannot keep blocks of this size.

    Returns:
        Whether this C library can do that.
    """
    library = _library()
    if library is None:
        return False
    wanted = (
        (_MMAP_THRESHOLD, KEPT_BLOCK_BYTES),
        (_TRIM_THRESHOLD, KEPT_BYTES),
        (_ARENA_MAX, 1),
    )
    return all(library.mallopt(option, value) == 1 for option, value in wanted)


def give_back() -> bool:
    """Return what is free to the system now, as after a model was let go.

    Returns:
        Whether this C library can be asked for that.
    """
    library = _library()
    if library is None:
        return False
    library.malloc_trim(0)
    return True
