"""The files that a monkey finds: good ones, broken ones, hostile ones, and names without a file."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np

import stylegan_t
from renderer.files.images import encode
from renderer.recipe.recipe import (
    Direction,
    LatentPart,
    LayoutLock,
    MixingPart,
    MixSource,
    MixTrack,
    ModelRef,
    Morph,
    Move,
    NoisePart,
    Pad,
    Prompt,
    Recipe,
    TextPart,
    TransformPart,
    to_json,
)
from tests.renderer.fakes import tiny_model
from tests.stylegan_t.reference.family_snapshot import write

TEXTS = (
    "",
    " ",
    "a red house",
    "дом у моря, é ñ ß",
    "日本の家 🏠 👩‍👩‍👧‍👦",
    "بيت أحمر",
    "שלום",
    "e\u0301\u0323\u0301\u0301\u0301",
    "\u202eright to left\u202c\ufeff\u200b",
    "## ### %s %d {} \\ \" ' <b> $HOME `ls`",
    "tab\there\nand a line",
    "\x00\x07\x1b[31m",
    "word " * 2_000,
    "日" * 10_000,
    "nan",
    "-inf",
    "1e999",
    "-0",
    "0,5",
    "12345678901234567890",
    "..",
    "../../x",
    "/",
    "𝕬" * 30,
)
"""What is typed and pasted."""


class Bomb:
    """A pickle that would make a file, were it ever loaded."""

    def __init__(self, mark: str) -> None:
        self._mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (self._mark,)


def recipes() -> tuple[Recipe, ...]:
    """Plain ones and strange ones; all of them are allowed."""
    latent = LatentPart(seed=3, target_seed=2**63 - 1, position=-3.5, blend="lerp", x=0.5, y=-7.0)
    deep = LatentPart(seed=1)
    for step in range(16):
        deep = LatentPart(seed=step, morph=Morph(deep, 0.3))
    track = MixTrack((1.0, 0.0, -2.0, 0.5), ((0, 1.0), (3, 0.25)))
    return (
        Recipe(),
        Recipe(text=TextPart((Prompt("a boat on the sea at night"),)), latent=latent),
        Recipe(text=TextPart(tuple(Prompt(f"word {i}", 1 / (i + 1)) for i in range(60)))),
        Recipe(
            text=TextPart(
                (Prompt(TEXTS[4], -1.0), Prompt(TEXTS[5], 1e4)),
                "slerp",
                normalize=False,
                pad=Pad(0.0, 1.0),
                strength=-2.5,
                neutral="a picture",
                directions=(Direction("warm", "sunset", "dawn", 1.5, 2, 9), Direction("", "", "")),
            ),
        ),
        Recipe(latent=deep, psi=-1e4, psi_blocks=(None, 2.0, 0.0)),
        Recipe(
            moves=(Move("mapped", 0, 3.0), Move("style", 4095, -2.0, 511)),
            noise=NoisePart("random", 5, -4.0, (0.0, 2.0)),
            transform=TransformPart(720.0, 1e4, -1e4, 0.01),
        ),
        Recipe(
            mixing=MixingPart((MixSource(7, (), "snow", track, track), MixSource(8, text=track))),
            layout=LayoutLock(TextPart((Prompt("a tent"),)), latent, 0.3),
        ),
        Recipe(latent=LatentPart(values=tuple(0.01 * i for i in range(64)))),
        Recipe(latent=LatentPart(values=(1.0, 2.0)), transform=TransformPart(zoom=100.0)),
        Recipe(precision="bfloat16"),
        Recipe(model=ModelRef("/nowhere/lost.safetensors", "a" * 64)),
        Recipe(model=ModelRef("demo", tower="open_clip:ViT-L-14/openai")),
    )


@dataclass(frozen=True)
class World:
    """Files in `home`: `models` open, `pictures` carry recipes, `bad` are refused, `lost` are not
    there.  `mark` appears if hostile code ever runs."""

    home: Path
    models: tuple[str, ...]
    pictures: tuple[str, ...]
    bad: tuple[str, ...]
    lost: tuple[str, ...]
    mark: Path

    def any_file(self, rng: Random) -> str:
        """One of all these, the good ones more often."""
        kinds = (self.models, self.pictures, self.pictures, self.bad, self.lost)
        return rng.choice(rng.choice(kinds))


def build(home: Path, relatives: Sequence[str] = ()) -> World:
    """Write the files.  `relatives` are recorded networks whose snapshots are then the models that
    open, in the place of StyleGAN-T's."""
    folder = home / "files"
    folder.mkdir(parents=True)
    mark = home / "hostile-code-ran"
    kinds = (("a", 16, True), ("bb", 32, False), ("ccc", 32, True))
    models = [_model(folder, *kind) for kind in kinds]
    pictures = [_picture(folder, index, recipe) for index, recipe in enumerate(recipes())]
    lost = (
        str(folder / "gone.png"),
        str(folder / "gone.safetensors"),
        str(folder / "no" / "x.pkl"),
    )
    bad = _broken(folder, Path(models[0]), Path(pictures[0]), mark)
    if relatives:
        opens = [str(write(name, folder / f"{name}.pkl")) for name in relatives]
        (folder / "sg2_cond.classes.txt").write_text("cat\ndog\nred house\nsea\n日本\n")
    else:
        opens = [*models, "demo"]
    return World(home, tuple(opens), tuple(pictures), bad, lost, mark)


