"""glfw, loaded so that Python and Dear ImGui's backend use the same copy of it.

Both packages bring the library.  With two copies in one process the backend knows nothing of the
window, so everything here imports glfw from this file.
"""

from __future__ import annotations

# isort: off
import imgui_bundle  # first: it tells the glfw package which library to load
import glfw
# isort: on

__all__ = ["glfw", "imgui_bundle"]
