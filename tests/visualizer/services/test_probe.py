"""Questions for the render thread: one at a time, given up once nobody wants the answer."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from renderer.errors import Abandoned, PictureError
from renderer.recipe.recipe import ModelRef, Recipe
from visualizer.services.background import Background
from visualizer.services.probe import Probe, Unwanted

ABOUT = Recipe(psi=0.5)


@dataclass
class Bench:
    """A probe, what it was told, and hands for the render thread and the clock."""

    now_s: float = 0.0
    told: list[Any] = field(default_factory=list)
    waiting: list[Callable[[], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.background = Background(lambda: None)
        self.session = SimpleNamespace(recipe=ABOUT)
        desk: Any = SimpleNamespace(
            session=self.session,
            background=self.background,
            thread=SimpleNamespace(run=self._run),
            clock=lambda: self.now_s,
        )
        self.probe = Probe(desk)

    def _run(self, work: Callable[[Any], Any], label: str) -> Future[Any]:
        future: Future[Any] = Future()

        def turn() -> None:
            try:
                future.set_result(work("renderer"))
            except Exception as error:
                future.set_exception(error)

        self.waiting.append(turn)
        return future

    def ask(self, work: Callable[[Any, Unwanted], Any], patience_s: float = 0.0) -> None:
        told = self.told.append
        self.probe.ask(
            work, "Asking", told, lambda text: told(f"failed: {text}"), ABOUT, patience_s
        )

    def answer(self) -> None:
        """The render thread's turn, then the window's."""
        self.waiting.pop()()
        self.background.poll()


@pytest.fixture
def bench() -> Bench:
    return Bench()


def patient(renderer: Any, unwanted: Unwanted) -> str:
    if unwanted():
        raise Abandoned
    return f"answer of the {renderer}"


def test_an_answer_is_told_and_then_another_may_be_asked(bench: Bench) -> None:
    bench.ask(patient)
    assert bench.probe.busy and bench.told == []
    bench.answer()
    assert not bench.probe.busy and bench.told == ["answer of the renderer"]


def test_it_is_given_up_when_the_recipe_moves_on_and_patience_ends(bench: Bench) -> None:
    bench.ask(patient, patience_s=0.1)
    bench.session.recipe = Recipe(psi=0.7)
    bench.now_s = 0.05
    bench.answer()
    bench.ask(patient, patience_s=0.1)
    bench.now_s = 0.2
    bench.answer()
    assert bench.told == ["answer of the renderer", None] and not bench.probe.busy


def test_a_hash_that_becomes_known_is_no_other_recipe(bench: Bench) -> None:
    bench.ask(patient)
    bench.session.recipe = Recipe(psi=0.5, model=ModelRef(ABOUT.model.path, "a" * 64))
    bench.answer()
    assert bench.told == ["answer of the renderer"]


def test_an_error_is_a_sentence(bench: Bench) -> None:
    def broken(renderer: Any, unwanted: Unwanted) -> str:
        raise PictureError("The card is gone.")

    bench.ask(broken)
    bench.answer()
    assert bench.told == ["failed: The card is gone."] and not bench.probe.busy


@pytest.mark.parametrize("late", [False, True])
def test_nothing_is_told_of_what_was_forgotten(bench: Bench, late: bool) -> None:
    def broken(renderer: Any, unwanted: Unwanted) -> str:
        raise PictureError("The card is gone.") if late else Abandoned

    bench.ask(broken if late else patient)
    bench.probe.forget()
    bench.answer()
    assert bench.told == [] and not bench.probe.busy
