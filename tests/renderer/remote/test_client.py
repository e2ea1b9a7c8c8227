"""The window's side of the line: it is to the window what the render thread is."""

from __future__ import annotations

import threading
import time
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from renderer.errors import Abandoned, PictureError
from renderer.frame.preview import Wish
from renderer.pipeline.render_thread import RenderThread
from renderer.recipe.recipe import Recipe
from renderer.remote import frames, line_keeper
from renderer.remote.wire import LineError
from stylegan_t.encoders.text import TowerError
from tests.renderer.fakes import CountingLoader, FakeTowers, recipe
from tests.renderer.remote.loopback import WAIT_S, Loopback, Near


def drawn_here(wanted: Recipe) -> np.ndarray:
    thread = RenderThread("cpu", load=CountingLoader())
    thread.start()
    try:
        return thread.run(lambda renderer: renderer.render(wanted), "").result(WAIT_S).pixels()
    finally:
        assert thread.stop(WAIT_S)


def test_a_picture_is_that_of_a_renderer_in_this_process(
    near: Near, loader: CountingLoader
) -> None:
    wanted = recipe("a red house", seed=4)
    frame = near.show(wanted)
    assert frame.error is None
    assert frame.recipe is wanted
    assert frame.model is not None
    assert frame.model.name.startswith("tiny")
    assert np.array_equal(frame.pixels(), drawn_here(wanted))
    assert near.thread.device_name.endswith("on the far end")
    assert near.thread.device_kind == "cpu"


def test_the_newest_recipe_wins(near: Near, loader: CountingLoader) -> None:
    near.show(recipe("a", seed=1))
    loader.block_s = 0.02
    for seed in range(2, 40):
        near.thread.submit(recipe("a", seed=seed))
    assert near.show(recipe("a", seed=40)).recipe.latent.seed == 40
    counts = near.thread.counts
    assert counts.not_begun + counts.given_up > 0


def test_an_error_is_a_frame_with_a_sentence(near: Near, loader: CountingLoader) -> None:
    loader.fail["bad"] = ValueError("no")
    wanted = replace(recipe("a"), model=replace(recipe("a").model, path="/nowhere/bad"))
    near.thread.submit(wanted)
    frame = near.next_frame()
    assert frame.image is None
    assert frame.error


def test_previews_come(near: Near) -> None:
    near.show(recipe("a"))
    wishes = [Wish(recipe("a", seed=seed), 8) for seed in (5, 6)]
    near.thread.wish(wishes)
    granted = []
    near.until(lambda: granted.extend(near.thread.take_granted()) or len(granted) == 2)
    assert [one.wish for one in granted] == wishes
    assert all(one.pixels is not None and one.pixels.shape == (8, 8, 3) for one in granted)
    assert near.thread.previews_waiting == 0


def test_work_is_done_there_and_its_picture_is_exact(near: Near, loader: CountingLoader) -> None:
    wanted = recipe("a red house", seed=9)
    future = near.thread.run(lambda renderer: renderer.render(wanted), "Saving")
    frame = future.result(WAIT_S)
    assert frame.exact
    assert np.array_equal(frame.pixels(), drawn_here(wanted))


def test_a_cut_line_is_mended_and_the_newest_recipe_is_drawn(near: Near) -> None:
    near.show(recipe("a", seed=1))
    near.far.cut()
    near.until(lambda: "connecting again" in near.thread.status.text or len(near.far.lines) > 1)
    assert near.show(recipe("a", seed=2)).recipe.latent.seed == 2
    assert len(near.far.lines) == 2


def test_the_same_recipe_is_drawn_again_on_a_new_line(near: Near) -> None:
    wanted = recipe("a", seed=1)
    near.show(wanted)
    near.far.cut()
    assert near.next_frame().recipe == wanted


def test_work_in_flight_is_asked_for_again_on_a_new_line(
    near: Near, loader: CountingLoader
) -> None:
    near.show(recipe("a", seed=1))
    loader.block_s = 0.2
    future = near.thread.run(lambda renderer: renderer.render(recipe("a", seed=2)), "Saving")
    near.until(lambda: near.thread.status.text == "Saving")
    near.far.cut()
    loader.block_s = 0
    assert future.result(WAIT_S).recipe == recipe("a", seed=2)


