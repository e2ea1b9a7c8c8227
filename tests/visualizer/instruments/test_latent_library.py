"""Kept latents: kept, used, renamed, deleted, and travelling as files, in the real window."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from imgui_bundle import imgui

from renderer.files import latent_file
from renderer.files.latent_file import SavedLatent
from renderer.frame.preview import Wish
from renderer.pipeline import latents
from renderer.recipe.recipe import LatentPart, MixingPart, Recipe
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from tests.visualizer.fake import FakeThread
from visualizer.instruments.latent_library import MAX_LATENTS, LatentLibrary
from visualizer.session.state import State
from widgets.context import Options
from widgets.latent.library import (
    ROWS_SHOWN,
    DeleteLatent,
    ExportLatent,
    ImportLatent,
    KeepLatent,
)
from widgets.latent.panel import KEPT

pytestmark = pytest.mark.display
Key = imgui.Key
PART = LatentPart(seed=3, x=0.25, y=-0.125, target_seed=9, position=0.5)


def opened(part: LatentPart = PART) -> State:
    """A state in which the list is open."""
    return State(Recipe(latent=part), Options(open_sections=("Latent", KEPT)))


def kept(ui: Driver) -> tuple[SavedLatent, ...]:
    """What is kept."""
    library = ui.app.instrument(LatentLibrary)
    return library._kept


def keep(ui: Driver, *names: str) -> None:
    """Keep the current latent under some names."""
    for name in names:
        ui.app.commands.do(KeepLatent(name))
        ui.frames(2)


def file_of(home: Path, count: int, dim: int = 64) -> None:
    """Write a library of some latents."""
    items = [{"name": f"latent {i}", "values": [i / 100] * dim} for i in range(count)]
    data = {"stylegan_t_library": "latents", "version": 1, "items": items}
    (home / "latents.json").write_text(json.dumps(data))


def test_the_latent_of_now_is_kept_under_a_name_and_is_there_at_the_next_start(
    open_window: Open,
) -> None:
    ui = open_window(state=opened())

    def type_name(c: Any) -> None:
        c.item_click("**/##name")
        c.key_chars("the  house 日本")
        c.key_press(Key.enter)

    ui(type_name)
    ui(lambda c: c.item_click("**/###keep"))
    assert [latent.name for latent in kept(ui)] == ["seed 3", "the house 日本"]
    values = torch.tensor([kept(ui)[0].values])
    assert torch.equal(values, latents.latent(PART, 64))
    before = kept(ui)
    ui = open_window(state=opened())
    ui.until(lambda: kept(ui) == before)


def test_a_kept_latent_is_a_start_a_target_and_a_mixing_source(open_window: Open) -> None:
    ui = open_window(state=opened())
    keep(ui, "house")
    values = kept(ui)[0].values
    ui(lambda c: c.item_click("**/house/###target"))
    assert ui.recipe.latent.target_values == values
    ui(lambda c: c.item_click("**/house/###start"))
    assert ui.recipe.latent.values == values

    def add_source(c: Any) -> None:
        c.item_click("**/house/###menu")
        c.item_click("//$FOCUSED/Add as mixing source")

    ui(add_source)
    source = ui.recipe.mixing.sources[0]
    assert source.values == values
    assert source.active
    assert "Mixing" in ui.app.session.options.open_sections
    ui(lambda c: c.item_click("**/Seed/###let go"))
    ui(lambda c: c.item_click("**/house/thumb"))
    assert ui.recipe.latent.values == values


def test_renaming_keeps_names_apart(open_window: Open) -> None:
    ui = open_window(state=opened())
    keep(ui, "house", "tree")

    def rename(c: Any) -> None:
        c.item_click("**/tree/###menu")
        c.item_click("//$FOCUSED/Rename…")
        c.yield_(3)
        c.key_chars_replace_enter("house")

    ui(rename)
    assert [latent.name for latent in kept(ui)] == ["house 2", "house"]


def test_what_was_deleted_comes_back_to_its_place(open_window: Open) -> None:
    ui = open_window(state=opened())
    keep(ui, "a", "b", "c")

    def delete(c: Any) -> None:
        c.item_click("**/b/###menu")
        c.item_click("//$FOCUSED/Delete")

    ui(delete)
    ui.app.commands.do(DeleteLatent("c"))
    ui.frames(2)
    assert [latent.name for latent in kept(ui)] == ["a"]
    ui(lambda c: c.item_click("**/###undelete"))
    ui(lambda c: c.item_click("**/###undelete"))
    assert [latent.name for latent in kept(ui)] == ["c", "b", "a"]


def test_a_latent_travels_as_a_file(open_window: Open, tmp_path: Path) -> None:
    ui = open_window(state=opened())
    keep(ui, "a house: red/blue")
    asked: list[Any] = []
    ui.app._dialogs.ask = lambda *question: asked.append(question)  # type: ignore[method-assign]
    ui.app.commands.do(ExportLatent("a house: red/blue"))
    asked.pop()[2](tmp_path / "out")
    ui.until(lambda: list((tmp_path / "out").glob("*.json")))
    path = next((tmp_path / "out").glob("*.json"))
    assert latent_file.read(path) == kept(ui)[0]
    ui.app.commands.do(ImportLatent())
    asked.pop()[2](path)
    ui.until(lambda: len(kept(ui)) == 2)
    assert kept(ui)[0].name == "a house: red/blue 2"
    path.write_bytes(b'{"stylegan_t_latent":1,"name":"a","values":[1e999]}')
    ui.app.commands.do(ImportLatent())
    asked.pop()[2](path)
    ui.until(lambda: ui.said[-1].endswith("contains no latent that this program wrote."))
    assert len(kept(ui)) == 2


def test_a_latent_of_another_model_is_greyed_out(open_window: Open, tmp_path: Path) -> None:
    file_of(tmp_path, 1, dim=8)
    ui = open_window(state=opened(LatentPart()))
    ui.until(lambda: kept(ui))
    ui(lambda c: c.item_click("**/latent 0/###start"))
    ui(lambda c: c.item_click("**/latent 0/thumb"))
    assert ui.recipe.latent == LatentPart()
    assert ui.recipe.mixing == MixingPart()


def test_a_damaged_library_is_kept_aside_and_said(open_window: Open, tmp_path: Path) -> None:
    (tmp_path / "latents.json").write_bytes(b"\x80\x04pickle")
    ui = open_window(state=opened())
    ui.until(lambda: ui.said)
    assert "latents.broken.json" in ui.said[-1]
    assert kept(ui) == ()
    keep(ui, "house")
    assert len(kept(ui)) == 1


def test_a_full_library_takes_no_more_and_draws_only_what_shows(
    open_window: Open, tmp_path: Path
) -> None:
    file_of(tmp_path, MAX_LATENTS)
    thread, wished = FakeThread(), list[Wish]()
    thread.wish = wished.extend  # type: ignore[method-assign]
    ui = open_window(state=opened(), thread=thread)
    ui.until(lambda: len(kept(ui)) == MAX_LATENTS)
    ui.frames(3)
    pictures = {wish.recipe.latent.values for wish in wished} - {()}
    assert kept(ui)[0].values in pictures
    assert len(pictures) <= ROWS_SHOWN + 3
    keep(ui, "one more")
    assert len(kept(ui)) == MAX_LATENTS
    assert "delete some" in ui.said[-1]
