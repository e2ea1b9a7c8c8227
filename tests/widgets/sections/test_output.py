"""The Output section, in a real window."""

from __future__ import annotations

from typing import Any

import pytest
from imgui_bundle import imgui
from msgspec.structs import replace

from tests.visualizer.driver import Driver
from tests.visualizer.sinks import libraries
from visualizer.instruments.output import Output
from visualizer.sinks import kinds
from widgets.output import OutputOptions
from widgets.sections import output
from widgets.sections.output_view import ScreensView, SinkView


def click(ui: Driver, *names: str) -> None:
    ui.app.session.options = replace(ui.app.session.options, open_sections=("Output",))
    ui.frames(3)
    for name in names:
        ui(lambda ctx, name=name: ctx.item_click(f"//Panels/**/{name}"))


def test_the_clean_output_and_its_look_are_chosen(ui: Driver) -> None:
    click(ui)

    def choose(ctx: Any) -> None:
        ctx.mouse_move("**/Screen/###reset")
        position = imgui.get_io().mouse_pos
        ctx.mouse_move_to_pos((position.x - 100, position.y))
        ctx.mouse_click(0)
        ctx.item_click("//$FOCUSED/In a window")

    ui(choose)
    click(ui, "clean/On", "fit/Fill", "pixels/Sharp")
    chosen = ui.app.session.options.output
    assert (chosen.on, chosen.place) == (True, "window")
    assert (chosen.fit, chosen.smooth) == ("fill", False)
    click(ui, "clean/Off")
    assert not ui.app.session.options.output.on


def test_sinks_are_switched_and_what_fails_is_off(
    ui: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kinds.sys, "platform", "linux")
    libraries.install(monkeypatch)
    ui.app.instrument(Output)._looked_s = float("-inf")  # it looks now
    click(ui, "NDI/sink/On")
    ui.until(lambda: libraries.Sender.all and libraries.Sender.all[0].sent)
    assert ui.app.session.options.output.sinks == ("ndi",)
    options = ui.app.session.options
    named = replace(options.output, name="Tonight")
    ui.app.session.options = replace(options, output=named)
    ui.until(lambda: len(libraries.Sender.all) == 2 and libraries.Sender.all[1].sent)
    assert [(one.name, one.running) for one in libraries.Sender.all] == [
        ("StyleGAN-T", False),
        ("Tonight", True),
    ]
    monkeypatch.setattr(libraries.Sender, "takes", False)
    ui.until(lambda: ui.app.session.options.output.sinks == ())
    assert ui.said[-1] == "NDI no longer accepts pictures. Switch it on again to retry."
    monkeypatch.setattr(libraries.Camera, "there", False)
    click(ui, "Camera/sink/On")
    ui.until(lambda: "There is no virtual camera to use." in ui.said[-1])
    ui.frames(2)
    assert ui.app.session.options.output.sinks == ()


def test_what_is_not_installed_is_greyed_and_switched_off(
    ui: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kinds, "why_missing", lambda module, package: "This needs one more.")
    options = ui.app.session.options
    wanted = replace(options.output, sinks=("ndi",))  # as the last run left it
    ui.app.session.options = replace(options, output=wanted)
    ui.frames(3)
    assert ui.said[-1] == "NDI: This needs one more."
    assert ui.app.session.options.output.sinks == ()


def test_the_summary_says_where_the_picture_goes() -> None:
    on, sink = OutputOptions(on=True), SinkView("ndi", "NDI", "", on=True)
    assert output.summary(OutputOptions(), ScreensView(), ()) == "off"
    assert output.summary(on, ScreensView(shown_on="HDMI-1"), (sink,)) == "HDMI-1, NDI"
    assert output.summary(on, ScreensView(missing="HDMI-1"), ()) == "waits for HDMI-1"
