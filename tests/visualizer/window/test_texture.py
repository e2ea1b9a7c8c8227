from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.visualizer.driver import Driver

pytestmark = pytest.mark.display


def shown(ui: Driver, pixels: np.ndarray, scale: float, *, smooth: bool = False) -> np.ndarray:
    """The screen's pixels where the picture is drawn at `scale`, its corner at (100, 50)."""
    from visualizer.window.texture import ImageTexture

    texture = ImageTexture(ui.window.gl_version.shader)
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
    from visualizer.window.texture import ImageTexture

    texture = ImageTexture(ui.window.gl_version.shader)
    assert texture.picture is None
    for side in (64, 16, 128):
        texture.upload(np.zeros((side, side, 3), np.uint8))
        assert texture.picture is not None
        assert texture.picture.width == side
    texture.close()


# -- frames of a graphics card ------------------------------------------------------------------


class OnCard:
    """A picture that says that it is on a card."""

    is_cuda = True

    def __init__(self, pixels: np.ndarray) -> None:
        self.pixels, self.shape = pixels, pixels.shape

    def get_device(self) -> int:
        """The first card."""
        return 0


def frame(side: int, value: int) -> Any:
    pixels = np.full((side, side, 3), value, np.uint8)
    return SimpleNamespace(image=OnCard(pixels), pixels=lambda: pixels)


def corner(ui: Driver, holder: Any) -> int:
    """What the texture shows in the screen's corner."""
    ui.window.begin_frame()
    area = (0.0, 0.0, 64.0, 64.0)
    ui.window.end_frame(lambda: holder.draw(area, area, ui.window.framebuffer_size, smooth=False))
    value = int(ui.window.pixels()[5, 5, 0])
    ui.window.present()
    return value


class Direct:
    """Stands for `DirectWay`; it keeps a list, and refuses a picture of 13s."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def take(self, name: int, image: OnCard) -> bool:
        """A picture comes."""
        self.asked.append(f"take {image.shape[0]}")
        return image.pixels[0, 0, 0] != 13

    def let_go(self) -> None:
        """The texture changes its size, or goes."""
        self.asked.append("let go")


@pytest.fixture
def direct(monkeypatch: pytest.MonkeyPatch) -> Direct:
    """Large pictures go the direct way; what was asked of it."""
    made = Direct()
    monkeypatch.setattr("visualizer.window.texture.DirectWay", lambda: made)
    monkeypatch.setattr("visualizer.window.texture.DIRECT_FROM", 64)
    return made


@pytest.fixture
def holder(ui: Driver) -> Iterator[Any]:
    from visualizer.window.texture import ImageTexture

    made = ImageTexture(ui.window.gl_version.shader)
    yield made
    made.close()


def test_only_large_pictures_go_the_direct_way(ui: Driver, direct: Direct, holder: Any) -> None:
    holder.show(frame(32, 50))
    assert corner(ui, holder) == 50
    for side, value in ((64, 60), (64, 70), (128, 70), (32, 80)):
        holder.show(frame(side, value))
    assert direct.asked == ["let go", "let go", *["take 64"] * 2, "let go", "take 128", "let go"]
    assert corner(ui, holder) == 80


def test_a_refused_picture_goes_by_way_of_main_memory(
    ui: Driver, direct: Direct, holder: Any
) -> None:
    holder.show(frame(64, 13))
    assert direct.asked[-1] == "take 64"
    assert corner(ui, holder) == 13


@pytest.mark.parametrize("buffered", [False, True])
def test_pictures_arrive_by_either_way_through_main_memory(ui: Driver, buffered: bool) -> None:
    from visualizer.window.texture import ImageTexture

    holder = ImageTexture(ui.window.gl_version.shader, buffered=buffered)
    for side, value in ((33, 10), (33, 20), (7, 30), (64, 40)):
        holder.upload(np.full((side, side, 3), value, np.uint8))
        assert corner(ui, holder) == value
    holder.close()
