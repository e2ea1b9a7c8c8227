"""Files of an earlier version open, and what they say is drawn as it was drawn then.

`tests/earlier/` was written by the program of 28 November 2026, before its files stood in wings: a
model of a few thousand random weights, and what was saved of it.  What has "bends" or "canvas" in
its name was saved a day later, directions and wildcards by the version after that.  Pixels may
differ by one grey level: on another processor, sums come in another order.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from renderer.files import latent_file
from renderer.files.embedded_timeline import read_video_timeline
from renderer.files.images import read_recipe, read_sheet
from renderer.files.kinds import identify
from renderer.files.sheet_image import SheetImage
from renderer.frame.frame import captured_recipe
from renderer.pipeline.renderer import Renderer
from renderer.recipe import contact_sheet
from renderer.recipe.recipe import LatentPart, Recipe
from renderer.timeline.serialization import STORED_TIMELINE, read_timeline, restored
from renderer.timeline.timeline import Timeline, frame_count, frame_recipe
from visualizer.session.session_file import encode, read_session

EARLIER = Path(__file__).parent / "earlier"
SHEET, FRAMES, BENT_FRAMES = "sheet.png", "timeline-frames.png", "bends-frames.png"
PICTURES = [
    path.name
    for path in sorted(EARLIER.iterdir())
    if path.suffix in (".png", ".webp") and path.name not in (SHEET, FRAMES, BENT_FRAMES)
]


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    """One for all, as caches must not change a picture either."""
    return Renderer("cpu")


@pytest.fixture(autouse=True)
def beside_the_model(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The recipes name their model by its file's name alone."""
    with monkeypatch.context() as patch:
        patch.chdir(EARLIER)
        yield


def drawn(renderer: Renderer, recipe: Recipe) -> np.ndarray:
    """The pixels of a recipe, whose model is the one that it names, by its hash, too."""
    frame = renderer.render(recipe)
    assert frame.error is None and frame.notes == ()
    assert captured_recipe(frame).model == recipe.model
    return frame.pixels()


def pixels_of(name: str) -> np.ndarray:
    """The pixels in a file."""
    with Image.open(EARLIER / name) as image:
        return np.asarray(image.convert("RGB"))


def assert_same(pixels: np.ndarray, before: np.ndarray) -> None:
    """The picture of then, up to one grey level."""
    assert pixels.shape == before.shape
    assert np.abs(pixels.astype(int) - before.astype(int)).max() <= 1


def assert_frames(renderer: Renderer, timeline: Timeline, name: str = FRAMES) -> None:
    """Every frame is as it was."""
    frames = [
        drawn(renderer, frame_recipe(timeline, index)) for index in range(frame_count(timeline))
    ]
    assert_same(np.concatenate(frames, axis=1), pixels_of(name))


@pytest.mark.parametrize("name", PICTURES)
def test_a_capture_is_drawn_again(renderer: Renderer, name: str) -> None:
    assert identify(EARLIER / name) == "picture"
    assert_same(drawn(renderer, read_recipe(EARLIER / name)), pixels_of(name))


def test_a_jpeg_carries_the_recipe_of_the_picture_beside_it() -> None:
    assert read_recipe(EARLIER / "photo.jpg") == read_recipe(EARLIER / "everything.png")


def test_each_kind_of_recipe_is_another_picture() -> None:
    different = {pixels_of(name).tobytes() for name in PICTURES}
    assert len(different) == len(PICTURES) - 1  # one was saved as PNG and as WebP


def test_a_sheet_is_drawn_again(renderer: Renderer) -> None:
    recipe, sheet = read_recipe(EARLIER / SHEET), read_sheet(EARLIER / SHEET)
    assert sheet is not None
    image = SheetImage(sheet, recipe, 32, ())
    for row, column, cell in contact_sheet.places(sheet, recipe):
        image.place(row, column, drawn(renderer, cell))
    assert_same(image.pixels, pixels_of(SHEET))


def test_a_timeline_is_played_again(renderer: Renderer) -> None:
    assert identify(EARLIER / "timeline.json") == "timeline"
    assert_frames(renderer, read_timeline(EARLIER / "timeline.json"))


def test_the_timeline_in_a_clip_is_the_one_in_the_file_of_its_own() -> None:
    assert identify(EARLIER / "clip.gif") == "video"
    assert read_video_timeline(EARLIER / "clip.gif") == read_timeline(EARLIER / "timeline.json")


def test_a_session_opens_with_its_picture_and_its_timeline(renderer: Renderer) -> None:
    assert identify(EARLIER / "session.json") == "session"
    session = read_session(EARLIER / "session.json")
    assert_same(drawn(renderer, session.recipe), pixels_of("everything.png"))
    assert session.timeline is not None
    stored = STORED_TIMELINE.decode(session.timeline)
    assert stored.playhead_s == 1.25
    assert_frames(renderer, restored(stored))


def test_bends_and_a_wider_canvas_are_played_again(renderer: Renderer) -> None:
    timeline = read_timeline(EARLIER / "bends-timeline.json")
    assert all(key.recipe.bends and key.recipe.canvas != Recipe().canvas for key in timeline.keys)
    assert_frames(renderer, timeline, BENT_FRAMES)
    session = read_session(EARLIER / "bends-session.json")
    assert_same(drawn(renderer, session.recipe), pixels_of("bends-canvas.png"))
    stored = STORED_TIMELINE.decode(session.timeline or msgspec.Raw())
    assert stored.playhead_s == 0.25
    assert restored(stored) == timeline


def test_a_session_keeps_the_part_that_nobody_knows() -> None:
    parts = msgspec.json.decode(encode(read_session(EARLIER / "session.json")))
    assert parts["of a later version"] == {"kept": [1, 2]}


def test_a_saved_latent_is_drawn_again(renderer: Renderer) -> None:
    assert identify(EARLIER / "latent.json") == "latent"
    saved = latent_file.read(EARLIER / "latent.json")
    assert saved.name == "a walk's end"
    plain = read_recipe(EARLIER / "plain.png")
    latent = LatentPart(values=saved.values)
    recipe = msgspec.structs.replace(plain, latent=latent)
    assert_same(drawn(renderer, recipe), pixels_of("latent.png"))
