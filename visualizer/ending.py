"""How the process ends once the window is closed: soon, and with the right exit status."""

from __future__ import annotations

import gc
import logging
import os
import sys

from visualizer.app import App

logger = logging.getLogger(__name__)


def show(app: App) -> int:
    """Show the window until it is closed; returns the exit status.

    It does not return where a thread is still busy: the process ends here.
    """
    status = app.run()
    if app.left_behind:
        # Everything is saved and closed.  Python would end that thread in the midst of PyTorch,
        # which aborts the process ("terminate called without an active exception").
        logger.info("a thread is still busy; it ends with the program")
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    # Python looks through all objects several times while it ends: a second, with PyTorch's.
    gc.freeze()
    return status
