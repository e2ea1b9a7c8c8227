"""The layers: four packages, their wings, and every import in the right direction.

`tests.house` has the map of the wings and finds what breaks it; `tests.themes` names the tests that
stand for modules without one of their own.
"""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.house import HOUSE, arrows_back, circles, floors, homeless, late_without_reason, wing_of
from tests.source_tree import (
    PACKAGES,
    ROOT,
    Source,
    found_in_files,
    imports,
    project_files,
    project_source,
    source,
)
from tests.themes import Theme, needless, untested

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


@pytest.fixture(scope="module")
def house() -> list[Source]:
    """Every module of the project."""
    return [project_source(path) for path in project_files()]


def tree(**files: str) -> list[Source]:
    """A small house: what each file holds, by its path with "__" for "/"."""
    return [source(f"{path.replace('__', '/')}.py", text) for path, text in files.items()]


def test_every_module_stands_in_a_wing_and_no_wing_is_empty(house: list[Source]) -> None:
    assert homeless(house) == []
    assert set(floors()) <= {wing_of(module.name) for module in house}


def test_wings_import_only_from_below(house: list[Source]) -> None:
    assert arrows_back(house) == []


def test_no_module_reaches_itself_again(house: list[Source]) -> None:
    assert circles(house) == []


def test_an_import_inside_a_function_says_why_and_saves_something(house: list[Source]) -> None:
    assert late_without_reason(house) == []


def modules_with_code() -> list[str]:
    """Every module but those that only say what a folder is, and how a program is started."""
    return [path for path in project_files() if not path.endswith(("__init__.py", "__main__.py"))]


def test_every_module_has_its_test_where_it_would_be_looked_for() -> None:
    assert untested(modules_with_code()) == []
    assert list(needless(modules_with_code())) == []


def test_each_package_imports_only_to_its_left() -> None:
    assert found_in_files(broken_layers) == {}


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


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("stylegan_t/data/sources.py", "from stylegan_t.training.options import DEMO"),
        ("stylegan_t/metrics/judge.py", "from stylegan_t.training.plan import describe"),
        ("renderer/recipe/remote_paths.py", "from renderer.frame.errors import ModelError"),
        ("widgets/controls/section.py", "from widgets.tabs.timeline_view import TimelineView"),
        ("widgets/tabs/drawer.py", "from widgets.chrome import shortcuts"),
        ("widgets/tabs/drawer.py", "from widgets.latent import panel"),
        ("visualizer/options/as_command.py", "from visualizer.commands.render import build_recipe"),
        (
            "visualizer/options/as_command.py",
            "from visualizer.session.dropped_files import stem_of",
        ),
        (
            "visualizer/instruments/grid.py",
            "def drawn():\n    from visualizer.commands.grid import label_fonts",
        ),
        (
            "visualizer/window/layout.py",
            "import typing\nif typing.TYPE_CHECKING:\n    from visualizer.app import app",
        ),
    ],
)
def test_the_map_finds_an_arrow_that_points_back(path: str, text: str) -> None:
    assert len(arrows_back([source(path, text)])) == 1


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("stylegan_t/training/demo.py", "from stylegan_t.metrics.errors import MetricError"),
        ("renderer/pipeline/renderer.py", "from renderer.pipeline import cache_keys"),
        ("widgets/tabs/drawer.py", "from renderer.pipeline.renderer import Renderer"),
        ("visualizer/cli.py", "from visualizer.commands.render import render"),
    ],
)
def test_the_map_lets_arrows_to_below_pass(path: str, text: str) -> None:
    assert arrows_back([source(path, text)]) == []


@pytest.mark.parametrize(
    "files",
    [
        {
            "renderer__frame__frame": "def f():\n    from renderer.frame.errors import NoMemory",
            "renderer__frame__errors": "from renderer.frame.frame import Fault",
        },
        {
            "renderer__parameters__parameters": "def f():\n"
            "    from renderer.parameters.registry import shape_of",
            "renderer__parameters__registry": "import renderer.parameters.parameters",
        },
        {
            "stylegan_t__data__sources": "def f():\n    from stylegan_t.data import shards",
            "stylegan_t__data__shards": "from stylegan_t.data.sources import Wanted",
        },
        {
            "visualizer__app__app": "from visualizer.app.start import run",
            "visualizer__app__start": "from visualizer.app.shutdown import AT_EXIT",
            "visualizer__app__shutdown": "import visualizer.app.app",
        },
    ],
)
def test_circles_are_found_also_through_functions(files: dict[str, str]) -> None:
    (circle,) = circles(tree(**files))
    assert circle == sorted(path.replace("__", ".") for path in files)


def test_modules_that_know_each_other_one_way_are_no_circle() -> None:
    files = {
        "renderer__frame____init__": "from renderer.frame.frame import Frame",
        "renderer__frame__frame": "from renderer.frame.block_times import BlockMs",
        "renderer__frame__block_times": "import msgspec",
    }
    assert circles(tree(**files)) == []


def test_a_module_outside_every_wing_is_found() -> None:
    files = {"renderer__utils": "", "renderer__helpers__a": "", "renderer__recipe__a": ""}
    assert homeless(tree(**files, renderer____init__="")) == [
        "renderer/utils.py",
        "renderer/helpers/a.py",
    ]


LATE = "def f():\n    {}"


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("# slow: not at the start\n    from renderer.files.images import encode", True),
        ("import torch  # slow", True),
        ("# slow\n    import torch\n    import numpy as np", True),
        ("from renderer.files.images import encode", False),
        ("# slow?\n    from renderer.files.atomic import write_file", False),
        ("import torch", False),
        ("x = 1  # no reason for the next\n    import torch", False),
    ],
)
def test_an_import_inside_a_function_without_a_good_reason_is_found(text: str, right: bool) -> None:
    modules = tree(
        renderer__pipeline__a=LATE.format(text),
        renderer__files__images="from PIL import Image",
        renderer__files__atomic="import os",
    )
    assert (late_without_reason(modules) == []) is right


def test_an_import_is_not_put_off_that_the_top_makes_anyway() -> None:
    late = LATE.format("from renderer.files.images import encode  # slow")
    modules = tree(
        renderer__pipeline__a=f"import PIL\n{late}", renderer__files__images="from PIL import Image"
    )
    assert len(late_without_reason(modules)) == 1


def test_the_map_names_every_package_and_no_wing_twice() -> None:
    assert tuple(HOUSE) == PACKAGES
    for rows in HOUSE.values():
        wings = " ".join(rows).split()
        assert len(wings) == len(set(wings))


def test_a_module_without_a_test_is_found_and_so_is_a_theme_that_says_too_much() -> None:
    themes = [Theme("test_layers.py", "shown here", "renderer", "files/new recipe/recipe gone new")]
    known = ["renderer/files/new.py", "renderer/files/newer.py", "renderer/recipe/recipe.py"]
    assert untested(known, themes) == ["renderer/files/newer.py"]
    assert list(needless([*known, "renderer/new.py"], themes)) == [
        "renderer/recipe/recipe.py",  # has a test of its own
        "renderer/gone.py",
    ]
    twice = [*themes, Theme("test_gone.py", "shown here", "renderer", "files/new")]
    assert list(needless([*known, "renderer/new.py", "renderer/gone.py"], twice)) == [
        "renderer/recipe/recipe.py",
        "test_gone.py",
        "renderer/files/new.py",
    ]
