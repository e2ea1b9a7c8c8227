"""The restricted reader of reference checkpoints (`network-snapshot-NNNNNN.pkl`).

Such a file pickles whole modules, code of the discriminator included, so that opening it the usual
way runs whatever it says.  Here the stream is interpreted into inert nodes
(`stylegan_t.checkpoints.pickle_stream`), and only what is reached from `G_ema` is looked at, by a
list of names (`stylegan_t.checkpoints.reference_names`).  What the nodes of the discriminator stand
for is never made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sized
from dataclasses import dataclass, field
from pathlib import Path

from torch import Tensor

from stylegan_t.checkpoints import reference_names as names
from stylegan_t.checkpoints.pickle_nodes import (
    Call,
    DictNode,
    Global,
    ListNode,
    PickleStreamError,
)
from stylegan_t.checkpoints.reference_nodes import (
    IGNORED,
    MAX_KEY,
    class_of,
    dict_of,
    persistent_parts,
    require_known,
)
from stylegan_t.checkpoints.reference_values import TensorReader, scalar_of
from stylegan_t.checkpoints.torch_storage import StoredTensor, empty_like
from stylegan_t.checkpoints.weights import CheckpointError

MAX_DEPTH = 40
MAX_PARTS = 5_000
MAX_TENSORS = 5_000
"""Modules in modules, modules in all, and tensors: a full-sized generator has 600 with its text
tower."""
MAX_ENTRIES = 200_000
"""Attributes, parts and tensors of all parts together, shared ones counted at each part: a
generator with its text tower has some ten thousand."""
MAX_LISTED = 200
"""Items of a list among the attributes of a part, such as the names of its layers."""
MAX_ATTRIBUTE = 1 << 53
"""Whole numbers that a float holds exactly; sizes are far smaller."""
UNUSUAL = object()
"""Stands for an attribute that is no plain value."""


@dataclass
class Part:
    """One pickled module: its class, what it holds, and its attributes (`UNUSUAL` where they are no
    plain values)."""

    kind: names.Name
    tensors: dict[str, StoredTensor] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)
    attributes: dict[str, object] = field(default_factory=dict)

    def walk(self, prefix: str = "") -> Iterator[tuple[str, Part]]:
        """This part and all below it, with their dotted names."""
        yield prefix, self
        for name, part in self.parts.items():
            yield from part.walk(f"{prefix}.{name}" if prefix else name)

    def state(self) -> dict[str, StoredTensor]:
        """All tensors by the names that a state dict gives them."""
        return {
            f"{prefix}.{name}" if prefix else name: tensor
            for prefix, part in self.walk()
            for name, tensor in part.tensors.items()
        }


class StateWeights:
    """Tensors of a snapshot as `stylegan_t.checkpoints.weights.Weights`."""

    def __init__(self, state: dict[str, StoredTensor], file: Path) -> None:
        self._state, self._file = state, file

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """See `Weights`."""
        return {name: tensor.shape for name, tensor in self._state.items()}

    def read_into(self, name: str, target: Tensor) -> None:
        """See `Weights`."""
        tensor = self._state[name]
        if not tensor.is_floating:
            raise CheckpointError(
                f"Tensor {name} in {self._file.name} contains no floating-point numbers."
            )
        try:
            tensor.read_into(target)
        except PickleStreamError as error:
            raise CheckpointError(f"Tensor {name} in {self._file.name}: {error}.") from error

    def read(self, name: str) -> Tensor:
        """A tensor, [*shape] float32 on the CPU."""
        target = empty_like(self._state[name])
        self.read_into(name, target)
        return target


def read_generator(generator: Call, tensors: TensorReader, file: Path) -> Part:
    """The module that a node stands for; its numbers stay in the file.

    Raises:
        CheckpointError, PickleStreamError: it is damaged, hostile, or something else.
    """
    require_known([generator], file, reaches_outside=tensors.reaches_outside)
    return _Reader(file, tensors).part(generator, "G_ema")


def made_by(node: object) -> str | None:
    """The name of what makes a module that is no generator of a kind that can be opened, which may
    be ""; None where it makes one."""
    if not isinstance(node, Call):
        return ""
    name = class_of(node)
    if name is None:
        return str(node.function) if isinstance(node.function, Global) else ""
    if name.key == names.GENERATOR:
        return None
    made, family = str(name), names.family_class(name)
    if name.key == names.PERSISTENT:
        made = persistent_parts(node)[0]
        family = (names.PERSISTENT[0], made)
    return None if family is not None and family[1] in names.FAMILY_GENERATORS else made


class _Reader:
    """Turns nodes into parts and tensors."""

    def __init__(self, file: Path, tensors: TensorReader) -> None:
        self._file, self._tensors = file, tensors
        self._parts_left, self._tensors_left, self._entries_left = (
            MAX_PARTS,
            MAX_TENSORS,
            MAX_ENTRIES,
        )

    def part(self, node: object, path: str, depth: int = 0) -> Part:
        """A module and all below it."""
        self._parts_left -= 1
        if depth > MAX_DEPTH or self._parts_left < 0:
            raise PickleStreamError("its networks are nested without end")
        kind, held = _opened(node, path)
        state = self._entries(held)
        part = Part(kind)
        unseen = IGNORED.get(kind, ())
        hidden = self._texts(state.get("_non_persistent_buffers_set"))
        for group in ("_parameters", "_buffers"):
            for key, value in self._named(state.get(group)).items():
                if key in part.tensors:
                    raise PickleStreamError(f"{path}.{key} is there twice")
                if value is not None and key not in hidden:
                    part.tensors[key] = self._tensor(value, f"{path}.{key}")
        for key, value in self._named(state.get("_modules")).items():
            if value is not None and key not in unseen:
                part.parts[key] = self.part(value, f"{path}.{key}", depth + 1)
        for key, value in state.items():
            if not key.startswith("_"):
                part.attributes[key] = _plain(value)
        return part

    def _entries(self, node: object) -> dict[str, object]:
        """The entries of a dictionary, which count."""
        self._count(node.pairs if isinstance(node, DictNode | Call) else ())
        return dict_of(node)

    def _count(self, values: Sized) -> None:
        self._entries_left -= len(values)
        if self._entries_left < 0:
            raise PickleStreamError("its networks hold more entries than any generator")

    def _named(self, node: object) -> dict[str, object]:
        """Parts or tensors by name; an absent dictionary is an empty one."""
        found = {} if node is None else self._entries(node)
        if any(len(key) > MAX_KEY for key in found):
            raise PickleStreamError("it holds an absurdly long name")
        return found

    def _texts(self, node: object) -> set[str]:
        """The texts in a set node."""
        lists = [node] if isinstance(node, ListNode | Call) else []
        if isinstance(node, Call) and isinstance(node.arguments, tuple):
            # Protocols without sets of their own write `set([...])`.
            self._count(node.arguments)
            lists = [argument for argument in node.arguments if isinstance(argument, ListNode)]
        for one in lists:
            self._count(one.appended)
        return {text for one in lists for text in one.appended if isinstance(text, str)}

    def _tensor(self, node: object, path: str) -> StoredTensor:
        self._tensors_left -= 1
        if self._tensors_left < 0:
            raise PickleStreamError("it holds more tensors than any snapshot")
        try:
            return self._tensors.tensor(node)
        except PickleStreamError as error:
            raise CheckpointError(
                f"Tensor {path} in {self._file.name} cannot be read: {error}."
            ) from error


def _opened(node: object, path: str) -> tuple[names.Name, object]:
    """The kind of a network part, and the node of its state."""
    name = class_of(node) if isinstance(node, Call) else None
    if isinstance(node, Call) and name is not None:
        if name.key == names.PERSISTENT:
            class_name, state = persistent_parts(node)
            if class_name in names.FAMILY_CLASSES:
                return (names.PERSISTENT[0], class_name), state
            raise PickleStreamError(f"{path} is of a class that is not known, {class_name}")
        family = names.family_class(name)
        if family is not None:
            return family, _single_state(node, path)
        if name.key in names.MODULES:
            return name.key, _single_state(node, path)
    raise PickleStreamError(f"{path} is no network part ({name or 'no name'})")


def _plain(value: object) -> object:
    """A number, a text, or a short list of those, as a tuple; or `UNUSUAL`.

    A list in a list is unusual: nested ones may have no end, or hold each other.
    """
    if isinstance(value, ListNode):
        short = value.appended if len(value.appended) <= MAX_LISTED else [UNUSUAL]
        items = tuple(_single(item) for item in short)
        return UNUSUAL if UNUSUAL in items else items
    return _single(value)


def _single(value: object) -> object:
    plain = scalar_of(value) if isinstance(value, Call) else value
    return plain if _is_plain(plain) else UNUSUAL


def _is_plain(value: object) -> bool:
    if isinstance(value, int):
        return abs(value) < MAX_ATTRIBUTE
    return value is None or isinstance(value, bool | float | str)


def _single_state(node: Call, path: str) -> object:
    if len(node.states) != 1 or node.appended or node.pairs:
        raise PickleStreamError(f"{path} is no network part as pickle writes it")
    state = node.states[0]
    # Objects with slots have a pair: their dictionary and their slots.
    if isinstance(state, tuple) and len(state) == 2 and not state[1]:
        return state[0]
    return state
