"""Videos of a layer over the timeline: what they show, and one range of colours in all frames."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from renderer.errors import PictureError
from renderer.files.video_settings import VideoSettings
from renderer.frame.layer_report import Choice, LayerChoice
from renderer.pipeline.batch import Batch, draw, video_batch, write
from renderer.pipeline.inspector import Inspector
from renderer.pipeline.layer_frames import LayerFrames, side_by_side
from renderer.pipeline.renderer import Renderer
from renderer.recipe.recipe import Recipe
from renderer.timeline.timeline import KeyFrame, Timeline
from tests.renderer.fakes import CountingLoader, recipe

LAYER = "b16.conv0"


@pytest.fixture
def renderer() -> Renderer:
    return Renderer("cpu", load=CountingLoader())


def batch(path: Path, choice: LayerChoice, first: Recipe | None = None) -> Batch:
    start = first or recipe("a", seed=1)
    end = replace(start, latent=replace(start.latent, seed=5), psi=3.0)
    timeline = Timeline((KeyFrame(0.0, start), KeyFrame(0.5, end)), 0.5, 10)
    return video_batch(timeline, VideoSettings("png"), path, layer=choice)


@pytest.mark.parametrize(
    "choice",
    [LayerChoice(LAYER), LayerChoice(LAYER, (3,)), LayerChoice(LAYER, everything=True)],
)
def test_frames_are_what_the_layers_tab_shows_in_one_range_of_colours(
    renderer: Renderer, tmp_path: Path, choice: LayerChoice
) -> None:
    work = batch(tmp_path / "frames", choice)
    assert work.layer is not None
    shown = [draw(renderer, work, index).pixels for index in range(work.count)]
    reach = work.layer._reach
    reaches = []
    for index, pixels in enumerate(shown):
        channel = choice.channels[0] if choice.channels else None
        alone = Choice(LAYER, channel, not choice.everything)
        own = Inspector().look(renderer, work.recipe(index), alone).view
        reaches.append(own.reach)
        fixed = Choice(LAYER, channel, not choice.everything, reach)
        view = Inspector().look(renderer, work.recipe(index), fixed).view
        assert np.array_equal(pixels, view.atlas if choice.everything else view.picture)
    assert len(set(reaches)) > 1, "each alone would have another range"
    assert max(reaches[0], reaches[work.count // 2]) <= reach
    assert not np.array_equal(shown[0], shown[-1])


def test_channels_stand_side_by_side(renderer: Renderer, tmp_path: Path) -> None:
    three = draw(renderer, batch(tmp_path / "a", LayerChoice(LAYER, (0, 2, 3))), 0).pixels
    one = draw(renderer, batch(tmp_path / "b", LayerChoice(LAYER, (2,))), 0).pixels
    side = one.shape[0]
    assert three.shape == (2 * side, 2 * side, 3)
    assert not three[side:, side:].any(), "the last place is empty"
    assert three[:side, side:].any()
    white = [np.full((2, 3, 3), value, np.uint8) for value in range(1, 6)]
    assert side_by_side(white)[::2, ::3, 0].tolist() == [[1, 2, 3], [4, 5, 0]]


def test_what_the_model_lacks_is_a_sentence(renderer: Renderer, tmp_path: Path) -> None:
    for choice, words in (
        (LayerChoice("b999.conv0"), r"no layer b999\.conv0\. .* such as b8\.input\."),
        (LayerChoice(LAYER, (5000,)), "no channel 5000"),
    ):
        with pytest.raises(PictureError, match=words):
            draw(renderer, batch(tmp_path / "a", choice), 0)


def test_the_video_is_written_and_its_pictures_carry_their_recipes(
    renderer: Renderer, tmp_path: Path
) -> None:
    work = batch(tmp_path / "frames", LayerChoice(LAYER, (1,)))
    frames = (draw(renderer, work, index) for index in range(work.count))
    written = write(work.open, frames, lambda count: None)
    assert len(list(written.path.glob("*.png"))) == work.count
    alone = LayerFrames(LayerChoice(LAYER, (1,)), (work.recipe(0),))
    assert alone.draw(renderer, work.recipe(0)).shape == (*written.size, 3)
