"""What must be true of pictures at rest, of undo and redo, and of saved files: shown by doing it
again in another way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from renderer.files.take_file import read_take
from renderer.pipeline.renderer import Renderer
from renderer.recipe.identity import unhashed
from renderer.recipe.recipe import Recipe
from renderer.timeline.timeline import TimelineError
from stylegan_t.errors import BROKEN_JSON
from tests.monkey.rules import BrokenRuleError
from visualizer.app.app import App
from widgets.actions import Redo, Undo

IMAGES = frozenset({".png", ".jpg", ".jpeg", ".webp"})
VIDEOS = frozenset({".mp4", ".webm", ".gif"})
GONE = frozenset({"missing", "missing second", "model", "second"})
"""Faults of a recipe whose files have changed since."""


def rendered_again(app: App) -> bool:
    """Render the recipe of the picture that is shown with a renderer that has done nothing else.

    Returns:
        Whether there was something to compare.

    Raises:
        BrokenRuleError: other pixels come of it.
    """
    frame = app.session.frame
    if app.session.error is not None or frame is None or frame.image is None:
        return False
    again = Renderer("cpu").render(frame.recipe)
    if again.image is None:
        if again.fault in GONE:
            return False
        raise BrokenRuleError(f"the same recipe is refused: {again.error}")
    shown, fresh = frame.image.cpu().numpy(), again.image.cpu().numpy()
    if not np.array_equal(shown, fresh):
        what = "sizes" if shown.shape != fresh.shape else _difference(shown, fresh)
        raise BrokenRuleError(f"the picture is not that of its recipe: {what}: {frame.recipe}")
    return True


def _difference(one: np.ndarray, other: np.ndarray) -> str:
    apart = np.abs(one.astype(int) - other.astype(int))
    return f"{np.count_nonzero(apart)} of {apart.size} values differ, by up to {apart.max()}"


def there_and_back(app: App, count: int, redraw: Callable[[], None]) -> int:
    """Undo up to `count` steps of the same model, and redo them.

    Returns:
        The number of steps.

    Raises:
        BrokenRuleError: the recipe or the timeline is another one then.
    """
    document, taken = app.session.document, 0
    recipe, timeline = document.recipe, document.timeline
    while taken < count and document.before is not None:
        if unhashed(document.before.recipe).model != unhashed(recipe).model:
            break  # a model that does not open leads elsewhere
        app.commands.do(Undo())
        redraw()
        taken += 1
    for _ in range(taken):
        app.commands.do(Redo())
        redraw()
    if unhashed(document.recipe) != unhashed(recipe) or document.timeline != timeline:
        raise BrokenRuleError(
            f"{taken} steps back and forth lead from {_words(recipe)} to {_words(document.recipe)}"
        )
    return taken


def _words(recipe: Recipe) -> str:
    return repr(recipe)[:1500]


def whole(path: Path) -> None:
    """Read a saved file from its beginning to its end.

    Raises:
        BrokenRuleError: it is cut off or damaged.
    """
    try:
        if path.suffix in IMAGES:
            with Image.open(path) as image:
                image.load()
        elif path.suffix in VIDEOS:
            _decode(path)
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError) as error:
        raise BrokenRuleError(f"{path} is not whole: {error}") from error


def takes_are_whole(folder: Path) -> None:
    """Read every take, while none is being recorded.

    Raises:
        BrokenRuleError: one is cut off.
    """
    for path in folder.glob("*.take"):
        try:
            note = read_take(path).note
        except (TimelineError, *BROKEN_JSON) as error:
            raise BrokenRuleError(f"{path} cannot be read: {error}") from error
        if note:
            raise BrokenRuleError(f"{path} was not ended: {note}")


def _decode(path: Path) -> None:
    import av

    with av.open(str(path)) as video:
        if not sum(1 for _ in video.decode(video=0)):
            raise ValueError("it has no frames")
