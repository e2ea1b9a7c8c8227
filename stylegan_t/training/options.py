"""Options of a run of adversarial training, and what the presets say by default."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from stylegan_t.config import DEMO
from stylegan_t.data.errors import TrainingError

Mode = Literal["all", "text-encoder", "freeze64"]
MODES: tuple[Mode, ...] = ("all", "text-encoder", "freeze64")
Precision = Literal["auto", "bf16", "fp32"]
FROZEN_PX = 64
"""Blocks up to this resolution stay as they are in the mode "freeze64"."""
LEARNING_RATE = 0.002
"""Of generator and discriminator (StyleGAN-T, appendix on training)."""
TEXT_LEARNING_RATE = 3e-6
"""Of a text tower that is trained alone."""

CLIP_WEIGHT = 0.2
"""A weight of CLIP's guidance to begin with, not checked against the paper: more follows captions
better, with less variety and, in the end, artefacts."""


class RunOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of a run.

    `out` is the run's folder and `data` where pictures come from, see
    `stylegan_t.data.open_source`.  `kimg` is the length of the run, `blur_fade_kimg` of the
    discriminator's blur and `snapshot_kimg` the time between snapshots, all in thousand pictures;
    one more is written where `snapshot_minutes` have gone by without.  `batch` counts the pictures
    of one step over all processes; `batch_per_gpu` what a process does at a time, all of its share
    when None.  `channel_base`, `channel_max` and `res_blocks` replace the preset's sizes.
    """

    out: str
    data: str
    preset: str = "demo"
    resolution: int = 64
    kimg: float = 500.0
    batch: int = 32
    batch_per_gpu: int | None = None
    mode: Mode = "all"
    resume_from: str | None = None
    text_tower: str | None = None
    features: str = "random"
    download: bool = False
    lr_g: float = LEARNING_RATE
    lr_d: float = LEARNING_RATE
    clip_weight: float = 0.0
    clip_encoder: str | None = None
    blur_start_px: float = 32.0
    blur_fade_kimg: float = 1000.0
    seed: int = 0
    device: str = "auto"
    precision: Precision = "auto"
    snapshot_kimg: float = 200.0
    snapshot_minutes: float = 15.0
    keep_states: int = 2
    log_every: int = 10
    workers: int = 4
    channel_base: int | None = None
    channel_max: int | None = None
    res_blocks: int | None = None


@dataclass(frozen=True)
class Preset:
    """Training defaults of a preset of `stylegan_t.config.PRESETS`."""

    resolution: int
    batch: int
    kimg: float
    features: str
    text_tower: str
    blur_fade_kimg: float
    snapshot_kimg: float


DINO = "timm:vit_small_patch16_224.dino"
CLIP = "open_clip:ViT-L-14/openai"
PRESETS = {
    "full": Preset(64, 2048, 25_000, DINO, CLIP, 1000, 200),
    "lite": Preset(64, 2048, 25_000, DINO, CLIP, 1000, 200),
    "demo": Preset(64, 32, 500, "random:96,4,3,64,8", "demo", 20, 10),
}
"""The paper's sizes (StyleGAN-T, section 4), and what a laptop can do."""

FIXED = (
    *("preset", "resolution", "batch", "mode", "features", "seed", "lr_g", "lr_d"),
    *("clip_weight", "clip_encoder", "blur_start_px", "blur_fade_kimg"),
    *("channel_base", "channel_max", "res_blocks"),
)
"""Options that a run that goes on cannot change."""


def run_options(**given: Any) -> RunOptions:
    """Options with the preset's values in place of what is None.

    Raises:
        TrainingError: a value makes no sense, or two do not fit each other.
    """
    if given.get("preset") is None and given.get("data") != DEMO:
        raise TrainingError(
            "Pictures of your own need a --preset: lite or full, which read captions by CLIP and "
            "judge by DINO's features, or demo, which is small and knows the demo world's words."
        )
    preset = PRESETS[given.get("preset") or DEMO]
    defaults: dict[str, Any] = {
        name: getattr(preset, name)
        for name in ("resolution", "batch", "kimg", "features", "blur_fade_kimg", "snapshot_kimg")
    }
    if given.get("resume_from") is None:
        defaults["text_tower"] = preset.text_tower
    if given.get("mode") == "text-encoder":
        defaults["lr_g"] = TEXT_LEARNING_RATE
    values = {name: value for name, value in given.items() if value is not None}
    options = RunOptions(**{**defaults, **values})
    _check(options)
    return options


_MOST: dict[str, float] = {
    "kimg": 1e9, "batch": 1 << 20, "lr_g": 1e3, "lr_d": 1e3, "snapshot_kimg": 1e9,
    "snapshot_minutes": 1e9, "keep_states": 1e6, "log_every": 1e9, "workers": 1024,
    "clip_weight": 1e6, "blur_start_px": 4096, "blur_fade_kimg": 1e9,
}  # fmt: skip
"""The most of each, beyond which the mathematics or the memory would fail."""
_MAY_BE_ZERO = ("clip_weight", "blur_start_px", "blur_fade_kimg")


def _check(options: RunOptions) -> None:
    for name, most in _MOST.items():
        value = getattr(options, name)
        if name not in _MAY_BE_ZERO and not (value > 0 and math.isfinite(value)):
            raise TrainingError(f"{flag(name)} must be more than 0, not {value}.")
        if not (value >= 0 and math.isfinite(value)):
            raise TrainingError(f"{flag(name)} must be 0 or more, not {value}.")
        if value > most:
            raise TrainingError(f"{flag(name)} must be at most {most:g}, not {value:g}.")
    if round(options.kimg * 1000) < 1:
        raise TrainingError(f"--kimg must be 0.001 or more, one picture, not {options.kimg:g}.")
    if options.clip_weight and options.clip_encoder is None:
        raise TrainingError(
            "--clip-weight needs --clip-encoder: the CLIP whose text half is the text tower, such "
            f"as {CLIP}."
        )
    if options.mode == "text-encoder" and options.resume_from is None:
        raise TrainingError(
            "--mode text-encoder trains the text tower of a generator that can draw already: name "
            "its file with --resume-from."
        )
    if options.mode == "freeze64" and options.resume_from is None:
        raise TrainingError(
            f"--mode freeze64 keeps the blocks up to {FROZEN_PX} pixels of a trained generator: "
            "name its file with --resume-from."
        )
    if options.mode == "freeze64" and options.resolution <= FROZEN_PX:
        raise TrainingError(
            f"--mode freeze64 trains blocks above {FROZEN_PX} pixels, so --resolution must be "
            f"{2 * FROZEN_PX} or more, not {options.resolution}."
        )


def check_same(before: RunOptions, now: RunOptions) -> None:
    """A run that goes on must be the run that it was.

    Raises:
        TrainingError: an option of `FIXED` has changed.
    """
    for name in FIXED:
        was, is_now = getattr(before, name), getattr(now, name)
        if was != is_now:
            raise TrainingError(
                f"The run in {now.out} was started with {flag(name)} {was} and cannot go on with "
                f"{is_now}: give {flag(name)} {was}, or another folder with --out."
            )


def flag(name: str) -> str:
    """The command line's word for an option."""
    return "--" + name.replace("_", "-")
