"""The figures of the status line."""

from __future__ import annotations

from widgets.chrome.status import flow, took


def test_a_picture_that_was_kept_has_no_time() -> None:
    assert took(0.0) == took(0.4) == "kept"
    assert took(68.7) == "69 ms"


def test_single_pictures_have_no_speed() -> None:
    assert flow(0.0) == flow(1.0) == ""
    assert flow(14.0) == "14 FPS"
