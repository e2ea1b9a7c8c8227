"""Calls of a window that takes its answers slowly, or not at all, fill no memory."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from typing import Any

import msgspec
import pytest

from renderer.frame.frame import Frame
from renderer.pipeline.renderer import Renderer
from renderer.recipe.recipe import Recipe
from renderer.remote.calls import TABLE, Draw
from renderer.remote.folders import Folders
from renderer.remote.messages import Answer, Call, Failure, encode
from renderer.remote.open_calls import DRAWN_AHEAD, MAX_OPEN_CALLS, OpenCalls
from renderer.remote.uploads import Uploads
from renderer.remote.wire import LineError
from renderer.remote.work import Bench
from tests.renderer.fakes import CountingLoader, recipe

FOLDERS = Folders([Path("/models")])


class Painter:
    """Draws when told to; `width` as that of a renderer with workers."""

    width = 3

    def __init__(self) -> None:
        self.asked: list[tuple[Recipe, Future[Frame]]] = []

    def draw(self, wanted: Recipe, label: str) -> Future[Frame]:
        self.asked.append((wanted, Future()))
        return self.asked[-1][1]


@pytest.fixture
def painter() -> Painter:
    return Painter()


@pytest.fixture
def open_calls(painter: Painter) -> OpenCalls:
    bench = Bench(FOLDERS, Uploads(None, FOLDERS), None, None)  # pyright: ignore[reportArgumentType]
    return OpenCalls(bench, painter, None, lambda: None)  # pyright: ignore[reportArgumentType]


def draw(number: int) -> Call:
    return Call(number, "draw", msgspec.Raw(encode(Draw(recipe("a", seed=number)))))


def sent(open_calls: OpenCalls) -> list[Any]:
    return list(open_calls.messages(0.0))


def test_no_more_is_drawn_than_a_window_takes(open_calls: OpenCalls, painter: Painter) -> None:
    frame = Renderer("cpu", load=CountingLoader()).render(recipe("a"))
    for number in range(40):
        open_calls.ask(draw(number))
    assert sent(open_calls) == []
    room = DRAWN_AHEAD * painter.width
    for _, asked in painter.asked:
        asked.set_result(frame)
    assert len(painter.asked) == room, "all is drawn that has room, and none of it was sent"

    answers = open_calls.messages(0.0)
    assert next(answers).number == 0
    assert len(painter.asked) == room, "the first is on its way, not gone"
    assert next(answers).number == 1
    assert len(painter.asked) == room + 1
    numbers = [0, 1]
    for done in range(room, 40):
        painter.asked[done][1].set_result(frame)
        numbers.append(next(answers).number)
    numbers += [answer.number for answer in answers]
    assert numbers == list(range(40)), "each was answered once, in turn"


def test_what_is_given_up_before_it_is_begun_is_never_drawn(
    open_calls: OpenCalls, painter: Painter
) -> None:
    room = DRAWN_AHEAD * painter.width
    for number in range(room + 2):
        open_calls.ask(draw(number))
    assert sent(open_calls) == []
    open_calls.give_up(room)
    open_calls.give_up(0)
    assert painter.asked[0][1].cancelled()
    answers = sent(open_calls)
    assert [one.number for one in answers] == [0, room]
    assert all(isinstance(one, Failure) for one in answers)
    assert [one.latent.seed for one, _ in painter.asked] == [*range(room), room + 1]


def test_too_many_calls_end_the_line(open_calls: OpenCalls) -> None:
    for number in range(MAX_OPEN_CALLS):
        open_calls.ask(draw(number))
    with pytest.raises(LineError, match="too much at once"):
        open_calls.ask(draw(MAX_OPEN_CALLS))


def test_a_picture_of_a_file_outside_is_an_answer_without_a_picture(
    open_calls: OpenCalls, painter: Painter
) -> None:
    asked = msgspec.Raw(encode(Draw(recipe("a", model="/elsewhere/a.pkl"))))
    open_calls.ask(Call(1, "draw", asked))
    [answer] = sent(open_calls)
    assert isinstance(answer, Answer)
    assert "outside the folders" in TABLE["draw"].result(answer.value).picture.error
    assert not painter.asked
