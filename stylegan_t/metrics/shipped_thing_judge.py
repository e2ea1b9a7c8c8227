"""The second demo world's judge as it ships: the trained one, in a quarter of its size.

`python -m stylegan_t.metrics.shipped_thing_judge --state judge.pt` makes the file again, in about
half an hour, which is due when that world draws other pictures; a test says so.  Given again, it
goes on where its last snapshot stands.  Where that world has changed a little, --further teaches
the judge that ships what is new: a tenth of the steps are enough.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click
import torch
from torch import Tensor

from stylegan_t.demo import things
from stylegan_t.demo.things.attributes import default_count, sample_named
from stylegan_t.demo.things.scenes import WIDEST_PSI, picture_of
from stylegan_t.demo.world import Z_DIM
from stylegan_t.files.tensors import TensorFile, TensorFileError, save_tensors
from stylegan_t.generator import to_uint8
from stylegan_t.metrics.errors import MetricError
from stylegan_t.metrics.features import Report
from stylegan_t.metrics.shipped import SAMPLE, knows, packed, unpacked
from stylegan_t.metrics.thing_judge import ThingJudge, train_thing_judge
from stylegan_t.terminal import console

FILE = Path(things.__file__).with_name("judge.safetensors")
_THINGS = "things"
_MOST_THINGS = 4096
_SAMPLES, _SAMPLE_SIDE, _SAMPLE_SEED = 64, 32, 0


def load_thing_judge(file: Path = FILE) -> ThingJudge:
    """The judge in a file, ready to look at pictures.

    Raises:
        MetricError: the file is missing, damaged, or contains no judge.
    """
    try:
        with TensorFile(file) as archive:
            count = int(archive.metadata[_THINGS])
            if not 1 <= count <= _MOST_THINGS:
                raise ValueError("no sensible number of things")
            stored = archive.read_all()
        stored.pop(SAMPLE, None)
        judge = ThingJudge(count)
        judge.load_state_dict(unpacked(stored))
        if not all(bool(torch.isfinite(tensor).all()) for tensor in judge.state_dict().values()):
            raise ValueError("weights that are not numbers")
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
    stored = {**packed(judge.state_dict()), SAMPLE: world_sample(judge.count)}
    save_tensors(file, stored, {_THINGS: str(judge.count)})


def world_sample(count: int) -> Tensor:
    """Draw small pictures of the first `count` things, always the same scenes: uint8
    [64, 32, 32, 3].  Other pictures are another world."""
    generator = torch.Generator().manual_seed(_SAMPLE_SEED)
    named = sample_named(_SAMPLES, count, generator)
    z = torch.randn(_SAMPLES, Z_DIM, generator=generator)
    return to_uint8(picture_of(named, z, WIDEST_PSI, _SAMPLE_SIDE, count)[0])


def knows_todays_things(count: int, file: Path = FILE) -> bool:
    """Return whether the judge of `count` things in a file was trained on scenes as they are drawn
    today.

    Raises:
        MetricError: the file cannot be read.
    """
    return knows(file, world_sample(count))


def ready_thing_judge(report: Report = print) -> ThingJudge:
    """The judge that ships; `report` is told when its world has changed since.

    Raises:
        MetricError: its file is missing or damaged.
    """
    judge = load_thing_judge()
    if not knows_todays_things(judge.count):
        report(
            "The judge that ships is of an earlier demo world: "
            "python -m stylegan_t.metrics.shipped_thing_judge trains today's, in half an hour."
        )
    return judge


@click.command(help=__doc__)
@click.option("--steps", default=8000, show_default=True, help="Of 64 scenes each.")
@click.option("--state", type=click.Path(path_type=Path), help="Where snapshots are kept.")
@click.option("--out", type=click.Path(path_type=Path), default=FILE, help="The judge's file.")
@click.option("--further", is_flag=True, help="Begin with the judge that ships.")
@click.option("--seed", default=7, show_default=True, help="Of the scenes.")
def main(steps: int, state: Path | None, out: Path, further: bool, seed: int) -> None:
    """Entry point of the command."""
    start = load_thing_judge().requires_grad_(True) if further else None
    judge = train_thing_judge(
        default_count(), steps, seed=seed, report=click.echo, state=state, start=start
    )
    save_thing_judge(judge, out)


if __name__ == "__main__":
    sys.exit(console.run(main, "python -m stylegan_t.metrics.shipped_thing_judge"))
