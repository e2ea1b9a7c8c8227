"""Do pictures really go from CUDA's memory into OpenGL's, unchanged?  Run it on a graphics card.

    python -m tests.benchmarks.check_interop [--rounds N] [--without]

It needs neither display nor window library: OpenGL comes from EGL.  Every picture is read back from
its texture and must be the one that was sent, pixel for pixel; also in a size after another, from
a thread that draws while the picture is copied, and while that thread records CUDA graphs.  The
exit status is 0 when all of them went the direct way and were right, 3 when the direct way cannot
be gone here, 1 when a picture was wrong.  `--without` does the rest on a machine without CUDA.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import platform
import queue
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tests.benchmarks import egl, speed_transport
from tests.benchmarks.tables import plain
from visualizer.window.cuda_interop import DirectWay

SIZES = ((64, 64), (37, 53), (53, 37), (256, 256), (512, 512), (511, 513), (1024, 1024), (1, 1))
"""Height and width: also such as are no multiple of anything."""
EACH = 5
PASSED, WRONG, NOT_DIRECT = 0, 1, 3


class WrongPictureError(AssertionError):
    """A texture does not hold the picture that was sent."""


class Screen:
    """A texture, the direct way into it, and a count of what was compared.

    Args:
        gl: PyOpenGL.
    """

    def __init__(self, gl: Any) -> None:
        self._gl, self._size = gl, (0, 0)
        self._name = int(gl.glGenTextures(1))
        self.way, self.direct, self.other = DirectWay(), 0, 0

    def show(self, image: Tensor, what: str) -> None:
        """Send a picture, uint8 [H, W, 3], read it back, and compare.

        Raises:
            WrongPictureError: they differ.
        """
        gl, (height, width) = self._gl, image.shape[:2]
        gl.glBindTexture(gl.GL_TEXTURE_2D, self._name)
        if self._size != (height, width):
            self.way.let_go()
            self._allocate(height, width)
        if image.is_cuda and self.way.take(self._name, image):
            self.direct += 1
        else:
            self.other += 1
            data = (gl.GL_RGB, gl.GL_UNSIGNED_BYTE, np.ascontiguousarray(image.cpu().numpy()))
            gl.glTexSubImage2D(gl.GL_TEXTURE_2D, *(0, 0, 0, width, height), *data)
        found = self._read(height, width)
        expected = image.cpu().numpy()
        if not np.array_equal(found[:, :, :3], expected) or (found[:, :, 3] != 255).any():
            wrong = int((found[:, :, :3] != expected).any(2).sum())
            raise WrongPictureError(f"{what}: {wrong} of {height * width} pixels are wrong")

    def close(self) -> None:
        """Give everything back."""
        self.way.let_go()
        self._gl.glDeleteTextures([self._name])

    def _allocate(self, height: int, width: int) -> None:
        gl = self._gl
        kind = (gl.GL_RGBA, gl.GL_UNSIGNED_BYTE, None)
        gl.glTexImage2D(gl.GL_TEXTURE_2D, 0, gl.GL_RGBA8, width, height, 0, *kind)
        for name in (gl.GL_TEXTURE_MIN_FILTER, gl.GL_TEXTURE_MAG_FILTER):
            gl.glTexParameteri(gl.GL_TEXTURE_2D, name, gl.GL_LINEAR)
        gl.glPixelStorei(gl.GL_UNPACK_ALIGNMENT, 1)
        gl.glPixelStorei(gl.GL_PACK_ALIGNMENT, 1)
        self._size = (height, width)

    def _read(self, height: int, width: int) -> np.ndarray:
        gl = self._gl
        gl.glBindTexture(gl.GL_TEXTURE_2D, self._name)
        data = gl.glGetTexImage(gl.GL_TEXTURE_2D, 0, gl.GL_RGBA, gl.GL_UNSIGNED_BYTE)
        return np.frombuffer(data, np.uint8).reshape(height, width, 4)


def noise(height: int, width: int, seed: int, device: str) -> Tensor:
    """A picture of which no two pixels are alike, by design."""
    made = torch.Generator().manual_seed(seed)
    picture = torch.randint(256, (height, width, 3), generator=made, dtype=torch.uint8).to(device)
    if device == "cuda":
        torch.cuda.synchronize()
    return picture


def check_sizes(screen: Screen, device: str) -> None:
    """Several pictures of each size, and back through the sizes: every one is allocated again."""
    for height, width in (*SIZES, *reversed(SIZES)):
        for seed in range(EACH):
            screen.show(noise(height, width, seed, device), f"{width} x {height}, seed {seed}")


def drawn(device: str, count: int) -> Iterator[Tensor]:
    """Pictures as a render thread makes them: each is finished before it is handed over, and the
    next is begun while it is looked at.  On a card some of the work is recorded meanwhile."""
    ready: queue.Queue[Tensor | None] = queue.Queue(maxsize=1)

    def work() -> None:
        side = 256
        weight = torch.randn(3 * side, 3 * side, device=device)
        for seed in range(count):
            planes = noise(side, side, seed, device).reshape(side, -1).float()
            for _ in range(30 if device == "cuda" else 1):
                weight = torch.tanh(weight @ weight)
            if device == "cuda" and seed % 4 == 0:
                _record(planes)
            mixed = (planes + (weight[0] * 0).nan_to_num()).to(torch.uint8)
            if device == "cuda":
                torch.cuda.synchronize()
            ready.put(mixed.reshape(side, side, 3))
        ready.put(None)

    thread = threading.Thread(target=work, name="render", daemon=True)
    thread.start()
    while (picture := ready.get(timeout=60)) is not None:
        yield picture
    thread.join()


def _record(planes: Tensor) -> None:
    """Record and repeat a graph, as the prepared synthesis does."""
    graph, stream = torch.cuda.CUDAGraph(), torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.graph(graph, stream=stream, capture_error_mode="thread_local"):
        planes.mul(1.0).sum()
    graph.replay()


def check_beside_work(screen: Screen, device: str, count: int) -> None:
    """Pictures that come while the same card computes on."""
    for index, picture in enumerate(drawn(device, count)):
        screen.show(picture, f"picture {index} beside other work")


def versions() -> str:
    """What the check ran with."""
    names = ("torch", "cuda-bindings", "PyOpenGL", "numpy")
    found = []
    for name in names:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"no {name}")
    card = torch.cuda.get_device_name() if torch.cuda.is_available() else "no CUDA device"
    return f"{card}; Python {platform.python_version()}, {', '.join(found)}"


def check(rounds: int, device: str) -> int:
    """Everything but the table; returns the exit status."""
    with egl.context() as renderer:
        from visualizer.window.gl import GL  # after the context, which decides on the platform

        version = (GL.glGetString(GL.GL_VERSION) or b"unknown").decode()
        print(f"GL_RENDERER {renderer}, GL_VERSION {version}", flush=True)
        screen = Screen(GL)
        try:
            check_sizes(screen, device)
            check_beside_work(screen, device, rounds)
        except WrongPictureError as error:
            print(f"WRONG: {error}")
            return WRONG
        finally:
            refused = screen.way.refused
            screen.close()
    total = screen.direct + screen.other
    print(f"{total} pictures read back, every pixel as it was sent.")
    if screen.other or not screen.direct:
        print(f"The direct way was NOT used for {screen.other}: {refused or 'no CUDA device'}.")
        return NOT_DIRECT
    print(f"The direct way WAS used, for all {screen.direct}.")
    return PASSED


def main(arguments: Sequence[str] | None = None) -> int:
    """Check, print what was found and the table of ways; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=200, help="runs in the table (200)")
    parser.add_argument("--without", action="store_true", help="a machine without CUDA will do")
    options = parser.parse_args(arguments)
    print(versions())
    if not (torch.cuda.is_available() or options.without):
        print("There is no CUDA device here; --without checks what can be checked.")
        return NOT_DIRECT
    status = check(options.rounds, "cuda" if torch.cuda.is_available() else "cpu")
    for table in speed_transport.measured(options.rounds):
        print("\n" + plain(table))
    return status


if __name__ == "__main__":
    raise SystemExit(main())
