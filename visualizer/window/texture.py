"""The picture on the graphics card: one persistent texture, which all windows share."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

import numpy as np

from visualizer.window.cuda_interop import DirectWay
from visualizer.window.gl import GL
from visualizer.window.picture_shader import Box, PictureShader
from widgets.context import Picture, Preview

if TYPE_CHECKING:
    from renderer.frame.frame import Frame

DIRECT_FROM = 1024
"""From this side on, a picture goes faster from CUDA's memory into OpenGL's than by way of main
memory: 0.8 ms at any size, where a pixel buffer takes 0.5 ms at 512 and 1.2 ms at 1024 (H200)."""


class ImageTexture:
    """A texture that holds the last picture.  All calls belong to the window's thread.

    Args:
        shader: the version line of the shaders, as Dear ImGui gets it.
        buffered: pictures go through a pixel buffer: on graphics cards twice as fast, where the
            processor draws a little slower.
    """

    def __init__(self, shader: str = "#version 150", *, buffered: bool = False) -> None:
        self._size = (0, 0)
        self._buffer = int(GL.glGenBuffers(1)) if buffered else 0
        self._direct = DirectWay()
        self._shader = PictureShader(shader)
        self._name = int(GL.glGenTextures(1))
        self.changes = 0
        """Counts the pictures that it has taken."""

    @property
    def picture(self) -> Picture | None:
        """Return what the panels know of it, or None before the first upload."""
        return Picture(*self._size) if any(self._size) else None

    @property
    def shown(self) -> Preview | None:
        """Return the texture itself, for another window; None before the first upload."""
        return Preview(self._name, *self._size) if any(self._size) else None

    def show(self, frame: Frame) -> None:
        """Take the picture of a frame, which must have one, by the fastest way.

        Raises:
            PictureError: it cannot be fetched: the graphics card that drew it was lost.
        """
        image = frame.image
        assert image is not None, "a frame with an error has no picture"
        if image.is_cuda and image.shape[0] >= DIRECT_FROM:
            height, width, _ = image.shape
            self._fit(width, height)
            if self._direct.take(self._name, image):
                self.changes += 1
                return
        self.upload(frame.pixels())

    def upload(self, pixels: np.ndarray) -> None:
        """Take `pixels`, uint8 [H, W, 3], row 0 at the top."""
        height, width, _ = pixels.shape
        self._fit(width, height)
        data: Any = np.ascontiguousarray(pixels)
        if self._buffer:
            GL.glBindBuffer(GL.GL_PIXEL_UNPACK_BUFFER, self._buffer)
            GL.glBufferData(GL.GL_PIXEL_UNPACK_BUFFER, data.nbytes, data, GL.GL_STREAM_DRAW)
            data = ctypes.c_void_p(0)  # where the picture begins in the buffer
        GL.glPixelStorei(GL.GL_UNPACK_ALIGNMENT, 1)
        GL.glTexSubImage2D(
            GL.GL_TEXTURE_2D,
            *(0, 0, 0, width, height),
            *(GL.GL_RGB, GL.GL_UNSIGNED_BYTE, data),
        )
        GL.glPixelStorei(GL.GL_UNPACK_ALIGNMENT, 4)
        if self._buffer:
            GL.glBindBuffer(GL.GL_PIXEL_UNPACK_BUFFER, 0)
        self.changes += 1

    def draw(self, box: Box, area: Box, framebuffer: tuple[int, int], *, smooth: bool) -> None:
        """Draw the picture, if there is one.

        Args:
            box: where.
            area: nothing is drawn outside of it.
            framebuffer: its (width, height) in pixels.
            smooth: the user prefers smoothed pixels.
        """
        if (own := self.shown) is not None:
            self.draw_other(own, box, area, framebuffer, smooth=smooth)

    def draw_other(
        self, other: Preview, box: Box, area: Box, framebuffer: tuple[int, int], *, smooth: bool
    ) -> None:
        """Draw another picture as this one is drawn; arguments as for `draw`."""
        self._shader.draw(other, box, area, framebuffer, smooth=smooth)

    def close(self) -> None:
        """Give everything back; the context must still be current."""
        self._direct.let_go()
        if self._buffer:
            GL.glDeleteBuffers(1, [self._buffer])
        GL.glDeleteTextures([self._name])
        self._shader.close()
        self._size = (0, 0)

    def _fit(self, width: int, height: int) -> None:
        """Bind the texture, and give it this size."""
        GL.glBindTexture(GL.GL_TEXTURE_2D, self._name)
        if self._size == (width, height):
            return
        self._direct.let_go()
        GL.glTexImage2D(
            GL.GL_TEXTURE_2D,
            *(0, GL.GL_RGBA8, width, height, 0),  # CUDA writes to no texture of three channels
            *(GL.GL_RGB, GL.GL_UNSIGNED_BYTE, None),
        )
        _set_filters()
        self._size = (width, height)


def make_texture(pixels: np.ndarray) -> int:
    """A texture of its own for `pixels`, uint8 [H, W, 3]; `delete_textures` gives it back."""
    name = int(GL.glGenTextures(1))
    height, width, _ = pixels.shape
    GL.glBindTexture(GL.GL_TEXTURE_2D, name)
    GL.glPixelStorei(GL.GL_UNPACK_ALIGNMENT, 1)
    GL.glTexImage2D(
        GL.GL_TEXTURE_2D,
        *(0, GL.GL_RGB8, width, height, 0),
        *(GL.GL_RGB, GL.GL_UNSIGNED_BYTE, np.ascontiguousarray(pixels)),
    )
    GL.glPixelStorei(GL.GL_UNPACK_ALIGNMENT, 4)
    _set_filters()
    return name


def delete_textures(names: list[int]) -> None:
    """Give textures back."""
    if names:
        GL.glDeleteTextures(names)


def _set_filters() -> None:
    """Set how the bound texture is read: linear between pixels, nothing beyond its edges."""
    for name, value in (
        (GL.GL_TEXTURE_WRAP_S, GL.GL_CLAMP_TO_EDGE),
        (GL.GL_TEXTURE_WRAP_T, GL.GL_CLAMP_TO_EDGE),
        (GL.GL_TEXTURE_MIN_FILTER, GL.GL_LINEAR),
        (GL.GL_TEXTURE_MAG_FILTER, GL.GL_LINEAR),
    ):
        GL.glTexParameteri(GL.GL_TEXTURE_2D, name, value)
