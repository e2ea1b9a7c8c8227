"""Things that the atlas lacks, drawn by a program and used like its sprites."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from stylegan_t.demo.canvas import Canvas, box, capsule, circle, convex, union
from stylegan_t.demo.objects import Brush, balloon, lighthouse

OVERSAMPLED = 4


def robot(b: Brush) -> None:
    """A square robot with an aerial."""
    u, v, grey = b.u, b.v, b.tone(0.35, 0.36, 0.42)
    b.put(capsule(u, v, (0, 0.86), (0, 0.95), 0.014), grey)
    b.put(circle(u, v - 0.965, 0.035), b.tone(0.95, 0.25, 0.22))
    for side in (-1, 1):
        b.put(box(u - 0.13 * side, v - 0.09, 0.075, 0.09), grey)
        b.put(box(u - 0.15 * side, v - 0.03, 0.10, 0.03), b.dark)
        b.put(capsule(u, v, (0.27 * side, 0.46), (0.36 * side, 0.24), 0.045), grey)
        b.put(circle(u - 0.37 * side, v - 0.22, 0.06), b.dark)
        b.put(box(u - 0.26 * side, v - 0.70, 0.03, 0.07), b.dark)
    b.put(box(u, v - 0.355, 0.26, 0.19), b.main)
    b.put(box(u, v - 0.355, 0.15, 0.11), b.pale)
    for k, tint in enumerate(((0.95, 0.25, 0.22), (0.98, 0.80, 0.20), (0.20, 0.75, 0.40))):
        b.put(circle(u + 0.08 - 0.08 * k, v - 0.40, 0.026), b.tone(*tint))
    b.put(box(u, v - 0.32, 0.11, 0.018), grey)
    b.put(box(u, v - 0.70, 0.235, 0.155), b.main)
    for side in (-1, 1):
        b.put(circle(u - 0.10 * side, v - 0.73, 0.062), b.tone(0.98, 0.98, 0.95))
        b.put(circle(u - 0.10 * side, v - 0.73, 0.032), b.tone(0.10, 0.45, 0.85))
    b.put(box(u, v - 0.60, 0.10, 0.02), grey)


def cat(b: Brush) -> None:
    """The striped head of a cat."""
    u, v, pink = b.u, b.v + 0.04, b.tone(0.97, 0.55, 0.60)
    ink, white = b.tone(0.16, 0.11, 0.10), b.tone(1.0, 0.97, 0.92)
    for side in (-1, 1):
        x = u * side
        b.put(convex(x, v, [(0.06, 0.70), (0.33, 0.94), (0.42, 0.50)]) - 0.03, b.main)
        b.put(convex(x, v, [(0.15, 0.70), (0.32, 0.88), (0.37, 0.58)]) - 0.01, pink)
    b.put(circle(u * 0.84, v - 0.42, 0.38), b.main)
    for x in (-0.11, 0, 0.11):
        b.put(capsule(u, v, (x, 0.76 - abs(x) / 4), (x * 0.8, 0.62), 0.028), b.dark)
    for side in (-1, 1):
        x = u * side
        b.put(capsule(x, v, (0.41, 0.44), (0.33, 0.42), 0.024), b.dark)
        b.put(capsule(x, v, (0.39, 0.33), (0.32, 0.33), 0.024), b.dark)
        b.put(circle((x - 0.185) * 1.15, v - 0.46, 0.095), ink)
        b.put(circle(x - 0.185 + 0.025 * side, v - 0.495, 0.034), white)
    b.put(union(circle(u - 0.085, v - 0.245, 0.125), circle(u + 0.085, v - 0.245, 0.125)), white)
    b.put(convex(u, v, [(-0.055, 0.335), (0.055, 0.335), (0, 0.275)]) - 0.012, pink)
    for side in (-1, 1):
        x = u * side
        b.put(capsule(x, v, (0, 0.27), (0.035, 0.205), 0.015), ink)
        b.put(capsule(x, v, (0.035, 0.205), (0.115, 0.225), 0.015), ink)
        b.put(capsule(x, v, (0.21, 0.27), (0.47, 0.31), 0.012), white)
        b.put(capsule(x, v, (0.21, 0.22), (0.46, 0.18), 0.012), white)


def dog(b: Brush) -> None:
    """The head of a dog with hanging ears that shows its tongue."""
    u, v, ink = b.u, b.v, b.tone(0.16, 0.11, 0.10)
    brown, white = b.tone(0.50, 0.29, 0.14), b.tone(1.0, 0.97, 0.92)
    b.put(circle(u * 0.98, v - 0.52, 0.38), b.main)
    b.put(circle(u * 1.25, v - 0.30, 0.29), b.main)
    b.put(convex(u, v, [(-0.05, 0.88), (0.05, 0.88), (0.09, 0.40), (-0.09, 0.40)]), white)
    for side in (-1, 1):
        x = u * side
        b.put(capsule(x, v, (0.30, 0.76), (0.37, 0.42), 0.105), brown)
        b.put(circle((x - 0.165) * 1.1, v - 0.56, 0.082), ink)
        b.put(circle(x - 0.165 + 0.022 * side, v - 0.59, 0.030), white)
    b.put(capsule(u, v, (0, 0.16), (0, 0.07), 0.075), b.tone(0.95, 0.40, 0.46))
    b.put(union(circle(u - 0.105, v - 0.27, 0.145), circle(u + 0.105, v - 0.27, 0.145)), white)
    b.put(circle(u * 0.8, v - 0.385, 0.075), ink)
    for side in (-1, 1):
        b.put(capsule(u * side, v, (0, 0.33), (0, 0.22), 0.016), ink)
        b.put(capsule(u * side, v, (0, 0.22), (0.07, 0.19), 0.017), ink)
        b.put(capsule(u * side, v, (0.07, 0.19), (0.15, 0.225), 0.017), ink)


DRAWN: dict[str, tuple[Callable[[Brush], None], tuple[float, float, float]]] = {
    "lighthouse": (lighthouse, (0.88, 0.13, 0.14)),
    "hot air balloon": (balloon, (0.98, 0.52, 0.08)),
    "cat": (cat, (0.98, 0.58, 0.16)),
    "dog": (dog, (0.90, 0.64, 0.34)),
    "robot": (robot, (0.62, 0.66, 0.74)),
}


def drawn_sprite(name: str, size: int) -> Tensor:
    """A thing as a picture with transparency: [4, size, size] in [0, 1], as the atlas's tiles.

    It is painted on black and on white; what differs is what shines through.
    """
    painter, rgb = DRAWN[name]
    canvas = Canvas(torch.zeros(2, 1), size * OVERSAMPLED)
    flat = torch.zeros(2, dtype=torch.bool)
    brush = Brush(
        canvas,
        torch.tensor([0.0, 1.0]).view(2, 1, 1, 1).repeat(1, 3, canvas.size, canvas.size),
        (canvas.x / 2).expand(2, canvas.size, canvas.size),
        ((canvas.y + 1) / 2 - 0.02).expand(2, canvas.size, canvas.size) * 1.04,
        torch.full((2, 1, 1), 2.0),
        torch.tensor(rgb).expand(2, 3),
        torch.ones(2, 3),
        flat,
        flat,
        flat,
        torch.zeros(2, canvas.size, canvas.size),
    )
    painter(brush)
    black, white = F.avg_pool2d(brush.image, OVERSAMPLED)
    alpha = (1 - (white - black).mean(dim=0, keepdim=True)).clamp(0, 1)
    return torch.cat([black / alpha.clamp_min(1e-3), alpha]).clamp(0, 1)
