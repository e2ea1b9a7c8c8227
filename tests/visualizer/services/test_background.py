"""Work beside the main loop: answers on its turn, and one sentence for whatever goes wrong."""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future

import pytest

from renderer.errors import Abandoned, MissingModelError
from renderer.files.atomic import ExportError
from stylegan_t.encoders.text import TowerError
from visualizer.services.background import Background, sentence_of
from visualizer.session.session_file import SessionError

WAIT_S = 30.0


@pytest.fixture
def background() -> Iterator[Background]:
    made = Background(lambda: None)
    yield made
    made.close()


def answers(background: Background, work: Callable[[], object]) -> tuple[list[object], list[str]]:
    """What comes back of some work, once it has."""
    done: list[object] = []
    failed: list[str] = []
    background.run(work, done.append, failed.append)
    end_s = time.monotonic() + WAIT_S
    while not done and not failed:
        assert time.monotonic() < end_s, "no answer came"
        background.poll()
        time.sleep(0.002)
    return done, failed


def raising(error: Exception) -> Callable[[], object]:
    def work() -> object:
        raise error

    return work


def test_a_result_comes_back(background: Background) -> None:
    assert answers(background, lambda: 7) == ([7], [])


@pytest.mark.parametrize(
    "error",
    [MissingModelError, ExportError, SessionError, TowerError],
    ids=lambda kind: kind.__name__,
)
def test_what_explains_itself_is_told_as_it_is_and_is_no_news_for_the_log(
    background: Background, caplog: pytest.LogCaptureFixture, error: type[Exception]
) -> None:
    with caplog.at_level(logging.WARNING):
        assert answers(background, raising(error("It is not there."))) == ([], ["It is not there."])
    assert caplog.records == []


def test_what_the_system_refuses_names_the_file(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        refused = PermissionError(errno.EACCES, "Permission denied", "/models/a.pkl")
        assert sentence_of(refused) == "/models/a.pkl: Permission denied"
        assert sentence_of(OSError("the disk is gone")) == "the disk is gone"
    assert caplog.records == []


def test_a_mistake_of_the_program_goes_into_the_log(
    background: Background, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        _, (sentence,) = answers(background, raising(KeyError("gone")))
    assert "KeyError" in sentence
    assert [record.exc_info is not None for record in caplog.records] == [True]


def test_work_that_was_given_up_is_no_mistake(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        sentence_of(Abandoned())
    assert caplog.records == []


def test_work_that_was_cancelled_calls_nobody(background: Background) -> None:
    future = Future[int]()
    called: list[object] = []
    background.watch(future, called.append, called.append)
    future.cancel()
    background.poll()
    assert called == []
