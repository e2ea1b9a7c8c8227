"""Files of tensors: the same bytes as the format's own library, and no trust in what they say."""

from __future__ import annotations

import json
import os
import resource
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from stylegan_t.files.tensors import TensorFile, TensorFileError, save_tensors, unchanged

DTYPES = (
    *(torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.float8_e4m3fn),
    *(torch.float8_e5m2, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8),
    *(torch.uint16, torch.uint32, torch.uint64, torch.bool),
)
TENSORS = {
    **{f"{'zya'[i % 3]}.{i}": torch.ones(i, 2).to(dtype) for i, dtype in enumerate(DTYPES)},
    "scalar": torch.tensor(2.5),
    "empty": torch.empty(0, 4),
}
METADATA = {"b": 'ä"\n\x01😀', "a": "{}"}


def sorted_metadata(data: bytes) -> bytes:
    """The library writes its texts in an order that changes from run to run."""
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    return data[:8] + text.ljust(size) + data[8 + size :]


def test_the_bytes_are_those_of_the_library(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    save_tensors(ours, TENSORS, METADATA)
    save_file(TENSORS, theirs, metadata=METADATA)
    assert ours.read_bytes() == sorted_metadata(theirs.read_bytes())
    with safe_open(str(ours), framework="pt") as archive:
        assert archive.metadata() == METADATA


def test_tensors_come_back(tmp_path: Path) -> None:
    file = tmp_path / "a"
    turned = torch.arange(6.0).view(2, 3).T
    save_tensors(file, {**TENSORS, "turned": turned, "same": turned})
    with TensorFile(file) as archive:
        read = archive.read_all()
        assert archive.metadata == {} and archive.shapes["turned"] == (3, 2)
        assert list(archive.read_all(["scalar"])) == ["scalar"]
        whole, half = torch.empty(3, 2), torch.empty(3, 2, dtype=torch.float16)
        archive.read_into("turned", whole)
        archive.read_into("turned", half)
    for name, tensor in {**TENSORS, "turned": turned, "same": turned}.items():
        assert read[name].dtype == tensor.dtype and torch.equal(read[name], tensor), name
    assert torch.equal(whole, turned) and torch.equal(half, turned.half())
    assert read.keys() == load_file(file).keys()


def entry(shape: Any = (2,), at: Any = (0, 8), dtype: Any = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": at}


def written(path: Path, header: object, room: int = 8) -> Path:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(room))
    return path


@pytest.mark.parametrize(
    ("header", "room"),
    [
        ({"a": entry()}, 7),
        ({"a": entry()}, 9),
        ({"a": entry((1,), (0, 4)), "b": entry((1,), (0, 4))}, 4),
        ({"a": entry((1,), (4, 8))}, 8),
        ({"a": entry((1,), (0, 4)), "b": entry((2,), (3, 11))}, 11),
        ({"a": entry((3,))}, 8),
        ({"a": entry((-2,))}, 8),
        ({"a": entry((1 << 70,))}, 8),
        ({"a": entry((1 << 62, 1 << 62))}, 8),
        ({"a": entry((0,) * 17, (0, 0))}, 0),
        ({"a": entry((2,), (8, 0))}, 8),
        ({"a": entry((2,), (0, 8, 8))}, 8),
        ({"a": entry((2.5,))}, 8),
        ({"a": entry(dtype="F128")}, 8),
        ({"a": entry(dtype=5)}, 8),
        ({"a": 1}, 8),
        ({"a": {"dtype": "F32"}}, 8),
        ([entry()], 8),
        ({"__metadata__": {"a": 1}}, 0),
        ({"__metadata__": "a"}, 0),
        (b"[" * 5000, 8),
        (b'{"a":', 8),
        (b"\xff\xfe", 8),
        (b"{" * 200_000, 8),
        (b" " * 10_000_001, 8),
        (b"", 0),
    ],
)
def test_damaged_headers_are_refused(tmp_path: Path, header: object, room: int) -> None:
    with pytest.raises(TensorFileError):
        TensorFile(written(tmp_path / "a", header, room))


@pytest.mark.parametrize("data", [b"", b"\0" * 7, b"\xff" * 8, struct.pack("<Q", 9) + b"{}"])
def test_short_files_are_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a").write_bytes(data)
    with pytest.raises(TensorFileError):
        TensorFile(tmp_path / "a")


def test_pipes_and_folders_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        with pytest.raises(TensorFileError, match="not a file"):
            TensorFile(path)
    with pytest.raises(FileNotFoundError):
        TensorFile(tmp_path / "missing")


def shortened(path: Path) -> None:
    os.truncate(path, 4096)


def rewritten(path: Path) -> None:
    path.write_bytes(b"\x7f" * path.stat().st_size)


def replaced(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(path.read_bytes())
    os.replace(other, path)


def grown(path: Path) -> None:
    with open(path, "ab") as file:
        file.write(b"more")


CHANGES = (shortened, rewritten, replaced, grown, Path.unlink)


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changes_while_it_is_read(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    path = tmp_path / "a"
    save_tensors(path, {"a": torch.ones(10_000), "b": torch.ones(10_000)})
    with pytest.raises(TensorFileError, match="changed while it was read"), TensorFile(path) as f:
        f.read("a")
        change(path)
        f.read("b")


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("fails", [False, True])
def test_other_readers_see_a_change_too(
    tmp_path: Path, change: Callable[[Path], None], fails: bool
) -> None:
    path = tmp_path / "a"
    path.write_bytes(bytes(10_000))
    with pytest.raises(TensorFileError, match="changed"), unchanged(path):
        change(path)
        if fails:
            raise ValueError("it is damaged")
    path.write_bytes(b"a")
    with unchanged(path):
        assert path.read_bytes() == b"a"


def test_a_sparse_file_beyond_the_memory_is_refused(tmp_path: Path) -> None:
    count = 1 << 46
    path = written(tmp_path / "a", {"a": entry((count,), (0, count), "U8")}, 0)
    try:
        os.truncate(path, path.stat().st_size + count)
    except OSError:  # a file system without files so large
        count = 1 << 40
        written(path, {"a": entry((count,), (0, count), "U8")}, 0)
        os.truncate(path, path.stat().st_size + count)
    with TensorFile(path) as file, pytest.raises(TensorFileError, match="memory"):
        file.read_all()


@pytest.mark.slow
def test_a_long_header_costs_little_memory(tmp_path: Path) -> None:
    names = ",".join(
        f'"{i}":{{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}' for i in range(90_000)
    )
    path = written(tmp_path / "a", b"{" + names.encode() + b"}", 0)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with TensorFile(path) as file:
        assert len(file.shapes) == 90_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000
