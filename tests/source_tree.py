"""The project's source files as syntax trees, for tests that read code rather than run it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).parents[1]
PACKAGES = ("stylegan_t", "renderer", "widgets", "visualizer")
"""From left to right: each may import only those before it."""


@dataclass(frozen=True)
class Source:
    """One module: its path from the root, and its tree."""

    path: str
    tree: ast.Module
    lines: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its dotted name; a package's is that of its folder."""
        return self.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        """See the function of that name."""
        return tuple(_imports(self))

    @property
    def package(self) -> str:
        """The top-level package that the module belongs to."""
        return self.path.split("/")[0]


FEWEST_FILES = 100
T = TypeVar("T")


def source(path: str, text: str) -> Source:
    """A module that stands nowhere, for showing that a check finds what it looks for."""
    return Source(path, ast.parse(text, path), tuple(text.splitlines()))


def project_files() -> list[str]:
    """Every module of the four packages, as paths from the root."""
    files = [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]
    assert files, "no source files found"
    return [file.relative_to(ROOT).as_posix() for file in files]


@cache
def project_source(path: str) -> Source:
    """The module at `path` from the root."""
    return source(path, (ROOT / path).read_text("utf-8"))


def found_in_files(
    check: Callable[[Source], Sequence[T]], paths: Sequence[str] | None = None
) -> dict[str, Sequence[T]]:
    """What a check finds, by the module; modules in which it finds nothing are left out.

    One test looks through all modules: one for each of them would take longer to run than to look.
    """
    looked_through = project_files() if paths is None else paths
    assert len(looked_through) >= FEWEST_FILES, "too few files to speak of all"
    found = {path: check(project_source(path)) for path in looked_through}
    return {path: what for path, what in found.items() if what}


@dataclass(frozen=True)
class Import:
    """One imported module: its full dotted name, its line, whether only type checkers see it.

    `members` are the names that are taken from it.  One that is `late` stands inside a function;
    `reason` is whether a comment stands at it, or above it and those that it follows.
    """

    name: str
    line: int
    for_types_only: bool = False
    members: tuple[str, ...] = ()
    late: bool = False
    reason: bool = False

    @property
    def top(self) -> str:
        """The top-level package of the import."""
        return self.name.split(".")[0]


def imports(module: Source) -> Iterator[Import]:
    """Everything that `module` imports: statements at any depth, and calls with a literal name."""
    yield from module.imports


def _imports(module: Source) -> Iterator[Import]:
    typed = {
        id(inner)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for statement in node.body
        for inner in ast.walk(statement)
    }
    late = {
        id(inner)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for inner in ast.walk(node)
    }
    for node in ast.walk(module.tree):
        for name in _names(module, node):
            is_from = isinstance(node, ast.ImportFrom)
            yield Import(
                name,
                line := getattr(node, "lineno", 0),
                id(node) in typed,
                tuple(alias.name for alias in node.names) if is_from else (),
                id(node) in late,
                _has_reason(module.lines, line, getattr(node, "end_lineno", line)),
            )


def modules_meant(module: Source, known: frozenset[str]) -> Iterator[tuple[Import, str]]:
    """Every import with the module that it means: `from a import b` is about a.b where a.b is one
    of the `known` modules, and about a where it is not."""
    for item in imports(module):
        inside = {f"{item.name}.{member}" for member in item.members}
        whole = {item.name} if not item.members or inside - known else set()
        yield from ((item, name) for name in sorted(inside & known | whole))


def _has_reason(lines: tuple[str, ...], first: int, last: int) -> bool:
    if any("#" in line for line in lines[first - 1 : last]):
        return True
    for line in reversed(lines[: first - 1]):
        words = line.strip()
        if words.startswith("#"):
            return True
        if words and not words.startswith(("import ", "from ")):
            return False
    return False


def _names(module: Source, node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        if not node.level:
            return [node.module or ""]
        folder = module.path.split("/")[: -node.level]
        base = ".".join([*folder, *(node.module or "").split(".")]).strip(".")
        return [base] if node.module else [f"{base}.{alias.name}" for alias in node.names]
    if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
        called = ast.unparse(node.func)
        if called.rsplit(".", 1)[-1] in ("import_module", "__import__"):
            return [str(node.args[0].value)]
    return []


def aliases_of(tree: ast.Module) -> dict[str, str]:
    """Local name -> full dotted name of everything imported."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.split(".")[0]
                names[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def uses(
    tree: ast.Module, aliases: dict[str, str]
) -> Iterator[tuple[str, ast.expr, ast.Call | None]]:
    """Every dotted name that the code reads, in full, and the call it is the function of."""
    calls = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Name | ast.Attribute):
            continue
        head, dot, rest = ast.unparse(node).partition(".")
        full = aliases.get(head, head) + dot + rest
        yield full.removeprefix("builtins."), node, calls.get(id(node))
