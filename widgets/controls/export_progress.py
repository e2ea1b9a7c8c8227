"""A file in work that takes a while: how far it is, with Pause and Cancel."""

from __future__ import annotations

from dataclasses import dataclass

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from widgets import scopes, theme
from widgets.actions import Action
from widgets.context import Context
from widgets.controls import loading
from widgets.controls.buttons import icon_button

WIDTH_EM = 12.0
GAPS_EM = 0.4


@dataclass(frozen=True)
class ExportProgress:
    """A file on its way: what is being done, and how far it is from 0 to 1."""

    label: str
    share: float
    paused: bool = False


def width() -> float:
    """Return how much room it takes at its usual width, in pixels."""
    return theme.em(WIDTH_EM + GAPS_EM) + 2 * imgui.get_frame_height()


def draw(
    context: Context, progress: ExportProgress, name: str, pause: Action, cancel: Action
) -> None:
    """Draw words, bar and buttons in one line.

    Args:
        context: of this frame.
        progress: of the file.
        name: what people call what is written.
        pause: asked for by the first button: pause, or go on.
        cancel: asked for by the second.
    """
    with (
        scopes.font(None, theme.SMALL_PX),
        scopes.style(imgui.StyleVar_.item_spacing, (theme.em(0.4), theme.em(0.1))),
    ):
        loading.progress(context, progress.label, progress.share, theme.em(WIDTH_EM))
    imgui.same_line(0, theme.em(0.3))
    icon = icons.ICON_FA_PLAY if progress.paused else icons.ICON_FA_PAUSE
    rest = f"Pause writing the {name}; nothing is lost"
    text = f"Continue writing the {name}" if progress.paused else rest
    if icon_button(icon, f"pause {name}", text):
        context.ask(pause)
    imgui.same_line(0, theme.em(0.1))
    if icon_button(icons.ICON_FA_XMARK, f"cancel {name}", f"Cancel the {name}; nothing is saved"):
        context.ask(cancel)
