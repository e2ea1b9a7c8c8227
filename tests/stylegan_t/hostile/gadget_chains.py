"""Gadgets that do harm on a detour: through attributes, libraries, the memo, odd opcodes."""

from __future__ import annotations

import pickle
from pathlib import Path

from tests.stylegan_t.hostile import gadgets
from tests.stylegan_t.hostile.gadgets import (
    Gadget,
    Touch,
    attribute,
    code,
    command,
    function,
    module,
    opens,
    python,
    shell,
)
from tests.stylegan_t.reference.opcodes import (
    EMPTY_DICT,
    EMPTY_LIST,
    EMPTY_TUPLE,
    MARK,
    NONE,
    build,
    by_stack,
    call,
    dict_of,
    get,
    integer,
    list_of,
    new,
    put,
    raw,
    text,
    tuple_of,
)

MEMO = 5000
"""A place in the memo that no snapshot of a small network reaches."""
SYSTEM = function("os.system")


def _line(marker: Path) -> bytes:
    return text(command(marker))


def _dotted(module_name: str, name: str, named: bool = True, live: bool = True) -> Gadget:
    return Gadget(
        f"dotted: {module_name} {name}",
        lambda m: call(by_stack(module_name, name), _line(m)),
        live,
        named,
    )


ATTRIBUTES = [
    Gadget("STACK_GLOBAL", lambda m: call(by_stack("os", "system"), _line(m))),
    _dotted("os", "path.os.system"),
    _dotted("pathlib", "os.system"),
    _dotted("torch.serialization", "os.system"),
    _dotted("torch", "serialization.os.system"),
    _dotted("torch._utils", "sys.modules.__class__", live=False),
    _dotted("collections.abc", "sys.modules", live=False),
    _dotted("networks.vit_utils", "os.system", live=False),
    _dotted("collections", "OrderedDict.__init__.__globals__", live=False),
    Gadget(
        "newline in a name", lambda m: call(by_stack("os\nsys", "system\n"), _line(m)), False, False
    ),
    Gadget(
        "__import__",
        lambda m: call(
            attribute(call(function("builtins.__import__"), text("os")), "system"), _line(m)
        ),
    ),
    Gadget(
        "importlib",
        lambda m: call(
            attribute(call(function("importlib.import_module"), text("os")), "system"), _line(m)
        ),
    ),
    Gadget(
        "dill's imports", lambda m: call(attribute(module("os"), "system"), _line(m)), named=False
    ),
    Gadget(
        "dill's _get_attr",
        lambda m: call(
            call(function("dill._dill._get_attr"), module("os"), text("system")), _line(m)
        ),
        named=False,
    ),
    Gadget(
        "attrgetter",
        lambda m: call(
            call(call(function("operator.attrgetter"), text("system")), module("os")), _line(m)
        ),
        named=False,
    ),
    Gadget(
        "methodcaller",
        lambda m: call(
            call(function("operator.methodcaller"), text("system"), _line(m)), module("os")
        ),
        named=False,
    ),
    Gadget(
        "modules by getitem",
        lambda m: call(
            attribute(
                call(
                    function("_operator.getitem"), attribute(module("sys"), "modules"), text("os")
                ),
                "system",
            ),
            _line(m),
        ),
        named=False,
    ),
]
"""Harm through attributes of harmless things."""

LIBRARIES = [
    python("numpy.testing._private.utils.runstring", EMPTY_DICT),
    python("numpy.testing.runstring", EMPTY_DICT),
    python("numpy.f2py.crackfortran.myeval", live=False),
    shell("numpy.distutils.exec_command.exec_command", live=False),
    opens("numpy.load", live=False),
    opens("numpy.memmap", text("u1"), text("w+"), integer(0), tuple_of(integer(1))),
    opens("numpy.ctypeslib.load_library", text("/tmp"), live=False),
    opens("numpy.core.multiarray.fromfile", live=False, named=False),
    shell("torch.utils.collect_env.run", live=False),
    opens("torch.load", live=False),
    *(opens(f"torch.{name}", live=False) for name in ("hub.load", "jit.load", "ops.load_library")),
    opens("torch.serialization.load", live=False),
    opens("torch.utils.cpp_extension.load", live=False),
    opens("torch.package.package_importer.PackageImporter", live=False),
    python("torch.fx.graph_module._exec_with_source", EMPTY_DICT, live=False),
    Gadget(
        "torch's tensors of other types",
        lambda m: call(
            function("torch._tensor._rebuild_from_type_v2"),
            SYSTEM,
            function("builtins.int"),
            tuple_of(_line(m)),
            NONE,
        ),
    ),
    Gadget(
        "torch's tensors of other types, without a name",
        lambda m: call(
            function("torch._tensor._rebuild_from_type_v2"),
            attribute(module("os"), "system"),
            function("builtins.int"),
            tuple_of(_line(m)),
            NONE,
        ),
        named=False,
    ),
    python("dill._dill._eval_repr"),
    Gadget(
        "dill's files",
        lambda m: call(
            function("dill._dill._create_filehandle"),
            text(str(m)),
            text("w"),
            integer(0),
            b"\x89",
            b"\x88",
            integer(1),
            text(""),
        ),
        live=False,
        named=False,
    ),
    Gadget(
        "dill's arrays",  # it calls the function that it is given
        lambda m: call(
            function("dill._dill._create_array"),
            tuple_of(attribute(module("os"), "system"), tuple_of(_line(m)), NONE),
        ),
        live=False,
        named=False,
    ),
    Gadget(
        "dill's arrays of os.system",
        lambda m: call(
            function("dill._dill._create_array"), SYSTEM, tuple_of(_line(m)), NONE, NONE
        ),
        live=False,
    ),
    Gadget("dill.loads", lambda m: call(function("dill.loads"), raw(pickle.dumps(Touch(m))))),
    Gadget(
        "dill._dill.loads",
        lambda m: call(function("dill._dill.loads"), raw(pickle.dumps(Touch(m)))),
    ),
    opens("logging.FileHandler"),
    opens("logging.config.fileConfig", live=False, named=False),
    Gadget(
        "sympy",
        lambda m: call(function("sympy.core.sympify.sympify"), text(code(m))),
        live=False,
        named=False,
    ),
]
"""Harm through the libraries that are at hand."""

