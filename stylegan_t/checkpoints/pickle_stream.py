"""An interpreter of pickle streams that builds inert nodes: nothing is imported, called or run.

A pickle is a program for a small stack machine.  Python's own machine calls whatever the program
names; this one only writes down what *would* be called, as `Call` nodes over `Global` names.  What
the nodes mean is decided by the code that visits them, from a list of names that it knows.

Everything is bounded: opcodes, the length of names and numbers, and what is held in memory.  Byte
strings and long texts are not read at all, they become `Blob`s: places in the file.

Source of the opcodes: the documentation of Python's `pickletools`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from stylegan_t.checkpoints.pickle_nodes import (
    Blob,
    Call,
    DictNode,
    Global,
    ListNode,
    Persistent,
    PickleStreamError,
)

MAX_OPCODES = 2_000_000
"""A snapshot with two tokenizers inside has about 0.9 million."""
MAX_NODES = 500_000
"""Lists, dictionaries and calls; a snapshot has some ten thousand."""
MAX_LINE = 4096
MAX_NUMBER_BYTES = 1024
MAX_NAME = 512
MAX_NAMES = 5_000
"""Different names in all; a snapshot mentions some hundred."""
MAX_TEXT = 1 << 16
"""Longer texts stay in the file."""
MAX_TEXTS = 1 << 26
"""Characters of all other texts together; two tokenizers have two million."""
LOOKUPS = ("getattr", "_get_attr", "_import_module")
WINDOW = 1 << 16
"""Bytes that are read ahead."""
_STOP = ord(".")


class Stream:
    """One pickle in `blob`, from `start`.

    `globals` collects every name that it mentions, `lookups` every call that asks for something
    by a text, `outside` every reference to something outside; `end` is the place behind its STOP.
    """

    def __init__(self, blob: Blob, start: int = 0, max_opcodes: int = MAX_OPCODES) -> None:
        self.blob = blob
        self.globals: dict[tuple[str, str], Global] = {}
        self.lookups: list[Call] = []
        self.outside: list[Persistent] = []
        self._max_opcodes = max_opcodes
        self._window, self._base, self._at = b"", start, 0
        self.stack: list[object] = []
        self.marks: list[int] = []
        self.memo: dict[int, object] = {}
        self._nodes_left, self._texts_left = MAX_NODES, MAX_TEXTS

    @property
    def end(self) -> int:
        """The place in the blob that is read next."""
        return self._base + self._at

    def read(self) -> object:
        """Interpret the pickle up to its STOP.

        Returns:
            Plain values, tuples and nodes; they may refer to one another in circles.

        Raises:
            PickleStreamError: it is damaged, cut short, or beyond the bounds.
        """
        try:
            for _ in range(self._max_opcodes):
                if self._at >= len(self._window):
                    self._refill(1)
                code = self._window[self._at]
                self._at += 1
                if code == _STOP:
                    return self.stack.pop()
                _OPCODES[code](self)
        except (LookupError, ValueError, OverflowError, struct.error) as error:
            if isinstance(error, PickleStreamError):
                raise
            raise PickleStreamError("its pickle stream is damaged") from error
        raise PickleStreamError("its pickle stream is longer than that of any snapshot")

    # -- reading -----------------------------------------------------------------------------

    def _refill(self, needed: int) -> None:
        """Read on, so that `needed` bytes lie in the window."""
        self._base, self._at = self._base + self._at, 0
        left = self.blob.length - self._base
        if needed > left:
            raise PickleStreamError("it ends in the middle")
        self._window = self.blob.read(self._base, min(left, max(needed, WINDOW)))

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        end = self._at + count
        if end > len(self._window):
            self._refill(count)
            end = count
        data = self._window[self._at : end]
        self._at = end
        return data

    def number(self, count: int) -> int:
        """The next unsigned number of `count` bytes."""
        return int.from_bytes(self.take(count), "little")

    def line(self, encoding: str = "utf-8") -> str:
        """The text up to the end of the line."""
        end = self._window.find(b"\n", self._at)
        if end < 0:
            self._refill(1)
            end = self._window.find(b"\n", 0, MAX_LINE)
        if end < 0 or end - self._at > MAX_LINE:
            raise PickleStreamError("its pickle stream is damaged")
        data = self._window[self._at : end]
        self._at = end + 1
        return data.decode(encoding)

    def text(self, length: int) -> None:
        """Push a text of `length` bytes."""
        if length <= MAX_TEXT:
            self.push_text(self.take(length).decode("utf-8", "surrogatepass"))
        else:
            self.skip(length, is_text=True)

    def push_text(self, text: str) -> None:
        """Push a text that is kept in memory."""
        self._texts_left -= len(text)
        if self._texts_left < 0:
            raise PickleStreamError("its pickle stream holds more texts than any snapshot")
        self.stack.append(text)

    def skip(self, length: int, is_text: bool = False) -> None:
        """Push the next `length` bytes as a blob, unread."""
        start = self._base + self._at
        if length > self.blob.length - start:
            raise PickleStreamError("it ends in the middle")
        blob = self.blob
        self.stack.append(Blob(blob.source, blob.start + start, length, is_text))
        self._at += length
        if self._at > len(self._window):
            self._base, self._at, self._window = self._base + self._at, 0, b""

    # -- the stack ---------------------------------------------------------------------------

    def since_mark(self) -> list[object]:
        """Take everything above the last mark, and the mark."""
        mark = self.marks.pop()
        if mark > len(self.stack):
            raise PickleStreamError("its pickle stream is damaged")
        items = self.stack[mark:]
        del self.stack[mark:]
        return items

    def push(self, node: Call | ListNode | DictNode | Persistent) -> None:
        """Push a new node."""
        self._nodes_left -= 1
        if self._nodes_left < 0:
            raise PickleStreamError("its pickle stream holds more objects than any snapshot")
        self.stack.append(node)
        if isinstance(node, Persistent):
            self.outside.append(node)
        elif isinstance(node, Call) and getattr(node.function, "name", "") in LOOKUPS:
            self.lookups.append(node)

    def name(self, module: object, name: object) -> Global:
        """A name, noted."""
        if not (isinstance(module, str) and isinstance(name, str)):
            raise PickleStreamError("its pickle stream uses something else as a name")
        if len(module) > MAX_NAME or len(name) > MAX_NAME:
            raise PickleStreamError("its pickle stream holds an absurdly long name")
        found = Global(module, name)
        known = self.globals.setdefault((found.module, name), found)
        if len(self.globals) > MAX_NAMES:
            raise PickleStreamError("its pickle stream uses more names than any snapshot")
        return known


# -- opcodes ---------------------------------------------------------------------------------------
# Each takes the machine; the names are those of `pickletools`.


def _constant(value: object) -> Callable[[Stream], None]:
    return lambda s: s.stack.append(value)


def _new(kind: type[ListNode] | type[DictNode]) -> Callable[[Stream], None]:
    return lambda s: s.push(kind())


def _unsigned(count: int) -> Callable[[Stream], None]:
    return lambda s: s.stack.append(s.number(count))


def _text(size_bytes: int) -> Callable[[Stream], None]:
    return lambda s: s.text(s.number(size_bytes))


def _bytes(size_bytes: int) -> Callable[[Stream], None]:
    return lambda s: s.skip(s.number(size_bytes))


def _latin(size_bytes: int) -> Callable[[Stream], None]:
    """STRING of Python 2: eight-bit text, where bytes and text were one."""

    def work(s: Stream) -> None:
        length = s.number(size_bytes)
        if length <= MAX_TEXT:
            s.push_text(s.take(length).decode("latin-1"))
        else:
            s.skip(length)

    return work


def _binint(s: Stream) -> None:
    s.stack.append(int.from_bytes(s.take(4), "little", signed=True))


def _long(size_bytes: int) -> Callable[[Stream], None]:
    def work(s: Stream) -> None:
        length = s.number(size_bytes)
        if length > MAX_NUMBER_BYTES:
            raise PickleStreamError("it holds an absurdly long number")
        s.stack.append(int.from_bytes(s.take(length), "little", signed=True))

    return work


def _int(text: str) -> int:
    # Two spellings are booleans (protocol 1 and older).
    return {"00": False, "01": True}[text] if text in ("00", "01") else int(text)


def _line(value: Callable[[str], object]) -> Callable[[Stream], None]:
    return lambda s: s.stack.append(value(s.line()))


def _binfloat(s: Stream) -> None:
    s.stack.append(struct.unpack(">d", s.take(8))[0])


def _string_line(s: Stream) -> None:
    text = s.line()
    if len(text) < 2 or text[0] != text[-1] or text[0] not in "\"'":
        raise PickleStreamError("its pickle stream is damaged")
    s.push_text(text[1:-1])  # escapes stay as they are: no name or number needs one


def _unicode_line(s: Stream) -> None:
    s.push_text(s.line("raw-unicode-escape"))


def _tuple(count: int) -> Callable[[Stream], None]:
    def work(s: Stream) -> None:
        if len(s.stack) < count:
            raise PickleStreamError("its pickle stream is damaged")
        items = tuple(s.stack[-count:])
        del s.stack[-count:]
        s.stack.append(items)

    return work


def _marked_tuple(s: Stream) -> None:
    s.stack.append(tuple(s.since_mark()))


def _marked_list(s: Stream) -> None:
    s.push(ListNode(s.since_mark()))


def _marked_dict(s: Stream) -> None:
    node = DictNode()
    node.pairs += _paired(s.since_mark())
    s.push(node)


def _paired(items: list[object]) -> list[tuple[object, object]]:
    if len(items) % 2:
        raise PickleStreamError("its pickle stream is damaged")
    return list(zip(items[::2], items[1::2], strict=True))


def _list_on_top(s: Stream) -> list[object]:
    node = s.stack[-1]
    if not isinstance(node, ListNode | Call):
        raise PickleStreamError("its pickle stream appends to something that is not a list")
    return node.appended


def _pairs_on_top(s: Stream) -> list[tuple[object, object]]:
    node = s.stack[-1]
    if not isinstance(node, DictNode | Call):
        raise PickleStreamError("its pickle stream fills something that is no dictionary")
    return node.pairs


def _append(s: Stream) -> None:
    value = s.stack.pop()
    _list_on_top(s).append(value)


def _appends(s: Stream) -> None:
    items = s.since_mark()
    _list_on_top(s).extend(items)


def _setitem(s: Stream) -> None:
    value, key = s.stack.pop(), s.stack.pop()
    _pairs_on_top(s).append((key, value))


def _setitems(s: Stream) -> None:
    items = s.since_mark()
    _pairs_on_top(s).extend(_paired(items))


def _mark(s: Stream) -> None:
    s.marks.append(len(s.stack))


def _pop(s: Stream) -> None:
    if s.marks and s.marks[-1] == len(s.stack):
        s.marks.pop()
    else:
        s.stack.pop()


def _pop_mark(s: Stream) -> None:
    s.since_mark()


def _get(size_bytes: int) -> Callable[[Stream], None]:
    return lambda s: s.stack.append(s.memo[s.number(size_bytes)])


def _put(size_bytes: int) -> Callable[[Stream], None]:
    def work(s: Stream) -> None:
        s.memo[s.number(size_bytes)] = s.stack[-1]

    return work


def _put_line(s: Stream) -> None:
    s.memo[int(s.line())] = s.stack[-1]


def _memoize(s: Stream) -> None:
    s.memo[len(s.memo)] = s.stack[-1]


def _global(s: Stream) -> None:
    module = s.line()
    s.stack.append(s.name(module, s.line()))


def _stack_global(s: Stream) -> None:
    name, module = s.stack.pop(), s.stack.pop()
    s.stack.append(s.name(module, name))


def _reduce(s: Stream) -> None:
    arguments, function = s.stack.pop(), s.stack.pop()
    s.push(Call(function, arguments))


def _newobj_ex(s: Stream) -> None:
    keywords, arguments, function = s.stack.pop(), s.stack.pop(), s.stack.pop()
    s.push(Call(function, arguments, keywords))


def _inst(s: Stream) -> None:
    module = s.line()
    function = s.name(module, s.line())
    s.push(Call(function, tuple(s.since_mark())))


def _obj(s: Stream) -> None:
    items = s.since_mark()
    s.push(Call(items[0], tuple(items[1:])))


def _build(s: Stream) -> None:
    state = s.stack.pop()
    node = s.stack[-1]
    if not isinstance(node, Call):
        raise PickleStreamError("its pickle stream builds something that is no object")
    node.states.append(state)


def _persistent(take: Callable[[Stream], object]) -> Callable[[Stream], None]:
    return lambda s: s.push(Persistent(take(s)))


def _version(s: Stream) -> None:
    if s.number(1) > 5:
        raise PickleStreamError("it uses a pickle protocol that is not known yet")


def _frame(s: Stream) -> None:
    s.take(8)


def _refused(s: Stream) -> None:
    raise PickleStreamError("its pickle stream is damaged or uses what no snapshot needs")


_OPCODES: list[Callable[[Stream], None]] = [_refused] * 256
for _code, _work in {
    **{"N": _constant(None), "\x88": _constant(True), "\x89": _constant(False)},
    **{"I": _line(_int), "L": _line(lambda text: int(text.removesuffix("L")))},
    **{"F": _line(float), "G": _binfloat},
    **{"J": _binint, "K": _unsigned(1), "M": _unsigned(2), "\x8a": _long(1), "\x8b": _long(4)},
    **{"S": _string_line, "T": _latin(4), "U": _latin(1)},
    **{"V": _unicode_line, "X": _text(4), "\x8c": _text(1), "\x8d": _text(8)},
    **{"B": _bytes(4), "C": _bytes(1), "\x8e": _bytes(8), "\x96": _bytes(8)},
    **{"]": _new(ListNode), "}": _new(DictNode), "\x8f": _new(ListNode), ")": _constant(())},
    **{"l": _marked_list, "\x91": _marked_list, "d": _marked_dict, "t": _marked_tuple},
    **{"\x85": _tuple(1), "\x86": _tuple(2), "\x87": _tuple(3)},
    **{"a": _append, "e": _appends, "\x90": _appends, "s": _setitem, "u": _setitems},
    **{"(": _mark, "0": _pop, "1": _pop_mark, "2": lambda s: s.stack.append(s.stack[-1])},
    **{"g": lambda s: s.stack.append(s.memo[int(s.line())]), "p": _put_line},
    **{"h": _get(1), "j": _get(4), "q": _put(1), "r": _put(4)},
    **{"\x94": _memoize, "c": _global, "\x93": _stack_global, "R": _reduce, "\x81": _reduce},
    **{"\x92": _newobj_ex, "i": _inst, "o": _obj, "b": _build},
    **{"P": _persistent(Stream.line), "Q": _persistent(lambda s: s.stack.pop())},
    **{"\x80": _version, "\x95": _frame},
}.items():
    _OPCODES[ord(_code)] = _work