def _model(folder: Path, name: str, resolution: int, text: bool) -> str:
    path = folder / f"{name} {resolution}.safetensors"
    stylegan_t.save(tiny_model(len(name), resolution, text), path)
    return str(path)


def _picture(folder: Path, index: int, recipe: Recipe) -> str:
    suffix = (".png", ".jpg", ".webp", ".json")[index % 4]
    path = folder / f"picture {index} 日本{suffix}"
    pixels = np.full((16, 16, 3), index * 20 % 256, np.uint8)
    data = to_json(recipe).encode() if suffix == ".json" else encode(pixels, recipe, suffix)
    path.write_bytes(data)
    return str(path)


def _broken(folder: Path, model: Path, picture: Path, mark: Path) -> tuple[str, ...]:
    """Files that look like something and are not."""
    weights, png = model.read_bytes(), picture.read_bytes()
    contents = {
        "half.safetensors": weights[: len(weights) // 2],
        "lies.safetensors": (2**62).to_bytes(8, "little") + weights[8:],
        "empty.safetensors": b"",
        "words.pkl": b"hello " * 100,
        "hostile.pkl": pickle.dumps({"G_ema": Bomb(str(mark))}),
        "half.png": png[: len(png) // 2],
        "none.png": b"\x89PNG\r\n\x1a\n",
        "empty.json": b"",
        "deep.json": b"[" * 200_000,
        "nan.json": b'{"stylegan_t_recipe": 2, "recipe": {"psi": NaN}}',
        "newer.json": b'{"stylegan_t_recipe": 999, "recipe": {}}',
        "session.json": b'{"stylegan_t_session": 1, "recipe": {}, "history": 3, "timeline": [1]}',
        "newer session.json": b'{"stylegan_t_session": 99}',
        "notes.txt": b"nothing",
        "zeros.jpg": bytes(10_000),
        "words.webp": b"RIFF????WEBP" + bytes(100),
    }
    paths = []
    for name, data in contents.items():
        (folder / name).write_bytes(data)
        paths.append(str(folder / name))
    odd = folder / "odd \n name 🏠.json"
    if sys.platform.startswith("linux"):  # elsewhere such names are not allowed
        odd.write_bytes(b"{}")
        Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe.json")).write_bytes(b"{}")
        paths.append(str(odd))
    return (*paths, str(folder), "", "relative.png", str(mark.parent / ("n" * 300)))
