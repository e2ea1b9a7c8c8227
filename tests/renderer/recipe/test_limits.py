"""A limit is named once, beside the fields of a recipe or where it belongs."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.source_tree import PACKAGES, ROOT

FIELDS = "renderer/recipe/parts/fields.py"
HOMES = {
    "MAX_SEED": FIELDS,
    "MAX_CHARACTERS": FIELDS,
    "MAX_PROMPTS": FIELDS,
    "MAX_DIRECTIONS": FIELDS,
    "MAX_SOURCES": FIELDS,
    "MAX_MOVES": FIELDS,
    "MAX_VALUES": FIELDS,
    "MAX_BLOCKS": FIELDS,
    "MAX_ROWS": FIELDS,
    "MAX_MORPHS": FIELDS,
    "WILD": FIELDS,
    "IMAGE_SUFFIXES": "renderer/files/kinds.py",
    "VIDEO_SUFFIXES": "renderer/files/video_settings.py",
    "PATIENCE_S": "renderer/pipeline/preemption.py",
    "DEMO": "stylegan_t/config.py",
}


def assigned(tree: ast.Module) -> Iterator[str]:
    """The names that a module gives a value on its top level, not those it imports."""
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for target in targets:
            for name in ast.walk(target) if target is not None else ():
                if isinstance(name, ast.Name):
                    yield name.id


def homes() -> dict[str, list[str]]:
    """The files of the window and the renderer that give each of these names a value."""
    found: dict[str, list[str]] = {name: [] for name in HOMES}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for name in assigned(ast.parse(path.read_text(encoding="utf-8"))):
                if name in found:
                    found[name].append(str(path.relative_to(ROOT)))
    return found


FOUND = homes()


@pytest.mark.parametrize("name", HOMES)
def test_a_limit_has_one_home(name: str) -> None:
    assert FOUND[name] == [HOMES[name]]


def test_no_list_of_a_recipe_is_bounded_by_a_bare_number() -> None:
    bare = [
        f"{path.relative_to(ROOT)}:{keyword.value.lineno}"
        for path in sorted((ROOT / "renderer/recipe").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Meta"
        for keyword in node.keywords
        if keyword.arg == "max_length" and isinstance(keyword.value, ast.Constant)
    ]
    assert bare == []
