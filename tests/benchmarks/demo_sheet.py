"""The demo model's example prompts as one picture for the README, drawn with the window's seeds:
`python -m tests.benchmarks.demo_sheet .readme/demo.png [MODEL]`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from msgspec.structs import replace
from PIL import Image

from renderer.files.lettering import Lettering
from renderer.pipeline.renderer import Renderer
from renderer.recipe.recipe import LatentPart, ModelRef, Prompt, Recipe, TextPart
from stylegan_t.demo.things.about import EXAMPLES

SEEDS = (0, 1, 2, 3, 4, 5)
ABREAST = 2
GAP_PX, CAPTION_PX, LETTERS_PX = 8, 30, 18
PAPER, INK = (22, 24, 29), (222, 226, 234)


def recipes(model: str, prompt: str) -> list[Recipe]:
    """One recipe for each seed, and one for the typical picture of the prompt at psi 0."""
    base = Recipe(model=ModelRef(model), text=TextPart((Prompt(prompt),)))
    of_seeds = [replace(base, latent=LatentPart(x=float(seed))) for seed in SEEDS]
    return [*of_seeds, replace(base, psi=0.0)]


def drawn(renderer: Renderer, recipe: Recipe) -> np.ndarray:
    """A recipe's picture, uint8 [side, side, 3]."""
    image = renderer.render(recipe).image
    if image is None:
        raise SystemExit(f"No picture of {recipe.text}.")
    return np.asarray(image)


def strip(pictures: Sequence[np.ndarray], letters: Lettering, prompt: str) -> np.ndarray:
    """A row of pictures uint8 [side, side, 3] below their prompt."""
    side = pictures[0].shape[0]
    gap = np.full((side, GAP_PX, 3), PAPER, np.uint8)
    parts = [part for picture in pictures for part in (picture, gap)][:-1]
    row = np.concatenate([*parts[:-2], gap, gap, parts[-1]], axis=1)  # psi 0 stands apart
    lines = letters.wrapped(prompt, row.shape[1], 1)
    caption = letters.drawn(lines, (row.shape[1], CAPTION_PX), INK, PAPER)
    return np.concatenate([caption, row], axis=0)


def sheet(strips: Sequence[np.ndarray]) -> np.ndarray:
    """Strips in columns, with a margin around all."""
    height, width = strips[0].shape[:2]
    margin = 2 * GAP_PX
    rows = -(-len(strips) // ABREAST)
    shape = (rows * (height + GAP_PX) + margin, ABREAST * (width + margin) + margin, 3)
    paper = np.full(shape, PAPER, np.uint8)
    for k, one in enumerate(strips):
        top, left = k // ABREAST * (height + GAP_PX) + GAP_PX, k % ABREAST * (width + margin)
        paper[top : top + height, left + margin : left + margin + width] = one
    return paper


def main() -> None:
    """Entry point of the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("model", nargs="?", default="demo-2")
    options = parser.parse_args()
    renderer, letters = Renderer("cpu"), Lettering(LETTERS_PX)
    strips = []
    for prompt in EXAMPLES:
        pictures = [drawn(renderer, recipe) for recipe in recipes(options.model, prompt)]
        strips.append(strip(pictures, letters, prompt))
    Image.fromarray(sheet(strips)).save(options.out, optimize=True)


if __name__ == "__main__":
    main()
