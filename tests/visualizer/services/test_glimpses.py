"""Small pictures for the file dialog, decoded beside the window."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from visualizer.services import glimpses
from visualizer.services.glimpses import MOST, SIZE_PX, Glimpses

WAIT_S = 30.0


@pytest.fixture
def came() -> threading.Semaphore:
    """Counts the pictures that came."""
    return threading.Semaphore(0)


@pytest.fixture
def looking(came: threading.Semaphore) -> Iterator[Glimpses]:
    made = Glimpses(came.release)
    yield made
    made.close()


def test_a_picture_comes_once_and_small(
    tmp_path: Path, looking: Glimpses, came: threading.Semaphore
) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (4 * SIZE_PX, SIZE_PX), (9, 200, 30)).save(path)
    assert looking.look(path) is None
    assert came.acquire(timeout=WAIT_S)
    pixels = looking.look(path)
    assert pixels is not None and pixels.dtype == np.uint8
    assert max(pixels.shape[:2]) <= SIZE_PX
    assert tuple(pixels[0, 0]) == (9, 200, 30)
    assert looking.look(path) is None, "asked again, it is decoded again"
    assert came.acquire(timeout=WAIT_S)


def test_what_is_no_picture_is_tried_once(
    tmp_path: Path, looking: Glimpses, came: threading.Semaphore
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"no picture")
    assert looking.look(path) is None
    assert came.acquire(timeout=WAIT_S)
    assert [looking.look(path) for _ in range(3)] == [None] * 3
    assert not came.acquire(timeout=0.05)


def test_what_scrolled_away_makes_room_for_what_is_seen(
    tmp_path: Path,
    looking: Glimpses,
    came: threading.Semaphore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    go_on, decoded = threading.Event(), list[str]()

    def slow(path: Path, size: int) -> np.ndarray:
        go_on.wait(WAIT_S)
        decoded.append(path.name)
        return np.zeros((1, 1, 3), np.uint8)

    monkeypatch.setattr(glimpses, "small_picture", slow)
    for number in range(3 * MOST):
        looking.look(tmp_path / f"{number}")
    go_on.set()
    for _ in range(MOST):
        assert came.acquire(timeout=WAIT_S)
    assert decoded == [f"{number}" for number in range(MOST)]
    assert looking.look(tmp_path / "seen") is None
    assert came.acquire(timeout=WAIT_S)
    assert looking.look(tmp_path / "seen") is not None
