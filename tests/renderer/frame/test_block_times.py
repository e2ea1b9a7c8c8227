"""The clock between blocks, and what a frame says of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from msgspec.structs import replace

from renderer.frame.block_times import BlockTimes
from renderer.pipeline.renderer import Renderer
from renderer.recipe.recipe import NoisePart
from stylegan_t import Generator
from tests.renderer.fakes import CountingLoader, recipe, tiny_model


def plainly(path: str, /, device: str, *, progress: Callable[[float], None]) -> Generator:
    """A tiny model without hooks, so that the prepared synthesis draws it."""
    return tiny_model()


def ticking(*seconds: float) -> Iterator[float]:
    yield from seconds


def test_each_block_has_the_time_since_the_one_before() -> None:
    clock = ticking(1.0, 1.002, 1.005)
    times = BlockTimes(clock=lambda: next(clock))
    times.done(8)
    times.done(16)
    assert times.told() == ((8, pytest.approx(2.0)), (16, pytest.approx(3.0)))
    assert times.told(1) == ((8, 0.0), (16, pytest.approx(3.0)))
    assert times.told(0) == ((8, 0.0), (16, 0.0))
    assert times.told(5) == times.told()


def test_the_device_is_waited_for_before_the_clock_is_read() -> None:
    done: list[str] = []

    def clock() -> float:
        done.append("clock")
        return 0.0

    BlockTimes(lambda: done.append("wait"), clock).done(8)
    assert done == ["clock", "wait", "clock"]


def test_a_frame_has_the_time_of_every_block_it_took() -> None:
    renderer = Renderer("cpu", load=plainly)
    first = renderer.render(recipe())
    assert first.model is not None
    assert [side for side, _ in first.block_ms] == list(first.model.blocks)
    assert all(ms > 0.0 for _, ms in first.block_ms)
    assert sum(ms for _, ms in first.block_ms) <= dict(first.stage_ms)["synthesis"]


def test_blocks_that_were_kept_took_no_time() -> None:
    renderer, noise = Renderer("cpu", load=plainly), NoisePart("const")
    renderer.render(replace(recipe(), noise=noise))
    later = replace(noise, blocks=(1.0, 0.5))
    frame = renderer.render(replace(recipe(), noise=later))
    assert [ms > 0.0 for _, ms in frame.block_ms] == [False, True]


def test_a_picture_that_was_kept_has_no_times_of_blocks() -> None:
    renderer = Renderer("cpu", load=plainly)
    renderer.render(recipe())
    assert renderer.render(recipe()).block_ms == ()


def test_the_readable_network_draws_all_blocks() -> None:
    """Hooks, as in these models that are counted, are called by it alone."""
    renderer = Renderer("cpu", load=CountingLoader())
    renderer.render(recipe())
    frame = renderer.render(recipe(psi=0.5))
    assert all(ms > 0.0 for _, ms in frame.block_ms)
