"""Movies: frames in, one at a time, and a file that grows on the disk; nothing is held in memory.

PyAV (ffmpeg) does the encoding.  Colours are BT.709 in the usual "limited" range, and every file
says so, so that players show what the window shows.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import av
import numpy as np
from av.error import BlockingIOError as NotYetError
from av.error import EOFError as NoMoreError
from av.error import FFmpegError
from av.filter import Graph
from av.video.format import VideoFormat
from av.video.frame import VideoFrame

from renderer.errors import RendererError
from renderer.timeline.frame_rate import exact
from stylegan_t.files.whole import require_room

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.video.stream import VideoStream

MovieKind = Literal["mp4", "webm", "gif"]
"""Each is also the name of ffmpeg's muxer."""
ENCODERS: dict[MovieKind, tuple[str, ...]] = {
    "mp4": ("libx264", "h264_videotoolbox", "libopenh264", "h264_mf"),
    "webm": ("libvpx-vp9", "libaom-av1"),
    "gif": ("gif",),
}
"""Encoders by preference: a build of PyAV need not have the first."""
OPTIONS: dict[MovieKind, dict[str, str]] = {
    "mp4": {"movflags": "+faststart"},  # plays on the web before it is all there
    "webm": {},
    "gif": {"loop": "0"},
}
GROWING = {
    "movflags": "+empty_moov+default_base_moof",
    "frag_duration": "300000",
    "flush_packets": "1",
}
"""Of a live MP4: fragments of 0.3 s, in microseconds, each written at once."""
QUALITY = {
    # x264's "macroblock tree" reads memory that nothing was written to (seen in build 165, in its
    # assembler only), so that equal frames give other bytes from run to run.
    "libx264": {"crf": "14", "preset": "medium", "x264-params": "mbtree=0"},
    "libvpx-vp9": {"crf": "18", "b": "0", "deadline": "good", "cpu-used": "4", "row-mt": "1"},
    "libaom-av1": {"crf": "20", "cpu-used": "6"},
}
"""Nearly without loss: such videos are cut and sent on."""
LIVE = {
    "libx264": {"preset": "veryfast", "tune": "zerolatency", "g": "60"},
}
"""Quick, without frames that wait in the encoder, and with a whole frame each second."""
BITS_A_PIXEL = 0.35
"""For encoders that take a rate in place of a quality."""
BT709, LIMITED = 1, 1
"""ITU-T H.273: colour primaries, transfer and matrix; ffmpeg's number of the limited range."""
PALETTE = "stats_mode=single:reserve_transparent=0"
"""Each frame of a GIF has 256 colours of its own; the pattern that blends them lies still."""
DITHER = "new=1:dither=bayer:bayer_scale=5"


class EncoderError(RendererError, RuntimeError):
    """There is no encoder for such a file; the message is for the user."""


