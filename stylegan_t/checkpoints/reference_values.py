"""The values that a snapshot's nodes stand for: tensors, bytes and numbers."""

from __future__ import annotations

import struct
from collections.abc import Callable

from stylegan_t.checkpoints import reference_names as names
from stylegan_t.checkpoints.pickle_nodes import (
    Blob,
    BytesSource,
    Call,
    Global,
    LatinSource,
    Persistent,
    PickleStreamError,
)
from stylegan_t.checkpoints.torch_storage import Storage, StoredTensor, read_storage, view_of

SCALAR_LAYOUTS = {"f8": "<d", "f4": "<f", "i8": "<q", "i4": "<i", "b1": "<?"}
"""The layout of numpy's numbers in their bytes, by the name of their type."""
DILLS_NUMPY = "numpy.core._multiarray_umath"
LONGEST = 8
"""Bytes of such a number, at most."""


def is_tensor(node: Call) -> bool:
    """Return whether a node stands for a tensor or a parameter."""
    return isinstance(node.function, Global) and node.function.key in (
        names.TENSOR,
        names.PARAMETER,
        names.PARAMETER_WITH_STATE,
    )


def is_numpy_lookup(node: object) -> bool:
    """Tell whether a call stands for one of the two functions of numpy that dill 0.3.4 asks for.

    It writes `_get_attr(_import_module("numpy.core._multiarray_umath"), "scalar")`, or the same
    with "_reconstruct".  In any other form the same two functions run whatever one likes.
    """
    if not isinstance(node, Call) or not _called(node, names.GET_ATTRIBUTE, 2):
        return False
    assert isinstance(node.arguments, tuple)
    module, wanted = node.arguments
    if not isinstance(module, Call) or not _called(module, names.IMPORT_MODULE, 1):
        return False
    return module.arguments == (DILLS_NUMPY,) and wanted in ("scalar", "_reconstruct")


def _called(node: Call, function: names.Name, count: int) -> bool:
    """Tell whether a call is one of `function` with this many arguments, and nothing else."""
    by_name = isinstance(node.function, Global) and node.function.key == function
    plain = not (node.states or node.appended or node.pairs or node.keywords)
    return by_name and plain and isinstance(node.arguments, tuple) and len(node.arguments) == count


def _makes_scalars(function: object) -> bool:
    if isinstance(function, Call):
        arguments = function.arguments
        return (
            is_numpy_lookup(function) and isinstance(arguments, tuple) and arguments[1] == "scalar"
        )
    return isinstance(function, Global) and function.key in names.SCALARS


def scalar_of(node: Call) -> object:
    """The number that numpy's scalar call stands for, or the node itself."""
    arguments = node.arguments
    if not _makes_scalars(node.function):
        return node
    if not isinstance(arguments, tuple) or len(arguments) != 2:
        return node
    dtype = arguments[0]
    if not isinstance(dtype, Call) or not isinstance(dtype.function, Global):
        return node
    if dtype.function.key != names.DTYPE or not isinstance(dtype.arguments, tuple):
        return node
    kind = dtype.arguments[0] if dtype.arguments else None
    layout = SCALAR_LAYOUTS.get(kind) if isinstance(kind, str) else None
    data = b"" if layout is None else _short_bytes(arguments[1])
    if layout is None or len(data) != struct.calcsize(layout):
        return node
    return struct.unpack(layout, data)[0]


class TensorReader:
    """Turns nodes into tensors; what several share is read once.

    `outside` finds the storages that stand outside the pickle, where there are such.
    """

    def __init__(self, outside: Callable[[Persistent], Storage] | None = None) -> None:
        self._outside = outside
        self._tensors: dict[int, StoredTensor] = {}
        self._storages: dict[tuple[int, int, int], Storage] = {}
        self._encoded: dict[int, Blob] = {}

    def tensor(self, node: object) -> StoredTensor:
        """The tensor or parameter that a node stands for; its numbers stay in the file.

        Raises:
            PickleStreamError: it stands for something else, is empty, or is damaged.
        """
        known = self._tensors.get(id(node))
        if known is None:
            storage, *view = _parts_of(node)
            known = view_of(self._storage(storage), *view)
            if not known.elements:
                raise PickleStreamError("it is empty")
            self._tensors[id(node)] = known
        return known

    @property
    def reaches_outside(self) -> bool:
        """Return whether storages may stand outside the pickle."""
        return self._outside is not None

    def _storage(self, node: object) -> Storage:
        if isinstance(node, Persistent) and self._outside is not None:
            return self._outside(node)
        blob = self._bytes(_nested_file(node))
        key = id(blob.source), blob.start, blob.length
        if key not in self._storages:
            self._storages[key] = read_storage(blob)
        return self._storages[key]

    def _bytes(self, node: object) -> Blob:
        """A byte string; before protocol 3 it is a call that encodes a text."""
        if isinstance(node, Blob) and not node.is_text:
            return node
        text = _encoded_text(node)
        if id(text) not in self._encoded:  # the nodes hold it, so its place is not used again
            self._encoded[id(text)] = _latin(text)
        return self._encoded[id(text)]


def _parts_of(node: object) -> tuple[object, object, object, object]:
    """Storage, offset, shape and stride of a tensor, which a parameter may be wrapped around."""
    for _ in range(2):
        if not isinstance(node, Call) or not is_tensor(node):
            break
        arguments = node.arguments
        assert isinstance(node.function, Global)
        if not isinstance(arguments, tuple) or node.states or node.keywords is not None:
            break
        if node.function.key == names.TENSOR and len(arguments) >= 4:
            return arguments[0], arguments[1], arguments[2], arguments[3]
        node = arguments[0] if arguments else None
    raise PickleStreamError("it is no tensor")


def _nested_file(node: object) -> object:
    """Return what stands for the file that `torch.save` wrote for a storage."""
    if isinstance(node, Call) and isinstance(node.function, Global):
        arguments = node.arguments
        is_storage = node.function.key == names.STORAGE and not node.states
        if is_storage and isinstance(arguments, tuple) and len(arguments) == 1:
            return arguments[0]
    raise PickleStreamError("it has no storage of its own")


def _encoded_text(node: object) -> object:
    """The text that a call encodes."""
    if isinstance(node, Call) and isinstance(node.function, Global):
        arguments = node.arguments
        if node.function.key == names.ENCODE and isinstance(arguments, tuple) and arguments:
            return arguments[0]
    raise PickleStreamError("it has no bytes")


def _latin(text: object) -> Blob:
    """The bytes whose Latin-1 form is `text`."""
    if isinstance(text, Blob) and text.is_text:
        source = LatinSource(text)
        return Blob(source, 0, source.length)
    if not isinstance(text, str):
        raise PickleStreamError("it has no bytes")
    try:
        data = text.encode("latin-1")
    except UnicodeError as error:
        raise PickleStreamError("its bytes are damaged") from error
    return Blob(BytesSource(data), 0, len(data))


def _short_bytes(node: object) -> bytes:
    """The bytes of a number."""
    if isinstance(node, Blob) and not node.is_text:
        return node.read() if node.length <= LONGEST else b""
    text = _encoded_text(node)
    return _latin(text).read() if isinstance(text, str) and len(text) <= LONGEST else b""
