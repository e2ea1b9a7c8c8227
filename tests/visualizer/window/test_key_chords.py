"""Chords whose keys come and go between two redraws, in a text box of the real window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from imgui_bundle import imgui

from renderer.recipe.recipe import Recipe
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from visualizer.app import app
from visualizer.instruments.recorder import Recorder
from visualizer.session.state import State
from visualizer.window.shared_glfw import glfw

pytestmark = pytest.mark.display

Key = imgui.Key
TEXT = "**/prompt0/##text"
Event = tuple[imgui.Key, int, bool]
"""Dear ImGui's key, glfw's number of it, and whether it goes down."""


def redraw(ui: Driver, inject: Callable[[], None]) -> None:
    """One redraw in which `inject` puts its events among the window's."""
    ui.window.inject = inject
    ui.app.frame(wait=False)
    ui.window.inject = None


def keys(ui: Driver, *events: Event) -> None:
    """One redraw in which these keys come in, in order."""

    def inject() -> None:
        io = imgui.get_io()
        for key, number, down in events:
            # As in the window: the chords hear of it, then Dear ImGui's backend does.
            ui.window.chords.heard(number, glfw.PRESS if down else glfw.RELEASE)
            if key == Key.left_ctrl:
                io.add_key_event(Key.mod_ctrl, down)
            io.add_key_event(key, down)

    redraw(ui, inject)


def enter_the_prompt(ui: Driver) -> None:
    """Click into the text box with the window's own mouse: the test engine's lets go of it."""
    centre: list[imgui.ImVec2] = []
    ui(lambda c: centre.append(c.item_info(TEXT).rect_full.get_center()))
    for down in (False, True, False, False):

        def click(down: bool = down) -> None:
            io = imgui.get_io()
            io.add_mouse_pos_event(centre[0].x, centre[0].y)
            io.add_mouse_button_event(0, down)

        redraw(ui, click)
    assert imgui.get_io().want_text_input


CTRL_DOWN, CTRL_UP = ((Key.left_ctrl, glfw.KEY_LEFT_CONTROL, down) for down in (True, False))
A_DOWN, A_UP = ((Key.a, glfw.KEY_A, down) for down in (True, False))


def struck(key: imgui.Key, number: int) -> tuple[Event, Event]:
    """The two events of a key."""
    return (key, number, True), (key, number, False)


def select_all(ui: Driver, *redraws: tuple[Event, ...]) -> str:
    """Type into the prompt, strike Ctrl-A over these redraws, then X; returns the prompt."""
    enter_the_prompt(ui)
    redraw(ui, lambda: imgui.get_io().add_input_characters_utf8("house"))
    for events in redraws:
        keys(ui, *events)
    ui.frames(4)
    redraw(ui, lambda: imgui.get_io().add_input_characters_utf8("x"))
    ui.frames(2)
    return ui.recipe.text.prompts[0].text


@pytest.mark.parametrize(
    "redraws",
    [
        ((CTRL_DOWN, A_DOWN, A_UP, CTRL_UP),),
        ((CTRL_DOWN, A_DOWN, CTRL_UP, A_UP),),
        ((CTRL_DOWN,), (A_DOWN, CTRL_UP, A_UP)),
        ((CTRL_DOWN,), (A_DOWN, CTRL_UP), (A_UP,)),
        ((CTRL_DOWN,), (A_DOWN,), (CTRL_UP,), (A_UP,)),
    ],
    ids=["one", "one, Ctrl up first", "two", "three", "four"],
)
def test_ctrl_a_selects_all_however_its_events_fall_on_redraws(
    open_window: Open, redraws: tuple[tuple[Event, ...], ...]
) -> None:
    assert select_all(open_window(), *redraws) == "x"


def test_an_a_without_ctrl_selects_nothing(ui: Driver) -> None:
    words = select_all(ui, (CTRL_DOWN, CTRL_UP), (A_DOWN, A_UP))
    assert "house" in words
    assert words != "x"


@pytest.mark.parametrize("redraws", [1, 2])
def test_a_digit_just_after_ctrl_and_another_goes_to_its_moment(ui: Driver, redraws: int) -> None:
    events = [CTRL_DOWN, *struck(Key._2, glfw.KEY_2), CTRL_UP, *struck(Key._1, glfw.KEY_1)]
    keys(ui, *events[: 3 if redraws == 2 else 6])
    keys(ui, *events[3 if redraws == 2 else 6 :])
    ui.frames(8)
    assert [said for said in ui.said if "Stored" in said] == ["Stored the picture as moment 2."]


