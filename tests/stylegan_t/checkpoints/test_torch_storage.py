"""Nested tensors: read as torch wrote them, refused before anything is allocated."""

from __future__ import annotations

import io
import pickle
import struct
import tracemalloc
import zipfile
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from stylegan_t.checkpoints.pickle_nodes import Blob, BytesSource, PickleStreamError
from stylegan_t.checkpoints.torch_storage import empty_like, read_storage, view_of, zero_tensor

FLOATS = [torch.float32, torch.float16, torch.bfloat16, torch.float64]


def written(tensor: Tensor, *, as_zip: bool) -> bytes:
    """The storage of `tensor` as `torch.save` writes it."""
    data = io.BytesIO()
    storage = torch.storage.TypedStorage(
        wrap_storage=tensor.untyped_storage(), dtype=tensor.dtype, _internal=True
    )
    torch.save(storage, data, _use_new_zipfile_serialization=as_zip)
    return data.getvalue()


def blob(data: bytes) -> Blob:
    return Blob(BytesSource(data), 0, len(data))


def read_back(tensor: Tensor, *, as_zip: bool) -> Tensor:
    storage = read_storage(blob(written(tensor, as_zip=as_zip)))
    stored = view_of(storage, tensor.storage_offset(), tuple(tensor.shape), tuple(tensor.stride()))
    target = empty_like(stored)
    stored.read_into(target)
    return target


def random_numbers(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


VIEWS: dict[str, Callable[[Tensor], Tensor]] = {
    "whole": lambda x: x,
    "slice": lambda x: x[1:3],
    "transposed": lambda x: x.transpose(0, 2),
    "channels_last": lambda x: x.contiguous(memory_format=torch.channels_last),
    "every second": lambda x: x[:, ::2],
    "one number": lambda x: x[2, 1, 0, 1],
    "empty": lambda x: x[:0],
    "one axis": lambda x: x.reshape(-1)[7:],
}


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("as_zip", [False, True])
def test_numbers_come_back(view: str, dtype: torch.dtype, as_zip: bool) -> None:
    tensor = VIEWS[view](random_numbers(4, 6, 3, 5).to(dtype))
    assert torch.equal(read_back(tensor, as_zip=as_zip), tensor.float())


def test_zeros_cost_no_memory() -> None:
    tracemalloc.start()
    zero_tensor((1 << 20, 1 << 10))
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


def test_zeros_that_no_file_holds() -> None:
    for shape in ((), (3,), (2, 5)):
        target = torch.full(shape, 7.0)
        zero_tensor(shape).read_into(target)
        assert torch.equal(target, torch.zeros(shape))


@pytest.mark.parametrize(
    ("offset", "shape", "stride"),
    [
        (0, (25,), (1,)),
        (1, (24,), (1,)),
        (0, (10**9, 10**9), (10**9, 1)),
        (0, (10**9, 10**9), (0, 0)),  # one number that passes for many
        (0, (5,), (6,)),
        (-1, (2,), (1,)),
        (0, (-2,), (1,)),
        (0, (2,), (-1,)),
        (0, (2, 2), (1,)),
        (0, (1,) * 9, (1,) * 9),
        (0.0, (2,), (1,)),
        (True, (2,), (1,)),
        (0, [2], (1,)),
        (0, (2.5,), (1,)),
        (2**63, (1,), (1,)),
        (None, None, None),
    ],
)
def test_views_beyond_their_storage_are_refused(
    offset: object, shape: object, stride: object
) -> None:
    storage = read_storage(blob(written(random_numbers(24), as_zip=False)))
    with pytest.raises(PickleStreamError):
        view_of(storage, offset, shape, stride)


@pytest.mark.parametrize("as_zip", [False, True])
def test_cut_short_anywhere(as_zip: bool) -> None:
    data = written(random_numbers(16), as_zip=as_zip)
    for length in range(len(data) - 1):
        with pytest.raises(PickleStreamError):
            read_storage(blob(data[:length]))


def test_a_claim_of_more_numbers_than_there_are() -> None:
    data = written(random_numbers(16), as_zip=False)
    honest = struct.pack("<q", 16)
    at = data.rindex(honest)
    more = data[:at].replace(b"K\x10", b"\x8a\x08" + struct.pack("<q", 1 << 60))
    with pytest.raises(PickleStreamError, match="claims more"):
        read_storage(blob(more + struct.pack("<q", 1 << 60) + data[at + 8 :]))


class Gadget:
    def __reduce__(self) -> tuple[object, ...]:
        return print, ("executed",)


@pytest.mark.parametrize("value", [Gadget(), {"a": 1}, 5, None, "text"])
def test_other_pickles_in_place_of_a_storage(
    value: object, capsys: pytest.CaptureFixture[str]
) -> None:
    legacy = io.BytesIO()
    torch.save(value, legacy, _use_new_zipfile_serialization=False)
    for data in (pickle.dumps(value), legacy.getvalue()):
        with pytest.raises(PickleStreamError):
            read_storage(blob(data))
    assert capsys.readouterr().out == ""


def zipped(entries: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return data.getvalue()


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_zips_that_torch_does_not_write() -> None:
    good = unzipped(written(random_numbers(16), as_zip=True))
    assert read_storage(blob(zipped(good))).count == 16
    numbers = next(name for name in good if name.endswith("data/0"))
    bad = {
        "compressed": zipped(good, zipfile.ZIP_DEFLATED),
        "no numbers": zipped({name: data for name, data in good.items() if name != numbers}),
        "too few numbers": zipped({**good, numbers: b"\0" * 60}),
        "two pickles": zipped({**good, "other/data.pkl": b"N."}),
        "empty": zipped({}),
        "many": zipped({f"{k}": b"" for k in range(1000)}),
        "big-endian": zipped({**good, numbers.replace("data/0", "byteorder"): b"big"}),
        "bomb": zipped({**good, numbers: b"\0" * 10_000_000}, zipfile.ZIP_DEFLATED),
    }
    for name, data in bad.items():
        with pytest.raises(PickleStreamError):
            read_storage(blob(data))
            pytest.fail(name)


def test_zip_fields_may_say_anything() -> None:
    good = zipped(unzipped(written(random_numbers(16), as_zip=True)))
    directory = good.index(b"PK\x01\x02")
    for at in range(directory, len(good)):
        for value in (0, 0xFF):
            data = bytearray(good)
            data[at] = value
            try:
                storage = read_storage(blob(bytes(data)))
            except PickleStreamError:
                continue
            assert storage.count == 16 and storage.data.length == 64
