"""Pictures that the window shows go to the sinks."""

from __future__ import annotations

from renderer.recipe.recipe import LatentPart, Recipe
from tests.visualizer.driver import Driver
from tests.visualizer.sinks.fakes import FakeSink


def test_every_picture_that_is_shown_reaches_a_sink(ui: Driver) -> None:
    sink = FakeSink()
    ui.app.instruments[0].desk.sinks.open("fake", "Fake", lambda: sink, capacity=9)
    for seed in (11, 12, 13):
        ui.app.session.edit(Recipe(latent=LatentPart(seed=seed)))
        ui.until(lambda: seed in sink.seeds)  # noqa: B023 - called at once
    assert sink.seeds[-3:] == [11, 12, 13]
    assert not sink.closed
