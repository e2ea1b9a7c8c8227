"""Disks that are full, read-only or gone, under everything that is written."""

from __future__ import annotations

import builtins
import errno
import io
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec import Raw

from renderer.files.atomic import ExportError, write_file
from renderer.files.images import read_recipe
from renderer.files.kinds import IMAGE_SUFFIXES as PICTURES
from renderer.files.sheet_file import SheetFile
from renderer.files.video import VideoFile
from renderer.files.video_settings import SUFFIXES, VideoSettings
from renderer.recipe import contact_sheet
from renderer.recipe.contact_sheet import Sheet
from renderer.recipe.recipe import LatentPart, Recipe
from tests.visualizer.driver import Driver
from visualizer.control import settings
from visualizer.control.instrument import Control
from visualizer.control.settings import ControlSettings
from visualizer.instruments.prompts import PROMPT, Prompts
from visualizer.session.dropped_files import save_image
from visualizer.session.earlier_sessions import EarlierSessions
from visualizer.session.session_file import SessionFile, encode, read_session
from visualizer.session.state import State, Store
from visualizer.session.user_lists import Library

PIXELS = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
ERRORS = (errno.ENOSPC, errno.EROFS, errno.EACCES, errno.ENOENT, errno.EIO)
POINTS = ("make", "open", "write", "sync", "name")
Save = Callable[[Path], str | None]
"""Saves something into a folder; returns the sentence when it cannot, else None."""


def told(work: Callable[[], object]) -> str | None:
    """What `work` says when it cannot write."""
    try:
        work()
    except ExportError as error:
        return str(error)
    return None


def picture(suffix: str) -> Save:
    recipe = Recipe(latent=LatentPart(seed=5))
    return lambda folder: told(lambda: save_image(folder / "captures", "a", PIXELS, recipe, suffix))


def clip(kind: Any) -> Save:
    def save(folder: Path) -> None:
        form = VideoSettings(kind=kind, fps=10)
        with VideoFile(folder / "clips" / f"c{SUFFIXES[form.kind]}", form, numbered=True) as one:
            for _ in range(3):
                one.add(PIXELS, Recipe())
            one.finish()

    return lambda folder: told(lambda: save(folder))


def sheet(folder: Path) -> str | None:
    def save() -> None:
        one = SheetFile(folder / "captures" / "s.png", Sheet(), Recipe(), numbered=True)
        for _ in contact_sheet.places(Sheet(), Recipe()):
            one.add(PIXELS)
        one.finish()

    return told(save)


def session(folder: Path) -> str | None:
    data = encode(SessionFile(Recipe(psi=0.5), {}))
    return told(lambda: write_file(folder / "mine.json", data, overwrite=True))


def autosave(folder: Path) -> str | None:
    return Store(folder / "state").save(State(Recipe(psi=0.5), parts={"a": Raw(b"[1]")}))


def prompts(folder: Path) -> str | None:
    return Library(folder / "state", "prompts", PROMPT, 10).save(["a", "b"])


def control(folder: Path) -> str | None:
    return told(lambda: settings.save(folder / "state", ControlSettings(port=9999)))


def aside(folder: Path) -> str | None:
    return told(lambda: EarlierSessions(folder / "state").keep(b"{}"))


SAVES: dict[str, Save] = {
    **{f"picture{suffix}": picture(suffix) for suffix in PICTURES},
    "sheet": sheet,
    "clip of pictures": clip("png"),
    "session": session,
    "autosave": autosave,
    "prompts": prompts,
    "control": control,
    "aside": aside,
}
MOVIES: dict[str, Save] = {kind: clip(kind) for kind in ("mp4", "webm", "gif")}
"""ffmpeg writes these by itself: no fault can be put into its calls, only below them."""


