"""Answers to callers that may have gone: the first settles a future, later ones are let go."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, InvalidStateError
from typing import Any, TypeVar

T = TypeVar("T")
U = TypeVar("U")
logger = logging.getLogger(__name__)


def settle(future: Future[Any], result: Any = None, error: BaseException | None = None) -> None:
    """Answer a caller, unless it was answered before or has given up."""
    try:
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)
    except InvalidStateError:
        logger.info("a job was answered already")


def settle_as(future: Future[T], done: Future[T]) -> None:
    """Answer a caller just as another future was answered."""
    settle_from(future, done, lambda result: result)


def settle_from(future: Future[U], done: Future[T], made: Callable[[T], U]) -> None:
    """Answer a caller as another future was answered.

    Args:
        future: of the caller.
        done: has its result, its exception, or was cancelled.
        made: makes the caller's result of the other's; what it raises is the answer, too.
    """
    try:
        settle(future, made(done.result()))
    except CancelledError:
        future.cancel()
    except BaseException as error:  # as concurrent.futures does: it belongs to the asker
        settle(future, error=error)
