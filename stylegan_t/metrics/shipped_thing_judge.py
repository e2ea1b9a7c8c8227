"""The second demo world's judge as it ships: the trained one, in a quarter of its size.

`python -m stylegan_t.metrics.shipped_thing_judge` makes the file anew, in about an hour; a change
of that world wants it, and a test says so.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import torch

from stylegan_t.demo import canvas, landscape, objects, styles, things, world
from stylegan_t.demo.things import attributes, catalogue, drawn, painting, scenes, sprites
from stylegan_t.demo.things.attributes import default_count
from stylegan_t.files.tensors import TensorFile, TensorFileError, save_tensors
from stylegan_t.metrics.errors import MetricError
from stylegan_t.metrics.shipped_judge import packed, unpacked
from stylegan_t.metrics.thing_judge import ThingJudge, train_thing_judge

FILE = Path(things.__file__).with_name("judge.safetensors")
_WORLD, _THINGS = "world", "things"
_MOST_THINGS = 4096
_DRAWS = (canvas, landscape, objects, styles, world, attributes, drawn, painting, scenes, sprites)


def thing_world_key() -> str:
    """A hash of the code and the pictures that the second demo world is drawn with, 64 hexadecimal
    digits; words do not count."""
    files = [Path(module.__file__ or "") for module in _DRAWS]
    digest = hashlib.sha256()
    for file in (*files, catalogue.FILE, sprites.FILE):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def load_thing_judge(file: Path = FILE) -> ThingJudge:
    """The judge in a file, ready to look at pictures.

    Raises:
        MetricError: the file is missing, damaged, or holds no judge.
    """
    try:
        with TensorFile(file) as archive:
            count = int(archive.metadata[_THINGS])
            if not 1 <= count <= _MOST_THINGS:
                raise ValueError("no sensible number of things")
            judge = ThingJudge(count)
            judge.load_state_dict(unpacked(archive.read_all()))
        if not all(bool(torch.isfinite(tensor).all()) for tensor in judge.state_dict().values()):
            raise ValueError("weights that are no numbers")
    except (TensorFileError, OSError, RuntimeError, KeyError, ValueError) as error:
        raise MetricError(
            f"{file} is missing or damaged: install the program again to get it back."
        ) from error
    return judge.eval().requires_grad_(False)


def save_thing_judge(judge: ThingJudge, file: Path = FILE) -> None:
    """Write a judge of today's world as it ships, whole or not at all.

    Raises:
        OSError: the file cannot be written.
    """
    about = {_WORLD: thing_world_key(), _THINGS: str(judge.count)}
    save_tensors(file, packed(judge.state_dict()), about)


def thing_judge_world(file: Path = FILE) -> str:
    """The key of the world that the judge in a file was trained on, see `thing_world_key`.

    Raises:
        MetricError: the file cannot be read.
    """
    try:
        with TensorFile(file) as archive:
            return archive.metadata.get(_WORLD, "")
    except (TensorFileError, OSError) as error:
        raise MetricError(f"{file} is missing or damaged.") from error


if __name__ == "__main__":
    save_thing_judge(train_thing_judge(default_count()))
