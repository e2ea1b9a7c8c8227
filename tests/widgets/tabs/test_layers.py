"""The Layers tab in the real window, on a tiny model that really draws."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from imgui_bundle import imgui
from msgspec.structs import replace
from PIL import Image

from renderer.errors import PictureError
from renderer.files.images import read_recipe
from renderer.frame.layer_report import Choice, LayerReport, LayerStats
from renderer.pipeline.inspector import Inspector
from renderer.pipeline.renderer import Renderer
from renderer.recipe.identity import unhashed
from renderer.recipe.parts.bends import new_bend
from renderer.recipe.recipe import Bend, Recipe
from renderer.timeline.timeline import KeyFrame, Timeline
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from tests.visualizer.real import RealThread
from visualizer.instruments.layers import LayerInspector
from visualizer.session.state import State
from widgets.context import Options
from widgets.tabs import layers
from widgets.tabs.channels import stepped
from widgets.tabs.layer_view import LayersView

pytestmark = pytest.mark.display


@pytest.fixture
def thread() -> RealThread:
    return RealThread()


@pytest.fixture
def ui(open_window: Open, thread: RealThread) -> Driver:
    """A window with the Layers tab open."""
    options = Options(drawer="Layers", drawer_em=16.0)
    ui = open_window(thread=thread, state=State(Recipe(), options))
    ui.until(lambda: seen(ui).report)
    return ui


def seen(ui: Driver) -> LayersView:
    """What the tab shows."""
    views = [view for one in ui.app.instruments for view in one.views(0.0)]
    return next(view for view in views if isinstance(view, LayersView))


def report(ui: Driver) -> LayerReport:
    found = seen(ui).report
    assert found is not None
    return found


def test_all_layers_are_listed_and_the_first_is_shown(ui: Driver) -> None:
    assert [layer.name for layer in report(ui).layers] == [
        *("b8.input", "b8.convs1.0", "b8.convs1.1", "b8.torgb"),
        *("b16.conv0", "b16.convs1.0", "b16.convs1.1", "b16.torgb"),
    ]
    assert report(ui).view.layer == "b8.input"
    assert report(ui).view.channel is None


def test_a_click_on_a_layer_shows_it(ui: Driver) -> None:

    def body(c: Any) -> None:
        corner = c.item_info("**/b16.conv0").rect_full.min
        c.mouse_move_to_pos((corner.x + 20, corner.y + 6))
        c.mouse_click(0)
        c.yield_(3)

    ui(body)
    assert report(ui).view.layer == "b16.conv0"
    assert ui.recipe == Recipe(), "looking changes nothing"


def test_channels_are_stepped_and_picked(ui: Driver) -> None:
    ui(lambda c: c.item_click("**/###next channel"))
    ui(lambda c: c.item_click("**/###next channel"))
    assert report(ui).view.channel == 1
    ui(lambda c: c.item_click("**/###previous channel"))
    assert report(ui).view.channel == 0
    ui(lambda c: c.item_click("**/cell4"))
    assert report(ui).view.channel == 3
    ui(lambda c: c.item_click("**/cell0"))
    assert report(ui).view.channel is None


def test_the_wheel_steps_channels_and_leaves_the_picture_alone(ui: Driver) -> None:
    scale = ui.app.layout.picture.scale

    def body(c: Any) -> None:
        c.mouse_move("**/large channel")
        c.mouse_wheel_y(-1.0)
        c.yield_(3)
        c.mouse_wheel_y(-1.0)
        c.yield_(3)

    ui(body)
    assert report(ui).view.channel == 1
    assert ui.app.layout.picture.scale == scale


def test_stepping_stays_within_the_layer() -> None:
    assert [stepped(None, -1, 4), stepped(None, 1, 4), stepped(0, -1, 4)] == [None, 0, None]
    assert [stepped(3, 1, 4), stepped(1, 1, 4), stepped(2, -1, 4)] == [3, 2, 1]


def test_the_range_is_chosen(ui: Driver) -> None:
    before = report(ui).view.atlas.copy()
    ui(lambda c: c.item_click("**/range/Shared"))
    assert not seen(ui).choice.own_range
    assert (report(ui).view.atlas != before).any()


def test_a_new_picture_is_looked_at(ui: Driver, thread: RealThread) -> None:
    before, jobs = report(ui).layers, len(thread.jobs)
    ui.app.session.edit(Recipe(psi=0.2))
    ui.frames(4)
    assert report(ui).layers != before
    assert len(thread.jobs) == jobs + 1
    ui.frames(10)
    assert len(thread.jobs) == jobs + 1, "nothing new, nothing to do"


def test_closed_it_does_nothing_and_holds_nothing(ui: Driver, thread: RealThread) -> None:
    ui.app.session.options = replace(ui.app.session.options, drawer="")
    ui.frames(3)
    jobs = len(thread.jobs)
    for psi in (0.1, 0.2, 0.3):
        ui.app.session.edit(Recipe(psi=psi))
        ui.frames(3)
    assert len(thread.jobs) == jobs
    assert seen(ui).report is None
    modules = thread.generator.synthesis.modules()
    assert not any(module._forward_hooks for module in modules)


def test_one_look_at_a_time_and_the_newest_picture_last(ui: Driver, thread: RealThread) -> None:
    thread.holds = True
    for psi in (0.1, 0.2, 0.3, 0.4):
        ui.app.session.edit(Recipe(psi=psi))
        ui.frames(3)
        assert len(thread.held) == 1
    thread.let_go()
    ui.frames(3)
    assert len(thread.held) == 1, "the newest one waits"
    thread.holds = False
    thread.let_go()
    ui.frames(3)
    wanted = Inspector().look(fresh(thread), Recipe(psi=0.4), Choice())
    assert report(ui).layers == wanted.layers


def fresh(thread: RealThread) -> Renderer:
    """Another renderer of the same model."""
    return RealThread(generator=thread.generator).renderer


def test_a_click_on_the_picture_marks_the_same_place_of_a_channel(ui: Driver) -> None:
    box = ui.app.layout.picture.box
    assert box is not None
    at = (box[0] + 0.25 * (box[2] - box[0]), box[1] + 0.75 * (box[3] - box[1]))

    def body(c: Any) -> None:
        c.mouse_move_to_pos(at)
        c.mouse_click(0)
        c.yield_(3)

    ui(body)
    mark = seen(ui).mark
    assert mark == pytest.approx((0.25, 0.75), abs=0.02)
    ui(lambda c: c.item_click("**/large channel", imgui.MouseButton_.right))
    assert seen(ui).mark is None


def test_a_drag_on_the_picture_marks_nothing(ui: Driver) -> None:
    ui(lambda c: c.item_drag_with_delta("//Picture/picture", (60, 20)))
    assert seen(ui).mark is None


def test_a_click_on_the_channel_marks_it_too(ui: Driver) -> None:
    ui(lambda c: c.item_click("**/large channel"))
    assert seen(ui).mark == pytest.approx((0.5, 0.5), abs=0.03)


def test_a_layer_is_bent_and_the_bend_is_changed_and_removed(ui: Driver) -> None:
    ui(lambda c: c.item_click("**/###bends"))
    assert seen(ui).bending
    ui(lambda c: c.item_click("**/###add bend"))
    assert ui.recipe.bends == (new_bend("b8.input"),)
    ui.frames(4)
    ui(lambda c: c.item_drag_with_delta("**/bend0/Amount/##track", (40, 0)))
    (dragged,) = ui.recipe.bends
    assert dragged.kind == "gain" and dragged.amount != new_bend("b8.input").amount

    def choose(c: Any) -> None:
        # A combo box has no name that can be searched for; it is right of the tick.
        tick = c.item_info("**/bend0/##on").rect_full
        c.mouse_move_to_pos((tick.max.x + 30, tick.max.y - 6))
        c.mouse_click(0)
        c.yield_(2)
        c.item_click("//$FOCUSED/Noise")

    ui(choose)
    assert ui.recipe.bends == (new_bend("b8.input", "noise"),)
    ui(lambda c: c.item_click("**/bend0/Seed/###next"))
    typed(ui, "**/bend0/##channels", "0..3, 8../2")
    ui(lambda c: c.item_click("**/bend0/##on"))
    channels = ((0, 3, 1), (8, None, 2))
    assert ui.recipe.bends == (Bend("b8.input", "noise", 1.0, 0.0, 1, channels, False),)
    typed(ui, "**/bend0/##channels", "some")
    assert ui.recipe.bends[0].channels == channels
    assert "count from 0" in ui.app._entry.refusal
    ui(lambda c: c.item_click("**/bend0/###remove"))
    assert ui.recipe.bends == ()
    ui.app.session.document.undo()
    assert len(ui.recipe.bends) == 1


def typed(ui: Driver, where: str, text: str) -> None:
    """Type into a box and leave it."""

    def body(c: Any) -> None:
        c.item_click(where)
        c.key_chars_replace_enter(text)

    ui(body)


def test_a_bend_of_a_layer_that_the_model_lacks_is_grey_and_says_why(ui: Driver) -> None:
    wrong = Bend("b64.conv0", "shift", 0.1)
    ui.app.session.edit(Recipe(bends=(wrong, Bend("b16.conv0", "mirror", 0.5))))
    ui.frames(4)
    ui(lambda c: c.item_click("**/###bends"))
    ui(lambda c: c.item_drag_with_delta("**/bend0/Right/##track", (40, 0)))
    assert ui.recipe.bends[0] == wrong
    ui(lambda c: c.item_drag_with_delta("**/bend1/Upside/##track", (40, 0)))
    assert ui.recipe.bends[1].vertical > 0
    ui(lambda c: c.item_click("**/bend1/layer"))
    assert report(ui).view.layer == "b16.conv0"


def test_a_channel_and_all_of_them_are_saved_as_pictures(ui: Driver) -> None:
    ui(lambda c: c.item_click("**/###next channel"))

    def save(words: str) -> None:
        def body(c: Any) -> None:
            c.item_click("**/###save layer")
            c.item_click(f"//$FOCUSED/###{words}")

        ui(body)

    save("save False")
    save("save True")
    folder = ui.app.session.capture_folder
    ui.until(lambda: len(list(folder.glob("layer-*.png"))) == 2)
    (channel,), (whole,) = (
        list(folder.glob(f"layer-b8.input-{end}*.png")) for end in ("channel-0", "all")
    )
    view = report(ui).view
    assert Image.open(channel).size == (view.picture.shape[1], view.picture.shape[0])
    assert Image.open(whole).size == (view.atlas.shape[1], view.atlas.shape[0])
    assert unhashed(read_recipe(channel)) == ui.recipe
    save("video False")  # grey: there are no key frames
    keys = (KeyFrame(0.0, ui.recipe), KeyFrame(0.2, replace(ui.recipe, psi=0.5)))
    ui.app.session.document.amend(timeline=Timeline(keys, 0.2, 10))
    ui.frames(2)
    save("video False")
    ui.until(lambda: list(folder.glob("layer-b8.input-*.mp4")))
    assert len(list(folder.glob("*.mp4"))) == 1


def test_a_picture_that_cannot_be_inspected_says_why(ui: Driver, thread: RealThread) -> None:
    def broken(*_: Any) -> Any:
        raise PictureError("The model went away.")

    thread.renderer.look_inside = broken  # pyright: ignore[reportAttributeAccessIssue]
    ui.app.session.edit(Recipe(psi=0.7))
    ui.frames(4)
    assert seen(ui).problem == "The model went away."
    assert seen(ui).report is None


def test_without_a_picture_the_tab_says_so(open_window: Open) -> None:
    thread = RealThread(answers=False)
    ui = open_window(thread=thread, state=State(Recipe(), Options(drawer="Layers")))
    ui.frames(4)
    assert thread.jobs == []
    assert seen(ui) == LayersView(choice=Choice())


def test_figures_are_short() -> None:
    assert [layers.number(v) for v in (0.0, 0.01234, -5.0231, 23.57, -0.000137, 123456.0)] == [
        *("0", "0.0123", "−5.02", "23.6", "−1e-04", "1.23e+05"),
    ]
    assert [layers.share(v) for v in (0.0, 0.0004, 0.125, 1.0)] == [
        *("0", "<0.1%", "12.5%", "100.0%"),
    ]


def test_of_hundreds_of_layers_only_those_in_sight_are_drawn(
    ui: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    line = layers._line

    def counted(layer: LayerStats, chosen: bool, bent: bool) -> bool:
        drawn.append(layer.name)
        return line(layer, chosen, bent)

    monkeypatch.setattr(layers, "_line", counted)
    one = report(ui).layers[0]
    many = tuple(dataclasses.replace(one, name=f"layer{i}") for i in range(400))
    inspecting = ui.app.instrument(LayerInspector)
    inspecting._show(report=LayerReport(many, report(ui).view))
    ui.frames(1)
    assert "layer0" in drawn
    assert len(drawn) < 40
