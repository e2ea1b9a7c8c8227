"""Videos: frames to a movie or to a folder of pictures, streamed to the disk as they come.

The file appears whole, under its own name, when the last frame is written; until then, and after a
cancel or a full disk, there is nothing.  What frame i shows is its moment i / fps, whatever the
machine's speed.  The same code serves the window and the command line.
"""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Protocol

import numpy as np
from av.error import FFmpegError

from renderer.files.atomic import ExportError, last_number, require_new, saved_elsewhere
from renderer.files.framing import framed
from renderer.files.images import encode_png
from renderer.files.video_encoder import EncoderError, Movie
from renderer.files.video_settings import SUFFIXES, VideoSettings
from renderer.recipe.recipe import Recipe
from stylegan_t.files.partial_files import part_path
from stylegan_t.files.whole import cannot_write, claim, replace_file

TIMELINE_NAME = "timeline.json"


class _Sink(Protocol):
    def add(self, pixels: np.ndarray) -> None: ...
    def finish(self) -> None: ...
    def abort(self) -> None: ...


class VideoFile:
    """A video that is being written; a context manager that throws away what is not finished.

    Args:
        path: of the file, or the folder of a PNG sequence.
        form: how it is written.
        overwrite: replace a file of that name; a folder is never replaced.
        numbered: write `name-0001.mp4`, `name-0002.mp4`, ... in place of `name.mp4`, whichever is
            free at the end.  The folder around it is made if it is missing.

    Raises:
        ExportError: it exists, or cannot be written; one sentence.
    """

    def __init__(
        self, path: Path, form: VideoSettings, *, overwrite: bool = False, numbered: bool = False
    ) -> None:
        if form.refusal:
            raise ExportError(form.refusal)
        self._path, self._form = path, form
        self._overwrite, self._numbered = overwrite, numbered
        self._temporary = part_path(path.parent)
        self._sink: _Sink | None = None
        self._size: tuple[int, int] | None = None
        if not numbered and not overwrite:
            require_new(path)
        if numbered:
            with self._guarded():
                path.parent.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> VideoFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.discard()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of what is written, once there is a frame."""
        assert self._size is not None, "a video has at least one frame"
        scale = self._form.scale
        return self._form.size or (self._size[0] * scale, self._size[1] * scale)

    def add(self, pixels: np.ndarray, recipe: Recipe | None = None) -> None:
        """The next frame.

        Args:
            pixels: uint8 [H, W, 3]; one that is not as large as the first is brought to its size.
            recipe: travels in the picture, where each frame is a file.

        Raises:
            ExportError: it cannot be written; one sentence.  The video is thrown away.
        """
        with self._guarded():
            if self._size is None:
                self._size = (pixels.shape[1], pixels.shape[0])
            same = framed(pixels, self._size)
            frame = framed(same, self.size, self._form.fit, smooth=self._form.smooth)
            if self._sink is None:
                self._sink = self._open(frame)
            if isinstance(self._sink, _Pictures):
                self._sink.recipe = recipe
            self._sink.add(frame)

    def finish(self, check: Callable[[], object] = lambda: None) -> Path:
        """Write the rest and give the video its name.

        Args:
            check: called just before that; what it raises throws the video away.

        Returns:
            The file, or the folder.

        Raises:
            ExportError: it cannot be written; one sentence.  The video is thrown away.
        """
        assert self._sink is not None, "a video has at least one frame"
        with self._guarded():
            self._sink.finish()
            self._sink = None
            check()
            path = self._publish()
        self.discard()
        return path

    def discard(self) -> None:
        """Remove what was written of an unfinished video; does nothing to a finished one."""
        if self._sink is not None:
            self._sink.abort()
            self._sink = None
        if self._form.kind == "png":
            shutil.rmtree(self._temporary, ignore_errors=True)
        with suppress(OSError):
            self._temporary.unlink()

    # -- inside ------------------------------------------------------------------------------

    def _open(self, frame: np.ndarray) -> _Sink:
        form, kind, size = self._form, self._form.kind, (frame.shape[1], frame.shape[0])
        if kind == "png":
            return _Pictures(self._temporary, form.comment)
        return Movie(
            self._temporary,
            kind,
            form.fps,
            size,
            loops=form.loops,
            comment=form.comment,
        )

    def _publish(self) -> Path:
        """Give the finished video its name."""
        if not self._numbered:
            if self._overwrite and self._form.kind != "png":
                replace_file(self._temporary, self._path)
            elif not self._claim(self._path):
                raise ExportError(saved_elsewhere(self._path, self._numbered_name()))
            return self._path
        return self._numbered_name()

    def _numbered_name(self) -> Path:
        """Give the finished video the next free name with a number."""
        folder, suffix = self._path.parent, SUFFIXES[self._form.kind]
        stem = self._path.stem if suffix else self._path.name
        for number in itertools.count(last_number(folder, stem) + 1):
            path = folder / f"{stem}-{number:04d}{suffix}"
            if self._claim(path):
                return path
        raise AssertionError("counting never ends")

    def _claim(self, path: Path) -> bool:
        if self._form.kind != "png":
            return claim(self._temporary, path)
        if os.path.lexists(path):
            return False
        try:
            os.rename(self._temporary, path)
        except OSError:
            if os.path.lexists(path):  # since a moment ago
                return False
            raise
        return True

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Turn what goes wrong into a sentence, and leave nothing behind."""
        try:
            yield
        except BaseException as error:
            self.discard()
            if (sentence := _sentence(error, self._path)) is not None:
                raise ExportError(sentence) from error
            raise


def _sentence(error: BaseException, path: Path) -> str | None:
    """Return the sentence for the user; None where the error says it itself, or is a mistake of
    ours."""
    if isinstance(error, EncoderError):
        return str(error)
    if isinstance(error, OSError) and not isinstance(error, ExportError):
        return cannot_write(error, path)
    if isinstance(error, FFmpegError):
        return f"{path} cannot be written: {error.strerror}."
    return None


class _Pictures:
    """A folder of pictures that each carry their own recipe, and the timeline beside them."""

    def __init__(self, folder: Path, comment: str) -> None:
        folder.mkdir()
        self._folder, self._count = folder, 0
        self.recipe: Recipe | None = None
        if comment:
            (folder / TIMELINE_NAME).write_bytes(comment.encode())

    def add(self, pixels: np.ndarray) -> None:
        data = encode_png(pixels, self.recipe)
        (self._folder / f"{self._count:05d}.png").write_bytes(data)
        self._count += 1

    def finish(self) -> None:
        pass

    def abort(self) -> None:
        pass