def test_ctrl_that_is_let_go_in_the_same_redraw_still_counts(ui: Driver) -> None:
    q_down, q_up = struck(Key.q, glfw.KEY_Q)
    keys(ui, CTRL_DOWN)
    keys(ui, q_down, CTRL_UP)
    keys(ui, q_up)
    assert ui.window.wants_close


def test_a_key_just_before_ctrl_is_struck_without_it(ui: Driver) -> None:
    seed = ui.recipe.latent.seed
    (r_down, r_up), (s_down, s_up) = struck(Key.r, glfw.KEY_R), struck(Key.s, glfw.KEY_S)
    keys(ui, r_down, CTRL_DOWN, s_down, r_up, s_up, CTRL_UP)
    ui.frames(8)
    assert ui.recipe.latent.seed != seed, "R, a random seed"
    assert not ui.app.instrument(Recorder).recording, "not Ctrl+R"


def test_the_window_s_keys_reach_the_chords(
    open_window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    listeners: list[Callable[..., None]] = []
    listen: Callable[..., Any] = glfw.set_key_callback

    def recorded(handle: Any, listener: Callable[..., None]) -> Any:
        listeners.append(listener)
        return listen(handle, listener)

    monkeypatch.setattr(glfw, "set_key_callback", recorded)
    ui = open_window()
    heard: list[tuple[object, ...]] = []
    monkeypatch.setattr(ui.window.chords, "heard", lambda *event: heard.append(event))
    listeners[0](ui.window.handle, glfw.KEY_A, 0, glfw.PRESS, 0)
    assert [event[:2] for event in heard] == [(glfw.KEY_A, glfw.PRESS)]


def test_fast_typing_is_drawn_to_its_end_without_another_event(
    ui: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "TURNS_S", 0.0)  # a slow machine: one turn a redraw
    enter_the_prompt(ui)

    def typed() -> None:
        io = imgui.get_io()
        for character in "castle":
            io.add_key_event(Key.a, True)
            io.add_input_characters_utf8(character)
            io.add_key_event(Key.a, False)

    redraw(ui, typed)
    redraws = 0
    while ui.window.events:  # as long as the loop would go on drawing at once
        ui.window.events = 0
        ui.app.frame(wait=False)
        redraws += 1
    assert "castle" in ui.recipe.text.prompts[0].text
    assert 3 < redraws < 40


# -- many keys in one redraw -------------------------------------------------------------------


def strokes(ui: Driver, text: str) -> None:
    """One redraw in which all of this is typed: each key goes down, is a letter, and goes up."""

    def inject() -> None:
        io = imgui.get_io()
        for letter in text:
            key = getattr(Key, letter)
            io.add_key_event(key, True)
            io.add_input_character(ord(letter))
            io.add_key_event(key, False)

    redraw(ui, inject)


def test_all_letters_that_came_since_the_last_redraw_are_taken_in_one(
    open_window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "TURNS_S", 60.0)  # a busy machine is no reason to fail
    ui = open_window(state=State(Recipe()))
    enter_the_prompt(ui)
    presented: list[None] = []
    present = ui.window.present

    def counted() -> None:
        presented.append(None)
        present()

    monkeypatch.setattr(ui.window, "present", counted)
    strokes(ui, "aabbcc")
    assert ui.recipe.text.prompts[0].text == "aabbcc"
    assert len(presented) == 1


def test_each_press_of_a_shortcut_counts_in_one_redraw(
    open_window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "TURNS_S", 60.0)
    ui = open_window(state=State(Recipe()))

    def inject() -> None:
        for down in (True, False) * 5:
            imgui.get_io().add_key_event(Key.right_arrow, down)

    redraw(ui, inject)
    assert ui.recipe.latent.seed == 5


def test_more_keys_than_one_redraw_may_take_wait_for_the_next(
    open_window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "TURNS_S", 0.0)
    ui = open_window(state=State(Recipe()))
    enter_the_prompt(ui)
    strokes(ui, "aabb")
    assert ui.recipe.text.prompts[0].text == "a", "one turn: the window stays responsive"
    ui.frames(10)
    assert ui.recipe.text.prompts[0].text == "aabb"


def test_the_window_s_pixels_are_those_of_the_frame_that_asked_for_them(
    open_window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "TURNS_S", 60.0)
    ui = open_window(state=State(Recipe()))
    painted: list[None] = []
    monkeypatch.setattr(ui.app, "_paint", lambda context: painted.append(None))

    def inject() -> None:
        io = imgui.get_io()
        io.add_key_event(Key.right_arrow, True)
        io.add_key_event(Key.right_arrow, False)

    redraw(ui, inject)
    assert len(painted) == 2, "the turn that asks for the next seed, and the one that is shown"
