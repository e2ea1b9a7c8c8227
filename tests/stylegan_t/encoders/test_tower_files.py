"""Files with a CLIP: the text half alone is read, and nothing in a file is ever run."""

import json
import os
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from stylegan_t.encoders.text import TowerError
from stylegan_t.encoders.tower_files import TorchScriptError, read_text_state
from stylegan_t.files.tensors import TensorFile
from tests.stylegan_t.tiny_clip import tiny_clip, write_torchscript

State = dict[str, torch.Tensor]


@pytest.fixture(scope="module")
def state() -> State:
    return dict(tiny_clip().state_dict())


def written(state: Any, file: Path) -> Path:
    """Save as the suffix says."""
    if file.suffix == ".safetensors":
        save_file(state, file)
    else:
        torch.save(state, file)
    return file


def text_half(state: State) -> State:
    return {k: v for k, v in state.items() if not k.startswith("visual.") and k != "logit_scale"}


def assert_same(read: State, expected: State) -> None:
    assert read.keys() == expected.keys()
    for name, tensor in read.items():
        assert torch.equal(tensor, expected[name].float()), name


@pytest.mark.parametrize("name", ["a.safetensors", "a.SAFETENSORS", "a.bin", "a.pt", "a.pth"])
def test_the_text_half_is_read(state: State, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    written(state, tmp_path / name.lower()).rename(file)
    assert_same(read_text_state(file), text_half(state))


@pytest.mark.parametrize("name", ["a.safetensors", "a.pt"])
def test_tensors_are_float32_and_need_the_file_no_more(
    state: State, tmp_path: Path, name: str
) -> None:
    half = {key: tensor.half() for key, tensor in state.items()}
    file = written(half, tmp_path / name)
    size = file.stat().st_size
    read = read_text_state(file)
    file.write_bytes(b"\xff" * size)  # would show in tensors that are mapped from the file
    assert_same(read, text_half(half))
    for tensor in read.values():
        assert tensor.dtype == torch.float32
        assert tensor.untyped_storage().nbytes() == 4 * tensor.numel()


def test_the_image_half_is_not_touched(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(state, tmp_path / "a.safetensors")
    read: list[str] = []
    real = TensorFile.read

    def spy(file: TensorFile, name: str) -> torch.Tensor:
        read.append(name)
        return real(file, name)

    monkeypatch.setattr(TensorFile, "read", spy)
    read_text_state(file)
    assert sorted(read) == sorted(text_half(state))


def test_wrappers_of_training_code_are_opened(state: State, tmp_path: Path) -> None:
    spread = {f"module.{name}": tensor for name, tensor in state.items()}
    content = {"epoch": 3, "name": "run", "state_dict": spread, "optimizer": {"state": {}}}
    assert_same(read_text_state(written(content, tmp_path / "a.pt")), text_half(state))


def test_torchscript_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.pt"
    write_torchscript(file)
    with pytest.raises(TorchScriptError, match=r"a\.pt is a TorchScript archive.*\.safetensors"):
        read_text_state(file)


class Bomb:
    """Creates a file when it is unpickled by a reader that runs what a file says."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.marker),)


def zip_bomb(content: Any, file: Path) -> None:
    torch.save(content, file)


def legacy_bomb(content: Any, file: Path) -> None:
    torch.save(content, file, _use_new_zipfile_serialization=False)


def plain_pickle(content: Any, file: Path) -> None:
    file.write_bytes(pickle.dumps(content))


@pytest.mark.parametrize("suffix", [".pt", ".bin", ".pth", ".safetensors"])
@pytest.mark.parametrize("write", [zip_bomb, legacy_bomb, plain_pickle])
def test_nothing_in_a_file_is_run(
    state: State, tmp_path: Path, write: Callable[[Any, Path], None], suffix: str
) -> None:
    marker, file = tmp_path / "ran", tmp_path / f"hostile{suffix}"
    write({**state, "bomb": Bomb(marker)}, file)
    with pytest.raises(TowerError, match="hostile"):
        read_text_state(file)
    assert not marker.exists()
    with open(file, "rb") as stream:  # the bomb is real
        if write is plain_pickle:
            pickle.load(stream)
            assert marker.exists()


def rezipped(file: Path, compression: int) -> None:
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def test_a_compressed_archive_is_refused(state: State, tmp_path: Path) -> None:
    file = written(state, tmp_path / "a.pt")
    rezipped(file, zipfile.ZIP_DEFLATED)
    with pytest.raises(TowerError, match="compressed"):
        read_text_state(file)


def test_a_tensor_that_pretends_to_be_large_stays_small(tmp_path: Path) -> None:
    huge = torch.ones(1).expand(1 << 40)
    file = written({"token_embedding.weight": huge}, tmp_path / "a.pt")
    read = read_text_state(file)["token_embedding.weight"]
    assert read.untyped_storage().nbytes() <= 64


@pytest.mark.parametrize("suffix", [".safetensors", ".pt"])
def test_a_damaged_file_is_one_sentence(state: State, tmp_path: Path, suffix: str) -> None:
    whole = written(state, tmp_path / f"whole{suffix}").read_bytes()
    file = tmp_path / f"damaged{suffix}"
    for content in (b"", b"\0", whole[: len(whole) // 2], whole[:-1], b"\xff" * 100, b"PK\x03\x04"):
        file.write_bytes(content)
        with pytest.raises(TowerError, match="damaged") as caught:
            read_text_state(file)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [[1, 2], 7, "text", torch.zeros(3)])
def test_something_else_is_no_state_dict(tmp_path: Path, content: Any) -> None:
    with pytest.raises(TowerError, match="contains no state dict"):
        read_text_state(written(content, tmp_path / "a.pt"))


def test_what_is_no_file(tmp_path: Path) -> None:
    folder = tmp_path / "folder.pt"
    folder.mkdir()
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"png")
    for path, words in (
        (tmp_path / "none.pt", "There is no file"),
        (folder, "is not a file"),
        (picture, "not a CLIP in one of the formats"),
        (Path("\0.pt"), "There is no file"),
        (Path("a" * 5000 + ".pt"), "There is no file"),
    ):
        with pytest.raises(TowerError, match=words):
            read_text_state(path)


def test_a_sparse_file_of_billions_of_numbers_is_not_read(tmp_path: Path) -> None:
    count = 2_000_000_000
    entry = {"dtype": "U8", "shape": [count], "data_offsets": [0, count]}
    header = json.dumps({"text_projection": entry}).encode()
    file = tmp_path / "a.safetensors"
    file.write_bytes(struct.pack("<Q", len(header)) + header)
    os.truncate(file, 8 + len(header) + count)
    with pytest.raises(TowerError, match="more numbers than any"):
        read_text_state(file)
