"""The timeline that a video carries, read back without decoding the video.

No demuxer touches the file, which is not to be trusted: the JSON is looked for where this program
puts it, near the start of MP4 and WebM files and in a comment at the end of GIF files.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from renderer.files.kinds import identify, mistaken
from renderer.files.take_file import read_take_timeline
from renderer.timeline.serialization import (
    KEYWORD,
    MAX_TIMELINE_BYTES,
    read_timeline,
    timeline_from_json,
)
from renderer.timeline.timeline import Timeline, TimelineError

MARK = f'{{"{KEYWORD}"'.encode()
LOOK_BYTES = 64_000_000
"""Number of bytes at the start, and at the end, that are searched."""
_COMMENT = b"\x21\xfe"
"""GIF89a, section 24: a comment is a chain of blocks, each behind its length in one byte."""


def _silent(note: str) -> None:
    """Tell no one."""


def read_video_timeline(path: Path, tell: Callable[[str], object] = _silent) -> Timeline:
    """The timeline in a video, a session, a take, or a timeline alone.

    Args:
        path: of the file.
        tell: gets a sentence where a take goes no further than it could be read.

    Raises:
        TimelineError: it cannot be read or holds none; one sentence that names the file.
    """
    if not path.is_file():
        return read_timeline(path)  # which says what it is
    kind = identify(path)
    if kind in ("", "model", "picture", "latent", "direction"):
        what = mistaken(path, kind, "a session, a timeline, a take or a video")
        raise TimelineError(f"{what} Only those have key frames.")
    if kind == "take":
        timeline, note = read_take_timeline(path)
        if note:
            tell(note)
        return timeline
    if kind != "video":
        return read_timeline(path)
    try:
        text = _find(path)
    except OSError as error:
        raise TimelineError(f"{path.name} cannot be read: {error.strerror or error}.") from error
    take = path.with_suffix(".take")
    if text is None and identify(take) == "take" and take.is_file():
        return read_video_timeline(take, tell)  # recorded together
    if text is None:
        raise TimelineError(
            f"{path.name} contains no timeline: another program made it, or removed the timeline."
        )
    try:
        return timeline_from_json(text)
    except TimelineError as error:
        raise TimelineError(f"{path.name}: {error}") from error


def _find(path: Path) -> str | None:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        for start in sorted({0, max(0, size - LOOK_BYTES)}):
            file.seek(start)
            data = file.read(LOOK_BYTES)
            at = data.find(MARK)
            if at >= 0:
                gif = data[max(at - 3, 0) : at - 1] == _COMMENT
                return _json(_joined(data, at - 1) if gif else data[at : at + MAX_TIMELINE_BYTES])
    return None


def _joined(data: bytes, at: int) -> bytes:
    """The bytes of a GIF's chain of blocks that begins at `at`."""
    blocks = []
    while at < len(data) and (length := data[at]):
        blocks.append(data[at + 1 : at + 1 + length])
        at += 1 + length
    return b"".join(blocks)


def _json(data: bytes) -> str | None:
    """The JSON at the start of `data`, without what follows it."""
    text = data.decode("utf-8", errors="replace")
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None
    return text[:end]
