"""What all tests share: a display of their own, a home of their own, and what a skip may mean.

* Tests marked `display` need OpenGL on a screen; those that use the fixtures of a window are marked
  by themselves.  Where Xvfb is installed they get a virtual one,
  so that nothing flickers on yours; else they use the display that is there, or are skipped.
* With --quick, what is marked `display`, `gpu` or `slow` is left out, and counted at the end.
* With CI=true a skipped test has failed, but for what a machine may lack: nobody would notice.
* Settings, caches, captures and temporary files go to a folder that is deleted afterwards.
* Each worker of pytest-xdist has a display and a home of its own: workers cannot meet.
"""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

pytest_plugins = ["pytester"]

SCREEN = "1920x1080x24"
XVFB_START_S = 20.0
QUICK_LEAVES_OUT = {"display": "need a display", "gpu": "need a graphics card", "slow": "are slow"}
OPENS_A_WINDOW = "open_window"
"""The fixture that every test of the window in this process uses, directly or by another."""
MAY_LACK_IN_CI = (
    "no CUDA device",
    "no disk can be mounted here",  # which takes root
    "this file system has no sparse files",
    "this build of PyTorch packs no weights of this type",
    "no Triton here",  # it comes with PyTorch for graphics cards
    "without git",  # in an unpacked archive
    "there is no full device here",
)
"""Reasons to skip a test that may hold in CI too; other systems than Linux have more of them."""
YOUNG_OBJECTS = 10_000
LEFT_OUT = "left_out"
_undo: list[Any] = []
_left_out: Counter[str] = Counter()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--quick`."""
    markers = ", ".join(QUICK_LEAVES_OUT)
    parser.addoption("--quick", action="store_true", help=f"leave out what is marked {markers}")


def pytest_configure(config: pytest.Config) -> None:
    """Move into a home of our own and start the virtual display, before any test is imported.

    A worker's home lies in that of the process that started it, which removes all: a worker that
    is slow to end is killed before it could.
    """
    home = Path(tempfile.mkdtemp(prefix="stylegan-t-tests-"))
    _undo.append(lambda: shutil.rmtree(home, ignore_errors=True))
    os.environ["HOME"] = str(home)
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        os.environ[f"XDG_{name}_HOME"] = str(home / name.lower())
    # pytest's own folders stay where they are: one looks into them after a failure.
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", tempfile.gettempdir())
    (home / "tmp").mkdir()
    os.environ["TMPDIR"] = tempfile.tempdir = str(home / "tmp")
    os.environ["HF_HUB_OFFLINE"] = "1"  # a test that needs the network would fail elsewhere
    # The networks of the tests are tiny: further threads only wait for one another, and on a busy
    # machine they wait long.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if shutil.which("Xvfb") and not runs_no_tests(config) and not config.getoption("quick"):
        os.environ["DISPLAY"] = _start_xvfb()
        os.environ.pop("WAYLAND_DISPLAY", None)
        os.environ["LIBGL_ALWAYS_SOFTWARE"] = "1"


def runs_no_tests(config: pytest.Config) -> bool:
    """Tell whether this process only hands tests to workers, which have homes within its home."""
    return bool(config.getoption("numprocesses", None)) and not hasattr(config, "workerinput")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what `pytest_configure` started."""
    while _undo:
        _undo.pop()()


def _start_xvfb() -> str:
    """Start Xvfb on a free display and tell its name, such as ":99"."""
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", SCREEN, "-nolisten", "tcp"]
    command.append("-noreset")  # else it starts again, for a moment deaf, when a window closes
    if shutil.which("setpriv"):  # it goes when we go, even when we are killed
        command[:0] = ["setpriv", "--pdeathsig", "TERM"]
    server = subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    _undo.append(lambda: (server.terminate(), server.wait(XVFB_START_S)))
    with os.fdopen(reader) as pipe:  # Xvfb writes the number once it listens
        number = pipe.readline().strip()
    if not number:
        raise pytest.UsageError("Xvfb is installed but does not start; run it by hand to see why.")
    return f":{number}"


def why_no_display() -> str | None:
    """The reason why `display` tests cannot run here, or None when they can."""
    if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
        return "no display: there is neither Xvfb nor a running X server"
    return None


def why_no_gpu() -> str | None:
    """The reason why `gpu` tests cannot run here, or None when they can."""
    import torch

    return None if torch.cuda.is_available() else "no CUDA device"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what `--quick` does not run; skip what this machine cannot run, with the reason."""
    for item in items:
        if OPENS_A_WINDOW in getattr(item, "fixturenames", ()):
            item.add_marker("display")
    if config.getoption("quick"):
        leave_out(config, items)
    reasons = {"display": why_no_display(), "gpu": why_no_gpu()}
    for item in items:
        for marker, reason in reasons.items():
            if reason and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_collection() -> None:
    """Collect no garbage while tests are collected: there is none."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Collect garbage again, but never search the half million objects that are there to stay."""
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)
    gc.enable()


def leave_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take out of `items` all that is marked as too much for a quick run, and count it."""
    marked = [(item, next(filter(item.get_closest_marker, QUICK_LEAVES_OUT), "")) for item in items]
    items[:] = [item for item, marker in marked if not marker]
    config.hook.pytest_deselected(items=[item for item, marker in marked if marker])
    _left_out.update(marker for _, marker in marked if marker)
    if hasattr(config, "workerinput"):
        config.__dict__["workeroutput"][LEFT_OUT] = dict(_left_out)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Keep what a worker of pytest-xdist left out: all leave out the same."""
    _left_out.clear()
    _left_out.update(getattr(node, "workeroutput", {}).get(LEFT_OUT, {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell what `--quick` left out."""
    if _left_out:
        terminalreporter.section("not run, for --quick")
        for marker, count in sorted(_left_out.items()):
            terminalreporter.line(f"{count} tests that {QUICK_LEAVES_OUT[marker]}")


def may_skip(reason: str) -> bool:
    """Tell whether a test may be skipped for `reason` in CI: `tests/run` installs what it can."""
    if "display" in reason.lower():
        return False
    return not sys.platform.startswith("linux") or any(text in reason for text in MAY_LACK_IN_CI)


def fail_a_skip_in_ci(report: pytest.TestReport | pytest.CollectReport) -> None:
    """With CI=true turn a skip for what should be there into a failure."""
    if os.environ.get("CI") != "true" or not report.skipped or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if not may_skip(reason):
        report.outcome = "failed"
        report.longrepr = f"With CI=true all must be there that tests need, but: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Look at the report of every single test."""
    report = yield
    fail_a_skip_in_ci(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Look at the report of every file: a whole file may skip itself."""
    report = yield
    fail_a_skip_in_ci(report)
    return report
