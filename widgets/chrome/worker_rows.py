"""The rows of the renderer's dialog that say which devices share its work."""

from __future__ import annotations

from dataclasses import dataclass

from imgui_bundle import imgui

from widgets import theme
from widgets.actions import Action
from widgets.context import Context
from widgets.controls import focus

LABEL = "Workers"
LABEL_EM = 8.0
AUTO = "auto"
HINT = "auto, none, 2, or cuda:1,cuda:2"
EXPLAINED = (
    "Workers draw previews, grids and videos along with the renderer, each in a process of its own "
    "and on a device of its own. “auto” takes all other graphics cards."
)
MAX_TYPED = 200


@dataclass(frozen=True)
class UseWorkers(Action):
    """Share exports and previews among these from now on; `wanted` as `--workers` takes it."""

    wanted: str


@dataclass(frozen=True)
class WorkersView:
    """The workers as they were asked for, how many there are, and how many of them are ready."""

    wanted: str = AUTO
    count: int = 0
    ready: int = 0


@dataclass
class WorkerRows:
    """Remembers what is typed while the dialog is open."""

    typed: str | None = None

    def open(self) -> None:
        """The dialog opens."""
        self.typed = None

    def wanted(self, context: Context, *, moves: bool) -> str:
        """Return what is typed, else the workers as they are, or "auto" for a renderer that
        `moves`."""
        known = AUTO if moves else context.see(WorkersView).wanted
        return known if self.typed is None else self.typed.strip() or "none"

    def draw(self, context: Context, width: float, *, moves: bool) -> bool:
        """Draw them, `width` pixels wide; returns whether Enter was pressed in them."""
        view = context.see(WorkersView)
        imgui.separator()
        imgui.align_text_to_frame_padding()
        imgui.text_unformatted(LABEL)
        imgui.same_line(theme.em(LABEL_EM))
        imgui.set_next_item_width(width - imgui.get_cursor_pos_x() + imgui.get_cursor_start_pos().x)
        shown = self.wanted(context, moves=moves) if self.typed is None else self.typed
        flags = imgui.InputTextFlags_.enter_returns_true
        entered, typed = imgui.input_text_with_hint("##workers", HINT, shown, flags)
        if typed != shown:
            self.typed = typed[:MAX_TYPED]
        focus.border()
        theme.wrapped(EXPLAINED, theme.DIM, width)
        if not moves:
            theme.wrapped(counted(view), theme.DIM, width)
        return entered


def counted(view: WorkersView) -> str:
    """Return how many workers there are, for people."""
    if not view.count:
        return "There are no workers now: one device does everything."
    workers = "1 worker" if view.count == 1 else f"{view.count} workers"
    if view.ready == view.count:
        return f"{workers}, ready."
    if not view.ready:
        starts = "it starts" if view.count == 1 else "they start"
        return f"{workers}; {starts} with the first work that can be shared."
    return f"{workers}, {view.ready} of them ready."
