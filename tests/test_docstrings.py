"""Every module, and every public class and function in it, says what it is for."""

from __future__ import annotations

import ast

from tests.source_tree import Source, found_in_files, source


def undocumented(module: Source) -> list[str]:
    """The public names of `module` without a docstring."""
    missing = [] if ast.get_docstring(module.tree) else [f"{module.path}: the module itself"]
    for node in module.tree.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if not node.name.startswith("_") and not ast.get_docstring(node):
            missing.append(f"{module.path}:{node.lineno} {node.name}")
    return missing


def test_everything_public_says_what_it_is_for() -> None:
    assert found_in_files(undocumented) == {}


def test_the_check_finds_what_is_missing() -> None:
    text = "def a(): pass\nclass B:\n    x = 1\ndef _c(): pass\ndef d():\n    'Says.'\n"
    assert undocumented(source("renderer/a.py", text)) == [
        "renderer/a.py: the module itself",
        "renderer/a.py:1 a",
        "renderer/a.py:2 B",
    ]
