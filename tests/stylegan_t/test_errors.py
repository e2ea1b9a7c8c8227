"""One small tree of errors for each package: every error that is for users stands in it."""

from __future__ import annotations

import ast
from typing import Any

import msgspec
import pytest

from renderer.errors import MissingModelError, RendererError
from renderer.files.atomic import ExportError
from renderer.recipe.recipe import RecipeError
from stylegan_t.checkpoints.weights import CheckpointError
from stylegan_t.errors import BROKEN_JSON, ExplainedError, StyleGANTError, enumerated
from tests.source_tree import project_files, project_source
from visualizer.errors import VisualizerError
from visualizer.session.session_file import SessionError

BUILT_IN = {"Exception", "ValueError", "RuntimeError", "OSError"}


@pytest.mark.parametrize(
    ("root", "error", "before"),
    [
        (StyleGANTError, CheckpointError, ValueError),
        (RendererError, RecipeError, ValueError),
        (RendererError, ExportError, OSError),
        (RendererError, MissingModelError, RuntimeError),
        (VisualizerError, SessionError, ValueError),
    ],
)
def test_an_error_is_caught_by_its_package_s_root_and_by_what_it_was(
    root: type[Exception], error: type[ExplainedError], before: type[Exception]
) -> None:
    assert issubclass(error, root) and issubclass(error, before)
    assert error("Look there.").sentence == "Look there."


def test_the_root_has_no_fault_and_what_can_be_helped_has() -> None:
    assert RendererError("").fault == RecipeError("").fault == ""
    assert MissingModelError("").fault == "missing"


def test_whatever_says_that_its_message_is_for_the_user_stands_in_a_tree() -> None:
    outside = []
    for path in project_files():
        for node in ast.walk(project_source(path).tree):
            if not isinstance(node, ast.ClassDef) or not node.name.endswith("Error"):
                continue
            words = ast.get_docstring(node) or ""
            bases = {ast.unparse(base) for base in node.bases}
            for_users = "for the user" in words or "for people" in words
            if for_users and bases <= BUILT_IN and node.name != "ExplainedError":
                outside.append(f"{path}: {node.name}")
    assert outside == []


@pytest.mark.parametrize("data", [b"{", b"[1]", b'{"a": "\xff"}', b'{"a": ' + b"[" * 99_999])
def test_whatever_is_wrong_with_json_is_caught_by_one_name(data: bytes) -> None:
    with pytest.raises(BROKEN_JSON):
        msgspec.json.Decoder(dict[str, Any]).decode(data)


def test_nobody_lists_again_what_broken_json_raises() -> None:
    listed = [
        f"{path}:{node.lineno}"
        for path in project_files()
        for node in ast.walk(project_source(path).tree)
        if isinstance(node, ast.ExceptHandler) and node.type is not None
        if {"msgspec.MsgspecError", "msgspec.DecodeError"} & _names(node.type)
    ]
    assert listed == []


def _names(caught: ast.expr) -> set[str]:
    return {ast.unparse(node) for node in ast.walk(caught) if isinstance(node, ast.Attribute)}


def test_words_are_listed_as_in_a_sentence() -> None:
    assert [enumerated(["a", "b", "c"][:n]) for n in (1, 2, 3)] == ["a", "a and b", "a, b and c"]
