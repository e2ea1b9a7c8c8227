"""Files of directions: NumPy's and JSON, in the forms in which people have them, never trusted."""

from __future__ import annotations

import io
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from renderer.files import direction_file
from renderer.files.direction_file import DirectionFileError, as_table, decode, read
from renderer.recipe.parts.moves import MAX_VECTOR

WAVE = np.sin(np.arange(64)).astype(np.float32)


def npy(values: np.ndarray, version: tuple[int, int] = (1, 0)) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, values, version, allow_pickle=True)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["<f4", ">f4", "<f8", "<f2"])
@pytest.mark.parametrize("shape", [(64,), (1, 64), (1, 1, 64)])
def test_one_row_in_any_form(kind: str, shape: tuple[int, ...]) -> None:
    move = decode(npy(WAVE.astype(kind).reshape(shape), (2, 0)), "smile.npy")
    assert move.vector is not None and (move.name, move.vector.rows) == ("smile", 1)
    assert np.allclose(as_table(move.vector), WAVE, atol=1e-3)


def test_a_row_for_each_row_of_w_and_equal_ones_are_one() -> None:
    rows = np.outer(np.arange(1, 4), WAVE).astype(np.float32)
    for data in (npy(rows), npy(np.asfortranarray(rows)), json.dumps(rows.tolist()).encode()):
        vector = decode(data, "a").vector
        assert vector is not None and np.array_equal(as_table(vector), rows)
    alike = decode(npy(np.tile(WAVE, (18, 1))), "a").vector
    assert alike is not None and alike.rows == 1


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    for table in (WAVE[None], np.outer([1.0, 0.0], WAVE).astype(np.float32)):
        move = decode(npy(table), "a")
        assert move.vector is not None
        for data in (
            direction_file.encode_npy(move.vector),
            direction_file.encode_json(move.vector, "größe 日本"),
        ):
            (tmp_path / "a.b").write_bytes(data)
            assert read(tmp_path / "a.b").vector == move.vector
        assert read(tmp_path / "a.b").name == "größe 日本"
    assert np.load(io.BytesIO(direction_file.encode_npy(move.vector))).shape == (2, 64)
    with pytest.raises(DirectionFileError, match="characters"):
        direction_file.encode_json(move.vector, "\ud800")


class Evil:
    """Would run something when it is unpickled."""

    def __reduce__(self) -> Any:
        return (exec, ("raise SystemExit('it ran')",))


HUGE = npy(WAVE).replace(b"(64,)", b"(64_" + b"0" * 8 + b",)")
LIAR = npy(WAVE).replace(b"(64,), }      ", b"(40001,), }   ")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (npy(np.array([Evil()], object)), "not contain plain numbers"),
        (npy(np.array(["a"])), "not contain plain numbers"),
        (npy(WAVE.astype(np.complex64)), "not contain plain numbers"),
        (npy(np.zeros(3, np.dtype([("a", "<f4")]))), "not contain plain numbers"),
        (npy(np.array(3.0)), "a single number;"),
        (npy(np.zeros((2, 3, 4), np.float32)), "2 x 3 x 4 numbers"),
        (npy(np.zeros((0, 4), np.float32)), "0 x 4 numbers"),
        (LIAR, "too large"),
        (npy(np.zeros((600, 2), np.float32)), "too large"),
        (HUGE, "damaged"),
        (npy(WAVE)[:-1], "damaged"),
        (npy(WAVE)[:40], "damaged"),
        (b"\x93NUMPY", "damaged"),
        (b"\x93NUMPY\x03\0", "damaged"),
        (npy(np.full(4, np.nan)), "infinite"),
        (npy(np.full(4, 1e5)), "infinite or beyond 10000"),
        (npy(np.zeros(4)), "zeros alone"),
        (npy(np.full(4, 1e-60)), "zeros alone"),
        (b"[1, 2, [3]]", "different lengths"),
        (b"[[1, 2], [3]]", "different lengths"),
        (b'["a"]', "something else than numbers"),
        (b"[true]", "something else than numbers"),
        (b"[null]", "something else than numbers"),
        (b"[]", "0 numbers"),
        (b"[1" + b"0" * 400 + b"]", "something else than numbers"),
        (b"[" * 100_000, "damaged"),
        (b"[1, 2", "damaged"),
        (b"{}", "no direction"),
        (b'{"stylegan_t_direction": 2, "values": [[1]]}', "newer version"),
        (b'{"stylegan_t_direction": 1, "values": [[1], [1, 2]]}', "different lengths"),
        (pickle.dumps([1.0]), "no direction"),
        (b"", "no direction"),
    ],
)
def test_what_is_no_direction_is_refused_in_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(DirectionFileError, match=words):
        decode(data, "smile.npy")


def test_files_that_are_none_are_refused(tmp_path: Path) -> None:
    (tmp_path / "large.npy").write_bytes(bytes(direction_file.MAX_FILE_BYTES + 1))
    for name in ("large.npy", "missing.npy", "."):
        with pytest.raises(DirectionFileError):
            read(tmp_path / name)


def test_the_largest_direction_fits_into_a_file() -> None:
    rng = np.random.default_rng(0)
    table = rng.standard_normal((MAX_VECTOR // 500, 500)).astype(np.float32)
    vector = decode(npy(table), "a").vector
    assert vector is not None
    assert len(direction_file.encode_json(vector, "a" * 120)) < direction_file.MAX_FILE_BYTES
