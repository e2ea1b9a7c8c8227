"""Names in addresses."""

from __future__ import annotations

from renderer.parameters.slugs import free_slugs, slug_of


def test_what_an_address_cannot_hold_is_left_out() -> None:
    assert slug_of(" A/b*c ") == "a-b-c"
    assert slug_of("#*/?") == ""
    assert len(slug_of("x" * 500)) == 60


def test_each_name_has_a_slug_of_its_own() -> None:
    names = ["Smile", "smile", "***", "smile-2", ""]
    assert free_slugs(names, "direction") == [
        *("smile", "smile-2", "direction", "smile-2-2", "direction-2")
    ]