FORMS = [
    Gadget("INST", lambda m: MARK + _line(m) + b"ios\nsystem\n"),
    Gadget("OBJ", lambda m: MARK + SYSTEM + _line(m) + b"o"),
    Gadget("NEWOBJ", lambda m: new(function("subprocess.Popen"), _line(m)), live=False),
    Gadget(
        "NEWOBJ_EX",
        lambda m: (
            function("subprocess.Popen")
            + EMPTY_TUPLE
            + dict_of({"args": _line(m), "shell": b"\x88"})
            + b"\x92"
        ),
        live=False,
    ),
    Gadget(
        "NEWOBJ, then called", lambda m: call(new(function("subprocess.Popen")), _line(m)), False
    ),
    Gadget("partial", lambda m: call(call(function("functools.partial"), SYSTEM, _line(m)))),
    Gadget(
        "map",
        lambda m: call(
            function("builtins.list"), call(function("builtins.map"), SYSTEM, list_of(_line(m)))
        ),
    ),
    Gadget(
        "reduce",
        lambda m: call(function("functools.reduce"), SYSTEM, list_of(_line(m), EMPTY_LIST)),
        False,
    ),
    Gadget("memo", lambda m: SYSTEM + put(MEMO) + b"0" + call(get(MEMO), _line(m))),
    Gadget(
        "memo overwritten",
        lambda m: (
            function("collections.OrderedDict")
            + put(MEMO)
            + b"0"
            + SYSTEM
            + put(MEMO)
            + b"0"
            + call(get(MEMO), _line(m))
        ),
    ),
    Gadget("DUP", lambda m: SYSTEM + b"2" + tuple_of(_line(m)) + b"R0" + b"0N"),
    Gadget(
        "a default factory",
        lambda m: call(function("collections.defaultdict"), SYSTEM),
        live=False,
    ),
    Gadget("a state for a function", lambda m: build(SYSTEM, dict_of({"x": _line(m)})), False),
    Gadget(
        "__setstate__",
        lambda m: build(
            call(function("torch.nn.modules.container.Sequential")),
            dict_of({"__setstate__": SYSTEM}),
        ),
        False,
    ),
    Gadget(
        "__reduce__",
        lambda m: build(
            call(function("collections.OrderedDict")),
            dict_of({"__reduce__": call(SYSTEM, _line(m))}),
        ),
    ),
    Gadget(
        "a setter",
        lambda m: call(
            function("builtins.setattr"),
            function("torch.storage._load_from_bytes"),
            text("__code__"),
            SYSTEM,
        ),
        False,
    ),
    Gadget(
        "in a tuple in a list in a dict",
        lambda m: dict_of({"x": list_of(tuple_of(call(SYSTEM, _line(m))))}),
    ),
    Gadget("as a key", lambda m: EMPTY_DICT + call(SYSTEM, _line(m)) + NONE + b"s"),
    Gadget("in a set", lambda m: b"\x8f" + MARK + call(SYSTEM, _line(m)) + b"\x90"),
    Gadget("in a frozenset", lambda m: MARK + call(SYSTEM, _line(m)) + b"\x91"),
    Gadget("popped", lambda m: call(SYSTEM, _line(m)) + b"0N"),
    Gadget("popped to a mark", lambda m: MARK + call(SYSTEM, _line(m)) + b"1N"),
    Gadget("only named", lambda m: SYSTEM, live=False),
    Gadget("only named, popped", lambda m: SYSTEM + b"0N", live=False),
]
"""Harm through every opcode that calls."""

ALL = [*gadgets.GADGETS, *ATTRIBUTES, *LIBRARIES, *FORMS]
