"""The demo models beside one another on what both know: `python -m tests.benchmarks.demo_models`.

Both draw the same prompts of the things that are in both worlds, and each world's judge looks at
pictures of both models and at real scenes of both worlds: a judge has never seen the other world,
so its figures for that world's scenes tell how much it misses of what is there.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable

import torch
from torch import Tensor, nn

import stylegan_t
from stylegan_t.config import DEMO
from stylegan_t.demo import scenes as landscapes
from stylegan_t.demo.built_in import SECOND
from stylegan_t.demo.things import attributes as things
from stylegan_t.demo.things import scenes as thing_scenes
from stylegan_t.demo.world import ATTRIBUTES, COLUMN, OPEN, Z_DIM
from stylegan_t.generator import Generator
from stylegan_t.metrics.shipped_judge import load_shipped_judge
from stylegan_t.metrics.shipped_thing_judge import load_thing_judge
from tests.benchmarks.tables import Table, plain

SHARED = {
    "house": "house", "fir tree": "pine", "sailboat": "sailboat", "lighthouse": "lighthouse",
    "hot air balloon": "balloon", "cactus": "cactus",
}  # fmt: skip
"""Things by their names in the second world, and in the first; the seventh is an empty scene."""
PHRASES = {
    "ground": {"meadow": "on a meadow", "desert": "in the desert", "sea": "on the sea"},
    "time": {"dawn": "at dawn", "day": "at noon", "sunset": "at sunset", "night": "at night"},
    "style": {
        "flat": "vector", "watercolor": "watercolor", "pixel": "pixel art",
        "pencil": "pencil drawing", "oil": "oil painting", "neon": "neon",
    },
}  # fmt: skip
COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "white", "black")
SIDE = 128
_CHUNK = 50

Pictures = Callable[[list[str], Tensor, Tensor, Tensor], Tensor]
"""Prompts, what they name in the first and in the second world, and latents, to pictures."""


def drawn_prompts(count: int, seed: int = 1) -> tuple[list[str], Tensor, Tensor]:
    """Prompts, and rows of what they name in the first and in the second world."""
    rng = random.Random(seed)
    first = torch.full((count, len(ATTRIBUTES)), OPEN)
    second = torch.full((count, things.WIDTH), OPEN)
    texts = []
    for row in range(count):
        thing, colour = rng.choice(list(SHARED)), rng.choice(COLOURS)
        chosen = {name: rng.choice(list(phrases)) for name, phrases in PHRASES.items()}
        said = {name: PHRASES[name][value] for name, value in chosen.items()}
        texts.append(f"a {colour} {thing} {said['ground']} {said['time']}, {said['style']}")
        chosen["color"] = colour
        for name, value in (*chosen.items(), ("object", SHARED[thing])):
            first[row, COLUMN[name]] = ATTRIBUTES[name].index(value)
        for name, value in chosen.items():
            second[row, things.COLUMN[name]] = things.VALUES[name].index(value)
        second[row, things.COLUMN["thing"]] = things.thing_index(thing)
    return texts, first, second


def from_model(name: str) -> Pictures:
    """Pictures of a model."""
    model = stylegan_t.load(name)
    assert isinstance(model, Generator)

    def draw(texts: list[str], first: Tensor, second: Tensor, z: Tensor) -> Tensor:
        ws = model.mapping(z, model.encode_text(texts), 1.0)
        return model.synthesis(ws, noise_mode="const")

    return draw


def shares(judge: nn.Module, image: Tensor, named: Tensor, columns: dict[str, int]) -> Tensor:
    """Which attributes a judge sees as named, [N, len(columns)]."""
    seen = torch.stack([logits.argmax(dim=1) for logits in judge(image)], dim=1)
    return (seen == named)[:, list(columns.values())].float()


@torch.inference_mode()
def measured(count: int, former: str = DEMO, newer: str = SECOND) -> Table:
    """The shares that each judge sees as named."""
    texts, first, second = drawn_prompts(count)
    z = torch.randn(count, Z_DIM, generator=torch.Generator().manual_seed(2))
    second_judge = load_thing_judge()
    names = ("thing", "color", "ground", "time", "style")
    judges = {
        "first": (
            load_shipped_judge(),
            first,
            {name: COLUMN["object" if name == "thing" else name] for name in names},
        ),
        "second": (second_judge, second, {name: things.COLUMN[name] for name in names}),
    }
    things_count = second_judge.count
    sources: dict[str, Pictures] = {
        former: from_model(former),
        newer: from_model(newer),
        "scenes of the first world": lambda t, a, b, z: landscapes.picture_of(a, z, 1.0, SIDE)[0],
        "scenes of the second world": lambda t, a, b, z: thing_scenes.picture_of(
            b, z, 1.0, SIDE, things_count
        )[0],
    }
    rows = []
    for source, draw in sources.items():
        parts: dict[str, list[Tensor]] = {world: [] for world in judges}
        for start in range(0, count, _CHUNK):
            part = slice(start, start + _CHUNK)
            image = draw(texts[part], first[part], second[part], z[part]).clamp(-1, 1)
            for world, (judge, named, columns) in judges.items():
                parts[world].append(shares(judge, image, named[part], columns))
        for world, found in parts.items():
            means = torch.cat(found).mean(dim=0).tolist()
            cells = [f"{share:.3f}" for share in means]
            rows.append((source, world, *cells, f"{sum(means) / len(means):.3f}"))
    note = f"{count} prompts of {len(SHARED)} things, psi 1, {SIDE} pixels."
    return Table("demo models", ("", "judge", *names, "mean"), tuple(rows), note)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prompts", type=int, default=300)
    parser.add_argument("--newer", default=SECOND, help="a file in place of the second demo model")
    chosen = parser.parse_args()
    print(plain(measured(chosen.prompts, newer=chosen.newer)))


if __name__ == "__main__":
    main()
