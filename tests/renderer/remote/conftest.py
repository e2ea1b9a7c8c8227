"""A line for each test that asks for one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.renderer.fakes import CountingLoader
from tests.renderer.remote.loopback import WAIT_S, Loopback, Near


@pytest.fixture
def loader() -> CountingLoader:
    return CountingLoader()


@pytest.fixture
def near(loader: CountingLoader) -> Iterator[Near]:
    near = Near(Loopback(loader))
    near.thread.start()
    yield near
    loader.block_s = loader.load_s = 0
    assert near.thread.stop(WAIT_S)
