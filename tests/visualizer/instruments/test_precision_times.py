"""A precision that is chosen for the first time is measured, told, and remembered."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from renderer.pipeline import precision_times
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from tests.visualizer.real import RealThread
from visualizer.instruments.precision_times import FILE, PrecisionTimes
from visualizer.session.state import State
from widgets.context import Options
from widgets.model.precision import PrecisionView

pytestmark = pytest.mark.display
OPEN = Options(open_sections=("Model",))


@pytest.fixture(autouse=True)
def rounds_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the first round: on a busy machine a tiny model's rounds contradict one another."""
    monkeypatch.setattr(precision_times, "settled", lambda rounds: rounds[0])


def seen(ui: Driver) -> dict[str, float]:
    instrument = ui.app.instrument(PrecisionTimes)
    (view,) = instrument.views(0.0)
    assert isinstance(view, PrecisionView)
    return dict(view.times)


def choose(ui: Driver, precision: str) -> None:
    ui.app.session.edit(replace(ui.recipe, precision=precision))


def test_what_is_chosen_is_measured_once_and_kept(open_window: Open) -> None:
    thread = RealThread()
    ui = open_window(thread=thread, state=State(options=OPEN))
    ui.frames(4)
    assert seen(ui) == {} and "Measuring float32" not in thread.jobs
    choose(ui, "bfloat16")
    ui.until(lambda: seen(ui).keys() == {"float32", "bfloat16"})
    assert thread.jobs.count("Measuring bfloat16") == 1
    choose(ui, "float16")
    ui.until(lambda: "float16" in seen(ui))
    choose(ui, "bfloat16")
    ui.frames(6)
    assert thread.jobs.count("Measuring bfloat16") == 1
    path: Path = ui.app.session.folders.state / FILE
    ui.until(lambda: path.exists() and b"float16" in path.read_bytes())


@pytest.mark.parametrize("data", [b"damaged", b'{"stylegan_t_precision": 99, "times": {}}'])
def test_what_cannot_be_read_is_measured_again(open_window: Open, data: bytes) -> None:
    ui = open_window(thread=RealThread(), state=State(options=OPEN))
    folder = ui.app.session.folders.state
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_bytes(data)
    choose(ui, "bfloat16")
    ui.until(lambda: "bfloat16" in seen(ui))
    ui.until(lambda: (folder / FILE).read_bytes() != data)
    assert msgspec.json.decode((folder / FILE).read_bytes())["times"]


def test_what_is_known_of_this_kind_is_not_measured(open_window: Open) -> None:
    thread = RealThread()
    ui = open_window(thread=thread, state=State(options=OPEN))
    instrument = ui.app.instrument(PrecisionTimes)
    ui.until(lambda: ui.app.session.frame is not None)
    frame = ui.app.session.frame
    assert frame is not None
    times = {instrument._kind(frame): {"float32": 239.0, "bfloat16": 630.0}}
    folder = ui.app.session.folders.state
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_bytes(msgspec.json.encode({"stylegan_t_precision": 1, "times": times}))
    choose(ui, "bfloat16")
    ui.until(lambda: seen(ui) == {"float32": 239.0, "bfloat16": 630.0})
    ui.frames(4)
    assert "Measuring bfloat16" not in thread.jobs
