"""The end of the process once the window is closed: soon, and with the right exit status."""

from __future__ import annotations

import atexit
import gc
import logging
import os
import sys
import threading

from visualizer.app.app import App

EXIT_S = 10.0
"""Seconds that the end of a script waits for threads that still compute."""
FAILED, INTERRUPTED = 1, 130

logger = logging.getLogger(__name__)


def show(app: App) -> int:
    """Show the window until it is closed; returns the exit status.

    It does not return where a thread is still busy: the process ends here.
    """
    status = app.run()
    if app.left_behind:
        logger.info("a thread is still busy; it ends with the program")
        end_now(status)
    AT_EXIT.release(app)
    # Python looks through all objects several times while it ends: a second, with PyTorch's.
    gc.freeze()
    return status


def end_now(status: int) -> None:
    """End the process, whatever its threads are doing.

    Python itself would end them inside PyTorch, which aborts the process ("terminate
    called without an active exception").
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


class AtExit:
    """The end of a script: windows are closed that are still open, and
    nothing is ended inside PyTorch.

    `status` is the process's where the script knows it.  Otherwise it is told by whether an error
    ended the script; only that counts where something does not end by itself.
    """

    def __init__(self) -> None:
        self.status: int | None = None
        self._apps: list[App] = []
        self._threads: list[threading.Thread] = []

    def hold(self, app: App) -> None:
        """See to it that this window is closed; those that are done with are held no longer."""
        if not self._apps:
            atexit.register(self._end)
        self._apps = [known for known in self._apps if not known.closed or known.left_behind]
        self._apps.append(app)

    def release(self, app: App) -> None:
        """It is closed, and nothing of it is left."""
        if app in self._apps:
            self._apps.remove(app)
        if not self._apps:
            atexit.unregister(self._end)

    def leave(self, thread: threading.Thread) -> None:
        """Let no end wait for this thread."""
        self._threads.append(thread)

    def _end(self) -> None:
        for app in self._apps:
            try:
                if not app.closed:
                    app.close()
            except Exception:
                logger.exception("the window could not be closed")
        ended = [app.wait(EXIT_S) for app in self._apps]
        if not all(ended) or any(thread.is_alive() for thread in self._threads):
            end_now(self._status())

    def _status(self) -> int:
        if self.status is not None:
            return self.status
        error = getattr(sys, "last_value", None)  # of an uncaught error
        if isinstance(error, KeyboardInterrupt):
            return INTERRUPTED
        return 0 if error is None else FAILED


AT_EXIT = AtExit()
