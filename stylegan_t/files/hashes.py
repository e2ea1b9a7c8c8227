"""Hashes of whole files."""

from __future__ import annotations

import hashlib
import os

from stylegan_t.progress import Progress

HASH_CHUNK = 1 << 20


def file_sha256(path: str | os.PathLike[str], tell: Progress | None = None) -> str:
    """The hash that recipes use to name a checkpoint, 64 hexadecimal digits.

    Args:
        path: of the file.
        tell: told the share that is read; it may raise to give up.

    Raises:
        OSError: the file cannot be read.
    """
    digest, buffer = hashlib.sha256(), memoryview(bytearray(HASH_CHUNK))
    with open(path, "rb", buffering=0) as file:
        size, done = max(os.fstat(file.fileno()).st_size, 1), 0
        while count := file.readinto(buffer):
            digest.update(buffer[:count])
            done += count
            if tell is not None:
                tell(min(done / size, 1.0))
    return digest.hexdigest()