class Movie:
    """A movie that is being written.

    Args:
        path: of the file, which must not be there.
        kind: of movie.
        fps: frames a second, which all last equally long.
        size: width and height of all frames; odd ones get another line at the right or below.
        loops: whether a GIF begins again for ever.
        comment: travels in the file, see `read_comment`.
        live: take less time and more room for each frame, and write an MP4 so that it plays while
            it grows.

    Raises:
        EncoderError: this build of PyAV cannot encode that.
        OSError, FFmpegError: the file cannot be written; so do all methods.
    """

    def __init__(
        self,
        path: Path,
        kind: MovieKind,
        fps: float,
        size: tuple[int, int],
        *,
        loops: bool = True,
        comment: str = "",
        live: bool = False,
    ) -> None:
        name = _encoder(kind)
        width, height = size if kind == "gif" else (size[0] + size[0] % 2, size[1] + size[1] % 2)
        # Without random numbers in the file: equal frames, equal bytes.
        options = {"fflags": "+bitexact", **OPTIONS[kind]}
        if live and kind == "mp4":
            options |= GROWING
        if not loops and kind == "gif":
            options["loop"] = "-1"
        self._path, self._kind, self._comment = path, kind, comment
        self._count, self._period = 0, 1 / exact(fps)
        self._padding = ((0, height - size[1]), (0, width - size[0]), (0, 0))
        # Where not even its header can be written, PyAV would keep the file open for ever.
        require_room(path.parent)
        self._file: OutputContainer = av.open(
            str(path.absolute()), "w", format=kind, options=options
        )
        if comment and kind != "gif":
            self._file.metadata["comment"] = comment
        self._stream = _stream(self._file, name, fps, (width, height), live=live)
        self._palette = _palette(width, height, self._period) if kind == "gif" else None

    def add(self, pixels: np.ndarray) -> None:
        """The next frame, uint8 [H, W, 3]."""
        padded = np.pad(pixels, self._padding, mode="edge")
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(padded), format="rgb24")
        if self._kind != "gif":
            frame = frame.reformat(
                format="yuv420p",
                src_colorspace="ITU709",
                dst_colorspace="ITU709",
                src_color_range="JPEG",
                dst_color_range="MPEG",
            )
        frame.pts, frame.time_base = self._count, self._period
        self._count += 1
        for ready in self._coloured(frame):
            self._file.mux(self._stream.encode(ready))

    def finish(self) -> None:
        """Write what is left and close the file."""
        for ready in self._coloured(None):
            self._file.mux(self._stream.encode(ready))
        self._file.mux(self._stream.encode(None))
        self._file.close()
        if self._kind == "gif" and self._comment:
            _append_comment(self._path, self._comment)
        with open(self._path, "rb+") as file:
            os.fsync(file.fileno())

    def abort(self) -> None:
        """Close the file as it is."""
        try:
            self._file.close()
        except (OSError, FFmpegError):
            return  # a full disk, most likely: the file is thrown away

    def _coloured(self, frame: VideoFrame | None) -> Iterator[VideoFrame]:
        """The frames that are ready to be encoded, once `frame` (None: the end) came in."""
        if self._palette is None:
            if frame is not None:
                yield frame
            return
        self._palette.push(frame)
        while True:
            try:
                ready = self._palette.pull()
            except (NotYetError, NoMoreError):
                return
            assert isinstance(ready, VideoFrame)
            yield ready


def _encoder(kind: MovieKind) -> str:
    for name in ENCODERS[kind]:
        if name in av.codecs_available and _can_encode(name):
            return name
    raise EncoderError(
        f"This installation of PyAV cannot write .{kind} files: choose another format."
    )


def _can_encode(name: str) -> bool:
    try:
        return av.Codec(name, "w").is_encoder
    except ValueError:
        return False


def _stream(
    file: OutputContainer, name: str, fps: float, size: tuple[int, int], *, live: bool
) -> VideoStream:
    add: Callable[..., Any] = file.add_stream
    options = {**QUALITY.get(name, {}), **(LIVE.get(name, {}) if live else {})}
    stream: VideoStream = add(name, rate=exact(fps), options=options)
    stream.width, stream.height = size
    stream.pix_fmt = "pal8" if name == "gif" else "yuv420p"
    if name != "gif":
        context = stream.codec_context
        context.color_primaries = context.color_trc = context.colorspace = BT709
        context.color_range = LIMITED
        if name not in QUALITY:
            context.bit_rate = int(size[0] * size[1] * fps * BITS_A_PIXEL)
    return stream


def _palette(width: int, height: int, period: Fraction) -> Graph:
    """ffmpeg's filters that give each frame the 256 colours that suit it best."""
    graph = Graph()
    source = graph.add_buffer(
        width=width, height=height, format=VideoFormat("rgb24"), time_base=period
    )
    split, out = graph.add("split"), graph.add("buffersink")
    chosen, used = graph.add("palettegen", PALETTE), graph.add("paletteuse", DITHER)
    source.link_to(split)
    split.link_to(chosen, 0, 0)
    split.link_to(used, 1, 0)
    chosen.link_to(used, 0, 1)
    used.link_to(out)
    graph.configure()
    return graph


# -- the comment ---------------------------------------------------------------------------------

_TRAILER, _EXTENSION = b";", b"\x21\xfe"
"""GIF89a, sections 24 and 27: a comment is a chain of blocks of up to 255 bytes."""


def _append_comment(path: Path, comment: str) -> None:
    """Put a comment before the end of a GIF: ffmpeg writes none."""
    data = comment.encode()
    blocks = (data[start : start + 255] for start in range(0, len(data), 255))
    with open(path, "rb+") as file:
        file.seek(-1, os.SEEK_END)
        if file.read(1) != _TRAILER:
            return
        file.seek(-1, os.SEEK_END)
        file.write(_EXTENSION + b"".join(bytes([len(b)]) + b for b in blocks) + b"\0" + _TRAILER)