def test_a_place_where_nobody_is_makes_a_sentence_and_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(line_keeper, "PAUSES_S", (0.01,))
    far = Loopback(refuse=[LineError("the host is down.") for _ in range(3)])
    near = Near(far)
    told: list[str] = []
    show = near.thread._show
    monkeypatch.setattr(near.thread, "_show", lambda said: (told.append(said.text), show(said)))
    near.thread.submit(recipe("a"))
    near.thread.start()
    try:
        frame = near.next_frame()
        assert frame.error == "There is no renderer at the far end: the host is down."
        assert frame.fault == "device"
        assert not any("lost" in text for text in told)  # there was none to lose
        assert near.show(recipe("a")).error is None
        assert "Connecting to the far end, attempt 2" in told
    finally:
        assert near.thread.stop(WAIT_S)


def test_who_waits_when_it_stops_is_told(near: Near, loader: CountingLoader) -> None:
    near.show(recipe("a", seed=1))
    loader.block_s = 0.5
    future = near.thread.run(lambda renderer: renderer.render(recipe("a", seed=2)), "Saving")
    near.until(lambda: near.thread.status.text == "Saving")
    near.thread.leave("The renderer was restarted.")
    with pytest.raises(PictureError, match="restarted"):
        future.result(WAIT_S)
    with pytest.raises(PictureError, match="restarted"):
        near.thread.run(lambda renderer: renderer.render(recipe("a")), "").result(WAIT_S)
    assert near.thread.status.kind == "stopped"


def test_a_frame_of_an_earlier_model_is_dropped(near: Near, loader: CountingLoader) -> None:
    near.show(recipe("a", seed=1))
    other = replace(recipe("a"), model=replace(recipe("a").model, path="/other"))
    loader.load_s = 0.02
    near.thread.submit(recipe("a", seed=2))
    near.thread.submit(other)
    while (frame := near.next_frame()).recipe != other:
        pytest.fail(f"a frame of {frame.recipe.model.path} came")


def test_a_stopped_line_leaves_no_thread() -> None:
    near = Near(Loopback())
    near.thread.start()
    near.show(recipe("a"))
    began_s = time.monotonic()
    assert near.thread.stop(WAIT_S)
    assert time.monotonic() - began_s < WAIT_S
    assert not near.far.lines[0].thread.is_alive()


def test_a_recipe_is_drawn_again_when_it_is_submitted_again(near: Near) -> None:
    wanted = recipe("a", seed=3)
    near.show(wanted)
    near.show(wanted)


def test_a_mistake_of_ours_does_not_leave_the_line_dead(
    near: Near, monkeypatch: pytest.MonkeyPatch
) -> None:
    near.show(recipe("a", seed=1))
    broken = [RuntimeError("a mistake")]
    whole = frames.frame

    def once(*args: object) -> object:
        if broken:
            raise broken.pop()
        return whole(*args)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(frames, "frame", once)
    assert near.show(recipe("a", seed=2)).error is None
    assert len(near.far.lines) == 2


def test_a_text_tower_is_opened_there_and_says_how_far_it_is(loader: CountingLoader) -> None:
    towers = FakeTowers()
    near = Near(Loopback(loader, open_tower=towers))
    near.thread.start()
    spec, shares = "open_clip:ViT-B-32/openai", list[float]()
    try:
        near.show(recipe("a"))
        opened = near.thread.asking("").opened_tower(
            spec, download=True, tell=shares.append, abandon=lambda: False
        )
        assert (opened.name, opened.c_dim) == (spec, towers.c_dim)
        assert towers.downloaded
        wanted = replace(recipe("a"), model=replace(recipe("a").model, tower=spec))
        assert near.show(wanted).error is None
        assert towers.opened == [spec]  # the renderer has it already
    finally:
        assert near.thread.stop(WAIT_S)


def test_a_download_there_is_given_up_and_a_tower_that_is_not_there_is_a_sentence() -> None:
    began, gave_up = threading.Event(), threading.Event()

    def endless(spec: str, *, download: bool = False, progress: Any = None) -> Any:
        if not download:
            raise TowerError(f"{spec} is not on this computer.")
        try:
            while True:
                progress(0.25)
                began.set()
                time.sleep(0.001)
        except BaseException:
            gave_up.set()
            raise

    near = Near(Loopback(open_tower=endless))
    near.thread.start()
    shares: list[float] = []
    try:
        near.show(recipe("a"))
        ask = near.thread.asking("").opened_tower
        with pytest.raises(PictureError, match="is not on this computer"):
            ask("x", download=False, tell=shares.append, abandon=lambda: False)
        with pytest.raises(Abandoned):
            ask("x", download=True, tell=shares.append, abandon=lambda: len(shares) > 0)
        assert set(shares) == {0.25}
        assert gave_up.wait(WAIT_S)
        listed = near.thread.asking("").listed("").result(WAIT_S)  # beside it, in no row
        assert listed.folder
    finally:
        assert near.thread.stop(WAIT_S)
