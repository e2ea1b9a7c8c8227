"""The layering: stylegan_t <- renderer <- widgets <- visualizer, each imports only to its left."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.source_tree import PACKAGES, ROOT, Source, imports, project_files, project_source, source

WINDOWING = {"imgui_bundle", "imgui", "glfw", "OpenGL"}
FOREIGN = {
    "stylegan_t": WINDOWING,
    "renderer": WINDOWING,
    "widgets": {"torch", "torchvision", "open_clip", "glfw", "OpenGL"},
    "visualizer": set[str](),
}
"""What a package must not know; type checkers may see it all the same."""

TOP_LEVEL = {*PACKAGES, "tests", "README.md", "pyproject.toml", "LICENSE", "constraints.txt"}
"""Besides files and folders whose names start with a dot."""


def broken_layers(module: Source) -> list[str]:
    """One sentence for each import of `module` that goes against the layers."""
    right_of = PACKAGES[PACKAGES.index(module.package) + 1 :]
    found = []
    for item in imports(module):
        foreign = item.top in FOREIGN[module.package] and not item.for_types_only
        if item.top in right_of or foreign or item.top == "tests":
            found.append(f"{module.path}:{item.line} imports {item.name}")
    return found


def strays(names: set[str]) -> set[str]:
    """The top-level names that do not belong there."""
    return {name for name in names if not name.startswith(".")} - TOP_LEVEL


@pytest.mark.parametrize("path", project_files())
def test_each_package_imports_only_to_its_left(path: str) -> None:
    assert broken_layers(project_source(path)) == []


def test_nothing_else_stands_at_the_top_level() -> None:
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("without git, generated files cannot be told from the project's")
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    names = {line.split("/")[0] for line in listing.stdout.splitlines()}
    assert names >= set(PACKAGES)
    assert strays(names) == set()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("stylegan_t/a.py", "import renderer.recipe.recipe"),
        ("stylegan_t/a.py", "def f():\n    from imgui_bundle import imgui"),
        ("stylegan_t/a.py", "from OpenGL import GL"),
        ("renderer/a.py", "from widgets import theme"),
        ("renderer/a.py", "import numpy, glfw"),
        ("renderer/a.py", "import importlib\nimportlib.import_module('visualizer.app.app')"),
        ("renderer/a.py", "__import__('imgui_bundle')"),
        ("widgets/a.py", "from visualizer.app.app import App"),
        ("widgets/a.py", "import torch.nn as nn"),
        (
            "widgets/a.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import visualizer",
        ),
        (
            "widgets/a.py",
            "from typing import TYPE_CHECKING\nif not TYPE_CHECKING: pass\nimport torch",
        ),
        ("visualizer/a.py", "from tests.source_tree import ROOT"),
        ("widgets/sub/a.py", "from ...visualizer import app"),
    ],
)
def test_the_check_finds_a_wrong_import(path: str, text: str) -> None:
    assert len(broken_layers(source(path, text))) == 1


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("stylegan_t/a.py", "import torch\nfrom stylegan_t.config import GeneratorConfig"),
        ("stylegan_t/demo/a.py", "from . import world\nfrom ..config import PRESETS"),
        (
            "widgets/a.py",
            "from renderer.recipe.recipe import Recipe\nfrom imgui_bundle import imgui",
        ),
        ("widgets/a.py", "import typing\nif typing.TYPE_CHECKING:\n    from torch import Tensor"),
        (
            "visualizer/a.py",
            "import glfw, torch, widgets.theme, renderer.pipeline.render_thread, stylegan_t",
        ),
    ],
)
def test_the_check_lets_right_imports_pass(path: str, text: str) -> None:
    assert broken_layers(source(path, text)) == []


def test_the_check_finds_a_stray_at_the_top_level() -> None:
    assert strays({*TOP_LEVEL, ".ci", "utils.py", "notes"}) == {"utils.py", "notes"}