class Faults:
    """Lets one kind of call fail for files below a folder."""

    def __init__(self, patch: pytest.MonkeyPatch, folder: Path, point: str, number: int) -> None:
        self.folder, self.error, self.count = str(folder), number, 0
        if point == "make":
            patch.setattr(os, "mkdir", self._failing(os.mkdir))
        elif point == "open":
            patch.setattr(builtins, "open", self._opening(builtins.open))
            patch.setattr(io, "open", self._opening(io.open))
        elif point == "write":
            patch.setattr(builtins, "open", self._full(builtins.open))
            patch.setattr(io, "open", self._full(io.open))
        elif point == "sync":
            patch.setattr(os, "fsync", self._always)
        else:
            for name in ("link", "replace", "rename"):
                patch.setattr(os, name, self._failing(getattr(os, name)))
            patch.setattr(os, "open", self._reserving(os.open))

    def _always(self, *_: object) -> Any:
        self.count += 1
        raise OSError(self.error, os.strerror(self.error))

    def _concerns(self, file: object) -> bool:
        return isinstance(file, str | os.PathLike) and str(file).startswith(self.folder)

    def _failing(self, works: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            return self._always() if self._concerns(arguments[0]) else works(*arguments, **options)

        return call

    def _reserving(self, works: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any, flags: int, *arguments: Any, **options: Any) -> Any:
            if self._concerns(path) and flags & os.O_CREAT:
                self._always()
            return works(path, flags, *arguments, **options)

        return call

    def _opening(self, works: Callable[..., Any]) -> Callable[..., Any]:
        def call(file: Any, mode: str = "r", *arguments: Any, **options: Any) -> Any:
            if self._concerns(file) and set(mode) & set("wxa+"):
                self._always()
            return works(file, mode, *arguments, **options)

        return call

    def _full(self, works: Callable[..., Any]) -> Callable[..., Any]:
        """Files that take a few bytes and no more."""

        def call(file: Any, mode: str = "r", *arguments: Any, **options: Any) -> Any:
            opened = works(file, mode, *arguments, **options)
            if not (self._concerns(file) and set(mode) & set("wxa+")):
                return opened
            return _Full(opened, self._always)

        return call


class _Full:
    """A file whose disk is full after its first bytes."""

    def __init__(self, file: Any, fail: Callable[[], Any]) -> None:
        self._file, self._fail = file, fail

    def __enter__(self) -> _Full:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def write(self, data: bytes) -> int:
        self._file.write(bytes(data[:7]))
        return self._fail()


def everything(folder: Path) -> dict[str, bytes | None]:
    """All that there is below a folder: contents of files, None for folders."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


def is_sentence(text: str | None) -> bool:
    return text is not None and text.endswith(".") and "\n" not in text and "Errno" not in text


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("name", SAVES)
def test_what_cannot_be_written_is_said_in_a_sentence_and_nothing_is_lost_or_left(
    name: str, point: str, tmp_path: Path
) -> None:
    save = SAVES[name]
    if point != "make":  # a folder that is there is not made
        assert save(tmp_path) is None
    before, hit = everything(tmp_path), 0
    for number in ERRORS:
        with pytest.MonkeyPatch.context() as patch:
            faults = Faults(patch, tmp_path, point, number)
            problem = save(tmp_path)
        hit += faults.count
        if faults.count:
            assert is_sentence(problem), problem
            assert everything(tmp_path) == before
    if point in ("open", "write", "name"):
        assert hit, "the fault was never met"
    assert save(tmp_path) is None, "it is written once the disk takes it"


@pytest.mark.parametrize("name", [*SAVES, *MOVIES])
def test_a_folder_that_is_a_file_is_said(name: str, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("in the way")
    assert is_sentence({**SAVES, **MOVIES}[name](blocked))
    assert blocked.read_text() == "in the way"


# -- a real disk that is full --------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 kB, where one may be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("name", [*SAVES, *MOVIES])
def test_a_disk_that_is_really_full(name: str, small_disk: Path) -> None:
    save = {**SAVES, **MOVIES}[name]
    for folder in ("captures", "clips", "state", "state/aside"):
        (small_disk / folder).mkdir(exist_ok=True)
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
        while file.write(b"x" * 4096):
            pass
    before = everything(small_disk)
    problem = save(small_disk)
    assert is_sentence(problem), problem
    assert "full" in (problem or "")
    assert everything(small_disk) == before
    filler.unlink()
    if name not in ("webm", "mp4", "gif", "clip of pictures"):  # several may not fit at all
        assert save(small_disk) is None


# -- in the window -------------------------------------------------------------------------------


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.mark.display
def test_autosave_is_tried_again_and_says_when_it_can_be_kept(
    open_window: Callable[..., Driver], tmp_path: Path
) -> None:
    clock = Clock()
    ui = open_window(clock=clock)

    def pass_s(seconds: float) -> None:
        clock.now_s += seconds
        ui.frames(2)
        ui.until(lambda: not ui.app._background._pending)

    pass_s(3)
    with pytest.MonkeyPatch.context() as patch:
        Faults(patch, tmp_path, "name", errno.ENOSPC)
        ui.app.session.edit(Recipe(psi=0.25))
        for _ in range(4):
            pass_s(3)
        said = [text for text in ui.said if "Autosave does not work" in text]
        assert len(said) == 1, "it is said once"
        assert "the disk is full" in said[0]
    pass_s(3)
    assert ui.said[-1] == "Autosave works again."
    assert read_session(tmp_path / "session.json").recipe.psi == 0.25


@pytest.mark.display
def test_what_the_disk_refused_is_written_when_the_window_closes(
    open_window: Callable[..., Driver], tmp_path: Path
) -> None:
    ui = open_window()
    with pytest.MonkeyPatch.context() as patch:
        Faults(patch, tmp_path, "name", errno.EROFS)
        ui.app.instrument(Prompts)._remember_only(("a boat", "a house"))
        ui.app.instrument(Control)._keep(port=9321)
        ui.until(lambda: not ui.app._background._pending)
    open_window()  # closes the one before
    assert Library(tmp_path, "prompts", PROMPT, 10).load() == (("a boat", "a house"), "")
    assert settings.load(tmp_path)[0].port == 9321


@pytest.mark.display
def test_a_capture_folder_that_vanishes_is_made_again(ui: Driver, tmp_path: Path) -> None:
    def captured(count: int) -> None:
        ui(lambda c: c.key_press(imgui_key_s()))
        ui.until(lambda: len(list((tmp_path / "captures").glob("*.png"))) == count)

    captured(1)
    shutil.rmtree(tmp_path / "captures")
    captured(1)
    assert read_recipe(next((tmp_path / "captures").glob("*.png")))


def imgui_key_s() -> int:
    """Ctrl-S, which saves the picture."""
    from imgui_bundle import imgui

    return imgui.Key.mod_ctrl | imgui.Key.s
