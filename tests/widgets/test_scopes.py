"""Scopes of Dear ImGui close whatever happens in them, and nothing opens one by hand."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from imgui_bundle import imgui

from tests.source_tree import Source, found_in_files, project_files, source
from tests.visualizer.driver import Driver
from widgets import scopes, theme

FILES = [path for path in project_files() if path.startswith(("widgets/", "visualizer/"))]
CLOSES = {"widgets/scopes.py", "widgets/controls/labelled_row.py"}
"""They hold the two classes whose `__exit__` closes what `__enter__` or the call opened."""
BY_HAND = ("push_", "pop_", "begin", "end")
MAKERS = {"scopes", "theme.text_colour", "modal", "labelled_row.row"}


def by_hand(module: Source) -> list[str]:
    """The calls of `module` that open or close a scope themselves."""
    return [
        f"{module.path}:{node.lineno} {node.func.attr}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("imgui", "draw")
        and node.func.attr.startswith(BY_HAND)
    ]


def loose(module: Source) -> list[str]:
    """The scopes of `module` that no `with` closes, and that no function hands on to one."""
    held: set[int] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.With):
            held |= {id(made) for item in node.items for made in _made(item.context_expr)}
        elif isinstance(node, ast.Return) and node.value is not None:
            held |= {id(made) for made in _made(node.value)}
    return [
        f"{module.path}:{node.lineno} {ast.unparse(node.func)}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and _is_scope(node) and id(node) not in held
    ]


def _made(value: ast.expr) -> Iterator[ast.expr]:
    """The calls whose result `value` is, whichever way a condition goes."""
    if isinstance(value, ast.IfExp):
        yield from _made(value.body)
        yield from _made(value.orelse)
    else:
        yield value


def _is_scope(call: ast.Call) -> bool:
    name = ast.unparse(call.func)
    return name in MAKERS or name.partition(".")[0] in MAKERS


def test_nothing_is_opened_by_hand() -> None:
    assert found_in_files(by_hand, [path for path in FILES if path not in CLOSES]) == {}


def test_each_scope_is_held_by_a_with() -> None:
    assert found_in_files(loose, [path for path in FILES if path != "widgets/scopes.py"]) == {}


def test_the_checks_find_what_they_look_for() -> None:
    text = (
        "imgui.push_id('a')\nscopes.name('a')\nwith scopes.group() if a else scopes.plain(): ...\n"
    )
    module = source("widgets/a.py", text)
    assert by_hand(module) == ["widgets/a.py:1 push_id"]
    assert loose(module) == ["widgets/a.py:2 scopes.name"]


def test_scopes_close_when_their_content_fails(ui: Driver) -> None:
    def broken() -> None:
        with (
            scopes.window("broken"),
            scopes.child("inside", padding=(1.0, 1.0)),
            scopes.name("a"),
            scopes.disabled(),
            scopes.colours((imgui.Col_.text, theme.colour(theme.DIM))),
            scopes.font(None, 12.0),
            scopes.style(imgui.StyleVar_.alpha, 0.5),
            scopes.wrap(),
            scopes.flag(imgui.ItemFlags_.no_tab_stop, True),
            scopes.group(),
        ):
            raise ValueError("the content fails")

    seen: list[int] = []
    draw = ui.app.layout.draw

    def drawn(context: object) -> object:
        result = draw(context)  # pyright: ignore[reportArgumentType]
        with pytest.raises(ValueError, match="the content fails"):
            broken()
        seen.append(imgui.get_current_context().current_window_stack.size())
        return result

    ui.app.layout.draw = drawn  # pyright: ignore[reportAttributeAccessIssue]
    ui.frames(2)
    assert seen and seen[-1] == 1, "only Dear ImGui's own window is open"
    assert ui.app._draw_errors == 0
