"""Snapshots of the reference code in the real window, with the real renderer."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from imgui_bundle import imgui

from renderer.pipeline.render_thread import RenderThread
from renderer.recipe.recipe import Recipe
from tests.stylegan_t.reference.snapshot import small_clip, write_snapshot
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from visualizer.session.state import State
from widgets.context import Options

pytestmark = pytest.mark.display

LOAD_S = 60.0
"""The first CLIP of a process imports open_clip, which takes seconds on a busy machine."""


@pytest.fixture
def ui(open_window: Open) -> Driver:
    thread = RenderThread("cpu")
    state = State(Recipe(), Options(open_sections=("Prompt", "Model")))
    driver = open_window(thread=cast(Any, thread), state=state)
    driver.until(lambda: driver.app.session.frame is not None)
    return driver


def drop(ui: Driver, path: Path) -> None:
    ui.window.dropped = [str(path)]
    ui.until(lambda: ui.recipe.model.path == str(path))


def type_prompt(ui: Driver, text: str) -> None:
    def body(c: Any) -> None:
        c.item_click("**/##text")
        c.key_press(imgui.Key.mod_ctrl.value | imgui.Key.a.value)
        c.key_chars(text)

    ui(body)


def shown(ui: Driver) -> np.ndarray:
    frame = ui.app.session.frame
    assert frame is not None
    return frame.pixels()


def test_a_dropped_snapshot_listens_to_its_own_text_tower(ui: Driver, tmp_path: Path) -> None:
    path = write_snapshot(tmp_path / "network-snapshot-000123.pkl", "tiny_cond")
    session = ui.app.session
    drop(ui, path)
    ui.until(lambda: session.model_path == str(path), LOAD_S)
    assert session.error is None
    assert session.model is not None and session.model.text_tower == "ViT-L-14 openai"
    assert session.recipe.model.sha256 == session.model.sha256
    assert shown(ui).shape == (32, 32, 3)
    before = shown(ui)
    type_prompt(ui, "a red house")
    ui.until(lambda: session.frame and session.frame.recipe.text.prompts[0].text == "a red house")
    assert (shown(ui) != before).any(), "the picture follows the words"
    # Nobody else's tower was used: this is the embedding that open_clip itself computes.
    import open_clip
    import torch

    clip = small_clip(32).eval()
    with torch.no_grad():
        wanted = torch.nn.functional.normalize(
            cast(Any, clip).encode_text(open_clip.tokenize(["a red house"])), dim=1
        )
    import stylegan_t

    found = stylegan_t.load(path).encode_text(["a red house"])
    torch.testing.assert_close(found, wanted, atol=1e-5, rtol=0)


def test_a_hostile_snapshot_is_refused_and_the_window_goes_on(ui: Driver, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    path = tmp_path / "network-snapshot-000666.pkl"
    path.write_bytes(b"cos\nsystem\n(S'touch " + str(marker).encode() + b"'\ntR.")
    session = ui.app.session
    before = shown(ui)
    drop(ui, path)
    ui.until(lambda: session.refusal is not None)
    sentence = session.refusal.sentence if session.refusal else ""
    assert "os.system" in sentence and path.name in sentence
    assert not marker.exists()
    assert (shown(ui) == before).all(), "the last picture stays"
