"""What stands in a file after two windows have changed it."""

from __future__ import annotations

from pathlib import Path

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from renderer.parameters.bindings import Binding
from visualizer.control import settings
from visualizer.control.settings import ControlSettings
from visualizer.session.merging import merged, merged_items
from visualizer.session.user_lists import Library

LISTS = st.lists(st.integers(0, 9), unique=True, max_size=8)


@given(LISTS, LISTS, LISTS)
def test_of_a_list_nothing_is_lost_and_nothing_comes_back(
    base: list[int], mine: list[int], theirs: list[int]
) -> None:
    result = merged_items(base, mine, theirs)
    added = (set(mine) | set(theirs)) - set(base)
    assert set(result) == added | (set(base) & set(mine) & set(theirs))
    assert len(result) == len(set(result))
    assert [item for item in result if item in mine] == [item for item in mine if item in result]


def test_each_field_has_the_change_that_was_made_to_it() -> None:
    first, second = Binding("midi/cc/1/1", "/psi"), Binding("midi/cc/1/2", "/noise/strength")
    base = ControlSettings()
    mine = ControlSettings(osc=True, bindings=(first,))
    theirs = ControlSettings(port=8000, bindings=(second,))
    assert merged(base, mine, theirs) == ControlSettings(
        osc=True, port=8000, bindings=(first, second)
    )
    both = ControlSettings(port=7000)
    assert merged(base, both, theirs).port == 7000


def test_the_controllers_settings_of_two_windows_are_kept(tmp_path: Path) -> None:
    base = ControlSettings()
    settings.save(tmp_path, ControlSettings(midi="Knobs"), base)
    settings.save(tmp_path, ControlSettings(osc=True), base)
    assert settings.load(tmp_path)[0] == ControlSettings(osc=True, midi="Knobs")


def test_the_lists_of_two_windows_are_kept(tmp_path: Path) -> None:
    """Prompts, directions and latents: whoever writes last keeps what the other has added."""
    reader: msgspec.json.Decoder[str] = msgspec.json.Decoder(str)
    first, second = (Library(tmp_path, "prompts", reader, 10) for _ in range(2))
    first.save(("old", "older"))
    assert second.load() == (("old", "older"), "")
    first.save(("mine", "old", "older"))
    second.save(("yours", "older"))
    assert first.load()[0] == ("yours", "older", "mine")
    first.save(("yours", "older", "mine"))
    first.save(())
    assert second.load()[0] == ()
