"""Arrays of numbers in NumPy's files: read exactly, or refused in one way."""

from __future__ import annotations

import io

import numpy as np
import pytest

from renderer.files.number_array import NumberArrayError, claimed_shape, decode_array


def npy(values: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()


def with_header(header: str) -> bytes:
    """A file that NumPy would begin to read."""
    return b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header.encode("latin-1")


@pytest.mark.parametrize("kind", ["<f4", ">f8", "<f2", "<i8", "|u1"])
@pytest.mark.parametrize("shape", [(3,), (2, 3), (1, 2, 3)])
def test_numbers_are_read(kind: str, shape: tuple[int, ...]) -> None:
    values = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(kind)
    for data in (npy(values), npy(np.asfortranarray(values))):
        assert claimed_shape(data) == shape
        assert np.array_equal(decode_array(data), values)


BROKEN = {
    "a bracket that never closes": "{'descr': '<f4', 'fortran_order': False, 'shape': (5, 16",
    "a NUL": "{'descr': '<f4', 'fortran_order': False, \0'shape': (5, 16)}",
    "text that never ends": "'''",
    "brackets within brackets": "(" * 3000,
    "a negative side": "{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 16), }",
    "a side that is no number": "{'descr': '<f4', 'fortran_order': False, 'shape': ('a', 16), }",
    "more than a computer holds": "{'descr': '<f4', 'fortran_order': False, 'shape': (1%s,)}"
    % ("0" * 30),
    "more than the file holds": "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999,)}",
    "nothing": "",
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_damaged_is_refused(name: str) -> None:
    with pytest.raises(NumberArrayError) as refused:
        decode_array(with_header(BROKEN[name]))
    assert refused.value.damaged


def test_what_is_no_number_is_refused() -> None:
    for values in (np.array([object()], object), np.array([1 + 1j]), np.array(["a"])):
        with pytest.raises(NumberArrayError) as refused:
            decode_array(npy(values) if values.dtype != object else with_header("{'descr': '|O'}"))
        assert not refused.value.damaged
    for data in (b"", b"not an array", npy(np.ones(9))[:-1]):
        with pytest.raises(NumberArrayError):
            decode_array(data)
