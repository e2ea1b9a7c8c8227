"""Scenes of the second demo world before their picture style: things in a landscape."""

from __future__ import annotations

import functools
from copy import copy

import torch
import torch.nn.functional as F
from torch import Tensor

from stylegan_t.demo.canvas import paint
from stylegan_t.demo.landscape import CLOUDS, RELIEF, SEA, SUN, Landscape
from stylegan_t.demo.things.attributes import (
    ALOFT,
    COLUMN,
    MIRROR,
    OWN_COLOR,
    PLACE_CHOICE,
    REACH,
    SIZE_CHOICE,
    STAGGER,
    VALUES,
    drift,
)
from stylegan_t.demo.things.catalogue import all_things
from stylegan_t.demo.things.sprites import LEVELS, PALETTE, Sprites
from stylegan_t.demo.world import COLUMN as FIRST_COLUMN
from stylegan_t.demo.world import NAMES as FIRST_NAMES
from stylegan_t.demo.world import NO_OBJECT

BEACH = VALUES["ground"].index("beach")
_BESIDE, _LEFT, _ABOVE, _ON, _BEHIND = range(1, 6)
SIZES = (0.62, 0.98, 1.34)
"""Height of a thing alone, small to large; the picture is 2 high."""
_LIGHT = ((1.0, 0.92, 0.93), (1.0, 1.0, 1.0), (1.0, 0.84, 0.74), (0.58, 0.61, 0.82))
_SAND = ((0.93, 0.82, 0.60), (0.86, 0.70, 0.46))
_FOG = (1.0, 1.0, 1.0, 0.6)
"""Thinner at night, when little light falls on things, or they would vanish."""
_MIRROR_SHARE = 0.1
_SUN_BEND = 2.3
"""The sun of a typical picture stands to the left of the thing, not behind it."""
_STIR = 0.1
"""The share of their movement in the first world that clouds, mountains and the sun have by
themselves; beyond that they move along with the thing.  With 0.3, a small generator drew a band of
mist where the clouds might be."""
_WIDTHS = {SUN: 1.5, CLOUDS: 0.6, RELIEF: 0.8}
_PEAKS_WIDTH = 0.4
"""The reach of these choices in a picture 2 wide; peaks have half that of hills."""
PEAKS = VALUES["relief"].index("peaks")
_SUN_ENDS = -0.1, 1.1
"""Of the sun's choice: half of it stays in the picture."""
_FOOT = 2 / 96
"""Empty rows below a sprite's foot, in tiles."""


@functools.cache
def _traits(device: torch.device) -> dict[str, Tensor]:
    """Of every thing, none first: how wide its tile is shown, where it belongs, its light."""
    things = all_things()
    colors = (*VALUES["color"],)
    return {
        "sky": torch.tensor([False, *(t.place == "sky" for t in things)], device=device),
        "glows": torch.tensor([False, *(t.glows for t in things)], device=device),
        "own": torch.tensor([0, *(colors.index(t.color) for t in things)], device=device),
        "worn": torch.tensor(
            [0, *(colors.index(t.paint) if t.paint else 0 for t in things)], device=device
        ),
    }


def _turned(u: Tensor, relief: Tensor) -> Tensor:
    """The choices u [N, 64] of scenes with a relief [N], with a background that moves along with
    the thing, as if a camera turned: a generator whose input does so too can draw all of it
    crisply."""
    moved = u.clone()
    moved[:, SUN] = moved[:, SUN] ** _SUN_BEND
    for choice, reach in _WIDTHS.items():
        width = torch.full_like(u[:, choice], reach)
        if choice == RELIEF:
            width[relief == PEAKS] = _PEAKS_WIDTH
        middle = 0.5**_SUN_BEND if choice == SUN else 0.5
        across, along = moved[:, choice], moved[:, choice + 1]
        across.copy_(middle + (across - middle) * _STIR + drift(u) / width)
        along.copy_(0.5 + (along - 0.5) * _STIR)
    moved[:, SUN].clamp_(*_SUN_ENDS)
    return moved


class Place:
    """The place of one thing of each scene: all [N]; `foot` is the lower edge of its tile."""

    def __init__(self, thing: Tensor, color: Tensor, x: Tensor, foot: Tensor, size: Tensor) -> None:
        self.thing, self.color, self.x, self.foot, self.size = thing, color, x, foot, size
        self.shown = thing > 0
        self.aloft = torch.zeros_like(self.shown)
        self.mirrored = torch.zeros_like(self.shown)


