"""The paths that a window names, found before anything looks at them.

A renderer that told "it is not there" from "it may not be read" would tell which files there are
outside its folders.  So whatever names a path outside gets the same sentence, whether there is a
file or not, and no file outside is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from renderer.errors import Fault, PictureError, RendererError
from renderer.frame.frame import Frame
from renderer.recipe.recipe import Recipe
from renderer.remote import calls
from renderer.remote.folders import Folders
from stylegan_t.config import OPEN_CLIP
from stylegan_t.demo.built_in import is_built_in


class Named(NamedTuple):
    """A path, and what is missing where it may not be read."""

    path: str
    fault: Fault = ""


def named_in(asked: Any) -> Iterator[Named]:
    """All paths of a recipe, or of the arguments of a call."""
    if isinstance(asked, Recipe):
        yield from _of_recipe(asked)
        return
    if isinstance(recipe := getattr(asked, "recipe", None), Recipe):
        yield from _of_recipe(recipe)
    match asked:
        case calls.LoadAhead(_, paths):
            for path in paths:
                yield from _model(path, "")
        case calls.Use(path):
            yield from _model(path, "")
        case calls.Listing(folder) if folder:
            yield Named(folder)
        case calls.OpenTower(spec):
            yield from _tower(spec)
        case calls.Align(_, gauge) if gauge.kind == "clip":
            yield from _tower(gauge.spec)


def check(asked: Any, folders: Folders) -> None:
    """Refuse what names a path outside.

    Raises:
        PictureError: one sentence; its fault is that of a file that is not there.
    """
    for path, fault in named_in(asked):
        if not folders.allow(path):
            error = PictureError(folders.refusal(path))
            error.fault = fault
            raise error


def admits(asked: Any, folders: Folders) -> bool:
    """Tell whether all that is named may be read."""
    return all(folders.allow(path) for path, _ in named_in(asked))


def unmade(recipe: Recipe, error: RendererError) -> Frame:
    """The frame of a recipe that is refused."""
    return Frame(recipe, None, None, str(error), fault=error.fault)


def _of_recipe(recipe: Recipe) -> Iterator[Named]:
    yield from _model(recipe.model.path, "missing")
    yield from _model(recipe.model.blend.path, "missing second")
    yield from _tower(recipe.model.tower)


def _model(path: str, fault: Fault) -> Iterator[Named]:
    if path and not is_built_in(path):
        yield Named(path, fault)


def _tower(spec: str) -> Iterator[Named]:
    """A tower in a file, whose spec may end in a question mark and what the file does not say."""
    if spec and not spec.startswith(OPEN_CLIP):
        yield Named(spec, "tower")
        if "?" in spec:
            yield Named(spec.rpartition("?")[0], "tower")
