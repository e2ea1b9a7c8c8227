"""The way of a picture into a texture: through main memory, and on a graphics card without it.

Every way is checked first: the texture is read back and must hold the picture, exactly.  Then the
ways take turns.  Median and p99 are until OpenGL has finished; `returns` is the median until the
call has returned and the window goes on.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tests.benchmarks import egl
from tests.benchmarks.tables import Table, spread

SIDES = (256, 512, 1024)
Way = Callable[[Tensor], None]


def measured(rounds: int) -> list[Table]:
    """One table: each way, for each size."""
    with egl.context() as renderer:
        from visualizer.window.gl import GL  # after the context, which decides on the platform

        rows: list[tuple[str, ...]] = []
        notes: list[str] = []
        for side in SIDES:
            rows += _rows(GL, side, rounds, notes)
    head = ("", "median ms", "p99 ms", "runs", "returns ms")
    note = f"OpenGL: {renderer}. {' '.join(dict.fromkeys(notes))}".strip()
    return [Table("transport of a frame into a texture", head, tuple(rows), note)]


def _rows(gl: Any, side: int, rounds: int, notes: list[str]) -> list[tuple[str, ...]]:
    device = "cuda" if torch.cuda.is_available() else "cpu"
    texture = _texture(gl, side)
    ways: dict[str, Way] = {
        "through main memory": lambda image: _upload(gl, texture, image),
        "through a pixel buffer": _buffered(gl, texture, side),
    }
    shared = None
    if device == "cuda":
        from visualizer.window.cuda_interop import CudaImage, InteropError

        try:
            shared = CudaImage(texture, side, side, 0)
            ways["from CUDA into OpenGL"] = shared.copy
        except InteropError as error:
            notes.append(f"Nothing goes from CUDA into OpenGL here: {error}.")
    made = torch.Generator().manual_seed(side)
    images = [
        torch.randint(256, (side, side, 3), generator=made, dtype=torch.uint8).to(device)
        for _ in range(4)
    ]
    times: dict[str, list[float]] = {name: [] for name in ways}
    returned: dict[str, list[float]] = {name: [] for name in ways}
    for name, way in ways.items():
        for image in images:
            way(image)
            assert np.array_equal(_read(gl, texture, side), image.cpu().numpy()), name
    for index in range(rounds):
        for name, way in ways.items():
            begin_s = time.perf_counter()
            way(images[index % len(images)])
            returned[name].append((time.perf_counter() - begin_s) * 1e3)
            gl.glFinish()
            times[name].append((time.perf_counter() - begin_s) * 1e3)
    if shared is not None:
        shared.close()
    return [
        (f"{side} px, {name}", *spread(ms), spread(returned[name])[0]) for name, ms in times.items()
    ]


def _texture(gl: Any, side: int) -> int:
    name = int(gl.glGenTextures(1))
    gl.glBindTexture(gl.GL_TEXTURE_2D, name)
    gl.glTexImage2D(
        gl.GL_TEXTURE_2D, 0, gl.GL_RGBA8, side, side, 0, gl.GL_RGB, gl.GL_UNSIGNED_BYTE, None
    )
    for kind in (gl.GL_TEXTURE_MIN_FILTER, gl.GL_TEXTURE_MAG_FILTER):
        gl.glTexParameteri(gl.GL_TEXTURE_2D, kind, gl.GL_LINEAR)
    gl.glPixelStorei(gl.GL_UNPACK_ALIGNMENT, 1)
    gl.glPixelStorei(gl.GL_PACK_ALIGNMENT, 1)
    return name


def _upload(gl: Any, texture: int, image: Tensor) -> None:
    """As the window does it."""
    side = image.shape[0]
    gl.glBindTexture(gl.GL_TEXTURE_2D, texture)
    data = image.cpu().numpy()
    gl.glTexSubImage2D(gl.GL_TEXTURE_2D, 0, 0, 0, side, side, gl.GL_RGB, gl.GL_UNSIGNED_BYTE, data)


def _buffered(gl: Any, texture: int, side: int) -> Way:
    """By way of a pixel buffer, which the driver may read from later."""
    count = 3 * side * side
    buffer = int(gl.glGenBuffers(1))

    def upload(image: Tensor) -> None:
        data = image.cpu().numpy()
        gl.glBindTexture(gl.GL_TEXTURE_2D, texture)
        gl.glBindBuffer(gl.GL_PIXEL_UNPACK_BUFFER, buffer)
        gl.glBufferData(gl.GL_PIXEL_UNPACK_BUFFER, count, data, gl.GL_STREAM_DRAW)
        start = ctypes.c_void_p(0)
        gl.glTexSubImage2D(
            gl.GL_TEXTURE_2D, 0, 0, 0, side, side, gl.GL_RGB, gl.GL_UNSIGNED_BYTE, start
        )
        gl.glBindBuffer(gl.GL_PIXEL_UNPACK_BUFFER, 0)

    return upload


def _read(gl: Any, texture: int, side: int) -> np.ndarray:
    gl.glBindTexture(gl.GL_TEXTURE_2D, texture)
    data = gl.glGetTexImage(gl.GL_TEXTURE_2D, 0, gl.GL_RGB, gl.GL_UNSIGNED_BYTE)
    return np.frombuffer(data, np.uint8).reshape(side, side, 3)
