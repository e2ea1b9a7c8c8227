"""The restricted reader of reference checkpoints (`network-snapshot-NNNNNN.pkl`).

Such a file pickles whole modules, code of the discriminator included, so that opening it the usual
way runs whatever it says.  Here the stream is interpreted into inert nodes
(`stylegan_t.checkpoints.pickle_stream`), and only what is reached from `G_ema` is looked at, by a
list of names (`stylegan_t.checkpoints.reference_names`).  What the nodes of the discriminator stand
for is never made.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sized
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from torch import Tensor

from stylegan_t.checkpoints import reference_names as names
from stylegan_t.checkpoints.pickle_nodes import (
    Blob,
    Call,
    DictNode,
    FileSource,
    Global,
    ListNode,
    Persistent,
    PickleStreamError,
)
from stylegan_t.checkpoints.pickle_stream import Stream
from stylegan_t.checkpoints.reference_values import (
    TensorReader,
    is_numpy_lookup,
    is_tensor,
    scalar_of,
)
from stylegan_t.checkpoints.torch_storage import StoredTensor, empty_like
from stylegan_t.checkpoints.usual_names import unusual, warning
from stylegan_t.checkpoints.weights import CheckpointError

MAX_DEPTH = 40
MAX_PARTS = 5_000
MAX_TENSORS = 5_000
"""Modules in modules, modules in all, and tensors: a full-sized generator has 600 with its text
tower."""
MAX_ENTRIES = 200_000
"""Attributes, parts and tensors of all parts together, shared ones counted at each part: a
generator with its text tower has some ten thousand."""
MAX_KEY = 100
"""Length of the name of a part or a tensor."""
MAX_LISTED = 200
"""Items of a list among the attributes of a part, such as the names of its layers."""
MAX_ATTRIBUTE = 1 << 53
"""Whole numbers that a float holds exactly; sizes are far smaller."""
UNUSUAL = object()
"""Stands for an attribute that is no plain value."""
IGNORED = {
    names.CLIP_WRAPPER: ("tokenizer",),
    names.CLIP_MODEL: ("visual",),
}
"""Attributes and parts of a class that are not even looked at."""


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
                f"Tensor {name} in {self._file.name} holds no floating-point numbers."
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


def read_generator(source: FileSource, size: int, file: Path) -> tuple[Part, str]:
    """The module `G_ema` of a snapshot, and what to warn of; its numbers stay in the file.

    Args:
        source: the open file.
        size: its length in bytes.
        file: for messages.

    Raises:
        CheckpointError: the file is damaged, hostile, or holds something else; one sentence.
    """
    try:
        with _uncollected():
            stream = Stream(Blob(source, 0, size))
            root = stream.read()
        if stream.end != size:
            raise PickleStreamError("it goes on after its end")
        harmful = names.harmful(stream.globals.values())
        if harmful is not None:
            raise CheckpointError(
                f"{file.name} names {harmful}, which no snapshot needs and which can do harm; "
                "nothing of it was run, do not open it elsewhere."
            )
        generator = _generator_node(root, file)
        _require_known(generator, file)
        strange = unusual(stream.globals.values(), stream.lookups)
        return _Reader(file).part(generator, "G_ema"), warning(file.name, strange)
    except PickleStreamError as error:
        raise CheckpointError(f"{file.name} cannot be opened: {error}.") from error


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep Python from looking for garbage among a million nodes that are all in use."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _generator_node(root: object, file: Path) -> Call:
    """The node of G_ema."""
    entries = dict_of(root) if isinstance(root, DictNode | Call) else {}
    node = entries.get("G_ema")
    if not isinstance(node, Call):
        kind = "a state dict, not a snapshot" if _holds_tensors(entries) else "no such snapshot"
        raise CheckpointError(
            f"{file.name} is {kind}: it holds no G_ema, the generator that StyleGAN-T's code saves."
        )
    name = class_of(node)
    if name is not None and name.key == names.GENERATOR:
        return node
    made_by = str(name or (node.function if isinstance(node.function, Global) else ""))
    if name is not None and name.key == names.PERSISTENT:
        made_by = persistent_parts(node)[0]
        if made_by in names.FAMILY_GENERATORS:
            return node
    raise CheckpointError(
        f"{file.name} holds a network of another kind ({made_by or 'without a name'}): this "
        "program opens StyleGAN-T, StyleGAN2, StyleGAN3, StyleGAN-XL and LAFITE."
    )


def _holds_tensors(entries: dict[str, object]) -> bool:
    return any(isinstance(value, Call) and is_tensor(value) for value in entries.values())


# -- what nodes mean -----------------------------------------------------------------------------


def class_of(node: Call) -> Global | None:
    """The class of an object node: the two ways in which pickle makes objects."""
    function, arguments = node.function, node.arguments
    if not isinstance(function, Global):
        return None
    if function.key in (names.NEW_OBJECT, names.RECONSTRUCTOR):
        first = arguments[0] if isinstance(arguments, tuple) and arguments else None
        return first if isinstance(first, Global) else None
    return function


def persistent_parts(node: Call) -> tuple[str, object]:
    """The class name and the state of a persistent object, whose source code is passed over.

    Raises:
        PickleStreamError: it is not written as the originals write it.
    """
    arguments = node.arguments
    plain = not (node.states or node.appended or node.pairs or node.keywords)
    if not plain or not isinstance(arguments, tuple) or len(arguments) != 1:
        raise PickleStreamError("it holds a network that is not written as usual")
    meta = dict_of(arguments[0])
    version, name = meta.get("version"), meta.get("class_name")
    if meta.get("type") != "class" or not isinstance(name, str) or "state" not in meta:
        raise PickleStreamError("it holds a network that is not written as usual")
    if version != names.PERSISTENT_VERSION:
        raise PickleStreamError("its networks are written in a form that is not known")
    return name[:MAX_KEY], meta["state"]


def dict_of(node: object) -> dict[str, object]:
    """The entries of a dictionary node under text keys.

    Raises:
        PickleStreamError: it is something else.
    """
    if isinstance(node, Call):
        made = class_of(node)
        if made is None or made.key not in (names.ORDERED_DICT, names.EASY_DICT):
            raise PickleStreamError("it holds an object where a dictionary belongs")
        surplus = node.arguments if made is node.function else _without_class(node)
        if surplus not in ((), None) or node.states or node.appended:
            raise PickleStreamError("it holds an unusual dictionary")
    elif not isinstance(node, DictNode):
        raise PickleStreamError("it holds something else where a dictionary belongs")
    entries: dict[str, object] = {}
    for key, value in node.pairs:
        if not isinstance(key, str):
            raise PickleStreamError("it holds a dictionary with unusual keys")
        entries[key] = value
    return entries


def _without_class(node: Call) -> object:
    return node.arguments[1:] if isinstance(node.arguments, tuple) else node.arguments


def _children(node: object) -> Iterator[object]:
    if isinstance(node, tuple):
        yield from node
    elif isinstance(node, ListNode):
        yield from node.appended
    elif isinstance(node, DictNode):
        for pair in node.pairs:
            yield from pair
    elif isinstance(node, Call):
        yield from (node.function, node.arguments, node.keywords)
        yield from node.states
        yield from node.appended
        for pair in node.pairs:
            yield from pair


def _visible(node: object) -> Iterator[object]:
    """The children of a node, less what its class lets us ignore."""
    name = class_of(node) if isinstance(node, Call) else None
    unseen = IGNORED.get(name.key, ()) if name is not None else ()
    if not unseen or not isinstance(node, Call):
        yield from _children(node)
        return
    yield from (node.function, node.arguments, node.keywords, *node.appended)
    yield from (value for pair in node.pairs for value in pair)
    for state in node.states:
        if not isinstance(state, DictNode):
            yield state
            continue
        for key, value in state.pairs:
            if key == "_modules" and isinstance(value, DictNode | Call):
                yield from (part for pair in value.pairs if pair[0] not in unseen for part in pair)
            elif key not in unseen:
                yield from (key, value)


def _require_known(root: Call, file: Path) -> None:
    """Refuse a snapshot whose generator leads to a name that is not on the list."""
    seen: set[int] = set()
    waiting: list[object] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Global):
            if node.key not in names.KNOWN:
                raise CheckpointError(
                    f"The generator in {file.name} uses {node}, which no generator of its kind "
                    "does."
                )
            continue
        if isinstance(node, Persistent):
            raise PickleStreamError("its generator refers to something outside the file")
        if isinstance(node, Call) and (_names_a_type(node) or is_numpy_lookup(node)):
            continue
        if isinstance(node, tuple | ListNode | DictNode | Call) and id(node) not in seen:
            seen.add(id(node))
            waiting.extend(_visible(node))


def _names_a_type(node: Call) -> bool:
    """Return whether a call stands for one of the plain types, by dill's way to write them."""
    if not isinstance(node.function, Global) or node.function.key != names.LOAD_TYPE:
        return False
    arguments = node.arguments
    wanted = arguments[0] if isinstance(arguments, tuple) and len(arguments) == 1 else None
    if isinstance(wanted, str) and wanted in names.TYPES and not node.states:
        return True
    raise PickleStreamError("its generator asks for a type that no generator uses")


class _Reader:
    """Turns nodes into parts and tensors."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._parts_left, self._tensors_left, self._entries_left = (
            MAX_PARTS,
            MAX_TENSORS,
            MAX_ENTRIES,
        )
        self._tensors = TensorReader()

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
