"""Sample sheets: the same prompts and latents, drawn again for every snapshot."""

from __future__ import annotations

from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from stylegan_t.data.images import to_floats
from stylegan_t.data.sampling import source_of
from stylegan_t.files.whole import whole_file
from stylegan_t.generator import Generator, to_uint8

PROMPTS = 8
LATENTS = 6
MAX_SIDE_PX = 4096
AT_ONCE = 8


@torch.no_grad()
def sample_sheet(generator: Generator, prompts: tuple[str, ...], seed: int) -> Tensor:
    """Draw every prompt (a row) with the same latents (the columns), psi 1, stored noise.

    Returns:
        uint8 [rows * R, columns * R, 3].
    """
    size = generator.config.img_resolution
    columns = max(1, min(LATENTS, MAX_SIDE_PX // size))
    rows = prompts[: max(1, min(PROMPTS, MAX_SIDE_PX // size))]
    z = torch.randn(columns, generator.config.z_dim, generator=source_of(seed, "sheet"))
    lines = []
    for prompt in rows:
        c = generator.encode_text([prompt]).clone().expand(columns, -1)
        parts = [
            to_uint8(generator(latents.to(generator.device), text)).cpu()
            for latents, text in zip(z.split(AT_ONCE), c.split(AT_ONCE), strict=True)
        ]
        lines.append(torch.cat(list(torch.cat(parts)), dim=1))
    return torch.cat(lines)


def real_sheet(images: Tensor) -> Tensor:
    """Real pictures [N, 3, R, R], uint8 or float in [-1, 1], in rows of `LATENTS`; white fills up.

    Returns:
        uint8 [rows * R, columns * R, 3].
    """
    size = images.shape[-1]
    columns = max(1, min(LATENTS, MAX_SIDE_PX // size))
    images = to_uint8(to_floats(images[: PROMPTS * columns])).cpu()
    missing = -len(images) % columns
    white = images.new_full((missing, *images.shape[1:]), 255)
    rows = torch.cat([images, white]).split(columns)
    return torch.cat([torch.cat(list(row), dim=1) for row in rows])


def write_png(path: Path, pixels: Tensor) -> None:
    """Write uint8 [H, W, 3] as a PNG, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    image = Image.fromarray(pixels.numpy())
    with whole_file(path) as file:
        image.save(file, format="PNG")
