"""Pictures that the window shows go to the sinks."""

from __future__ import annotations

import pytest

from renderer.recipe.recipe import LatentPart, Recipe
from tests.visualizer.driver import Driver
from tests.visualizer.sinks import libraries
from tests.visualizer.sinks.fakes import FakeSink
from widgets.actions import SwitchSink


def test_every_picture_that_is_shown_reaches_a_sink(ui: Driver) -> None:
    sink = FakeSink()
    ui.app.instruments[0].desk.sinks.open("fake", "Fake", lambda: sink, capacity=9)
    for seed in (11, 12, 13):
        ui.app.session.edit(Recipe(latent=LatentPart(seed=seed)))
        ui.until(lambda: seed in sink.seeds)  # noqa: B023 - called at once
    assert sink.seeds[-3:] == [11, 12, 13]
    assert not sink.closed


def test_a_program_that_comes_later_gets_the_picture_and_others_not_again(
    ui: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    libraries.install(monkeypatch)
    sink = FakeSink()
    ui.app.instruments[0].desk.sinks.open("fake", "Fake", lambda: sink, capacity=9)
    ui.app.session.edit(Recipe(latent=LatentPart(seed=11)))
    ui.until(lambda: 11 in sink.seeds)
    ui.app.commands.do(SwitchSink("ndi", True))
    ui.until(lambda: libraries.Sender.all and libraries.Sender.all[-1].sent)
    ui.app.session.edit(Recipe(latent=LatentPart(seed=12)))
    ui.until(lambda: 12 in sink.seeds)
    assert sink.seeds.count(11) == 1
