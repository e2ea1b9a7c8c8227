"""How time runs from one key frame to the next."""

from __future__ import annotations

import pytest

from renderer.timeline.easing import EASINGS, Easing, eased


@pytest.mark.parametrize("easing", EASINGS)
def test_easings_meet_their_ends_and_never_turn_back(easing: Easing) -> None:
    walked = [eased(easing, step / 100) for step in range(-5, 106)]
    assert walked[5] == 0.0
    assert walked[105] == walked[-1] == 1.0
    assert walked == sorted(walked)


def test_each_easing_is_slow_where_it_says() -> None:
    start = {easing: eased(easing, 0.1) for easing in EASINGS}
    assert start["out"] > start["linear"] > start["both"] > start["in"] > start["hold"] == 0
    assert eased("both", 0.5) == 0.5
    assert eased("out", 0.9) > 0.9 > eased("in", 0.9)
    assert eased("hold", 0.999) == 0.0
