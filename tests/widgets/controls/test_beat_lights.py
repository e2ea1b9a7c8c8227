"""The lights of a bar."""

from __future__ import annotations

from widgets.controls.beat_lights import place


def test_beats_have_their_place_in_the_bar() -> None:
    assert [place(beat) for beat in (0.0, 0.99, 1.0, 3.5, 4.0, 9.25)] == [0, 0, 1, 3, 0, 1]
    assert place(-0.5) == 3  # before a bar that was said to begin
