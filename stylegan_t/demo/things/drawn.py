"""Things that the atlas lacks, drawn by a program and used like its sprites."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from stylegan_t.demo.canvas import Canvas, box, capsule, circle
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


DRAWN: dict[str, tuple[Callable[[Brush], None], tuple[float, float, float]]] = {
    "lighthouse": (lighthouse, (0.88, 0.13, 0.14)),
    "hot air balloon": (balloon, (0.98, 0.52, 0.08)),
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
