"""A path that came from a file leads to another computer on the user's word alone."""

from __future__ import annotations

import os
from pathlib import Path, PureWindowsPath
from types import SimpleNamespace

import pytest

from renderer.errors import ModelError, TextTowerError
from renderer.models import search, store
from renderer.models.device import choose
from renderer.models.store import ModelStore
from renderer.models.text_towers import TowerStore
from renderer.pipeline.renderer import Renderer
from renderer.recipe import names, remote_paths
from renderer.recipe.recipe import ModelRef, Recipe
from renderer.recipe.remote_paths import RemotePathError, host_of, may_open, require, trust

REMOTE = (
    r"\\host\share\model.pkl",
    "//host/share/model.pkl",
    r"\/host\share/model.pkl",
    r"\\host@SSL@443\DavWWWRoot\model.pkl",
    r"\\?\UNC\host\share\model.pkl",
    r"//./unc/host/share/model.pkl",
    r"\\10.0.0.1\share\model.pkl",
    "smb://host/share/model.pkl",
    "file://host/share/model.pkl",
    r"FILE:\\host\share\model.pkl",
    "https://host/model.pkl",
)
LOCAL = (
    "demo",
    "model.pkl",
    "/models/model.pkl",
    r"C:\models\model.pkl",
    r"\\?\C:\models\model.pkl",
    r"\models\model.pkl",
    "file:///models/model.pkl",
    "file://localhost/models/model.pkl",
    "open_clip:ViT-L-14/openai",
    "a//b",
    "",
)


@pytest.fixture(autouse=True)
def nobody_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_paths, "_named", set())


@pytest.fixture(params=["nt", "posix"])
def watched(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the disk is asked, on each system; a question about another computer is refused."""
    asked: list[str] = []

    def ask(path: object, *rest: object, **more: object) -> None:
        asked.append(str(path))
        raise FileNotFoundError(path)

    def exists(path: object) -> bool:
        asked.append(str(path))
        return False

    paths = SimpleNamespace(exists=exists, abspath=os.path.abspath, expanduser=str)
    system = SimpleNamespace(name=request.param, stat=ask, path=paths)
    for module in (names, store):
        monkeypatch.setattr(module, "os", system)
    if request.param == "nt":
        monkeypatch.setattr(names, "PurePath", PureWindowsPath)
    return asked


@pytest.mark.parametrize("path", REMOTE)
def test_a_path_to_another_computer_is_known(path: str) -> None:
    assert host_of(path).startswith(("host", "10.0.0.1"))
    assert not may_open(path)
    with pytest.raises(RemotePathError, match="only opened when you open it yourself"):
        require(path)
    trust(path)
    require(path)
    assert not may_open(r"\\another\share\model.pkl")


@pytest.mark.parametrize("path", LOCAL)
def test_what_stays_here_is_opened(path: str) -> None:
    assert host_of(path) == ""
    require(path)


def test_a_unc_path_is_what_windows_takes_for_one() -> None:
    """Whatever Windows sees a share in is one here, too."""
    for path in REMOTE[:4]:
        assert PureWindowsPath(path).drive.strip("\\").lower().startswith("host")


@pytest.mark.parametrize("path", REMOTE)
def test_nothing_is_asked_of_another_computer(path: str, watched: list[str]) -> None:
    """Neither for a picture of such a recipe nor for its model's name."""
    device = choose("cpu")

    def refuse(*args: object, **more: object) -> None:
        raise AssertionError("it was opened")

    with pytest.raises(RemotePathError):
        ModelStore(device, refuse).get(path)  # pyright: ignore[reportArgumentType]
    with pytest.raises(TextTowerError, match="another computer"):
        TowerStore(device, lambda: 1, lambda token: None, refuse).get(  # pyright: ignore
            path, lambda text: None
        )
    names.display_name(path)
    assert [asked for asked in watched if "host" in asked or "10.0" in asked] == []


def test_a_picture_of_such_a_recipe_is_a_sentence() -> None:
    frame = Renderer("cpu").render(Recipe(model=ModelRef(r"\\host\share\model.pkl")))
    assert frame.image is None
    assert frame.error is not None
    assert "is on another computer, “host”" in frame.error


def test_once_it_was_named_it_is_an_ordinary_file(tmp_path: Path) -> None:
    path = f"//host{tmp_path}/model.pkl"
    trust(path)
    with pytest.raises(ModelError) as caught:
        ModelStore(choose("cpu")).get(path)
    assert not isinstance(caught.value, RemotePathError)
    assert search.find_model(ModelRef(path), [tmp_path], lambda share: None) is None
    assert os.listdir(tmp_path) == []
