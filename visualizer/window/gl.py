"""OpenGL through PyOpenGL, which wants its options before it is first imported.

Import this after the window exists: on Linux the window's platform decides how PyOpenGL finds the
functions.  Checking every call for errors halves the speed of small calls, so it is for tests:
set `STYLEGAN_T_CHECK_GL=1`.
"""

from __future__ import annotations

import os

import OpenGL

OpenGL.ERROR_CHECKING = os.environ.get("STYLEGAN_T_CHECK_GL") == "1"
OpenGL.ERROR_LOGGING = False

from OpenGL import GL  # noqa: E402 - after the options

__all__ = ["GL"]
