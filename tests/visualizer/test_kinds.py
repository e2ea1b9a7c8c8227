"""Every instrument over every kind of network: it draws, or it is greyed and says why."""

from __future__ import annotations

import contextlib
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from imgui_bundle import imgui
from msgspec.structs import replace

import stylegan_t
from renderer.frame.frame import Frame
from renderer.frame.layer_report import LayerReport
from renderer.parameters.kinds import Kind, ParameterError, Text
from renderer.parameters.parameter import Parameter
from renderer.parameters.parameters import parameters_of
from renderer.parameters.registry import parameters
from renderer.parameters.shape import shape_of
from renderer.recipe.contact_sheet import Axis, Sheet
from renderer.recipe.identity import unhashed
from renderer.recipe.recipe import (
    Direction,
    LatentPart,
    MixingPart,
    MixSource,
    MixTrack,
    Pad,
    Prompt,
    Recipe,
    TextPart,
)
from renderer.timeline.timeline import KeyFrame, Timeline
from stylegan_t.network import AnyNetwork
from tests.renderer.fakes import tiny_model, tiny_tower
from tests.stylegan_t.reference import family_snapshot
from tests.visualizer.driver import Driver
from tests.visualizer.real import RealThread
from tests.visualizer.window.test_layout import SECTIONS
from visualizer.control.dispatch import Dispatcher
from visualizer.control.signal_queue import Signal
from visualizer.session.state import State
from visualizer.window.layout import TABS
from widgets import actions
from widgets.context import Options
from widgets.controls import labelled_row, tooltips
from widgets.controls.grid_view import SaveSheet, SetSheet
from widgets.controls.timeline_view import ExportVideo, Seek, SetTimeline, TogglePlay
from widgets.latent.wander import Wander
from widgets.prompt.suggestions import SurpriseMe
from widgets.tabs.layer_view import LayersView

pytestmark = [pytest.mark.display, pytest.mark.slow]

KINDS = ("stylegan_t", "sg2_uncond", "sg2_cond", "sg3_t", "sg3_r", "xl_superres", "lafite")
WORDS = {"stylegan_t": "a red house", "lafite": "a red house"}
"""A prompt; of classes it is a number."""
LIVELY = ("/psi", "/psi/cutoff", "/noise/mode", "/noise/strength", "/latent/seed", "/latent/x")
LIVELY += ("/transform/rotate", "/transform/x", "/transform/zoom", "/text/prompt/1")
LIVELY += ("/mixing/1/latent/row/1", "/move/mapped/1", "/move/style/1/1", "/psi/towards")
"""What has an effect wherever it is not greyed."""
SENTENCE = re.compile(r"[A-Z][^.]+\.")


def network(kind: str, folder: Path) -> AnyNetwork:
    """A small random network, as it comes from its file."""
    if kind == "stylegan_t":
        return tiny_model()
    model = stylegan_t.load(family_snapshot.write(kind, folder / f"{kind}.pkl"))
    if kind == "lafite":
        model.text = tiny_tower(c_dim=model.anatomy.c_dim)
    return model


