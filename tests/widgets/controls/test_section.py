"""Sections of the sidebar, while the timeline plays what makes them higher and lower."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from renderer.recipe.recipe import Pad, Prompt, Recipe, TextPart
from renderer.timeline.timeline import KeyFrame, Timeline
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from widgets.context import Context
from widgets.controls.timeline_view import Seek, SetTimeline, TogglePlay

pytestmark = pytest.mark.display
FOUR = tuple(map(Prompt, ("a tree", "a boat", "neon", "a tent")))
KEYS = (
    KeyFrame(0.0, Recipe(text=TextPart((Prompt("a red house"),)))),
    KeyFrame(1.0, Recipe(text=TextPart(FOUR, pad=Pad()))),
    KeyFrame(2.0, Recipe(text=TextPart(FOUR[:2]))),
)


class Playing:
    """A window whose timeline plays by a clock of our own; sees where the sections are."""

    def __init__(self, open_window: Open) -> None:
        self.now_s = 0.0
        self.ui: Driver = open_window(clock=lambda: self.now_s)
        self.sections: dict[str, tuple[float, float, float, float]] = {}
        draw = self.ui.app.layout.draw

        def drawn(context: Context) -> Recipe:
            recipe = draw(context)
            self.sections = context.out.areas
            return recipe

        self.ui.app.layout.draw = drawn
        self.ask(SetTimeline(Timeline(KEYS, 3.0)), Seek(0.0))
        self.ui.frames(4)
        self.ask(TogglePlay())

    def ask(self, *wishes: Any) -> None:
        """What panels and keys ask for."""
        for wish in wishes:
            self.ui.app.commands.do(wish)
        self.ui.frames(1)

    def play(self, count: int = 1) -> set[float]:
        """Frames 0.1 s apart; where the first section ends in each."""
        ends = set()
        for _ in range(count):
            self.now_s += 0.1
            self.ui.frames(1)
            ends.add(self.end)
        return ends

    @property
    def end(self) -> float:
        """Where the first section ends."""
        return self.sections["Prompt"][3]


@pytest.fixture
def playing(open_window: Open) -> Playing:
    return Playing(open_window)


def test_nothing_jumps_while_the_timeline_plays(playing: Playing) -> None:
    before = playing.end
    assert playing.play(40) == {before}
    assert len(playing.ui.recipe.text.prompts) > 1
    playing.ask(TogglePlay())
    playing.ui.frames(2)
    assert playing.end > before  # what has come to rest is seen as a whole


def test_a_section_that_is_opened_meanwhile_is_seen_as_a_whole(playing: Playing) -> None:
    playing.play(3)
    session = playing.ui.app.session
    session.options = replace(session.options, open_sections=("Truncation", "Latent"))
    playing.ui.frames(3)
    closed = playing.end
    session.options = replace(session.options, open_sections=("Prompt", "Truncation", "Noise"))
    playing.ui.frames(3)
    opened = playing.end
    assert opened > closed + 200.0
    assert playing.play(20) == {opened}


def test_a_control_that_is_pressed_meanwhile_stays_below_the_mouse(playing: Playing) -> None:
    before = playing.end
    playing.play(3)
    ends: list[float] = []

    def press(c: Any) -> None:
        c.mouse_move("**/Psi/##track")
        c.mouse_down(0)
        c.yield_(3)
        ends.append(playing.end)
        c.mouse_up(0)
        c.yield_(3)
        ends.append(playing.end)

    playing.ui(press)
    assert playing.ui.recipe.psi != 1.0
    assert ends[0] == before < ends[1]
