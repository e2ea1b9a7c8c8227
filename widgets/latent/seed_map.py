"""A map of the plane of seeds around the current latent: drag to travel, click to go to a seed.

The map lies still while it is dragged over, and the ring moves as the mouse does; then the map
glides until the ring is in its middle again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from imgui_bundle import ImVec2, imgui
from msgspec.structs import replace

from renderer.recipe import latent_ends
from renderer.recipe.recipe import LatentPart, Recipe
from renderer.recipe.seed_plane import neighbour, travelled, way
from widgets import scopes, theme
from widgets.actions import Action
from widgets.context import Context
from widgets.controls.thumbnail import STALE, preview_at, square_of
from widgets.controls.tooltips import tip

COLUMNS, ROWS = 4.8, 2.5
"""Seeds side by side and above each other; the parts of seeds at the edges say that it goes on."""
EDGE = 0.7
"""A ring that is dragged comes no nearer to the edge than this, in seeds: the map moves along."""
CLICK_PX = 4.0
"""A press that moves less than this is a click."""
GLIDE_S = 0.12
FINE = 0.1
"""The factor of Shift for a step or a drag."""
NEAR = 20
"""Distance in seeds up to which the map glides there; further off it jumps."""
Key = imgui.Key
HOW = "Click to go there, drag to travel (finely with Shift). Arrow keys step from seed to seed."
OFF_PLANE = "The current latent has no seed, so it is not on the map. Click a seed to go there."
Point = tuple[float, float]


@dataclass(frozen=True)
class Glide(Action):
    """The map has not come to rest: another frame, please."""


@dataclass
class PlaneMap:
    """The map.  It remembers how far its middle is from the ring."""

    _lag: Point = (0.0, 0.0)
    _before: tuple[int, float, float] | None = None
    _then_s: float = 0.0
    _moved_px: float = 0.0

    def draw(self, context: Context, width: float) -> LatentPart:
        """Draw the map, `width` pixels wide; returns the latent that the user wants."""
        part = context.recipe.latent
        tile = width / COLUMNS
        size, corner = (width, round(tile * ROWS)), imgui.get_cursor_screen_pos()
        imgui.set_next_item_allow_overlap()
        imgui.invisible_button("map", size)
        middle = (corner.x + size[0] / 2, corner.y + size[1] / 2)
        # Until a click is taken the map lies as it lay when it was pressed.
        held = imgui.is_item_active() or imgui.is_item_deactivated()
        self._follow(context, part, held=held)
        under = self._under(part, middle, tile)
        tip(f"Seed {neighbour(part.seed, *under)}\n{HOW}", None if part.on_plane else OFF_PLANE)
        if imgui.is_item_visible():
            hovered = under if imgui.is_item_hovered() else None
            self._paint(context, (corner, size), middle, tile, hovered)
        return self._keys(self._mouse(part, under, tile))

    @property
    def rests(self) -> bool:
        """Return whether the ring is in the middle of the map, which so glides no further."""
        return self._lag == (0.0, 0.0)

    # -- moving ----------------------------------------------------------------------------------

    def _follow(self, context: Context, part: LatentPart, *, held: bool) -> None:
        """Keep the map where it was while the ring moves, and let it glide after the ring."""
        now = (part.seed, part.x, part.y)
        step = _way(self._before, now)
        self._before = now
        passed_s = min(max(context.now_s - self._then_s, 0.0), 0.1)
        self._then_s = context.now_s
        if step is None:
            self._lag = (0.0, 0.0)
            return
        x, y = self._lag[0] - step[0], self._lag[1] - step[1]
        if not held:
            share = math.exp(-passed_s / GLIDE_S)
            x, y = x * share, y * share
        self._lag = (_within(x, COLUMNS / 2 - EDGE), _within(y, ROWS / 2 - EDGE))
        if math.hypot(*self._lag) < 0.004:
            self._lag = (0.0, 0.0)
        elif not held:
            context.ask(Glide())

    def _under(self, part: LatentPart, middle: Point, tile: float) -> tuple[int, int]:
        """Return which seed is under the mouse, counted from the part's own: to the right, and
        down."""
        mouse = imgui.get_io().mouse_pos
        return (
            round(part.x + self._lag[0] + _within((mouse.x - middle[0]) / tile, COLUMNS)),
            round(part.y + self._lag[1] + _within((mouse.y - middle[1]) / tile, ROWS)),
        )

    def _mouse(self, part: LatentPart, under: tuple[int, int], tile: float) -> LatentPart:
        if imgui.is_item_activated():
            self._moved_px = 0.0
        io = imgui.get_io()
        if imgui.is_item_active() and imgui.is_mouse_down(0):
            self._moved_px += math.hypot(io.mouse_delta.x, io.mouse_delta.y)
            if self._moved_px < CLICK_PX or not part.on_plane:
                return part
            imgui.set_mouse_cursor(imgui.MouseCursor_.resize_all)
            scale = (FINE if io.key_shift else 1.0) / tile
            return moved(part, io.mouse_delta.x * scale, io.mouse_delta.y * scale)
        inside = imgui.is_item_hovered(imgui.HoveredFlags_.allow_when_overlapped_by_item)
        if imgui.is_item_deactivated() and self._moved_px < CLICK_PX and inside:
            return latent_ends.start_at_seed(part, neighbour(part.seed, *under))
        return part

    def _keys(self, part: LatentPart) -> LatentPart:
        """Arrow keys, while the map has the keyboard."""
        io = imgui.get_io()
        if not imgui.is_item_focused() or io.want_text_input:
            return part
        arrows = ((Key.left_arrow, -1, 0), (Key.right_arrow, 1, 0))
        upright = ((Key.up_arrow, 0, -1), (Key.down_arrow, 0, 1))
        # Without a frame around the map, left and right are the window's own keys for seeds.
        for key, x, y in (*upright, *(arrows if io.nav_visible or io.key_shift else ())):
            imgui.internal.set_key_owner(key, imgui.get_item_id())
            if not imgui.is_key_pressed(key):
                continue
            if io.key_shift:
                return moved(part, x * FINE, y * FINE)
            return latent_ends.start_at_seed(part, neighbour(part.seed, x, y))
        return part

    # -- painting --------------------------------------------------------------------------------

    def _paint(
        self,
        context: Context,
        area: tuple[ImVec2, Point],
        middle: Point,
        tile: float,
        hovered: tuple[int, int] | None,
    ) -> None:
        part, draw = context.recipe.latent, imgui.get_window_draw_list()
        low, high = area[0], (area[0].x + area[1][0], area[0].y + area[1][1])
        centre = (part.x + self._lag[0], part.y + self._lag[1])
        with scopes.clipped(draw, low, high):
            draw.add_rect_filled(low, high, theme.ink(theme.CANVAS))
            for i, j in _cells(centre):
                at = (middle[0] + (i - centre[0]) * tile, middle[1] + (j - centre[1]) * tile)
                self._cell(context, neighbour(part.seed, i, j), at, tile, lit=(i, j) == hovered)
            if part.on_plane:
                _ring((middle[0] - self._lag[0] * tile, middle[1] - self._lag[1] * tile))

    def _cell(self, context: Context, seed: int, at: Point, tile: float, *, lit: bool) -> None:
        """One seed: its picture, or, until that is there, its number."""
        half, draw = tile / 2 - theme.em(0.08), imgui.get_window_draw_list()
        low, high = (at[0] - half, at[1] - half), (at[0] + half, at[1] + half)
        rounding = theme.em(0.25)
        recipe = at_seed(context.recipe, seed)
        shown, fresh = preview_at(context, ("map", seed), recipe, 2 * half)
        if shown is None:
            draw.add_rect_filled(low, high, theme.ink(theme.CONTROL), rounding)
            _number(seed, at, 2 * half)
        else:
            strength = (1.0 if fresh else STALE) * (1.0 if context.recipe.latent.on_plane else 0.55)
            draw.add_image_rounded(
                imgui.ImTextureRef(shown.texture),
                low,
                high,
                *square_of(shown),
                theme.ink("#ffffff", strength),
                rounding,
            )
        if lit:
            draw.add_rect(low, high, theme.ink(theme.TEXT, 0.7), rounding, theme.em(0.1))


def at_seed(recipe: Recipe, seed: int) -> Recipe:
    """The recipe with its latent starting exactly at `seed`."""
    return replace(recipe, latent=latent_ends.start_at_seed(recipe.latent, seed))


def moved(part: LatentPart, dx: float, dy: float) -> LatentPart:
    """`part` after a journey over the plane, with an offset that reads well."""
    there = travelled(part, dx, dy)
    return replace(
        there, x=round(there.x, latent_ends.DECIMALS), y=round(there.y, latent_ends.DECIMALS)
    )


def _way(before: tuple[int, float, float] | None, now: tuple[int, float, float]) -> Point | None:
    """Return how far it is from one place to another, or None where that is too far to glide."""
    if before is None:
        return None
    whole = way(before[0], now[0])
    if whole is None or max(map(abs, whole)) > NEAR:
        return None
    right, down = whole
    return right + now[1] - before[1], down + now[2] - before[2]


def _cells(centre: Point) -> list[tuple[int, int]]:
    """The seeds that show, the nearest to the middle first: so are their pictures made."""
    columns, rows = (
        range(math.floor(c - size / 2 + 0.5), math.ceil(c + size / 2 - 0.5) + 1)
        for c, size in zip(centre, (COLUMNS, ROWS), strict=True)
    )
    cells = [(i, j) for j in rows for i in columns]
    return sorted(cells, key=lambda cell: math.dist(cell, centre))


def _ring(at: Point) -> None:
    """Draw where the current latent is."""
    draw, radius = imgui.get_window_draw_list(), theme.em(0.42)
    draw.add_circle(at, radius, theme.ink(theme.CANVAS, 0.8), 24, theme.em(0.3))
    draw.add_circle(at, radius, theme.ink(theme.ACCENT), 24, theme.em(0.15))


def _number(seed: int, at: Point, room: float) -> None:
    with scopes.font(None, theme.SMALL_PX):
        size = imgui.calc_text_size(str(seed))
        if size.x < room:
            draw = imgui.get_window_draw_list()
            draw.add_text(
                (at[0] - size.x / 2, at[1] - size.y / 2), theme.ink(theme.DIM, 0.8), str(seed)
            )


def _within(value: float, reach: float) -> float:
    return min(max(value, -reach), reach)
