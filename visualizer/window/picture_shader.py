"""The shader that draws a picture, in the OpenGL context of one window.

Dear ImGui's backend smooths every image.  The shader here keeps a picture's pixels sharp at any
zoom: a screen pixel that lies within one picture pixel shows exactly that one, and only the screen
pixels on a seam are blended.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from visualizer.window.gl import GL
from widgets import theme
from widgets.context import Preview

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


class PictureShader:
    """Draws textures.  Windows may share those, but each needs this for itself.

    All calls belong to the thread and the context in which it was made.

    Args:
        version: the version line of the shaders, as Dear ImGui gets it.
    """

    def __init__(self, version: str = "#version 150") -> None:
        self._program = _program(version)
        self._box = GL.glGetUniformLocation(self._program, "box")
        self._scale = GL.glGetUniformLocation(self._program, "scale")
        # PyOpenGL hands out numpy integers, which it does not take back everywhere.
        self._array = int(GL.glGenVertexArrays(1))

    def draw(
        self, shown: Preview, box: Box, area: Box, framebuffer: tuple[int, int], *, smooth: bool
    ) -> None:
        """Draw a picture.

        Args:
            shown: the picture.
            box: where.
            area: nothing is drawn outside of it.
            framebuffer: its (width, height) in pixels.
            smooth: the user prefers smoothed pixels.
        """
        with scissored(area, framebuffer[1]):
            self._draw(shown, box, *framebuffer, smooth)

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
        GL.glDeleteVertexArrays(1, [self._array])
        GL.glDeleteProgram(self._program)


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