def recipe_for(kind: str) -> Recipe:
    """One with something in every list, in which little is extreme."""
    prompts = (Prompt(WORDS.get(kind, "1")), Prompt("2", 0.25))
    return Recipe(
        text=TextPart(prompts, directions=(Direction("one", "1", "0", 0.25),)),
        latent=LatentPart(3),
        psi=0.5,
        mixing=MixingPart((MixSource(9, prompt="2", latent=MixTrack((0.5,))),)),
    )


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def ui(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    """One window for all the tests of a kind."""
    home = tmp_path_factory.mktemp(kind)
    thread = RealThread(generator=network(kind, home), model=None)
    driver = Driver(home, thread=thread, state=State(recipe_for(kind), Options(open_sections=())))
    yield driver
    driver.close()


@pytest.fixture(autouse=True)
def fresh(ui: Driver, kind: str, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Every test begins with the same recipe and nothing open; no redraw fails in it."""
    ui.app.session.options = Options(open_sections=())
    shown(ui, recipe_for(kind))
    yield
    assert "failed" not in caplog.text


def shown(ui: Driver, recipe: Recipe) -> np.ndarray:
    """The pixels of a recipe that the window shows."""
    session = ui.app.session
    session.edit(recipe)
    ui.until(lambda: session.error or drawn(session.frame, session.recipe), 3.0)
    assert session.error is None, (session.error, recipe)
    assert session.frame is not None
    return session.frame.pixels()


def drawn(frame: Frame | None, recipe: Recipe) -> bool:
    """Whether a frame is that of a recipe."""
    return frame is not None and unhashed(frame.recipe) == unhashed(recipe)


def values(kind: Kind) -> tuple[Any, ...]:
    """The ends and the middle of a control; a text that is a number, a form, or nothing."""
    if isinstance(kind, Text):
        return ("0", "2:1", "")
    return tuple(kind.at(share) for share in (0.0, 0.5, 1.0))


def taken(item: Parameter, recipe: Recipe, value: Any) -> Recipe:
    """The recipe with a value; as it was where the value is refused, in a sentence."""
    try:
        return item.set(recipe, value)
    except ParameterError as error:
        assert str(error).endswith("."), error
        return recipe


def one_of_each(recipe: Recipe, ui: Driver) -> list[Parameter]:
    """The first and the last of the parameters that differ by numbers alone."""
    found: dict[str, list[Parameter]] = {}
    for item in parameters_of(recipe, ui.app.session.model):
        if item.address != "/precision":  # what a processor cannot compute is told elsewhere
            found.setdefault(re.sub(r"\d+", "#", item.address), []).append(item)
    ends = [item for group in found.values() for item in (group[0], *group[-1:])]
    lively = [item for group in found.values() for item in group if item.address in LIVELY]
    return list({item.address: item for item in (*ends, *lively)}.values())


def test_every_control_draws_or_says_why_it_does_nothing(ui: Driver, kind: str) -> None:
    recipe, model = recipe_for(kind), ui.app.session.model
    before, wrong = shown(ui, recipe), list[str]()
    for item in one_of_each(recipe, ui):
        pictures = [shown(ui, taken(item, recipe, value)) for value in values(item.kind)]
        same = all(np.array_equal(picture, before) for picture in pictures)
        why = item.reason(recipe, model)
        if why and not SENTENCE.fullmatch(why):
            wrong.append(f"{item.address}: {why!r} is no sentence")
        if why and not same and not item.adds:
            wrong.append(f"{item.address} has an effect, but says: {why}")
        if not why and same and item.address in LIVELY:
            wrong.append(f"{item.address} does nothing and does not say why")
    assert wrong == []


def test_no_two_controls_have_one_address(ui: Driver) -> None:
    shape = shape_of(ui.app.session.recipe, ui.app.session.model)
    addresses = Counter(item.address for item in parameters(shape))
    assert [address for address, count in addresses.items() if count > 1] == []


def test_what_a_kind_lacks_is_greyed(ui: Driver) -> None:
    recipe, model = ui.app.session.recipe, ui.app.session.model
    assert model is not None
    greyed = {p.address: p.reason(recipe, model) for p in parameters_of(recipe, model)}
    assert bool(greyed["/noise/mode"]) == (not model.has_noise)
    assert bool(greyed["/transform/rotate"]) == (not model.has_transform)
    assert bool(greyed["/text/prompt/1"]) == (model.condition == "nothing")


class Greyed:
    """Watches what is drawn greyed out, and whether a tooltip says why."""

    KINDS = ("button", "invisible_button", "checkbox", "slider_float", "v_slider_float")
    KINDS += ("input_text", "input_text_with_hint", "input_text_multiline", "selectable")

    def __init__(self) -> None:
        self.waiting: list[str] = []
        self.reasons: set[str] = set()
        self.drawn = 0
        self._rows = 0

    @contextlib.contextmanager
    def watching(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        """Within, everything is watched."""
        with monkeypatch.context() as patch:
            for name in self.KINDS:
                patch.setattr(imgui, name, self._item(getattr(imgui, name)))
            tip = self._tip(tooltips.tip)
            for module in [m for n, m in sys.modules.items() if n.startswith("widgets")]:
                if getattr(module, "tip", None) is tooltips.tip and module is not tooltips:
                    patch.setattr(module, "tip", tip)
            row = labelled_row.Row
            enter, leave = row.__enter__, row.__exit__
            patch.setattr(row, "__enter__", self._entered(enter))
            patch.setattr(row, "__exit__", self._left(leave))
            yield

    def _item(self, draw: Callable[..., Any]) -> Callable[..., Any]:
        def drawn(label: str, *args: Any, **named: Any) -> Any:
            answer = draw(label, *args, **named)
            self.drawn += 1
            if imgui.get_item_flags() & imgui.ItemFlags_.disabled and not self._rows:
                self.waiting.append(label)
            return answer

        return drawn

    def _tip(self, tip: Callable[..., None]) -> Callable[..., None]:
        def told(text: str, reason: str | None = None) -> None:
            if reason:
                self.reasons.add(reason)
                self.waiting.clear()
            tip(text, reason)

        return told

    def _entered(self, enter: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def entered(row: Any) -> Any:
            answer = enter(row)
            self._rows += bool(row._reason)
            return answer

        return entered

    def _left(self, leave: Callable[..., None]) -> Callable[..., None]:
        def left(row: Any, *error: Any) -> None:
            self._rows -= bool(row._reason)
            leave(row, *error)

        return left


def test_every_panel_is_drawn_and_what_is_greyed_says_why(
    ui: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    greyed = Greyed()
    plain = ui.app.session.recipe
    for recipe in (plain, replace(plain, text=replace(plain.text, pad=Pad(), strength=0.5))):
        for tab in ("", *(tab.title for tab in TABS)):
            ui.app.session.options = Options(open_sections=SECTIONS, drawer=tab)
            shown(ui, recipe)
            with greyed.watching(monkeypatch):
                ui.frames(2)
            assert greyed.waiting == [], f"{tab or 'panels'}: {greyed.waiting} greyed, unsaid"
    assert greyed.drawn > 500
    wrong = [why for why in greyed.reasons if not why.endswith(".") and "pip install" not in why]
    assert wrong == []


def test_the_layers_are_looked_into(ui: Driver) -> None:
    ui.app.session.options = Options(open_sections=(), drawer="Layers", drawer_em=16.0)
    model = ui.app.session.model
    assert model is not None

    def report() -> LayerReport | None:
        return ui.app._context(0.0).see(LayersView).report

    ui.until(report)
    found = report()
    assert found is not None
    assert [layer.name for layer in found.layers] == [layer.name for layer in model.layers]


def test_a_drag_on_the_picture_travels_and_places(ui: Driver, kind: str) -> None:
    model = ui.app.session.model
    assert model is not None

    def drag(c: Any) -> None:
        c.mouse_move("//Picture/picture")
        c.mouse_down(0)
        at = imgui.get_io().mouse_pos
        c.mouse_move_to_pos((at.x + 70, at.y + 20))
        c.mouse_up(0)

    ui(drag)
    assert ui.recipe.latent != recipe_for(kind).latent
    ui.app.commands.do(actions.ChooseTool("place"))
    ui(drag)
    assert (ui.recipe.transform != Recipe().transform) == model.has_transform
    assert ui.app.session.error is None


def test_pictures_grids_videos_and_walks(ui: Driver, kind: str) -> None:
    ui.app.commands.do(actions.CaptureImage())
    ui.until(lambda: ui.app.session.last_capture)
    ui.app.commands.do(SetSheet(Sheet(Axis("seed", count=2), Axis("psi", count=2))))
    ui.app.commands.do(SaveSheet())
    captures = ui.home / "captures"
    ui.until(lambda: list(captures.glob("sheet-*.png")))
    start, end = recipe_for(kind), Recipe(text=TextPart((Prompt("2"),)), latent=LatentPart(8))
    timeline = Timeline((KeyFrame(0.0, start), KeyFrame(0.5, end)), 0.5, 4)
    for wish in (SetTimeline(timeline), Seek(0.3), TogglePlay()):
        ui.app.commands.do(wish)
        ui.frames(3)
    ui.app.commands.do(TogglePlay())
    ui.app.commands.do(ExportVideo())
    ui.until(lambda: [path for path in captures.iterdir() if path.suffix in (".mp4", ".webm")])
    ui.app.commands.do(Wander(seed=7))
    ui.frames(5)
    ui.app.commands.do(Wander(playing=False))
    ui.app.commands.do(SurpriseMe())
    ui.app.commands.do(actions.Undo())
    ui.frames(2)
    assert ui.app.session.error is None


def test_a_remote_control_plays(ui: Driver) -> None:
    signals = [
        Signal("/psi", (0.3,)),
        Signal("/psi/block/*", (0.6,)),
        Signal("/noise/strength/*", (0.5,)),
        Signal("/transform/*", (0.5,)),
        Signal("/mixing/1/latent/row/*", (0.5,)),
        Signal("/mixing/1/text/*", (0.5,)),
        Signal("/text/pad/x", (0.5,)),
        Signal("/text/direction/one", (0.5,)),
    ]
    result = Dispatcher().apply(ui.app.session.recipe, ui.app.session.model, signals, ())
    assert result.problem == "" and result.unknown == []
    shown(ui, result.recipe)
