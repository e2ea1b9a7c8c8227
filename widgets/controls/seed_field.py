"""A seed: typed, stepped, or drawn by chance."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from renderer.parameters.parameter import Parameter
from renderer.parameters.parameters import declared
from renderer.recipe.recipe import MAX_SEED
from widgets.context import Context
from widgets.controls import labelled_row, source_sign
from widgets.controls.buttons import icon_button
from widgets.controls.numbers import parse_seed
from widgets.controls.tooltips import taken, tip
from widgets.controls.typed_text_box import typed_text

CHANCE = 1_000_000
"""Seeds drawn by chance stay below this: short enough to say aloud."""


def random_seed() -> int:
    """A seed drawn by chance."""
    return random.randrange(CHANCE)


def stepped(seed: int, step: int) -> int:
    """The seed `step` places further; it stops at both ends of the range."""
    return min(max(seed + step, 0), MAX_SEED)


@dataclass(frozen=True)
class SeedField:
    """A row with previous, the number itself, next, and a die."""

    label: str
    default: int
    text: str
    address: str = ""
    """Of the seed; empty where no source can play it."""
    presses: tuple[str, str, str] = ("", "", "")
    """Of what previous, next and the die do; empty where only the row has a menu of sources."""

    @classmethod
    def of(cls, parameter: str | Parameter) -> SeedField:
        """The field of a seed that is declared in `renderer.parameters`, by address or itself."""
        item = declared(parameter) if isinstance(parameter, str) else parameter
        assert isinstance(item.default, int)
        return cls(item.name, item.default, item.text, item.address)

    def at(self, address: str) -> SeedField:
        """Return the same for another address, such as that of another source."""
        return replace(self, address=address)

    def draw(self, context: Context, value: int, reason: str | None = None) -> int:
        """Draw the row; returns the seed that the user wants."""
        offers = (context, self.address) if self.address else None
        with labelled_row.row(self.label, self.text, reason, offers) as row:
            back, forth, chance = self.presses
            gap, side = imgui.get_style().item_inner_spacing.x, imgui.get_frame_height()
            new = value
            if icon_button(icons.ICON_FA_CHEVRON_LEFT, "previous", "Previous seed"):
                new = stepped(value, -1)
            source_sign.offered(context, back)
            imgui.same_line(0, gap)
            new = self.box(context, new, row.width - 3 * (side + gap), reason)
            imgui.same_line(0, gap)
            if icon_button(icons.ICON_FA_CHEVRON_RIGHT, "next", "Next seed"):
                new = stepped(value, 1)
            source_sign.offered(context, forth)
            imgui.same_line(0, gap)
            if icon_button(icons.ICON_FA_DICE, "random", "A random seed"):
                new = random_seed()
            source_sign.offered(context, chance)
            if row.reset(value != self.default):
                new = self.default
        return value if reason else new

    def box(self, context: Context, value: int, width: float, reason: str | None = None) -> int:
        """Draw only the number, `width` pixels wide; returns the seed that the user wants."""
        item = imgui.get_id("##seed")
        text = typed_text(context, "##seed", str(value), width)
        tip(self.text, reason)
        if not self.address and imgui.is_item_clicked(imgui.MouseButton_.right):
            return self.default
        if text is None:
            return value
        return taken(context, item, lambda: parse_seed(text, self.label), value)
