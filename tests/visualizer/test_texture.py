from __future__ import annotations

import numpy as np
import pytest

from tests.visualizer.driver import Driver

pytestmark = pytest.mark.display


def shown(ui: Driver, pixels: np.ndarray, scale: float, *, smooth: bool = False) -> np.ndarray:
    """The screen's pixels where the picture is drawn at `scale`, its corner at (100, 50)."""
    from visualizer.texture import PictureTexture

    texture = PictureTexture(ui.window.gl_version.shader)
    texture.upload(pixels)
    height, width = (round(side * scale) for side in pixels.shape[:2])
    box = (100.0, 50.0, 100.0 + width, 50.0 + height)
    ui.window.begin_frame()
    ui.window.end_frame(
        lambda: texture.draw(box, (0, 0, 4000, 4000), ui.window.framebuffer_size, smooth=smooth)
    )
    screen = ui.window.pixels()
    ui.window.present()
    texture.close()
    return screen[50 : 50 + height, 100 : 100 + width]


@pytest.fixture
def noise() -> np.ndarray:
    """A picture of odd size, whose rows are not multiples of four bytes."""
    return np.random.default_rng(0).integers(0, 256, (21, 33, 3), dtype=np.uint8)


def test_at_actual_size_every_pixel_is_itself(ui: Driver, noise: np.ndarray) -> None:
    assert np.array_equal(shown(ui, noise, 1.0), noise)


@pytest.mark.parametrize("scale", [2, 3, 8])
def test_at_whole_multiples_pixels_are_sharp(ui: Driver, noise: np.ndarray, scale: int) -> None:
    expected = noise.repeat(scale, axis=0).repeat(scale, axis=1)
    assert np.abs(shown(ui, noise, scale).astype(int) - expected).max() <= 1


def test_between_whole_multiples_only_seams_are_blended(ui: Driver, noise: np.ndarray) -> None:
    picture = shown(ui, noise, 6.5)
    for y in range(noise.shape[0]):
        for x in range(noise.shape[1]):
            middle = picture[int((y + 0.5) * 6.5), int((x + 0.5) * 6.5)]
            assert np.abs(middle.astype(int) - noise[y, x]).max() <= 1


def test_smooth_pixels_are_blended(ui: Driver) -> None:
    edge = np.zeros((2, 2, 3), np.uint8)
    edge[:, 1] = 255
    assert len(np.unique(shown(ui, edge, 40.0, smooth=True))) > 20
    assert len(np.unique(shown(ui, edge, 40.0))) <= 3


def test_a_picture_of_another_size_takes_the_place_of_the_last(ui: Driver) -> None:
    from visualizer.texture import PictureTexture

    texture = PictureTexture(ui.window.gl_version.shader)
    assert texture.picture is None
    for side in (64, 16, 128):
        texture.upload(np.zeros((side, side, 3), np.uint8))
        assert texture.picture is not None
        assert texture.picture.width == side
    texture.close()
