"""The command that installs what is missing, for a shell, word for word.

It names this very interpreter: a bare "pip" may be missing, or belong to another one.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys


def pip_install(*words: str) -> str:
    """The command that installs packages for the Python that runs now.

    Args:
        words: packages, and options of pip.
    """
    command = [sys.executable or "python", "-m", "pip", "install", *words]
    return subprocess.list2cmdline(command) if os.name == "nt" else shlex.join(command)
