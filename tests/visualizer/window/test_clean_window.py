"""The window that shows the picture alone."""

from __future__ import annotations

import pytest

from widgets.output import Fit

SIZES = ((64, 64), (1024, 1024), (300, 200), (1, 7))
ROOMS = ((1920, 1080), (1080, 1920), (64, 64), (50, 10))


def fitted(picture: tuple[int, int], room: tuple[int, int], fit: Fit) -> tuple[float, ...]:
    # needs PyOpenGL, which is for those who have a window
    from visualizer.window.clean_window import fitted_box

    return fitted_box(picture, room, fit)


@pytest.mark.display
@pytest.mark.usefixtures("ui")
def test_the_picture_lies_in_the_middle_in_whole_pixels() -> None:
    for picture in SIZES:
        for room in ROOMS:
            for fit in ("fit", "fill", "pixels"):
                left, top, right, bottom = fitted(picture, room, fit)
                assert all(edge == int(edge) for edge in (left, top, right, bottom))
                assert abs(left + right - room[0]) <= 1 and abs(top + bottom - room[1]) <= 1
                width, height = right - left, bottom - top
                touches = abs(width - room[0]) <= 1, abs(height - room[1]) <= 1
                if fit == "fit":
                    assert any(touches) and width <= room[0] + 1 and height <= room[1] + 1
                elif fit == "fill":
                    assert any(touches) and width >= room[0] - 1 and height >= room[1] - 1
                else:
                    assert width % picture[0] == 0 and width // picture[0] == height // picture[1]


@pytest.mark.display
@pytest.mark.usefixtures("ui")
def test_whole_pixels_are_as_large_as_all_of_them_fit() -> None:
    assert fitted((256, 256), (1920, 1080), "pixels") == (448.0, 28.0, 1472.0, 1052.0)
    assert fitted((2048, 2048), (1920, 1080), "pixels") == (-64.0, -484.0, 1984.0, 1564.0)
