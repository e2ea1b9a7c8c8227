"""The demo world's judge that ships with the demo model: the trained one, in a quarter of its size.

`python -m stylegan_t.metrics.shipped_judge` makes the file again, which is due when the demo world
draws other pictures; a test says so.  The file holds small pictures of the world that its judge
knows, to be compared with what is drawn today.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from stylegan_t import demo
from stylegan_t.demo.scenes import picture_of
from stylegan_t.demo.world import Z_DIM, sample_named
from stylegan_t.files.tensors import TensorFile, TensorFileError, save_tensors
from stylegan_t.generator import to_uint8
from stylegan_t.metrics.attributes import AttributeJudge
from stylegan_t.metrics.errors import MetricError
from stylegan_t.metrics.features import Report
from stylegan_t.metrics.judge import cached_judge
from stylegan_t.metrics.shipped import SAMPLE, knows, packed, unpacked

FILE = Path(demo.__file__).with_name("judge.safetensors")
_SAMPLES, _SAMPLE_SIDE, _SAMPLE_SEED = 64, 32, 0


def load_shipped_judge(file: Path = FILE) -> AttributeJudge:
    """The judge that ships, ready to look at pictures.

    Raises:
        MetricError: the file is missing, damaged, or contains no judge.
    """
    judge = AttributeJudge()
    try:
        with TensorFile(file) as archive:
            stored = archive.read_all()
        stored.pop(SAMPLE, None)
        judge.load_state_dict(unpacked(stored))
    except (TensorFileError, OSError, RuntimeError, KeyError) as error:
        raise MetricError(
            f"{file} is missing or damaged: install the program again to get it back."
        ) from error
    if not all(bool(torch.isfinite(tensor).all()) for tensor in judge.state_dict().values()):
        raise MetricError(f"{file} is damaged: install the program again to get it back.")
    return judge.eval().requires_grad_(False)


def world_sample() -> Tensor:
    """Draw small pictures of the demo world, always the same scenes: uint8 [64, 32, 32, 3]."""
    generator = torch.Generator().manual_seed(_SAMPLE_SEED)
    named = sample_named(_SAMPLES, generator)
    z = torch.randn(_SAMPLES, Z_DIM, generator=generator)
    return to_uint8(picture_of(named, z, 1.0, _SAMPLE_SIDE)[0])


def knows_todays_world(file: Path = FILE) -> bool:
    """Return whether the judge in a file was trained on scenes as they are drawn today.

    Raises:
        MetricError: the file cannot be read.
    """
    return knows(file, world_sample())


def ready_judge(report: Report = print) -> AttributeJudge:
    """The judge that ships; `report` is told when the demo world has changed since.

    Raises:
        MetricError: its file is missing or damaged.
    """
    judge = load_shipped_judge()
    if not knows_todays_world():
        report(
            "The judge that ships is of an earlier demo world: "
            "python -m stylegan_t.metrics.shipped_judge trains one of today's, in ten minutes."
        )
    return judge


def save_shipped_judge(judge: AttributeJudge, file: Path = FILE) -> None:
    """Write a judge of today's world as it ships, whole or not at all.

    Raises:
        OSError: the file cannot be written.
    """
    save_tensors(file, {**packed(judge.state_dict()), SAMPLE: world_sample()})


if __name__ == "__main__":
    from platformdirs import user_cache_path

    save_shipped_judge(cached_judge(user_cache_path("stylegan-t", appauthor=False) / "metrics"))
