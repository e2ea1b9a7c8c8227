"""What a user installs: the wheel's contents, and that its imports are declared."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.source_tree import PACKAGES, ROOT, imports, project_files, project_source

pytestmark = pytest.mark.slow

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def requirement_names(requirements: list[str]) -> set[str]:
    """Normalised distribution names of requirement lines such as `pyright[nodejs]>=1.1`."""
    names = (re.split(r"[\[<>=!~; ]", line, maxsplit=1)[0] for line in requirements)
    return {normalised(name) for name in names}


def normalised(name: str) -> str:
    """A distribution's name as the package index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_the_wheel_holds_the_packages_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)
    assert names >= set(project_files())
    assert not [name for name in names if name.endswith((".pyc", ".pkl"))]


def test_the_wheel_holds_the_data_files(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    assert names >= {f"{package}/py.typed" for package in PACKAGES}
    for pattern in ("*.safetensors", "*.json", "*.ttf", "*.png"):
        for package in PACKAGES:
            for file in (ROOT / package).rglob(pattern):
                assert file.relative_to(ROOT).as_posix() in names


def test_the_wheel_brings_the_command_and_the_licence(wheel: zipfile.ZipFile) -> None:
    entry_points = next(n for n in wheel.namelist() if n.endswith("/entry_points.txt"))
    assert "stylegan-t = visualizer.cli:main" in wheel.read(entry_points).decode()
    assert any(name.endswith("/licenses/LICENSE") for name in wheel.namelist())


WITH_TORCH = {"triton"}
"""Comes with PyTorch where it is of use; the import is guarded."""


NAMED_OTHERWISE = {"link": ["LinkPython-extern"]}
"""Modules of extras that tests do without, and the packages that they come with."""


def test_every_import_is_declared() -> None:
    extras = PROJECT["optional-dependencies"]
    declared = requirement_names(
        [
            *PROJECT["dependencies"],
            *(line for name, e in extras.items() if name != "test" for line in e),
        ]
    )
    known = {**NAMED_OTHERWISE, **packages_distributions()}
    undeclared = {
        f"{path}:{item.line} {item.name}"
        for path in project_files()
        for item in imports(project_source(path))
        if item.top not in {*sys.stdlib_module_names, *PACKAGES, *WITH_TORCH, "__future__"}
        and not declared & {normalised(name) for name in known.get(item.top, [item.top])}
    }
    assert undeclared == set()


def test_constraints_pin_every_dependency_exactly() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", pin) for pin in pins)
    extras = (line for extra in PROJECT["optional-dependencies"].values() for line in extra)
    wanted = requirement_names([*PROJECT["dependencies"], *extras])
    assert wanted <= requirement_names(pins)


def test_the_demo_models_stay_small() -> None:
    files: list[Path] = list((ROOT / "stylegan_t" / "demo").rglob("*.safetensors"))
    sizes = [file.stat().st_size for file in files]
    assert max(sizes) <= 25_000_000 and sum(sizes) <= 30_000_000
