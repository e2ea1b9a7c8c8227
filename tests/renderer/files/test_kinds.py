"""What a file is, told by its content, whatever its name says."""

from __future__ import annotations

import io
import os
import pickle
import zipfile
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save as safetensors

from renderer.files import direction_file, latent_file
from renderer.files.images import encode
from renderer.files.kinds import BY_KEY, NAMES, Kind, identify, mistaken
from renderer.files.latent_file import SavedLatent
from renderer.recipe.recipe import Recipe, Vector, to_json
from renderer.timeline.serialization import timeline_to_json
from renderer.timeline.timeline import Timeline

PIXELS = np.zeros((4, 4, 3), np.uint8)
SESSION = (
    f'{{"parts": [1], "recipe": {to_json(Recipe())},\n"stylegan_t_session": 1, "timeline": {{}}}}'
)


def saved_by_torch(zipped: bool) -> bytes:
    """A state dict as torch writes it, or wrote it before 1.6."""
    target = io.BytesIO()
    torch.save({"a": torch.zeros(1)}, target, _use_new_zipfile_serialization=zipped)
    return target.getvalue()


def plain_zip() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("notes.txt", "milk, eggs")
    return target.getvalue()


FILES: list[tuple[Kind, bytes]] = [
    ("model", safetensors({"a": torch.zeros(1)})),
    ("model", pickle.dumps({"G_ema": 1})),
    ("model", saved_by_torch(True)),
    ("model", saved_by_torch(False)),
    ("picture", encode(PIXELS, Recipe(), ".png")),
    ("picture", encode(PIXELS, None, ".jpg")),
    ("picture", encode(PIXELS, None, ".webp")),
    ("recipe", to_json(Recipe()).encode()),
    ("recipe", b"\xef\xbb\xbf  " + to_json(Recipe()).encode()),
    ("timeline", timeline_to_json(Timeline()).encode()),
    ("take", b'{"stylegan_t_take":1,"stylegan_t_recipe":5}\n{"t":0.0}\n{"t":'),
    ("session", SESSION.encode()),
    ("session", b'{"stylegan_t_session": 1, "recipe": {"damaged'),
    ("latent", latent_file.encode(SavedLatent("a", (1.0,)))),
    ("direction", direction_file.encode_npy(Vector(1, bytes(8)))),
    ("direction", direction_file.encode_json(Vector(1, bytes(8)), "a")),
    ("direction", b" [1, 2]"),
    ("video", b"\0\0\0\x20ftypisom"),
    ("video", b"\x1a\x45\xdf\xa3\x01"),
    ("video", b"GIF89a"),
    ("", b"milk, eggs"),
    ("", b""),
    ("", b"{}"),
    ("", b'{"other": "stylegan_t_session"}'),
    ("", b"\xff\xff\xff\xff\xff\xff\xff\xff{"),
    ("", b"PK\x03\x04"),
    ("", plain_zip()),
]


@pytest.mark.parametrize(("kind", "data"), FILES)
@pytest.mark.parametrize("name", ["plain", "日本 \x1b.txt", "archive.tar.gz"])
def test_the_content_decides(tmp_path: Path, name: str, kind: Kind, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert identify(path) == kind


@pytest.mark.parametrize(("kind", "data"), [file for file in FILES if file[0]])
def test_a_name_that_lies_changes_nothing(tmp_path: Path, kind: Kind, data: bytes) -> None:
    for suffix in (".pkl", ".png", ".json", ".mp4"):
        path = tmp_path / f"a{suffix}"
        path.write_bytes(data)
        assert identify(path) == kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.PKL", "model"),
        ("a.pt", "model"),
        ("a.PTH", "model"),
        ("a.png", "picture"),
        ("a.Json", "recipe"),
        ("a.gif", "video"),
    ],
)
def test_where_the_content_says_nothing_the_name_does(
    tmp_path: Path, name: str, kind: Kind
) -> None:
    (tmp_path / name).write_bytes(b"damaged")
    assert identify(tmp_path / name) == kind


def test_what_is_no_file(tmp_path: Path) -> None:
    folder = tmp_path / "a.png"
    folder.mkdir()
    assert identify(folder) == "folder"
    assert identify(tmp_path / "none.pkl") == "model"
    assert identify(tmp_path / "none") == ""
    assert identify(tmp_path / ("n" * 300)) == ""
    assert identify(tmp_path / "a\0b") == ""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    assert identify(tmp_path / "pipe.json") == ""


def test_a_huge_text_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge"
    with path.open("wb") as file:
        file.write(b'{"stylegan_t_session": 1')
        file.truncate(1 << 40)
    assert identify(path) == ""


def test_nothing_is_run(tmp_path: Path) -> None:
    ran = tmp_path / "ran"

    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(ran),)

    path = tmp_path / "evil"
    path.write_bytes(pickle.dumps(Evil()))
    assert identify(path) == "model"
    assert not ran.exists()


def test_the_keys_are_those_that_are_written() -> None:
    for kind, data in FILES:
        if data.startswith(b"{") and kind:
            assert kind in BY_KEY.values()
    fields = msgspec.json.decode(to_json(Recipe()))
    assert BY_KEY[next(key for key in fields if key in BY_KEY)] == "recipe"


def test_a_mistaken_file_is_named() -> None:
    for kind in NAMES:
        assert mistaken(Path("/x/a b.png"), kind, "a session").startswith("a b.png is ")


def test_pillow_agrees(tmp_path: Path) -> None:
    for kind in ("PNG", "JPEG", "WEBP"):
        Image.fromarray(PIXELS).save(tmp_path / "a", kind)
        assert identify(tmp_path / "a") == "picture"
