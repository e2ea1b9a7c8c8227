"""Fixtures of the tests that open a window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.visualizer.driver import Driver

Open = Callable[..., Driver]


@pytest.fixture
def open_window(tmp_path: Path) -> Iterator[Open]:
    """Opens windows on a fake renderer; at most one at a time, closed at the end of the test."""
    drivers: list[Driver] = []

    def open_one(**options: Any) -> Driver:
        while drivers:
            drivers.pop().close()
        drivers.append(Driver(tmp_path, **options))
        return drivers[-1]

    yield open_one
    for driver in drivers:
        driver.close()


@pytest.fixture
def ui(open_window: Open) -> Driver:
    """A window as a newcomer sees it."""
    return open_window()
