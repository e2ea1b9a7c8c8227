"""msgspec looks at a type when it is first asked to read one, and that must not be on two threads:
where a second thread comes in between, it takes what is half done, and the process crashes.

So every type that is read from JSON has its decoder made while its module is imported, which only
one thread at a time does.
"""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from tests.source_tree import (
    ROOT,
    Source,
    aliases_of,
    found_in_files,
    source,
    uses,
)

DECODERS = {"msgspec.json.Decoder", "msgspec.msgpack.Decoder"}
DECODE = {"msgspec.json.decode", "msgspec.msgpack.decode"}
CONVERT = "msgspec.convert"
THREADS = 6
PROCESSES = 12


def late(module: Source) -> list[str]:
    """One sentence for each place in `module` where msgspec may meet a type for the first time."""
    aliases = aliases_of(module.tree)
    inside = {
        id(node)
        for function in ast.walk(module.tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for node in ast.walk(function)
    }
    known: set[str] = set()
    found: list[tuple[ast.Call, str]] = []
    for name, _, call in uses(module.tree, aliases):
        if call is None:
            continue
        if name in DECODERS and id(call) not in inside:
            known.update(ast.unparse(argument) for argument in call.args)
        elif name in DECODERS or (name in DECODE and any(k.arg == "type" for k in call.keywords)):
            found.append((call, "decodes a type that it did not know"))
        elif name == CONVERT:
            found.append((call, ast.unparse(call.args[1])))
    return [f"{module.path}:{call.lineno}: {what}" for call, what in found if what not in known]


def test_types_are_known_before_there_are_threads() -> None:
    assert found_in_files(late) == {}


@pytest.mark.parametrize(
    "text",
    [
        "import msgspec\ndef read(data): return msgspec.json.decode(data, type=Recipe)",
        "from msgspec.json import decode\ndef read(data): return decode(data, type=Recipe)",
        "import msgspec\ndef read(data): return msgspec.json.Decoder(Recipe).decode(data)",
        "import msgspec\nread = lambda data: msgspec.convert(data, Recipe)",
    ],
)
def test_a_type_that_is_met_late_is_found(text: str) -> None:
    assert len(late(source("renderer/a.py", text))) == 1


def test_known_types_pass() -> None:
    text = (
        "from msgspec import convert\nfrom msgspec.json import Decoder, decode\n"
        "RECIPE = Decoder(Recipe)\n"
        "def read(data): return RECIPE.decode(data), convert(decode(data), Recipe)\n"
    )
    assert late(source("renderer/a.py", text)) == []


FIRST = f"""
import sys, threading
from renderer.recipe.recipe import Recipe, check

sys.setswitchinterval(1e-6)
barrier = threading.Barrier({THREADS})

def first():
    barrier.wait()
    check(Recipe())

threads = [threading.Thread(target=first) for _ in range({THREADS})]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


@pytest.mark.slow
def test_the_first_recipes_may_be_checked_by_many_threads_at_once() -> None:
    for _ in range(PROCESSES):
        done = subprocess.run(
            [sys.executable, "-c", FIRST], cwd=ROOT, capture_output=True, text=True, timeout=120
        )
        assert (done.returncode, done.stderr) == (0, "")
