"""Kinds of files, told by their content: one answer for drops, dialogs and every command.

Only where the content says nothing does the name decide, so that the reader of the kind that the
user meant can say what is wrong with the file.  It reads, so it belongs off the main thread.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from renderer.files.training_run import is_run
from renderer.files.video_settings import VIDEO_SUFFIXES
from stylegan_t.errors import BROKEN_JSON

Kind = Literal[
    "model",
    "picture",
    "recipe",
    "session",
    "timeline",
    "take",
    "video",
    "latent",
    "direction",
    "moments",
    "preset",
    "run",
    "folder",
    "",
]
"""Empty: nothing that this program opens."""
NAMES: dict[Kind, str] = {
    "model": "a model",
    "picture": "a picture",
    "recipe": "a recipe",
    "session": "a session",
    "timeline": "a timeline",
    "take": "a take",
    "video": "a video",
    "latent": "a saved latent",
    "direction": "a direction",
    "moments": "a file of moments",
    "preset": "a preset",
    "run": "the folder of a training run",
    "folder": "a folder",
    "": "no file that this program opens",
}
"""The end of a sentence after the file's name and "is"."""
BY_KEY: dict[str, Kind] = {
    "stylegan_t_take": "take",  # whose first line names the version of its recipes, too
    "stylegan_t_session": "session",
    "stylegan_t_timeline": "timeline",
    "stylegan_t_recipe": "recipe",
    "stylegan_t_latent": "latent",
    "stylegan_t_direction": "direction",
    "stylegan_t_moments": "moments",
    "stylegan_t_preset": "preset",
}
"""Keys of JSON files of this program; the first that is there counts."""
MODEL_SUFFIXES = (".safetensors", ".pkl", ".pt", ".pth")
"""Of the checkpoints that this program opens; whatever they are called, their content decides."""
TOWER_SUFFIXES = (".safetensors", ".bin", ".pt", ".pth")
"""Of the files of text towers."""
IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
"""Of the kinds of pictures that this program writes and reads."""
BY_SUFFIX: dict[str, Kind] = {
    **dict.fromkeys(MODEL_SUFFIXES, "model"),
    **dict.fromkeys(IMAGE_SUFFIXES, "picture"),
    **dict.fromkeys(VIDEO_SUFFIXES, "video"),
    ".json": "recipe",
    ".take": "take",
    ".npy": "direction",
}
PEEK_BYTES = 256
TORCHS_FIRST = b"data.pkl"
MAX_JSON_BYTES = 64_000_000
"""As large as a session may be."""
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_BOM = b"\xef\xbb\xbf"


def identify(path: Path) -> Kind:
    """Return what a file is.  It is not trusted: nothing of it is run, and little is read."""
    try:
        status = os.stat(path)
        if stat.S_ISDIR(status.st_mode):
            return "run" if is_run(path) else "folder"
        if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for its other end
            return ""
        with open(path, "rb") as file:
            kind = _of_content(file, status.st_size)
    except (OSError, ValueError):  # not there, no name of a file, or one that cannot be read
        kind = None
    return kind or BY_SUFFIX.get(path.suffix.lower(), "")


def mistaken(path: Path, kind: Kind, wanted: str) -> str:
    """The sentence for a file of another kind than `wanted`, "a session" or the like."""
    what = f"{NAMES[kind]}, not {wanted}" if kind else f"not {wanted}"
    return f"{path.name} is {what}."


def _of_content(file: BinaryIO, size: int) -> Kind | None:
    start = file.read(PEEK_BYTES)
    if start.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        return "picture"
    if start.startswith(b"RIFF") and start[8:12] == b"WEBP":
        return "picture"
    if start[4:8] == b"ftyp" or start.startswith((b"\x1a\x45\xdf\xa3", b"GIF87a", b"GIF89a")):
        return "video"
    if start[:1] == b"\x80" and start[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        return "model"  # a pickle, by its protocol
    if start.startswith(b"PK\x03\x04") and TORCHS_FIRST in start[30:]:
        return "model"  # a zip that torch.save wrote: the first file in it is a pickle
    if start[8:9] == b"{" and int.from_bytes(start[:8], "little") <= size:
        return "model"  # a safetensors file: the length of its header, then the header
    if start.startswith(b"\x93NUMPY") or start.removeprefix(_BOM).lstrip()[:1] == b"[":
        return "direction"  # a NumPy array, or lists of numbers
    if start.removeprefix(_BOM).lstrip()[:1] == b"{" and size <= MAX_JSON_BYTES:
        return _of_json(start, start + file.read(MAX_JSON_BYTES))
    return None


def _of_json(start: bytes, data: bytes) -> Kind | None:
    """By the keys; of a file that is damaged, by those at its beginning."""
    try:
        keys = _FIELDS.decode(data.removeprefix(_BOM)).keys()
    except BROKEN_JSON:
        keys = {key for key in BY_KEY if f'"{key}"'.encode() in start}
    return next((kind for key, kind in BY_KEY.items() if key in keys), None)
