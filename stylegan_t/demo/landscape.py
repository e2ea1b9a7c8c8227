"""Sky, land, weather and the thing in it: a scene before its picture style."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from stylegan_t.demo.canvas import Canvas, circle, paint, texture, union
from stylegan_t.demo.objects import PAINTERS, Brush
from stylegan_t.demo.world import ATTRIBUTES, COLUMN, PLACE_CHOICE, SIZE_CHOICE

# Which free choice decides what (the first ten choose open attributes, see `world.complete`).
# Few and visible: what one choice does should be plain to see.
HORIZON, SKY, SUN, CLOUDS, RELIEF, ALOFT = 10, 11, 14, 17, 19, 24

DAWN, DAY, SUNSET, NIGHT = range(4)
CLEAR, CLOUDY, RAIN, SNOWFALL, FOG = range(5)
MEADOW, DESERT, SNOWFIELD, SEA = range(4)

_RGB = (
    (0.88, 0.13, 0.14), (0.98, 0.52, 0.08), (0.99, 0.84, 0.16), (0.16, 0.62, 0.26),
    (0.13, 0.38, 0.90), (0.58, 0.24, 0.76), (0.97, 0.96, 0.93), (0.11, 0.11, 0.14),
)  # fmt: skip
# Horizon, middle and top of the sky, for each time of day.
_SKY = (
    ((1.0, 0.80, 0.70), (0.86, 0.70, 0.84), (0.50, 0.60, 0.86)),
    ((0.80, 0.93, 0.98), (0.52, 0.80, 0.96), (0.24, 0.56, 0.90)),
    ((1.0, 0.68, 0.26), (0.95, 0.42, 0.36), (0.40, 0.24, 0.52)),
    ((0.20, 0.26, 0.50), (0.09, 0.13, 0.34), (0.03, 0.05, 0.17)),
)
_GREY = ((0.78, 0.74, 0.80), (0.74, 0.78, 0.82), (0.66, 0.52, 0.54), (0.17, 0.19, 0.30))
_LIGHT = ((1.0, 0.90, 0.92), (1.0, 1.0, 1.0), (1.0, 0.80, 0.66), (0.36, 0.42, 0.64))
_OBJECT_LIGHT = ((1.0, 0.93, 0.94), (1.0, 1.0, 1.0), (1.0, 0.88, 0.80), (0.74, 0.75, 0.86))
_GROUND_FAR = ((0.58, 0.78, 0.36), (0.95, 0.80, 0.52), (0.93, 0.96, 1.0), (0.34, 0.68, 0.80))
_GROUND_NEAR = ((0.24, 0.56, 0.24), (0.82, 0.56, 0.30), (0.78, 0.86, 0.96), (0.06, 0.30, 0.54))
_DISC = ((1.0, 0.93, 0.80), (1.0, 0.95, 0.55), (1.0, 0.86, 0.42), (0.98, 0.96, 0.84))
_CLOUD = ((1.0, 0.93, 0.93), (1.0, 1.0, 1.0), (1.0, 0.74, 0.62), (0.34, 0.38, 0.56))
_HILL = ((0.46, 0.62, 0.50), (0.80, 0.58, 0.42), (0.70, 0.78, 0.90), (0.40, 0.58, 0.56))
_CLOUD_HOMES = ((-0.58, 0.62, 0.19), (0.52, 0.50, 0.16), (0.02, 0.78, 0.14), (-0.15, 0.34, 0.12))
_STARS = 30
_FLOWERS = 16
_FLAKES = 85


class Landscape:
    """Paints scenes step by step onto one batch of pictures, far to near."""

    fog: tuple[float, ...] = (1.0, 1.0, 1.0, 1.0)
    """The thickness of fog at each time of day."""
    parallax = 0.4
    """The share of the near hills' movement that the far ones lack."""

    def __init__(self, scenes: Tensor, u: Tensor, size: int) -> None:
        self.c = c = Canvas(u, size)
        self.a = {name: scenes[:, index] for name, index in COLUMN.items()}
        self.n = len(scenes)
        self.night = self.a["time"] == NIGHT
        dim = c.table(0.0, 0.05, 0.22, 0.06, 0.08)[self.a["weather"]]
        self.light = c.table(*_LIGHT)[self.a["time"]] * (1 - dim)[:, None]
        self.h = c.rand(-0.29, -0.13, HORIZON)
        self.bright = c.table(1.0, 0.9, 0.0, 0.0, 0.35)[self.a["weather"]].view(-1, 1, 1)
        self.mask = torch.zeros(self.n, size, size, device=c.device)
        self.clouds = torch.zeros_like(self.mask)
        self.image, self.sky = self._sky()

    def paint(self) -> tuple[Tensor, Tensor]:
        """The pictures [N, 3, S, S] and a mask [N, S, S] of where their objects are."""
        self._stars()
        self._sun_or_moon()
        self._clouds()
        self._hills()
        self._peaks()
        self._land()
        self._flowers()
        self._dunes()
        self._drifts()
        self._waves()
        self._object()
        self._weather()
        return self.image.clamp(0, 1), self.mask

    def _where(self, condition: Tensor) -> Tensor:
        return condition.nonzero()[:, 0]

    def _sky(self) -> tuple[Tensor, Tensor]:
        c, weather = self.c, self.a["weather"]
        jitter = (c.u[:, SKY : SKY + 3].view(-1, 1, 3) - 0.5) * 0.10
        sky = (c.table(*_SKY)[self.a["time"]] + jitter).clamp(0, 1)
        grey = c.table(0.0, 0.22, 0.72, 0.60, 0.66)[weather].view(-1, 1, 1)
        sky = sky + (c.table(*_GREY)[self.a["time"]].unsqueeze(1) - sky) * grey
        t = ((c.y - self.h) / (1 - self.h)).clamp(0, 1).unsqueeze(1)
        low, middle, top = (sky[:, k].view(self.n, 3, 1, 1) for k in range(3))
        upper = middle + (top - middle) * ((t - 0.4) / 0.6)
        image = torch.where(t < 0.4, low + (middle - low) * (t / 0.4), upper)
        return image.expand(self.n, 3, c.size, c.size).contiguous(), sky

    def _stars(self) -> None:
        i = self._where(self.night & (self.a["weather"] < RAIN))
        if not len(i):
            return
        c = self.c.pick(i)
        places = torch.rand(_STARS, 2, generator=torch.Generator().manual_seed(11)).tolist()
        field = torch.zeros(len(i), c.size, c.size, device=c.device)
        for k, (px, py) in enumerate(places):
            d2 = (c.x - (px * 2.1 - 1.05)) ** 2 + (c.y - (py * 1.1 - 0.1)) ** 2
            field = torch.maximum(field, torch.exp(-d2 / (0.0004 + 0.0006 * (k % 3 == 0))))
        ink = c.table((1.0, 0.98, 0.86)).expand(len(i), 3)
        self.image[i] = paint(self.image[i], ink, field * 0.95)

    def _sun_or_moon(self) -> None:
        c, tod = self.c, self.a["time"]
        night = self.night.view(-1, 1, 1)
        self.sun_x = cx = c.rand(-0.75, 0.75, SUN)
        low = ((tod == DAWN) | (tod == SUNSET)).view(-1, 1, 1)
        cy = torch.where(low, self.h + c.rand(0.10, 0.42, SUN + 1), c.rand(0.48, 0.76, SUN + 1))
        r = torch.where(low, 0.20, 0.145)
        r = torch.where(night, 0.195, r)
        d = circle(c.x - cx, c.y - cy, 0.0)
        self.disc = disc = c.table(*_DISC)[tod]
        glow = torch.exp(-((d / (r * 2.2)) ** 2)) * torch.where(night, 0.38, 0.62)
        self.image = paint(self.image, disc, glow * self.bright)
        bite = r * 0.92 - circle(c.x - cx - r * 0.5, c.y - cy - r * 0.22, 0.0)
        crescent = (self.night & (self.a["moon"] == 1)).view(-1, 1, 1)
        shape = torch.where(crescent, torch.maximum(d - r, bite), d - r)
        self.image = paint(self.image, disc, c.cover(shape) * self.bright)
        i = self._where(self.night & (self.a["moon"] == 0))
        if len(i):
            x, y, r = c.x - cx[i], c.y - cy[i], r[i]
            spots = union(
                circle(x + r * 0.35, y - r * 0.25, r * 0.24),
                circle(x - r * 0.35, y + r * 0.10, r * 0.18),
                circle(x + r * 0.10, y + r * 0.50, r * 0.14),
            )
            grey = self.c.cover(spots) * self.bright[i]
            self.image[i] = paint(self.image[i], disc[i] * 0.86, grey)

    def _clouds(self) -> None:
        tod, weather = self.a["time"], self.a["weather"]
        count = self.c.table(0.0, 4.0, 3.0, 2.0, 0.0)[weather]
        for k in range(4):
            i = self._where(count > k)
            if not len(i):
                continue
            c = self.c.pick(i)
            home, height, w = _CLOUD_HOMES[k]
            x = (c.x - home - c.rand(-0.3, 0.3, CLOUDS)) / w
            y = (c.y - height - c.rand(-0.1, 0.1, CLOUDS + 1)) / w
            puff = union(
                circle(x, y - 0.5, 0.95),
                circle(x + 1.1, y - 0.25, 0.7),
                circle(x - 1.15, y - 0.3, 0.75),
                circle(x - 0.5, y - 0.95, 0.6),
            )
            puff = torch.maximum(puff, -y - 0.3)
            wet = c.table(*_GREY)[tod[i]] * 0.80
            tint = torch.where((weather[i] == RAIN)[:, None], wet, c.table(*_CLOUD)[tod[i]])
            shade = (y * 0.22 + 0.72).clamp(0.72, 1).unsqueeze(1)
            body = tint[:, :, None, None] * shade
            cover = c.cover(puff, w)
            self.clouds[i] = torch.maximum(self.clouds[i], cover)
            self.image[i] = paint(self.image[i], body, cover * 0.92)

    def _hills(self) -> None:
        i = self._where(self.a["relief"] == 1)
        if not len(i):
            return
        c, haze = self.c.pick(i), self.sky[i, 0] * 0.45
        for layer in range(2):
            x = c.x - c.rand(-0.4, 0.4, RELIEF) * (1 - self.parallax * layer)
            wave = 0.085 * torch.sin(x * 2.9 + 2.1 * layer)
            fine = 0.040 * torch.sin(x * 6.1 + 1.0 + layer)
            ridge = self.h[i] + 0.22 - 0.12 * layer + wave + fine
            tint = (c.table(*_HILL)[self.a["ground"][i]] - 0.10 * layer) * self.light[i]
            tint = tint * (0.6 + 0.2 * layer) + haze * (0.8 - 0.4 * layer)
            self.image[i] = paint(self.image[i], tint, c.cover(c.y - ridge))

    def _peaks(self) -> None:
        i = self._where(self.a["relief"] == 2)
        if not len(i):
            return
        c, haze, light = self.c.pick(i), self.sky[i, 0] * 0.30, self.light[i]
        zig = c.grain(9, 21) * 0.07
        rock = c.table((0.46, 0.47, 0.58)) * light * 0.75 + haze
        snow = c.table((0.97, 0.98, 1.0)) * (light * 0.8 + 0.2)
        for k, home in enumerate((-0.72, 0.70, -0.05, 0.38)):
            x = c.x - home - c.rand(-0.2, 0.2, RELIEF)
            slope = (1.05, 1.25, 1.0, 1.15)[k]
            height = c.rand(-0.1, 0.1, RELIEF + 1) * (1 if k % 2 else -1)
            tip = self.h[i] + (0.58, 0.66, 0.50, 0.42)[k] + height
            d = (c.y - (tip - slope * x.abs()) - zig * 0.35) * 0.66
            body, shade = c.cover(d), c.cover(-x + zig)
            cap = c.cover(torch.maximum(d, (tip - 0.20 - c.y) + zig * 1.6))
            image = paint(self.image[i], rock, body)
            image = paint(image, rock * 0.74, body * shade)
            image = paint(image, snow, cap)
            cool = snow * c.table((0.78, 0.83, 0.93))
            self.image[i] = paint(image, cool, cap * shade)

    def _land(self) -> None:
        c, ground = self.c, self.a["ground"]
        dry = (ground != SEA).float().view(-1, 1, 1)
        swing = torch.sin(c.x * 2.2 + 0.8)
        self.edge = self.h + dry * 0.030 * swing
        self.depth = ((self.edge - c.y) / (self.edge + 1)).clamp(0, 1)
        near = c.table(*_GROUND_NEAR)[ground] * self.light
        far = c.table(*_GROUND_FAR)[ground] * self.light
        tint = torch.lerp(far[:, :, None, None], near[:, :, None, None], self.depth.unsqueeze(1))
        self.land = c.cover(c.y - self.edge)
        self.image = torch.lerp(self.image, tint, self.land.unsqueeze(1))
        front = self.edge - 0.39 + 0.07 * torch.sin(c.x * 2.1 + 2.4)
        gains = ((0.88, 0.95, 0.85), (0.93, 0.92, 0.90), (1.05, 1.04, 1.02), (1.0, 1.0, 1.0))
        tint = (near * c.table(*gains)[ground]).clamp(0, 1)
        self.image = paint(self.image, tint, c.cover(c.y - front) * dry * 0.85)

    def _flowers(self) -> None:
        i = self._where(self.a["ground"] == MEADOW)
        if not len(i):
            return
        c = self.c.pick(i)
        places = torch.rand(_FLOWERS, 2, generator=torch.Generator().manual_seed(5)).tolist()
        tints = c.table((1.0, 0.95, 0.95), (1.0, 0.85, 0.3), (0.98, 0.55, 0.62))
        image = self.image[i]
        for k, (fx, fy) in enumerate(places):
            y = c.y - (self.h[i] - 0.10 - fy**1.3 * 0.75)
            d = circle(c.x - (fx * 2 - 1), y * 1.3, 0.014 + 0.024 * fy)
            tint = tints[k % 3] * (self.light[i] * 0.8 + 0.2)
            image = paint(image, tint, c.cover(d) * 0.9)
        self.image[i] = image

    def _dunes(self) -> None:
        i = self._where(self.a["ground"] == DESERT)
        if not len(i):
            return
        c = self.c.pick(i)
        tint = c.table(*_GROUND_FAR)[DESERT] * self.light[i] * c.table((1.03, 0.98, 0.90))
        for k in range(2):
            wave = torch.sin(c.x * (2.6 - 0.4 * k) + 0.6 + 2.0 * k + c.rand(-0.8, 0.8, RELIEF))
            ridge = self.h[i] - 0.10 - 0.30 * k + 0.10 * wave
            band = c.cover(c.y - ridge) * torch.exp(-((ridge - c.y) / 0.16).clamp(min=0))
            self.image[i] = paint(self.image[i], tint, band * 0.75)

    def _drifts(self) -> None:
        i = self._where(self.a["ground"] == SNOWFIELD)
        if not len(i):
            return
        c = self.c.pick(i)
        drift = (c.grain(3, 31) * 1.1).clamp(0, 1) * c.cover(c.y - self.edge[i])
        tint = c.table((0.66, 0.76, 0.92)) * self.light[i]
        self.image[i] = paint(self.image[i], tint, drift * 0.7)

    def _waves(self) -> None:
        i = self._where(self.a["ground"] == SEA)
        if not len(i):
            return
        c, depth, land = self.c.pick(i), self.depth[i], self.land[i]
        wave = torch.sin(22 * torch.log(depth * 3 + 0.35) + 2.2 * c.grain(5, 41) + 3 * c.x)
        crest = (wave - 0.55).clamp(0, 1) * 1.7 * land
        tint = (c.table(*_GROUND_FAR)[SEA] * 0.6 + 0.4) * self.light[i]
        self.image[i] = paint(self.image[i], tint, crest * 0.45)
        reach = torch.exp(-(((c.x - self.sun_x[i]) / (0.07 + 0.22 * depth)) ** 2))
        ripple = 0.5 + 0.5 * torch.sin(34 * depth**0.7 + 3 * c.grain(6, 42))
        glitter = reach * ripple * land * self.bright[i] * 0.75
        self.image[i] = paint(self.image[i], self.disc[i], glitter)

    def _object(self) -> None:
        c, a = self.c, self.a
        scale = c.table(0.54, 0.76, 1.04)[a["size"]].view(-1, 1, 1) * c.rand(
            0.93, 1.07, SIZE_CHOICE
        )
        reach = 0.56 - 0.1 * ((scale - 0.82) / 0.14).clamp(0, 1)
        x = (a["side"].float() - 1).view(-1, 1, 1) * reach + c.rand(-0.10, 0.10, PLACE_CHOICE)
        fly = (a["object"] == 4).view(-1, 1, 1)
        aloft = 0.48 - scale * 0.45 + c.rand(-0.12, 0.12, ALOFT)
        y = torch.where(fly, aloft, self.h - 0.06 - 0.26 * scale)
        u, v = (c.x - x) / scale, (c.y - y) / scale
        some = (a["object"] < len(PAINTERS)).view(-1, 1, 1)
        rests = some & ~fly & (a["ground"] != SEA).view(-1, 1, 1)
        shadow = torch.exp(-((u / 0.48) ** 2 + (v / 0.09) ** 2) * 1.5) * rests * 0.38
        self.image = self.image * (1 - shadow.unsqueeze(1) * c.table(0.9, 0.8, 0.55).view(3, 1, 1))
        rgb = c.table(*_RGB)[a["color"]]
        frosty = (a["ground"] == SNOWFIELD) | (a["weather"] == SNOWFALL)
        lights = c.table(*_OBJECT_LIGHT)[a["time"]]
        for kind, painter in PAINTERS.items():
            i = self._where(a["object"] == ATTRIBUTES["object"].index(kind))
            if not len(i):
                continue
            brush = Brush(
                c.pick(i), self.image[i], u[i], v[i], scale[i], rgb[i], lights[i],
                self.night[i], a["ground"][i] == SEA, frosty[i], self.mask[i],
            )  # fmt: skip
            painter(brush)
            self.image[i], self.mask[i] = brush.image, brush.mask

    def _weather(self) -> None:
        weather = self.a["weather"]
        i = self._where(weather == FOG)
        if len(i):
            c = self.c.pick(i)
            bank = torch.exp(-(((c.y - self.h[i] - 0.1) / 0.38) ** 2))
            veil = 0.20 + 0.44 * bank + 0.14 * c.grain(3, 51)
            tint = c.table(*_GREY)[self.a["time"][i]] * 1.08
            thickness = c.table(*self.fog)[self.a["time"][i]].view(-1, 1, 1)
            self.image[i] = paint(self.image[i], tint, veil.clamp(0, 0.72) * thickness)
        for kind, pattern, ink in ((RAIN, _rain, 0.62), (SNOWFALL, _flakes, 0.95)):
            i = self._where(weather == kind)
            if not len(i):
                continue
            c = self.c.pick(i)
            veil = pattern(c.size, 61, c.device)
            wet = c.table((0.82, 0.88, 0.97)) * (self.light[i] * 0.6 + 0.4)
            tint = wet if kind == RAIN else torch.ones(len(i), 3, device=c.device)
            self.image[i] = paint(self.image[i], tint, veil.expand(len(i), -1, -1) * ink)


