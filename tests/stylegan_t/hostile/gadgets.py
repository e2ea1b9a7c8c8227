"""Pieces of pickle streams that harm whoever unpickles them: each pushes one value.

To be seen, the harm of most is to create a file, the marker.  Here are functions that do harm by
themselves; `gadget_chains` has those that get there on a detour.
"""

from __future__ import annotations

import marshal
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.stylegan_t.reference.opcodes import (
    EMPTY_DICT,
    by_name,
    call,
    dict_of,
    integer,
    list_of,
    raw,
    text,
)


@dataclass(frozen=True)
class Gadget:
    """One way to do harm.

    `make` turns the marker's path into opcodes.  `live` gadgets really create the marker where
    pickle runs them (a test checks).  `named` ones mention a name that no snapshot needs, so that
    a snapshot is refused wherever they stand in it.
    """

    name: str
    make: Callable[[Path], bytes]
    live: bool = True
    named: bool = True


class Touch:
    """Pickles as a call that creates the marker."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return eval, (f"open({str(self.marker)!r}, 'w')",)


def command(marker: Path) -> str:
    """Creates the marker, said to a shell."""
    return f"touch {marker}"


def code(marker: Path) -> str:
    """Creates the marker, said to Python."""
    return f"open({str(marker)!r}, 'w').close()"


def function(name: str) -> bytes:
    """Push a function by its full dotted name, as `module.function`."""
    return by_name(*name.rsplit(".", 1))


def module(name: str) -> bytes:
    """Push a module, as dill does it."""
    return call(by_name("dill._dill", "_import_module"), text(name))


def attribute(target: bytes, name: str) -> bytes:
    """Push an attribute, as dill does it."""
    return call(by_name("builtins", "getattr"), target, text(name))


def shell(name: str, *more: bytes, live: bool = True, named: bool = True) -> Gadget:
    """A function that takes a line for the shell."""
    return Gadget(name, lambda m: call(function(name), text(command(m)), *more), live, named)


def words(name: str, live: bool = True, named: bool = True) -> Gadget:
    """A function that takes a program and its arguments as a list."""
    return Gadget(
        name,
        lambda m: call(function(name), list_of(text("touch"), text(str(m)))),
        live,
        named,
    )


def python(name: str, *more: bytes, live: bool = True, named: bool = True) -> Gadget:
    """A function that takes Python source."""
    return Gadget(name, lambda m: call(function(name), text(code(m)), *more), live, named)


def opens(name: str, *more: bytes, live: bool = True, named: bool = True) -> Gadget:
    """A function that takes the path of a file."""
    return Gadget(name, lambda m: call(function(name), text(str(m)), *more), live, named)


def alone(name: str) -> Gadget:
    """A function that does harm without arguments, other than a marker."""
    return Gadget(name, lambda m: call(function(name)), live=False)


def _bytecode(marker: Path) -> bytes:
    compiled = call(
        function("marshal.loads"), raw(marshal.dumps(compile(code(marker), "x", "exec")))
    )
    return call(call(function("types.FunctionType"), compiled, dict_of({})))


GADGETS: list[Gadget] = [
    *(shell(name) for name in ("os.system", "posix.system", "subprocess.getoutput")),
    *(shell(name, live=False) for name in ("nt.system", "os.popen", "commands.getoutput")),
    *(words(f"subprocess.{name}") for name in ("run", "call", "check_output")),
    *(words(name, live=False) for name in ("subprocess.Popen", "pip._internal.main")),
    Gadget(
        "os.execv",
        lambda m: call(function("os.execv"), text("/bin/sh"), list_of(text("sh"))),
        live=False,
    ),
    *(python(name) for name in ("builtins.exec", "builtins.eval", "timeit.timeit")),
    python("__builtin__.eval", live=False),
    python("builtins.compile", text("x"), text("exec"), live=False),
    python("runpy._run_code", EMPTY_DICT),
    *(python(f"{name}.run", live=False) for name in ("cProfile", "profile", "pdb", "trace")),
    *(opens(f"{name}.open", text("w")) for name in ("builtins", "io", "_io", "codecs", "bz2")),
    *(opens(f"os.{name}") for name in ("mkdir", "mknod", "mkfifo")),
    *(opens(f"os.{name}", live=False) for name in ("remove", "unlink", "rmdir", "chdir")),
    *(opens(name) for name in ("sqlite3.connect", "_sqlite3.connect")),
    *(opens(f"shutil.{name}", live=False) for name in ("rmtree", "move", "unpack_archive")),
    *(opens(name, live=False) for name in ("runpy.run_path", "zipimport.zipimporter")),
    *(opens(name, live=False) for name in ("ctypes.CDLL", "_ctypes.dlopen", "imp.load_source")),
    *(opens(name, live=False) for name in ("webbrowser.open", "urllib.request.urlopen")),
    *(opens(name, live=False) for name in ("socket.create_connection", "shelve.open")),
    *(opens(name, live=False) for name in ("builtins.__import__", "importlib.import_module")),
    *(alone(name) for name in ("os._exit", "os.abort", "os.fork", "sys.exit")),
    *(alone(name) for name in ("builtins.breakpoint", "builtins.input", "builtins.globals")),
    Gadget("os.kill", lambda m: call(function("os.kill"), integer(0), integer(9)), live=False),
    Gadget("_pickle.loads", lambda m: call(function("_pickle.loads"), raw(pickle.dumps(Touch(m))))),
    Gadget("marshal.loads", _bytecode),
]
"""Functions of Python that do harm by themselves."""
