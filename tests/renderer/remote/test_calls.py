"""What a window asks for beside its picture: the answers are those of a renderer here."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from renderer.errors import Abandoned, PictureError
from renderer.frame.layer_report import Choice
from renderer.pipeline.inspector import Inspector
from renderer.pipeline.renderer import Renderer
from renderer.recipe.recipe import Move
from renderer.remote import calls
from renderer.remote.wire import LineError
from tests.renderer.fakes import CountingLoader, recipe
from tests.renderer.remote.loopback import WAIT_S, Near


@pytest.fixture
def here() -> Iterator[Renderer]:
    yield Renderer("cpu", load=CountingLoader())


def ask(near: Near, work: Callable[[Any], Any]) -> Any:
    return near.thread.run(work, "Asking").result(WAIT_S)


def test_components_are_those_of_a_renderer_here(near: Near, here: Renderer) -> None:
    wanted = recipe("a red house")
    for space, row in (("mapped", 0), ("style", 1)):
        found = ask(near, lambda renderer, s=space, r=row: renderer.components(wanted, s, r))
        assert found == here.components(wanted, space, row)  # pyright: ignore


def test_a_look_inside_is_that_of_a_renderer_here(near: Near, here: Renderer) -> None:
    wanted, choice = recipe("a red house"), Choice("b8.conv1", 2)
    far = ask(near, lambda renderer: Inspector().look(renderer, wanted, choice))
    own = Inspector().look(here, wanted, choice)
    assert far.layers == own.layers
    for name in ("values", "picture", "atlas", "spectrum"):
        assert np.array_equal(getattr(far.view, name), getattr(own.view, name)), name
    assert far.view.profile == pytest.approx(own.view.profile)
    assert (far.view.layer, far.view.channel) == (own.view.layer, own.view.channel)


def test_a_direction_is_written_out_there(near: Near, here: Renderer) -> None:
    move = Move("mapped", 1)
    far = ask(near, lambda renderer: renderer.direction(recipe("a"), move))
    assert far == here.direction(recipe("a"), move)


def test_files_are_read_again_and_models_loaded_ahead(near: Near) -> None:
    wanted = recipe("a")
    ask(near, lambda renderer: renderer.load_ahead(wanted, ["/b", "/c"], lambda: False))
    ask(near, lambda renderer: renderer.use("/b", "float32"))
    ask(near, lambda renderer: renderer.look_again())


def test_an_error_comes_with_its_sentence(near: Near) -> None:
    with pytest.raises(PictureError, match="no row 4000"):
        ask(near, lambda renderer: renderer.components(recipe("a"), "style", 4000))


def test_work_that_nobody_waits_for_is_given_up(near: Near, loader: CountingLoader) -> None:
    near.show(recipe("a"))
    loader.block_s = 0.2
    with pytest.raises(Abandoned):
        ask(near, lambda renderer: renderer.render(recipe("a", seed=7), lambda: True))
    loader.block_s = 0
    assert ask(near, lambda renderer: renderer.render(recipe("a", seed=8))).error is None


def test_unknown_names_are_a_sentence(near: Near) -> None:
    nothing = calls.LOOK_AGAIN
    unknown = dataclasses.replace(nothing, name="fly")
    future = near.thread.call(unknown, calls.Nothing(), "")
    with pytest.raises(PictureError, match="does not know how to “fly”"):
        future.result(WAIT_S)


def look() -> calls.Inspected:
    renderer = Renderer("cpu", load=CountingLoader())
    return calls.inspected(Inspector().look(renderer, recipe("a"), Choice()))


def test_a_look_whose_parts_do_not_fit_is_refused() -> None:
    good = look()
    calls.report(good)
    for bad in (
        replace(good, columns=good.columns + 1),
        replace(good, channels=good.channels + 1000),
        replace(good, values=replace(good.values, height=good.values.height + 1)),
        replace(good, picture=replace(good.picture, data=b"")),
    ):
        with pytest.raises(LineError):
            calls.report(bad)