_PATTERNS: dict[tuple[str, int, int, torch.device], Tensor] = {}


def _rain(size: int, seed: int, device: torch.device) -> Tensor:
    """Slanting streaks, a fixed pattern [1, S, S]."""
    key = ("rain", size, seed, device)
    if key not in _PATTERNS:
        dots = texture(56, 128, seed, torch.device("cpu"))
        drops = torch.zeros(1, 1, 128, 128)
        flat = dots.flatten()
        drops.view(-1)[flat.topk(110).indices] = 1.0
        length = 15
        kernel = torch.zeros(1, 1, length, length)
        for q in range(length):
            kernel[0, 0, q, round(length * (0.65 - 0.3 * q / (length - 1)))] = 1.0
        streaks = F.conv2d(drops, kernel, padding=length // 2).clamp(0, 1)
        streaks = F.interpolate(streaks, size=size, mode="area" if size < 128 else "bilinear")
        gain = 1.5 if size < 128 else 1.0
        _PATTERNS[key] = (streaks[0] * gain).clamp(0, 1).to(device)
    return _PATTERNS[key]


def _flakes(size: int, seed: int, device: torch.device) -> Tensor:
    """Round flakes, near and far, a fixed pattern [1, S, S]."""
    key = ("snow", size, seed, device)
    if key not in _PATTERNS:
        generator = torch.Generator().manual_seed(seed)
        places = torch.randint(128 * 128, (_FLAKES,), generator=generator).tolist()
        sizes = torch.rand(_FLAKES, generator=generator).tolist()
        canvas = Canvas(torch.zeros(1, 1), 128)
        flakes = torch.zeros(1, 128, 128)
        for place, near in zip(places, sizes, strict=True):
            x, y = (place % 128 + 0.5) / 64 - 1, 1 - (place // 128 + 0.5) / 64
            d = circle(canvas.x - x, canvas.y - y, 0.018 + 0.018 * near**2)
            flakes = torch.maximum(flakes, canvas.cover(d))
        flakes = F.interpolate(flakes[None], size=size, mode="area" if size < 128 else "bilinear")
        _PATTERNS[key] = flakes[0].to(device)
    return _PATTERNS[key]
