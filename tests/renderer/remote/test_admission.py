"""A window learns nothing of files outside the folders: all that names one gets the same answer."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from renderer.frame.alignment_report import Gauge
from renderer.frame.layer_report import Choice
from renderer.recipe.recipe import ModelBlend, ModelRef, Move, Recipe
from renderer.remote import calls
from renderer.remote.calls import TABLE
from renderer.remote.messages import (
    Answer,
    Call,
    Failure,
    FrameMessage,
    Hello,
    NumberedWish,
    Preview,
    Seen,
    Submit,
    Wishes,
    encode,
)
from tests.renderer.fakes import recipe
from tests.renderer.remote.window import Window

IN_RECIPES: dict[str, Callable[[str], Recipe]] = {
    "model": lambda path: recipe("a", model=path),
    "second": lambda path: replace(
        recipe("a", model="demo"), model=ModelRef("demo", blend=ModelBlend(path, mapping=0.5))
    ),
    "tower": lambda path: replace(recipe("a", model="demo"), model=ModelRef("demo", tower=path)),
}
WITH_RECIPES: dict[str, Callable[[Recipe], Any]] = {
    "draw": calls.Draw,
    "components": lambda one: calls.ComponentsOf(one, "mapped", 0),
    "direction": lambda one: calls.DirectionOf(one, Move("mapped", 1)),
    "inspect": lambda one: calls.Inspect(one, Choice()),
    "align": lambda one: calls.Align(one, Gauge("judge", "demo", "")),
    "load ahead": lambda one: calls.LoadAhead(one, ()),
}
WITH_PATHS: dict[str, Callable[[str], Any]] = {
    "load ahead": lambda path: calls.LoadAhead(recipe("a", model="demo"), (path,)),
    "use": lambda path: calls.Use(path, "float32"),
    "list": lambda path: calls.Listing(path),
    "open tower": lambda path: calls.OpenTower(path, False),
    "align": lambda path: calls.Align(recipe("a", model="demo"), Gauge("clip", path, "")),
}
WITHOUT = {"look again", "begin upload", "piece", "end upload", "drop upload"}
"""These name no path: uploads have a name without a folder."""
CALLS = {
    **{
        f"{name}, {part}": (name, lambda path, ask=ask, make=make: ask(make(path)))
        for name, ask in WITH_RECIPES.items()
        for part, make in IN_RECIPES.items()
    },
    **{name: (name, ask) for name, ask in WITH_PATHS.items()},
}


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A folder that may be read, and paths outside, of all kinds."""
    place = tmp_path_factory.mktemp("computer")
    given, secret = place / "given", place / "secret"
    given.mkdir()
    secret.mkdir()
    (given / "own.pkl").write_bytes(b"not a model")
    (secret / "there.pkl").write_bytes(b"not a model either")
    (secret / "inwards").symlink_to(given)
    os.mkfifo(secret / "pipe.pkl")
    return given, [
        str(secret / "gone.pkl"),
        str(secret / "there.pkl"),
        str(secret / "there.pkl?heads=2"),
        str(secret / "pipe.pkl"),
        str(secret),
        str(secret / "inwards" / "own.pkl"),
        f"{secret}/../given/own.pkl",
        f"{secret}/nowhere/../../given/own.pkl",
        f"~root/..{given}/own.pkl",
        f"~no-such-user/..{given}/own.pkl",
    ]


@pytest.fixture
def window(outside: tuple[Path, list[str]]) -> Iterator[Window]:
    window = Window(folders=[outside[0]])
    window.say(Hello())
    yield window
    assert window.close()


def told(sentence: str | None, path: str) -> str:
    """A sentence without the path that was asked for."""
    assert sentence is not None
    assert path in sentence
    return sentence.replace(path, "PATH")


def test_every_call_is_asked_here() -> None:
    assert {*WITH_RECIPES, *WITH_PATHS, *WITHOUT} == {*TABLE}
    assert not {*WITH_RECIPES, *WITH_PATHS} & WITHOUT


@pytest.mark.parametrize("asked", CALLS)
def test_a_call_answers_the_same_for_every_path_outside(
    window: Window, outside: tuple[Path, list[str]], asked: str
) -> None:
    name, ask = CALLS[asked]
    answers = set[Any]()
    for number, path in enumerate(outside[1]):
        window.say(Call(number, name, msgspec.Raw(encode(ask(path)))))
        if name == "draw":
            drawn = TABLE[name].result(window.hear(Answer).value).picture
            answers.add((told(drawn.error, path), drawn.fault))
        else:
            failure = window.hear(Failure)
            answers.add((told(failure.sentence, path), failure.fault))
    assert len(answers) == 1
    assert "is outside the folders" in answers.pop()[0]


@pytest.mark.parametrize("part", IN_RECIPES)
def test_a_recipe_or_wish_answers_the_same_for_every_path_outside(
    window: Window, outside: tuple[Path, list[str]], part: str
) -> None:
    answers, waits = set[Any](), set[Any]()
    for number, path in enumerate(outside[1]):
        made = IN_RECIPES[part](path)
        window.say(Submit(number, made))
        frame = window.hear(FrameMessage)
        window.say(Seen(frame.serial), Wishes([NumberedWish(number, made, 8, True)]))
        answers.add((told(frame.error, path), frame.fault))
        preview = window.hear(Preview)
        assert preview.number == number
        waits.add(preview.pixels)
    assert len(answers) == len(waits) == 1
    sentence, fault = answers.pop()
    assert "is outside the folders" in sentence
    assert fault == {"model": "missing", "second": "missing second", "tower": "tower"}[part]


def test_within_the_folders_a_missing_file_is_told(
    window: Window, outside: tuple[Path, list[str]]
) -> None:
    for name in ("gone", "own.pkl/gone"):
        window.say(Call(1, "list", msgspec.Raw(encode(calls.Listing(str(outside[0] / name))))))
        assert "cannot be read" in window.hear(Failure).sentence
