"""What sliders of the window set beside the recipe."""

from __future__ import annotations

import pytest

from renderer.parameters import settings
from renderer.parameters.parameter import Setting


@pytest.mark.parametrize("setting", settings.ALL, ids=lambda setting: setting.name)
def test_a_setting_begins_on_its_slider_and_says_what_it_does(setting: Setting) -> None:
    kind = setting.kind
    assert kind.limits[0] <= kind.low <= setting.default <= kind.high <= kind.limits[1]
    assert setting.text.endswith(".")


def test_the_manual_knows_every_setting() -> None:
    assert {*settings.ALL} == {
        item for item in vars(settings).values() if isinstance(item, Setting)
    }
