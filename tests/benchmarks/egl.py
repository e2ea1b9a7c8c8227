"""An OpenGL context without window, display or window library, for measurements on servers."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

PLATFORM_DEVICE = 0x313F
MOST_DEVICES = 16


@contextmanager
def context() -> Iterator[str]:
    """Make a context current: on the first card that has one, else in software.

    Yields:
        What draws.

    Raises:
        RuntimeError: there is no EGL that can draw without a display.
    """
    os.environ["PYOPENGL_PLATFORM"] = "egl"  # before PyOpenGL is imported
    from OpenGL import EGL, GL

    reasons: list[str] = []
    for display in _displays(EGL):
        made = _opened(EGL, display, reasons)
        if made is None:
            continue
        try:
            yield (GL.glGetString(GL.GL_RENDERER) or b"unknown").decode()
        finally:
            EGL.eglMakeCurrent(display, EGL.EGL_NO_SURFACE, EGL.EGL_NO_SURFACE, EGL.EGL_NO_CONTEXT)
            EGL.eglDestroyContext(display, made)
        return
    raise RuntimeError("No OpenGL without a display: " + ("; ".join(reasons) or "no devices"))


def _displays(egl: Any) -> Iterator[Any]:
    """A display for each device, in EGL's order: cards first."""
    from OpenGL.EGL.EXT.device_enumeration import eglQueryDevicesEXT
    from OpenGL.EGL.EXT.platform_base import eglGetPlatformDisplayEXT

    devices = (egl.EGLDeviceEXT * MOST_DEVICES)()
    count = egl.EGLint()
    eglQueryDevicesEXT(MOST_DEVICES, devices, ctypes.byref(count))
    for device in list(devices)[: count.value]:
        yield eglGetPlatformDisplayEXT(PLATFORM_DEVICE, device, None)


def _opened(egl: Any, display: Any, reasons: list[str]) -> Any:
    """A current context on `display`, or None."""
    from OpenGL.error import GLError

    try:
        major, minor = egl.EGLint(), egl.EGLint()
        egl.eglInitialize(display, ctypes.byref(major), ctypes.byref(minor))
        egl.eglBindAPI(egl.EGL_OPENGL_API)
        wanted = (egl.EGLint * 5)(
            *(egl.EGL_SURFACE_TYPE, egl.EGL_PBUFFER_BIT),
            *(egl.EGL_RENDERABLE_TYPE, egl.EGL_OPENGL_BIT, egl.EGL_NONE),
        )
        configs, count = (egl.EGLConfig * 1)(), egl.EGLint()
        egl.eglChooseConfig(display, wanted, configs, 1, ctypes.byref(count))
        made = egl.eglCreateContext(display, configs[0], egl.EGL_NO_CONTEXT, None)
        if not egl.eglMakeCurrent(display, egl.EGL_NO_SURFACE, egl.EGL_NO_SURFACE, made):
            reasons.append("a context cannot be made current")
            return None
    except GLError as error:
        reasons.append(str(error).strip().splitlines()[0])
        return None
    return made
