"""The spelling of keys wherever the window speaks of them: "Ctrl+S", on macOS "Cmd+S"."""

from __future__ import annotations

import sys

MAIN = "Cmd" if sys.platform == "darwin" else "Ctrl"
