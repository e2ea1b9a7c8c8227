"""Named latents in files: plain values, and nothing in a file is trusted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from renderer.files import latent_file
from renderer.files.latent_file import LatentFileError, SavedLatent
from renderer.pipeline.latents import seed_latent


def test_a_latent_comes_back_bit_for_bit(tmp_path: Path) -> None:
    z = seed_latent(5, 64)
    kept = SavedLatent("the house 日本", latent_file.shortened(z[0].tolist()))
    path = tmp_path / "house.json"
    path.write_bytes(latent_file.encode(kept))
    found = latent_file.read(path)
    assert found == kept
    assert torch.equal(torch.tensor([found.values]), z)


HEAD = b'{"stylegan_t_latent":1,"name":"a","values":'


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"\x80\x04K\x01.",
        b"[" * 100_000,
        HEAD + b"[]}",
        HEAD + b"[NaN]}",
        HEAD + b"[1e400]}",
        HEAD + b"[1e9]}",
        HEAD + b'["1"]}',
        HEAD + b"[" + b",".join([b"0"] * 4097) + b"]}",
        b'{"stylegan_t_latent":0,"name":"a","values":[1]}',
        b'{"stylegan_t_latent":1,"name":"","values":[1]}',
        b'{"stylegan_t_latent":1,"name":" \\n ","values":[1]}',
        b'{"stylegan_t_latent":1,"name":"' + b"a" * 500 + b'","values":[1]}',
        b'{"name":"a","values":[1]}',
    ],
)
def test_hostile_files_are_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(LatentFileError, match=r"a\.json contains no latent .*\.$"):
        latent_file.decode(data, "a.json")


def test_a_newer_version_is_named() -> None:
    with pytest.raises(LatentFileError, match="newer version"):
        latent_file.decode(b'{"stylegan_t_latent":2,"name":"a","values":[1]}', "a.json")


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    with open(path, "wb") as file:
        file.truncate(10**12)
    with pytest.raises(LatentFileError, match="far too large"):
        latent_file.read(path)


@pytest.mark.parametrize("kind", ["folder", "pipe", "missing"])
def test_what_is_no_file_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "latent.json"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    with pytest.raises(LatentFileError, match=r"latent\.json .*\.$"):
        latent_file.read(path)


def test_half_a_surrogate_pair_cannot_be_saved() -> None:
    with pytest.raises(LatentFileError, match="cannot be saved"):
        latent_file.encode(SavedLatent("\ud800", (1.0,)))


def test_names_are_made_plain_and_free() -> None:
    assert latent_file.plain_name("  a\n\tred\x00 house ") == "a red house"
    assert latent_file.plain_name("\x1b") == ""
    assert len(latent_file.plain_name("a" * 1000)) == latent_file.MAX_NAME
    assert latent_file.free_name("a", {"b"}) == "a"
    assert latent_file.free_name("a", {"a", "a 2"}) == "a 3"
    assert len(latent_file.free_name("a" * 120, {"a" * 120})) <= latent_file.MAX_NAME
