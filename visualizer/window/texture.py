"""The picture on the graphics card: one persistent texture and the shader that draws it.

Dear ImGui's backend smooths every image.  The shader here keeps a picture's pixels sharp at any
zoom: a screen pixel that lies within one picture pixel shows exactly that one, and only the screen
pixels on a seam are blended.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from visualizer.window.cuda_interop import DirectWay
from visualizer.window.gl import GL
from widgets import theme
from widgets.context import Picture, Preview

if TYPE_CHECKING:
    from renderer.frame.frame import Frame

DIRECT_FROM = 1024
"""From this side on, a picture goes faster from CUDA's memory into OpenGL's than by way of main
memory: 0.8 ms at any size, where a pixel buffer takes 0.5 ms at 512 and 1.2 ms at 1024 (H200)."""
SHARP_FROM = 1.999
"""Below this scale pixels are smoothed: a blend of seams would be most of the picture."""

VERTEX = """
uniform vec4 box;  // left, bottom, right, top in clip space
out vec2 at;       // 0, 0 is the picture's upper left corner
void main() {
    vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
    at = vec2(corner.x, 1.0 - corner.y);
    gl_Position = vec4(mix(box.xy, box.zw, corner), 0.0, 1.0);
}
"""
FRAGMENT = """
uniform sampler2D picture;
uniform float scale;  // screen pixels per picture pixel; 0 smooths
in vec2 at;
out vec4 colour;
void main() {
    vec2 size = vec2(textureSize(picture, 0));
    vec2 place = at * size;
    if (scale > 0.0) {
        vec2 seam = floor(place + 0.5);
        place = seam + clamp((place - seam) * scale, -0.5, 0.5);
    }
    colour = vec4(texture(picture, place / size).rgb, 1.0);
}
"""


Box = tuple[float, float, float, float]
"""Left, top, right, bottom in framebuffer pixels from the upper left corner."""


@contextmanager
def scissored(area: Box, height: int) -> Iterator[None]:
    """Let OpenGL touch only `area` of a framebuffer that is `height` pixels high."""
    left, top, right, bottom = (round(edge) for edge in area)
    GL.glEnable(GL.GL_SCISSOR_TEST)
    GL.glScissor(left, height - bottom, max(0, right - left), max(0, bottom - top))
    try:
        yield
    finally:
        GL.glDisable(GL.GL_SCISSOR_TEST)


def fill(area: Box, colour: str, height: int) -> None:
    """Fill `area` with `"#rrggbb"`, in a framebuffer that is `height` pixels high."""
    tint = theme.colour(colour)
    with scissored(area, height):
        GL.glClearColor(tint.x, tint.y, tint.z, 1.0)
        GL.glClear(GL.GL_COLOR_BUFFER_BIT)


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
        self._program = _program(shader)
        self._box = GL.glGetUniformLocation(self._program, "box")
        self._scale = GL.glGetUniformLocation(self._program, "scale")
        # PyOpenGL hands out numpy integers, which it does not take back everywhere.
        self._array, self._name = int(GL.glGenVertexArrays(1)), int(GL.glGenTextures(1))

    @property
    def picture(self) -> Picture | None:
        """Return what the panels know of it, or None before the first upload."""
        return Picture(*self._size) if any(self._size) else None

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

    def draw(self, box: Box, area: Box, framebuffer: tuple[int, int], *, smooth: bool) -> None:
        """Draw the picture, if there is one.

        Args:
            box: where.
            area: nothing is drawn outside of it.
            framebuffer: its (width, height) in pixels.
            smooth: the user prefers smoothed pixels.
        """
        if any(self._size):
            own = Preview(self._name, *self._size)
            self.draw_other(own, box, area, framebuffer, smooth=smooth)

    def draw_other(
        self, other: Preview, box: Box, area: Box, framebuffer: tuple[int, int], *, smooth: bool
    ) -> None:
        """Draw another picture as this one is drawn; arguments as for `draw`."""
        with scissored(area, framebuffer[1]):
            self._draw(other, box, *framebuffer, smooth)

    def _draw(self, shown: Preview, box: Box, width: int, height: int, smooth: bool) -> None:
        left, top, right, bottom = box
        scale = (right - left) / shown.width
        sharp = scale >= SHARP_FROM and not smooth
        GL.glDisable(GL.GL_BLEND)
        GL.glUseProgram(self._program)
        GL.glBindVertexArray(self._array)
        GL.glActiveTexture(GL.GL_TEXTURE0)
        GL.glBindTexture(GL.GL_TEXTURE_2D, shown.texture)
        GL.glUniform1f(self._scale, scale if sharp else 0.0)
        GL.glUniform4f(
            self._box,
            2 * left / width - 1,
            1 - 2 * bottom / height,
            2 * right / width - 1,
            1 - 2 * top / height,
        )
        GL.glDrawArrays(GL.GL_TRIANGLE_STRIP, 0, 4)
        GL.glBindVertexArray(0)
        GL.glUseProgram(0)

    def close(self) -> None:
        """Give everything back; the context must still be current."""
        self._direct.let_go()
        if self._buffer:
            GL.glDeleteBuffers(1, [self._buffer])
        GL.glDeleteTextures([self._name])
        GL.glDeleteVertexArrays(1, [self._array])
        GL.glDeleteProgram(self._program)
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


def _program(version: str) -> Any:
    program = GL.glCreateProgram()
    for kind, text in ((GL.GL_VERTEX_SHADER, VERTEX), (GL.GL_FRAGMENT_SHADER, FRAGMENT)):
        shader = GL.glCreateShader(kind)
        GL.glShaderSource(shader, f"{version}\n{text}")
        GL.glCompileShader(shader)
        ready = GL.glGetShaderiv(shader, GL.GL_COMPILE_STATUS)
        assert ready, GL.glGetShaderInfoLog(shader)
        GL.glAttachShader(program, shader)
        GL.glDeleteShader(shader)  # it goes together with the program
    GL.glLinkProgram(program)
    assert GL.glGetProgramiv(program, GL.GL_LINK_STATUS), GL.glGetProgramInfoLog(program)
    return program
