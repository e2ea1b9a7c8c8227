"""Files of presets: what is written is read, and what is none is one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec import Raw

from renderer.files.kinds import identify
from visualizer.session.preset_file import MAX_PARTS, PresetError, encode_preset, read_preset

PARTS = {"music": Raw(b'{"bpm":128.0}'), "later": Raw(b"[1,2]")}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "stage.json"
    path.write_bytes(encode_preset(PARTS))
    read = {name: json.loads(bytes(part)) for name, part in read_preset(path).items()}
    assert read == {"music": {"bpm": 128.0}, "later": [1, 2]}
    assert identify(path) == "preset"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"{}", "it is damaged"),
        (b"\xff\xfe", "it is damaged"),
        (b'{"stylegan_t_preset": 1, "parts": {"music": {"bpm": 1', "it is damaged"),
        (b'{"stylegan_t_preset": 9}', "a newer version"),
        (encode_preset({str(i): Raw(b"1") for i in range(MAX_PARTS + 1)}), "it is damaged"),
    ],
)
def test_what_is_none_is_one_sentence(data: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "stage.json"
    path.write_bytes(data)
    with pytest.raises(PresetError, match=rf"^The preset stage\.json cannot be used: .*{words}"):
        read_preset(path)
    assert path.read_bytes() == data  # it is the user's: it stays where it is
    with pytest.raises(PresetError, match="There is no file"):
        read_preset(tmp_path / "missing.json")
    with pytest.raises(PresetError, match="cannot be used"):
        read_preset(tmp_path)