class Scenery(Landscape):
    """Paints a landscape with things of the atlas in it.

    Args:
        scenes: [N, WIDTH] attribute indices, none open.
        u: [N, 64] free choices in (0, 1).
        size: the picture's side in pixels.
        sprites: pictures of at least the things that the scenes name.
    """

    fog = _FOG
    parallax = 0.0

    def __init__(self, scenes: Tensor, u: Tensor, size: int, sprites: Sprites) -> None:
        self.scenes, self.sprites = scenes, sprites
        first = torch.zeros(len(scenes), len(FIRST_NAMES), dtype=torch.long, device=scenes.device)
        for name in ("time", "weather", "ground", "relief", "moon"):
            first[:, FIRST_COLUMN[name]] = scenes[:, COLUMN[name]]
        self.beach = scenes[:, COLUMN["ground"]] == BEACH
        first[self.beach, FIRST_COLUMN["ground"]] = SEA
        first[:, FIRST_COLUMN["object"]] = NO_OBJECT
        super().__init__(first, _turned(u, scenes[:, COLUMN["relief"]]), size)

    def paint(self) -> tuple[Tensor, Tensor]:
        """The pictures [N, 3, S, S] and a mask [N, S, S] of what stands out in them: things and
        clouds."""
        image, mask = super().paint()
        return image, torch.maximum(mask, self.clouds)

    def _object(self) -> None:
        self._shore()
        for place in self.places():
            self._thing(place)

    def _shore(self) -> None:
        """Sand in front of the sea."""
        i = self._where(self.beach)
        if not len(i):
            return
        c = self.c.pick(i)
        edge = self.h[i] - 0.17 + 0.035 * torch.sin(c.x * 2.7 + 0.6) + 0.02 * torch.sin(c.x * 6 + 2)
        depth = ((edge - c.y) / (edge + 1)).clamp(0, 1).unsqueeze(1)
        near, far = (c.table(tone) * self.light[i] for tone in (_SAND[1], _SAND[0]))
        sand = torch.lerp(far[:, :, None, None], near[:, :, None, None], depth)
        foam = c.table((0.96, 0.98, 1.0)) * (self.light[i] * 0.8 + 0.2)
        image = paint(self.image[i], foam, c.cover(c.y - edge - 0.025) * 0.8)
        self.image[i] = paint(image, sand, c.cover(c.y - edge))

    def places(self) -> list[Place]:
        """The things of every scene, far to near."""
        u, rows = self.c.u, self.scenes
        thing, other, count, relation, color, other_color = (
            rows[:, COLUMN[name]]
            for name in ("thing", "other", "count", "relation", "color", "other_color")
        )
        single = (relation == 0) & (count == 0)
        wide = u[:, SIZE_CHOICE] * 2 - 1
        table = self.c.table
        size = table(*SIZES)[rows[:, COLUMN["size"]]] * (1 + 0.10 * wide)
        size = torch.where(single, size, table(0.80, 0.84, 0.62)[count] * (1 + 0.06 * wide))
        x = torch.where(single, (rows[:, COLUMN["side"]] - 1) * REACH, 0)
        x = x + u[:, PLACE_CHOICE] * 2 - 1
        ground = self.h[:, 0, 0] - 0.04 - 0.26 * size
        first = Place(thing, color, x, ground, size)
        second = Place(other, other_color, x, ground, size)
        second.shown = relation > 0
        third = Place(thing, color, x, ground, size)
        third.shown = count == 2
        twin = count > 0
        for name in ("thing", "color"):
            setattr(second, name, torch.where(twin, getattr(first, name), getattr(second, name)))
        second.shown |= twin
        self._spread(first, second, third, count)
        self._relate(first, second, relation)
        for k, place in enumerate((first, second, third)):
            flip = u[:, MIRROR + k % 2] > 1 - _MIRROR_SHARE
            place.mirrored = flip & (place.thing != 0)
            place.shown = place.shown & (place.thing > 0)
            self._raise(place, relation, k)
        resting = copy(first)
        resting.shown = first.shown & (relation == _ON)
        first.shown = first.shown & (relation != _ON)
        return [first, second, resting, third]

    def _spread(self, first: Place, second: Place, third: Place, count: Tensor) -> None:
        """Several of a kind side by side, not quite in a line."""
        u = self.c.u
        for place, step, choice in ((first, -1, STAGGER), (second, 1, STAGGER + 1), (third, 0, 0)):
            apart = self.c.table(0.0, 0.47, 0.63)[count] * step
            drop = (u[:, choice] - 0.5) * 0.14 if step else torch.full_like(apart, -0.07)
            place.x = place.x + apart
            place.foot = place.foot + torch.where(count > 0, drop, 0)

    def _relate(self, first: Place, second: Place, relation: Tensor) -> None:
        """Two things as their relation says; beside one another they stand as they are named."""
        u = self.c.u
        side = (relation == _BESIDE) | (relation == _LEFT)
        stagger = ((u[:, STAGGER] - 0.5) * 0.14, (u[:, STAGGER + 1] - 0.5) * 0.14)
        for place, sign, drop in ((first, -1, stagger[0]), (second, 1, stagger[1])):
            place.x = place.x + torch.where(side, sign * 0.47, 0)
            place.foot = place.foot + torch.where(side, drop, 0)
        above, on, behind = relation == _ABOVE, relation == _ON, relation == _BEHIND
        first.size = first.size * (1 - 0.18 * above.float() - 0.16 * on.float())
        second.size = second.size * (1 - 0.14 * (above | on).float())
        second.foot = second.foot - 0.08 * (above | on | behind).float()
        first.foot = torch.where(above, second.foot + second.size + 0.05, first.foot)
        first.foot = torch.where(on, second.foot + second.size * 0.60, first.foot)
        first.x = first.x + torch.where(behind, -0.26, 0)
        first.foot = first.foot + 0.20 * behind.float()
        second.x = second.x + torch.where(behind, 0.24, 0)

    def _raise(self, place: Place, relation: Tensor, k: int) -> None:
        """Let what belongs in the sky fly there, unless something is above it."""
        sky = _traits(self.c.device)["sky"][place.thing]
        free = (relation != _ABOVE) & (relation != _ON)
        place.aloft = (sky & free) | (~free & (k == 0))
        sway = (self.c.u[:, ALOFT] - 0.5) * 0.24
        middle = 0.44 - 0.20 * (place.size - 0.62).clamp(min=0) + sway
        place.foot = torch.where(sky & free, middle - place.size / 2, place.foot)

    def _thing(self, place: Place) -> None:
        i = self._where(place.shown)
        if not len(i):
            return
        c, traits = self.c.pick(i), _traits(self.c.device)
        thing, color, size = place.thing[i], place.color[i], place.size[i].view(-1, 1, 1)
        foot = place.foot[i].view(-1, 1, 1)
        dx, dy = c.x - place.x[i].view(-1, 1, 1), c.y - foot
        v = dy / size
        rests = ~place.aloft[i].view(-1, 1, 1)
        shade = torch.exp(-((dx / (0.40 * size)) ** 2 + ((v - _FOOT) / 0.06) ** 2) * 1.5)
        shade = (shade * rests * 0.42).unsqueeze(1) * c.table(0.9, 0.8, 0.55).view(3, 1, 1)
        image = self.image[i] * (1 - shade)
        flip = torch.where(place.mirrored[i], -1.0, 1.0).view(-1, 1, 1)
        grid = torch.stack(
            [(dx * flip / size * 2).expand(-1, c.size, -1), (1 - 2 * v).expand(-1, -1, c.size)], -1
        )
        color = torch.where(color == OWN_COLOR, traits["worn"][thing], color)
        own = (color == OWN_COLOR) | (
            (color == traits["own"][thing]) & (traits["worn"][thing] == 0)
        )
        layer = self._sampled(thing - 1, color, own, place.size[i], grid)
        light = c.table(*_LIGHT)[self.a["time"][i]]
        dim = c.table(0.0, 0.02, 0.14, 0.03, 0.04)[self.a["weather"][i]]
        light = torch.where(traits["glows"][thing][:, None], 1.0, light * (1 - dim)[:, None])
        alpha = layer[:, 3:].clamp(0, 1)
        self.image[i] = image * (1 - alpha) + layer[:, :3].clamp(0, 1) * light[:, :, None, None]
        self.mask[i] = torch.maximum(self.mask[i], alpha[:, 0])

    def _sampled(
        self, index: Tensor, color: Tensor, own: Tensor, size: Tensor, grid: Tensor
    ) -> Tensor:
        """Recoloured sprites where `grid` looks, [N, 4, S, S], opacity multiplied in.

        Sizes between two stored ones blend them, so that nothing flickers as a thing grows.
        """
        side = 96 / (size * self.c.size / 2)
        detail = (side.log2() - 0.35).clamp(0, LEVELS - 1)
        result = grid.new_zeros(len(index), 4, self.c.size, self.c.size)
        tint = self.c.table((0.0, 0.0, 0.0), *PALETTE.values())[color].view(-1, 3, 1, 1)
        for level in range(LEVELS):
            share = (1 - (detail - level).abs()).clamp(min=0)
            i = self._where(share > 0)
            if not len(i):
                continue
            parts = self.sprites.at(level, index[i], self.c.device)
            main = torch.where(own[i].view(-1, 1, 1, 1), parts[:, 3:6], parts[:, 6:7] * tint[i])
            flat = torch.cat([parts[:, :3] + main, parts[:, 7:]], dim=1)
            shown = F.grid_sample(flat, grid[i], padding_mode="zeros", align_corners=False)
            result[i] += shown * share[i].view(-1, 1, 1, 1)
        return result
