"""The files that a monkey finds: good ones, broken ones, hostile ones, and names without a file."""

from __future__ import annotations

import os
import pickle
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np

import stylegan_t
from renderer.files.images import encode
from renderer.files.take_file import TakeFile
from renderer.recipe.moments import Moment, Moments
from renderer.recipe.moments_json import to_file
from renderer.recipe.recipe import (
    Bend,
    Canvas,
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
    WeightedSeed,
    to_json,
)
from renderer.timeline.take import Sample
from tests.renderer.fakes import tiny_model
from tests.stylegan_t.reference.family_snapshot import write
from visualizer.instruments import word_lists

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
    "a {red|blue|{old|new}} house at {dawn|night}",
    "a __colours__ {boat|__places/towns__} and a __nothing__",
    "{{{{|}|__|_",
    "{a|b}" * 400,
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
        Recipe(
            bends=(
                Bend("b8.conv0", "rotate", 45.0),
                Bend("b16.convs1.1", "noise", 3.0, seed=5, channels=((0, 7, 1), (9, None, 4))),
                Bend("b4.nowhere", "ablate", 1.0),
                Bend("b16.conv0", "mirror", 0.5, 0.5, on=False),
            ),
            canvas=Canvas(16 / 9, 1.0),
        ),
        Recipe(
            latent=LatentPart(
                seeds=tuple(WeightedSeed(i, 1.0 - i) for i in range(5)), pad=Pad(0.2, 0.9)
            ),
            moves=(Move("weights", 0, 2.0, 1), Move("weights", 3, -5.0, 400)),
            canvas=Canvas(2.0, 2.0),
        ),
        Recipe(text=TextPart((Prompt("a red house", 1.0, "a {red|blue} house"),), wildcard_seed=7)),
        Recipe(model=ModelRef("/nowhere/lost.safetensors", "a" * 64)),
        Recipe(model=ModelRef("demo", tower="open_clip:ViT-L-14/openai")),
    )


@dataclass(frozen=True)
class World:
    """Files in `home`: `models` open, `pictures` carry recipes, `bad` are refused, `lost` are not
    there, `moments` are files of moments.  `mark` appears if hostile code ever runs."""

    home: Path
    models: tuple[str, ...]
    pictures: tuple[str, ...]
    bad: tuple[str, ...]
    lost: tuple[str, ...]
    mark: Path
    moments: tuple[str, ...] = ()

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
    _lists(home / word_lists.FOLDER)
    return World(home, tuple(opens), tuple(pictures), bad, lost, mark, _moments(folder))


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


def _moments(folder: Path) -> tuple[str, ...]:
    """Files of moments: a full one, an empty one, and two that are none."""
    full = Moments(tuple(Moment(n, recipes()[n % len(recipes())], f"m {n}") for n in range(1, 100)))
    contents = {
        "full.moments.json": to_file(full),
        "empty.moments.json": to_file(Moments()),
        "half.moments.json": to_file(full)[:9_000],
        "none.moments.json": b'{"stylegan_t_moments": 1, "moments": [{"number": 1e99}, 3, null]}',
    }
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    return tuple(str(folder / name) for name in contents)


def _take() -> bytes:
    """A take of a few seconds."""
    with tempfile.TemporaryDirectory() as name:
        file = TakeFile(Path(name))
        file.add([Sample(0.5 * at, recipe) for at, recipe in enumerate(recipes()[:10])])
        return file.finish().read_bytes()


def _lists(folder: Path) -> None:
    """Lists of words, of which one is none."""
    (folder / "places").mkdir(parents=True)
    (folder / "colours.txt").write_text("red\nblue\n日本\n{a|b}\n__colours__\n")
    (folder / "places" / "towns.txt").write_text("oslo\nlima\n")
    (folder / "zeros.txt").write_bytes(bytes(5_000))


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
        "good.take": _take(),
        "half.take": _take()[:700],
        "wild.take": b'{"stylegan_t_take":1}\n{"time_s":NaN}\n{"ended":true}\n',
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
