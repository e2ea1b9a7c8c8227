"""What the monkey measures and tells of it, and whether it reaches the window from outside."""

from __future__ import annotations

import gc
import io
import json
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.monkey import gauges
from tests.monkey.gauges import Sample, first_of_each_window, growth
from tests.monkey.holdings import holdings
from tests.monkey.remote import Remote
from tests.monkey.report import SampleTable, growth_lines, news
from tests.source_tree import ROOT
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from visualizer.control.osc_packets import Message, encoded

linux = pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")


def made(at_s: float, memory_mb: float, window: int = 0, **other: object) -> Sample:
    """A sample of which only some figures matter."""
    plain = dict.fromkeys(gauges.FIGURES, 0.0) | {"memory_mb": memory_mb}
    return Sample(at_s=at_s, window=window, **plain, **other)  # pyright: ignore[reportArgumentType]


# -- measuring -----------------------------------------------------------------------------------


@linux
def test_threads_and_files_are_known_by_their_names() -> None:
    before = gauges.thread_names() + gauges.handle_names()
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait, name="a lazy pool_0")
    thread.start()
    with tempfile.NamedTemporaryFile(suffix=".forgotten") as file:
        more = gauges.thread_names() + gauges.handle_names() - before
        ended.set()
        thread.join()
    assert more["thread a lazy pool"] == 1
    assert more[f"file {file.name}"] == 1


def measured(program: str) -> Any:
    """What a program prints as JSON in a process of its own: in this one, what already lies free
    would be taken first."""
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


FREED_MB = 40.0
FREED = """
import json
from tests.monkey import gauges
before = gauges.heap_mb()
pieces = [bytes(2_000) for _ in range(20_000)]
full = gauges.heap_mb()
kept = pieces[::40]  # one in each few pages: hardly any page is free as a whole
pieces.clear()
print(json.dumps([before, full, gauges.heap_mb()]))
"""


@linux
def test_free_memory_in_the_heap_is_told_from_memory_in_use() -> None:
    before, full, after = measured(FREED)
    assert full[0] - before[0] > 0.9 * FREED_MB
    assert after[0] - before[0] < 0.1 * FREED_MB
    assert after[1] - before[1] > 0.5 * FREED_MB


SMALL = """
import json
from tests.monkey import gauges
before = gauges.python_mb()
kept = [(number,) for number in range(10**6, 10**6 + 500_000)]
print(json.dumps(gauges.python_mb() - before))
"""


@linux
def test_python_s_own_memory_is_measured() -> None:
    # Half a million tuples of 48 bytes, each with a number of 28 bytes that is made for it.
    assert 35 < measured(SMALL) < 60


# -- telling -------------------------------------------------------------------------------------


def test_growth_is_an_hour_s_and_fresh_windows_are_the_first_of_each() -> None:
    samples = [made(0, 100), made(60, 150), made(120, 110, 1), made(180, 170, 1)]
    assert growth(samples[:2], "memory_mb") == pytest.approx(3000)
    assert first_of_each_window(samples) == [samples[0], samples[2]]
    assert growth(first_of_each_window(samples), "memory_mb") == pytest.approx(300)


def test_previews_and_tensors_are_no_part_of_the_rest() -> None:
    one = made(0, 100, held={"previews_mb": 3.0, "tensors_mb": 20.0})
    assert one.figure("rest_mb") == -23.0


def test_what_is_new_at_the_end_is_named() -> None:
    first = made(0, 100, names=Counter({"thread osc": 1}), kinds=Counter({"Frame": 2, "Recipe": 9}))
    last = made(
        60,
        100,
        held={"history": 7.0},
        names=Counter({"thread osc": 1, "thread script": 2, "file socket": 1}),
        kinds=Counter({"Frame": 80, "Recipe": 9}),
    )
    told = "\n".join(news([first, first, last]))
    assert "2 thread script, 1 file socket" in told
    assert "78 Frame" in told
    assert "osc" not in told
    assert "Recipe" not in told


def test_the_table_has_every_figure_that_any_sample_has() -> None:
    samples = [made(0, 100, held={"history": 0.0}), made(3600, 160, held={"history": 30.0})]
    lines = list(growth_lines(samples))
    memory = next(line for line in lines if line.startswith("memory_mb")).split()
    assert memory[1:] == ["100.0", "160.0", "160.0", "160.0", "+60.0", "+0.0", "+0.0"]
    assert any(line.startswith("history") for line in lines)
    table = io.StringIO()
    rows = SampleTable(table)
    rows.follow(samples[:1])
    rows.follow(samples)
    head, *lines = table.getvalue().splitlines()
    assert len(lines) == 2
    assert dict(zip(head.split(","), lines[1].split(","), strict=True))["history"] == "30.0"


# -- from outside --------------------------------------------------------------------------------


@pytest.fixture
def remote(tmp_path: Path, open_window: Open) -> Iterator[tuple[Remote, Driver]]:
    """What plays the window, and the window."""
    remote = Remote(tmp_path, real=False)
    with remote.standing():
        ui = open_window()
        remote.opened(ui.app)
        yield remote, ui


@pytest.mark.display
def test_osc_midi_and_scripts_reach_the_window(remote: tuple[Remote, Driver]) -> None:
    hand, ui = remote
    hand.osc(encoded(Message("/psi", (0.25,))), b"no packet")
    ui.frames(2)
    assert ui.recipe.psi == 0.25
    hand.stage.knobs(("control_change", {"control": 1, "value": 127}))
    ui.frames(2)
    assert ui.recipe.psi == 1.5
    hand.script("set", "/psi", 0.75)
    ui.frames(2)
    assert ui.recipe.psi == 0.75
    hand.script("set", "/psi", "nonsense")  # the script is told, and nobody else
    ui.frames(2)
    assert ui.recipe.psi == 0.75


@pytest.mark.display
@linux
def test_what_the_window_keeps_is_counted(ui: Driver) -> None:
    gc.collect()  # windows of other tests
    before = holdings(ui.app)
    ui.app.previews.put("one", np.zeros((50, 50, 3), np.uint8))
    ui.app.session.say("Something.")
    after = holdings(ui.app)
    assert after["previews"] - before["previews"] == 1
    assert after["previews_mb"] - before["previews_mb"] == pytest.approx(0.01)
    assert after["notices"] - before["notices"] == 1
    assert after["windows"] == 1
