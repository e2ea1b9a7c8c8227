"""The meaning of a snapshot's nodes: classes, dictionaries, and whether all names are known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from stylegan_t.checkpoints import reference_names as names
from stylegan_t.checkpoints.pickle_nodes import (
    Call,
    DictNode,
    Global,
    ListNode,
    Persistent,
    PickleStreamError,
)
from stylegan_t.checkpoints.reference_values import is_numpy_lookup
from stylegan_t.checkpoints.weights import CheckpointError

MAX_KEY = 100
"""Length of the name of a part or a tensor."""
IGNORED = {
    names.CLIP_WRAPPER: ("tokenizer",),
    names.CLIP_MODEL: ("visual",),
}
"""Attributes and parts of a class that are not even looked at."""


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
        if not is_dictionary(node):
            raise PickleStreamError("it holds an object where a dictionary belongs")
        surplus = node.arguments if class_of(node) is node.function else _without_class(node)
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


def is_dictionary(node: DictNode | Call) -> bool:
    """Return whether a node stands for a dictionary, whatever it holds."""
    if isinstance(node, DictNode):
        return True
    made = class_of(node)
    return made is not None and made.key in (names.ORDERED_DICT, names.EASY_DICT)


def entries_of(node: object) -> dict[str, object]:
    """The entries of a dictionary under text keys; nothing where the node is something else."""
    if not isinstance(node, DictNode | Call) or not is_dictionary(node):
        return {}
    return {key: value for key, value in node.pairs if isinstance(key, str)}


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


def require_known(roots: Iterable[object], file: Path, *, reaches_outside: bool) -> None:
    """Refuse nodes that lead to a name that is not on the list.

    Args:
        roots: where to begin: a generator, or the tensors of one.
        file: for messages.
        reaches_outside: whether the file keeps storages outside of its pickle.

    Raises:
        CheckpointError, PickleStreamError: they do.
    """
    seen: set[int] = set()
    waiting: list[object] = list(roots)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Global):
            if node.key not in names.KNOWN and names.family_class(node) is None:
                raise CheckpointError(
                    f"The generator in {file.name} uses {node}, which no generator of its kind "
                    "does."
                )
            continue
        if isinstance(node, Persistent):
            if reaches_outside:
                continue  # what it stands for is looked at when its numbers are wanted
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


def without_stranger(generator: Call, file: Path) -> str:
    """Take the text encoder of a StyleGAN-T out of the nodes, where it is of a class that is not
    known; return the class's name, or ""."""
    parts = _parts_below(generator, "mapping")
    clip = dict(parts).get("clip")
    if not isinstance(clip, Call):
        return ""
    try:
        require_known([clip], file, reaches_outside=True)
    except CheckpointError:
        parts[:] = [pair for pair in parts if pair[0] != "clip"]
        return str(class_of(clip) or "a text encoder without a name")
    return ""


def _parts_below(generator: Call, name: str) -> list[tuple[object, object]]:
    """The pairs of the parts below one part of a plainly pickled module; none where it has none."""
    node: object = generator
    pairs: list[tuple[object, object]] = []
    for step in (name, None):
        state = node.states[0] if isinstance(node, Call) and node.states else None
        modules = entries_of(state).get("_modules")
        if not isinstance(modules, DictNode | Call):
            return []
        pairs = modules.pairs
        node = dict(entries_of(modules)).get(step) if step is not None else None
    return pairs
