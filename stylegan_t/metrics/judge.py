"""The demo world's judge: in a file, as a feature network, and as a stand-in for CLIP's score."""

from __future__ import annotations

import hashlib
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from stylegan_t.demo import canvas, captions, landscape, objects, scenes, styles, world
from stylegan_t.demo.world import NAMES, OPEN
from stylegan_t.files.tensors import save_tensors
from stylegan_t.metrics import attributes
from stylegan_t.metrics.attributes import JUDGE_SIZE, AttributeJudge, train_judge
from stylegan_t.metrics.errors import MetricError
from stylegan_t.metrics.features import Features, Report, resized, to_float
from stylegan_t.metrics.state_files import read_state

JUDGE_STEPS = 900
"""About ten minutes of one CPU core; more changes little."""
_WORLD = (canvas, captions, landscape, objects, scenes, styles, world)
_SKIPPED = "moon"
"""Named in words, but weather may hide it."""


def world_key() -> str:
    """A hash of the code that draws the demo world, 64 hexadecimal digits.

    Any change of that code counts, be it of a comment: a judge of an older world is never asked
    about a newer one.
    """
    digest = hashlib.sha256()
    for module in _WORLD:
        assert module.__file__ is not None
        digest.update(Path(module.__file__).read_bytes())
    return digest.hexdigest()


def load_judge(file: Path) -> AttributeJudge:
    """The judge in a file.

    Raises:
        MetricError: the file is missing, damaged, or contains no judge.
    """
    judge = AttributeJudge()
    try:
        judge.load_state_dict(read_state(file))
    except RuntimeError as error:
        raise MetricError(f"{file} contains no judge of the demo world: delete it.") from error
    return judge.eval()


def save_judge(judge: AttributeJudge, file: Path) -> None:
    """Write a judge, whole or not at all.

    Raises:
        OSError: the file cannot be written.
    """
    save_tensors(file, judge.state_dict())


def kept_judge(file: Path, steps: int = JUDGE_STEPS, report: Report = print) -> AttributeJudge:
    """The judge of that file, trained and kept there when the file is not there.

    Raises:
        MetricError: the file is damaged, or cannot be written.
    """
    if file.exists():
        return load_judge(file)
    judge = train_judge(steps, report=report)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        save_judge(judge, file)
    except OSError as error:
        reason = error.strerror or str(error)
        raise MetricError(f"The judge cannot be written to {file}: {reason}.") from error
    return judge


def judge_file(cache: Path) -> Path:
    """Return where in the folder `cache` the judge of today's demo world is kept."""
    recipe = Path(attributes.__file__).read_bytes()
    return cache / f"judge-{world_key()[:12]}-{hashlib.sha256(recipe).hexdigest()[:6]}.safetensors"


def cached_judge(cache: Path, report: Report = print) -> AttributeJudge:
    """The judge of today's demo world, trained once for each folder `cache` and each world.

    Raises:
        MetricError: as `kept_judge`.
    """
    file = judge_file(cache)
    if not file.exists():
        report("The judge of the demo world is trained first, once: about ten minutes.")
    return kept_judge(file, report=report)


class JudgeFeatures(Features):
    """The judge's view of a picture before it decides: its last hidden layer, 192 values.

    It looks at 64 pixels, so what is finer escapes it.
    """

    name = "the demo world's judge"
    note = (
        "Figures in the features of the demo world's judge compare models of that world with one "
        "another, not with papers; the judge sees 64 pixels."
    )

    def __init__(self, judge: AttributeJudge) -> None:
        super().__init__()
        self.judge = judge
        self.dim = judge.hidden.out_features
        self.ready("judge")

    def forward(self, pixels: Tensor) -> Tensor:
        """See `Features.forward`."""
        x = self.judge.features(judged(pixels)).flatten(1)
        return F.relu(self.judge.hidden(x))


def judged(pixels: Tensor) -> Tensor:
    """uint8 pictures as the judge looks at them: float, 64 pixels, averaged down where it can."""
    x = to_float(pixels)
    if x.shape[-1] % JUDGE_SIZE == 0:
        return F.avg_pool2d(x, x.shape[-1] // JUDGE_SIZE)
    return resized(x, JUDGE_SIZE)


def agreement(judge: AttributeJudge, pixels: Tensor, named: Tensor) -> Tensor:
    """Return how much of what the words name the judge sees in each picture.

    Args:
        judge: the judge.
        pixels: uint8 [N, 3, H, W].
        named: [N, 10] attribute indices, `OPEN` where the words name nothing.

    Returns:
        [N] float32 in [0, 1]; NaN where the words name nothing that can be seen.
    """
    seen = torch.stack([logits.argmax(dim=1) for logits in judge(judged(pixels))], dim=1).cpu()
    asked = named != OPEN
    asked[:, NAMES.index(_SKIPPED)] = False
    return (asked & (seen == named)).sum(dim=1) / asked.sum(dim=1)
