"""Knobs, keys and faders: what a touch of each means for what it is bound to."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderer.parameters.bindings import Binding, Touch, binding_for, bound_value, source_label
from renderer.parameters.kinds import Text
from renderer.parameters.parameter import Command, Parameter
from renderer.parameters.parameters import parameters_of
from renderer.recipe.recipe import Recipe
from tests.visualizer.fake import MODEL

KNOWN = parameters_of(Recipe(), MODEL)
CC, KEY = "midi/cc/1/21", "midi/note/1/60"


def target(address: str) -> Parameter | Command:
    found = KNOWN.find(address)
    assert found is not None
    return found


def moved(binding: Binding, sent: float, before: float = 0.0, current: object = None) -> object:
    at = target(binding.address)
    return bound_value(binding, at, Touch(sent, before), current)  # pyright: ignore[reportArgumentType]


def test_a_knob_reaches_both_ends_and_works_backwards() -> None:
    forwards = Binding(CC, "/psi", -1.0, 2.0)
    assert [moved(forwards, sent) for sent in (0.0, 0.5, 1.0)] == [-1.0, 0.5, 2.0]
    backwards = Binding(CC, "/psi", 2.0, -1.0)
    assert [moved(backwards, sent) for sent in (0.0, 1.0)] == [2.0, -1.0]


def test_a_fader_with_another_scale_reaches_both_ends() -> None:
    binding = binding_for("/1/fader", target("/psi"), 100.0)
    assert binding.source_high == 127.0
    assert moved(binding, 127.0) == 2.0
    assert moved(binding, 500.0) == 2.0
    assert binding_for("/1/fader", target("/psi"), 0.3).source_high == 1.0
    assert binding_for("/1/fader", target("/psi"), 900.0).source_high == 1270.0
    assert moved(Binding("/a", "/psi", 0, 1, source_low=3, source_high=3), 4.0) == 1.0


def test_whole_numbers_and_choices_come_in_steps() -> None:
    seeds = Binding(CC, "/latent/seed", 0, 127)
    assert moved(seeds, 64 / 127) == 64
    modes = Binding(CC, "/noise/mode")
    assert [moved(modes, sent) for sent in (0.0, 0.5, 1.0)] == ["const", "random", "none"]


def test_a_button_counts_when_it_goes_down() -> None:
    undo = Binding(CC, "/undo")
    assert moved(undo, 1.0, 0.0) is True
    assert moved(undo, 1.0, 1.0) is None
    assert moved(undo, 0.0, 1.0) is None
    key = Binding(KEY, "/undo")
    assert moved(key, 0.02, 0.0) is True  # played softly


def test_a_key_turns_a_switch_over_and_a_button_sets_it() -> None:
    key, button = Binding(KEY, "/text/normalize"), Binding(CC, "/text/normalize")
    assert moved(key, 0.3, 0.0, True) is False
    assert moved(key, 0.0, 0.3, False) is None
    assert moved(button, 1.0, 0.0, True) is True
    assert moved(button, 0.0, 1.0, True) is False


def test_an_endless_knob_steps_from_where_the_value_is() -> None:
    binding = Binding(CC, "/psi", 0.0, 1.27, relative=True)
    assert moved(binding, 1 / 127, current=0.5) == pytest.approx(0.51)
    assert moved(binding, 127 / 127, current=0.5) == pytest.approx(0.49)
    assert moved(binding, 60 / 127, current=1.2) == 1.27
    assert moved(binding, 1.4e306, current=0.5) == pytest.approx(0.49), "no knob turns further"
    seeds = Binding(CC, "/latent/seed", 0, 100, relative=True)
    assert moved(seeds, 2 / 127, current=7) == 9
    assert moved(seeds, 126 / 127, current=1) == 0


def test_knobs_say_nothing_to_texts() -> None:
    assert moved(Binding(CC, "/text/prompt/1"), 0.5) is None
    assert moved(Binding(CC, "/psi"), math.nan) is None


@given(st.data())
def test_whatever_is_sent_the_value_is_taken(data: st.DataObject) -> None:
    knobs = [item for item in (*KNOWN, *KNOWN.commands) if not isinstance(item.kind, Text)]
    at = data.draw(st.sampled_from(knobs))
    number = st.floats(-1e4, 1e4)
    binding = Binding(
        data.draw(st.sampled_from([CC, KEY, "midi/bend/2", "/1/fader"])),
        at.address,
        *(data.draw(number) for _ in range(4)),
        relative=data.draw(st.booleans()),
    )
    touch = Touch(data.draw(st.floats()), data.draw(st.floats(0, 1)))
    current = at.read(Recipe()) if isinstance(at, Parameter) else None
    value = bound_value(binding, at, touch, current)
    if value is not None:
        at.kind.checked(value, at.address)


def test_sources_are_named_for_people() -> None:
    assert source_label("midi/cc/1/21") == "CC 21"
    assert source_label("midi/cc/3/21") == "CC 21 (channel 3)"
    assert source_label("midi/cc14/1/21") == "14-bit CC 21"
    assert source_label("midi/nrpn/2/1234") == "NRPN 1234 (channel 2)"
    assert source_label("midi/note/1/60") == "Key C4"
    assert source_label("midi/bend/1") == "Pitch bend"
    assert source_label("midi/bend/16") == "Pitch bend (channel 16)"
    assert source_label("/1/xy#2") == "/1/xy, value 2"


@pytest.mark.parametrize(
    "source",
    [
        *("midi/", "midi/cc", "midi/cc/1", "midi/note/1/x", "midi/note/1/٣", "midi/bend/1/2"),
        *("midi/note/1/60/61", "midi/cc/1/" + "9" * 200, "midi/knob/1/2"),
    ],
)
def test_a_source_that_no_controller_has_is_named_as_it_stands(source: str) -> None:
    assert source_label(source) == source
