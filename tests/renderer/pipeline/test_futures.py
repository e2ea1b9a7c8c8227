"""Futures are settled once; those who gave up get nothing."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from renderer.pipeline.futures import settle, settle_as, settle_from


def test_the_first_answer_counts() -> None:
    future: Future[int] = Future()
    settle(future, 1)
    settle(future, 2)
    settle(future, error=ValueError())
    assert future.result() == 1
    given_up: Future[int] = Future()
    given_up.cancel()
    settle(given_up, 1)
    assert given_up.cancelled()


def test_an_answer_is_made_of_another() -> None:
    done, future, same = Future[int](), Future[str](), Future[int]()
    done.set_result(7)
    settle_from(future, done, str)
    settle_as(same, done)
    assert (future.result(), same.result()) == ("7", 7)


def test_errors_and_ends_are_handed_on() -> None:
    failed, ended = Future[int](), Future[int]()
    failed.set_exception(ValueError("no"))
    ended.cancel()
    first, second, third = Future[int](), Future[int](), Future[int]()
    settle_as(first, failed)
    settle_as(second, ended)
    with pytest.raises(ValueError, match="no"):
        first.result(0)
    assert second.cancelled()
    fine: Future[int] = Future()
    fine.set_result(0)
    settle_from(third, fine, lambda number: 1 // number)
    with pytest.raises(ZeroDivisionError):
        third.result(0)
