"""Videos that grow under their own name while something is played.

They are MP4 files of short fragments, each of which plays once it is written: a kill or a full disk
loses at most a second.  At the end they become files like any other.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import av
import numpy as np
from av.error import FFmpegError

from renderer.files.atomic import ExportError
from renderer.files.framing import framed
from renderer.files.video_encoder import EncoderError, Movie
from renderer.files.video_settings import Size
from stylegan_t.files.partial_files import part_path
from stylegan_t.files.whole import cannot_write, replace_file

logger = logging.getLogger(__name__)


class RecordedVideo:
    """An MP4 file that plays at any moment while it is written.

    Args:
        path: of the file, which must not be there; it appears with the first frame.
        fps: frames a second.

    Raises:
        ExportError: it cannot be written; one sentence, which says what stays.  So do all methods
            but `close`.
    """

    def __init__(self, path: Path, fps: float) -> None:
        self._path, self._fps = path, fps
        self._movie: Movie | None = None
        self._size: Size = (0, 0)
        self.broken = False
        """True once it could not be written on; what is there stays."""

    def add(self, pixels: np.ndarray) -> None:
        """The next frame, uint8 [H, W, 3]; one of another size is brought to that of the first."""
        with self._guarded():
            if self._movie is None:
                self._size = (pixels.shape[1], pixels.shape[0])
                open(self._path, "xb").close()  # nothing is ever replaced
                self._movie = Movie(self._path, "mp4", self._fps, self._size, live=True)
            self._movie.add(framed(pixels, self._size))

    def finish(self) -> None:
        """Write the last frames, and make it a file that opens at once anywhere."""
        with self._guarded():
            if self._movie is not None:
                self._movie.finish()
                self._movie = None
                _put_together(self._path)

    def close(self) -> None:
        """Leave it as it is, unless it is finished."""
        if self._movie is not None:
            self._movie.abort()
            self._movie = None

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except (OSError, FFmpegError, EncoderError) as error:
            begun, self.broken = self._movie is not None, True
            self.close()
            raise ExportError(_sentence(error, self._path, begun)) from error


def _sentence(error: Exception, path: Path, begun: bool) -> str:
    if isinstance(error, EncoderError):
        return str(error)
    if isinstance(error, OSError):
        sentence = cannot_write(error, path)
    else:
        assert isinstance(error, FFmpegError)
        sentence = f"{path} cannot be written: {error.strerror}."
    return f"{sentence} What was recorded until then is in it." if begun else sentence


def _put_together(path: Path) -> None:
    """Put the fragments together, with their index in front; where that fails they stay, and
    play."""
    temporary = part_path(path.parent)
    options = {"movflags": "+faststart", "fflags": "+bitexact"}
    try:
        with (
            av.open(str(path.absolute())) as parts,
            av.open(str(temporary.absolute()), "w", format="mp4", options=options) as whole,
        ):
            source = parts.streams.video[0]
            stream = whole.add_stream_from_template(source)
            for packet in parts.demux(source):
                if packet.dts is not None:
                    packet.stream = stream
                    whole.mux(packet)
        replace_file(temporary, path)
    except (OSError, FFmpegError) as error:
        logger.warning("%s stays in fragments: %s", path, error)
    finally:
        with suppress(OSError):
            temporary.unlink()
