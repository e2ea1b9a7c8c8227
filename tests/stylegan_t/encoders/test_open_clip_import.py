"""open_clip is imported late, past a torchvision that does not fit, or with a clear sentence."""

import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from stylegan_t.encoders import open_clip_import
from stylegan_t.encoders.open_clip_import import import_open_clip
from stylegan_t.encoders.text import TowerError
from tests.source_tree import ROOT


@pytest.fixture
def forgetful() -> Iterator[None]:
    """The import is tried again in the test, and after it."""
    import_open_clip.cache_clear()
    yield
    import_open_clip.cache_clear()


def importer(monkeypatch: pytest.MonkeyPatch, *outcomes: Exception | ModuleType) -> list[str]:
    """Make imports end in `outcomes`, one after the other; the names asked for are recorded."""
    asked: list[str] = []
    left = iter(outcomes)

    def import_module(name: str) -> ModuleType:
        asked.append(name)
        outcome = next(left)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(open_clip_import.importlib, "import_module", import_module)
    return asked


def test_it_has_what_a_tower_needs() -> None:
    package: Any = import_open_clip()
    assert package.transformer.TextTransformer and package.tokenizer.SimpleTokenizer
    assert import_open_clip() is package


def test_the_project_starts_without_it() -> None:
    late = ["open_clip", "torchvision", "timm", "huggingface_hub"]
    code = f"import stylegan_t, sys; print([m for m in {late} if m in sys.modules])"
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.usefixtures("forgetful")
def test_missing_operators_are_declared_and_it_is_tried_once_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    declared: list[bool] = []
    monkeypatch.setattr(
        open_clip_import, "_declare_missing_operators", lambda: declared.append(True)
    )
    error = RuntimeError("operator torchvision::nms does not exist")
    found = ModuleType("open_clip")
    asked = importer(monkeypatch, error, found)
    assert import_open_clip() is found
    assert asked == ["open_clip", "open_clip"] and declared == [True]


@pytest.mark.usefixtures("forgetful")
def test_nothing_is_declared_when_it_is_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_clip_import, "_declare_missing_operators", lambda: pytest.fail("no"))
    found = ModuleType("open_clip")
    importer(monkeypatch, found)
    assert import_open_clip() is found


@pytest.mark.usefixtures("forgetful")
@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ModuleNotFoundError("No module", name="open_clip"), "not installed"),
        (ModuleNotFoundError("No module named 'timm'", name="timm"), "No module named 'timm'"),
        (ImportError("cannot import name X"), "cannot import name X"),
        (RuntimeError("something else"), "something else"),
        (OSError("libcudart.so: cannot open"), "libcudart.so"),
    ],
)
def test_one_sentence_when_it_does_not_start(
    monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    importer(monkeypatch, error, ModuleType("open_clip"))
    with pytest.raises(TowerError, match=words) as caught:
        import_open_clip()
    assert "pip install" in str(caught.value) and "\n" not in str(caught.value)
    assert import_open_clip()  # a failure is not remembered
