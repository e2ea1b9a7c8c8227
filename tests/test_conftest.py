"""The rules of tests/conftest.py, tried on small test files."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.conftest import may_skip

CONFTEST = (Path(__file__).parent / "conftest.py").read_text("utf-8")
INI = "[pytest]\nmarkers =\n    display: needs a display\n    gpu: needs a GPU\n    slow: slow\n"


@pytest.fixture
def inner(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder with our conftest, run on a machine without a display."""
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr("shutil.which", lambda name: None)
    folders = (f"XDG_{name}_HOME" for name in ("CONFIG", "DATA", "STATE", "CACHE"))
    for name in ("HOME", "TMPDIR", *folders):
        monkeypatch.setenv(name, os.environ[name])  # so that the inner run's changes are undone
    monkeypatch.setattr("tempfile.tempdir", tempfile.tempdir)
    pytester.makeconftest(CONFTEST.replace('pytest_plugins = ["pytester"]', ""))
    pytester.makeini(INI)
    return pytester


SKIPS = {
    "marked": "import pytest\n@pytest.mark.display\ndef test(): pass",
    "said": "import pytest\ndef test(): pytest.skip('needs a Display')",
    "whole_file": "import pytest\npytest.skip('no display', allow_module_level=True)",
    "by its fixture": """
import pytest
@pytest.fixture
def open_window(): raise AssertionError("there is no display")
@pytest.fixture
def ui(open_window): pass
def test(ui): pass
""",
    "tool": "import pytest\npytestmark = pytest.mark.skipif(True, reason='no tool')\ndef test(): 0",
}


@pytest.mark.parametrize("kind", SKIPS)
def test_without_what_it_needs_a_test_is_skipped(inner: pytest.Pytester, kind: str) -> None:
    inner.makepyfile(SKIPS[kind])
    inner.runpytest_inprocess().assert_outcomes(skipped=1)


@pytest.mark.parametrize("kind", SKIPS)
def test_in_ci_that_skip_is_a_failure(
    inner: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setenv("CI", "true")
    inner.makepyfile(SKIPS[kind])
    result = inner.runpytest_inprocess()
    assert result.ret != pytest.ExitCode.OK
    outcomes = result.parseoutcomes()
    assert "skipped" not in outcomes
    assert outcomes.get("failed", 0) + outcomes.get("errors", 0) == 1
    result.stdout.fnmatch_lines(["*all must be there that tests need*"])


@pytest.mark.parametrize(
    ("system", "reason", "right"),
    [
        ("linux", "there are no FIFOs", False),
        ("win32", "there are no FIFOs", True),
        ("win32", "no display", False),
    ],
)
def test_other_systems_may_lack_more(
    monkeypatch: pytest.MonkeyPatch, system: str, reason: str, right: bool
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    assert may_skip(reason) is right


def test_in_ci_a_test_may_be_skipped_for_what_a_machine_may_lack(
    inner: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    inner.makepyfile("import pytest\ndef test(): pytest.skip('no CUDA device')")
    result = inner.runpytest_inprocess()
    result.assert_outcomes(skipped=1)
    assert result.ret == pytest.ExitCode.OK


def test_tests_live_in_a_home_of_their_own() -> None:
    assert "stylegan-t-tests-" in str(Path.home())
    assert os.environ["XDG_CONFIG_HOME"].startswith(str(Path.home()))
    assert Path(tempfile.gettempdir()).parent == Path.home()


MARKED = """
import pytest
@pytest.mark.display
def test_a(): pass
@pytest.mark.display
@pytest.mark.slow
def test_b(): pass
@pytest.mark.slow
def test_c(): pass
def test_d(): pass
def test_e(): pass
"""


@pytest.mark.slow
@pytest.mark.parametrize("processes", [0, 2])
def test_a_quick_run_tells_what_it_left_out(inner: pytest.Pytester, processes: int) -> None:
    inner.makepyfile(MARKED)
    result = inner.runpytest_subprocess("--quick", f"-n{processes}")
    result.assert_outcomes(passed=2, deselected=0 if processes else 3)
    result.stdout.fnmatch_lines(["2 tests that need a display", "1 tests that are slow"])


HOMES = """
import os, pathlib, pytest, time
@pytest.mark.parametrize("number", range(2))
def test(number):
    place = os.environ.get("DISPLAY", ""), os.environ["HOME"], os.environ["TMPDIR"]
    pathlib.Path(str(number)).write_text("\\n".join(place))
    while not pathlib.Path(str(1 - number)).exists():
        time.sleep(0.01)  # the other process runs the other test
"""


@pytest.mark.slow
def test_every_process_has_a_place_of_its_own(inner: pytest.Pytester) -> None:
    inner.makepyfile(HOMES)
    inner.runpytest_subprocess("-n2", "--timeout=60").assert_outcomes(passed=2)
    one, other = ((inner.path / name).read_text("utf-8").splitlines() for name in "01")
    assert len(one) == 3
    assert not {*filter(None, one)} & {*filter(None, other)}
    assert not any(Path(place).exists() for place in (*one[1:], *other[1:]))


OPEN_A_WINDOW = """
import glfw
assert glfw.init()
glfw.window_hint(glfw.CONTEXT_VERSION_MAJOR, 3)
glfw.window_hint(glfw.CONTEXT_VERSION_MINOR, 3)
glfw.window_hint(glfw.OPENGL_PROFILE, glfw.OPENGL_CORE_PROFILE)
glfw.window_hint(glfw.OPENGL_FORWARD_COMPAT, True)
window = glfw.create_window(64, 64, "test", None, None)
assert window
glfw.make_context_current(window)
from OpenGL import GL
GL.glClearColor(1, 0.5, 0, 1)
GL.glClear(GL.GL_COLOR_BUFFER_BIT)
print(GL.glReadPixels(8, 8, 1, 1, GL.GL_RGB, GL.GL_UNSIGNED_BYTE).hex())
"""


@pytest.mark.display
def test_the_display_draws_with_opengl() -> None:
    shown = subprocess.run([sys.executable, "-c", OPEN_A_WINDOW], capture_output=True, text=True)
    assert shown.returncode == 0, shown.stderr
    red, green, blue = bytes.fromhex(shown.stdout)
    assert (red, blue) == (255, 0)
    assert green in (127, 128)
