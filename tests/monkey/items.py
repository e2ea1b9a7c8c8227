"""What can be clicked in the last redraw: Dear ImGui's widgets are watched while they are drawn."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from imgui_bundle import imgui

TEXTS = ("input_text", "input_text_with_hint", "input_text_multiline")
KINDS = (
    "button",
    "invisible_button",
    "selectable",
    "menu_item",
    "menu_item_simple",
    "begin_menu",
    "checkbox",
    "begin_combo",
    "slider_float",
    "v_slider_float",
    *TEXTS,
)
SMALLEST_PX = 2.0
POPUP = imgui.WindowFlags_.popup | imgui.WindowFlags_.child_menu | imgui.WindowFlags_.modal


@dataclass(frozen=True)
class Item:
    """A widget that was on the screen: what drew it, its label, its visible box in pixels (left,
    top, right, bottom), and whether a menu, popup or dialog holds it."""

    kind: str
    label: str
    box: tuple[float, float, float, float]
    in_popup: bool

    @property
    def takes_text(self) -> bool:
        """Whether one can type into it."""
        return self.kind in TEXTS

    @property
    def is_slider(self) -> bool:
        """Whether it is dragged sideways for a number."""
        return self.label.startswith("##track")


@dataclass
class Items:
    """The widgets of one redraw, in the order in which they were drawn."""

    all: list[Item] = field(default_factory=list)

    def begin(self) -> None:
        """A redraw begins."""
        self.all.clear()

    def reachable(self) -> list[Item]:
        """Those that the mouse gets at: a menu's or a dialog's where one is open."""
        items = list(dict.fromkeys(self.all))  # a redraw of many keys draws its widgets again
        return [item for item in items if item.in_popup] or items

    def drawn(self, kind: str, label: str) -> None:
        """Dear ImGui has just drawn a widget."""
        low, high = imgui.get_item_rect_min(), imgui.get_item_rect_max()
        seen = imgui.get_window_draw_list()
        least, most = seen.get_clip_rect_min(), seen.get_clip_rect_max()
        left, top = max(low.x, least.x), max(low.y, least.y)
        right, bottom = min(high.x, most.x), min(high.y, most.y)
        if right - left < SMALLEST_PX or bottom - top < SMALLEST_PX:
            return
        box = (round(left, 1), round(top, 1), round(right, 1), round(bottom, 1))
        inside = bool(imgui.internal.get_current_window().flags & POPUP)
        self.all.append(Item(kind, label, box, inside))


@contextmanager
def watched(items: Items) -> Iterator[None]:
    """Let `items` hear of every widget that is drawn meanwhile."""
    before = {kind: getattr(imgui, kind) for kind in KINDS}
    try:
        for kind, draw in before.items():
            setattr(imgui, kind, _telling(items, kind, draw))
        yield
    finally:
        for kind, draw in before.items():
            setattr(imgui, kind, draw)


def _telling(items: Items, kind: str, draw: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(draw)
    def drawn(label: str, *args: Any, **named: Any) -> Any:
        answer = draw(label, *args, **named)
        if not (kind == "begin_combo" and answer):  # then the list is the last item
            items.drawn(kind, label)
        return answer

    return drawn
