"""Work beside the main loop: files on a thread of their own, answers on the main thread's turn."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from renderer.errors import Abandoned
from stylegan_t.errors import ExplainedError

T = TypeVar("T")
logger = logging.getLogger(__name__)


def _never(result: object) -> bool:
    """Of every result the window wants to know at once."""
    return False


@dataclass
class _Pending:
    future: Future[Any]
    done: Callable[[Any], None]
    failed: Callable[[str], None]


class Background:
    """Runs work elsewhere and calls back from `poll`, which the main loop calls once a frame.

    Args:
        wake: wakes the main loop; called from other threads.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._files = ThreadPoolExecutor(1, thread_name_prefix="files")
        self._pending: list[_Pending] = []

    def run(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[str], None],
        quiet: Callable[[T], bool] = _never,
    ) -> None:
        """Do `work` on the files' thread, one at a time.

        Args:
            work: what to do.
            done: gets its result.
            failed: gets a sentence, see `sentence_of`.
            quiet: whether a result is nothing to draw the window for; asked on the other thread.
        """
        try:
            future = self._files.submit(work)
        except RuntimeError:  # Python ends, and its threads take nothing more: it is done here
            future = Future()
            _do(work, future)
        self.watch(future, done, failed, quiet)

    def watch(
        self,
        future: Future[T],
        done: Callable[[T], None],
        failed: Callable[[str], None],
        quiet: Callable[[T], bool] = _never,
    ) -> None:
        """Call back when work that runs elsewhere is done: at once, or, where the result is
        `quiet`, with the next redraw."""
        self._pending.append(_Pending(future, done, failed))

        def wake(ended: Future[T]) -> None:
            if ended.cancelled() or ended.exception() or not quiet(ended.result()):
                self._wake()

        future.add_done_callback(wake)

    def poll(self) -> None:
        """Call back for everything that is done."""
        for item in [item for item in self._pending if item.future.done()]:
            self._pending.remove(item)
            if item.future.cancelled():
                continue
            try:
                result = item.future.result()
            except Exception as error:
                item.failed(sentence_of(error))
            else:
                item.done(result)

    def close(self) -> None:
        """Wait for files that are being written, without any more callbacks."""
        self._files.shutdown(wait=True)
        self._pending.clear()


def sentence_of(error: Exception) -> str:
    """Return what to tell the user about an error.

    What explains itself and what the system refuses are no mistakes of ours, and neither is work
    that was abandoned; anything else goes into the log, and its kind is told.
    """
    if isinstance(error, ExplainedError):
        return error.sentence
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror or error}"
    if not isinstance(error, Abandoned):
        logger.error("work beside the window failed", exc_info=error)
    return f"Something went wrong: {type(error).__name__}: {error}"


def _do(work: Callable[[], T], future: Future[T]) -> None:
    """Work done at once, as a thread would do it."""
    try:
        future.set_result(work())
    except Exception as error:  # told when it is asked for
        future.set_exception(error)
