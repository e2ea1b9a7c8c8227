"""The options of `stylegan-t metrics`, and what follows from them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

import click

from stylegan_t.config import DEMO
from stylegan_t.demo.built_in import WORLDS

F = TypeVar("F", bound=Callable[..., Any])
PICTURES = 1000
PRESETS = {"coco-30k-64": 64, "coco-30k-256": 256}
"""Sides in pixels of the zero-shot protocol."""
PRESET_PICTURES = 30_000
MAX_DRAW_SEED = 4000
"""Beyond, latents of different seeds would meet."""

MAX_PSI = 10.0


def finite(
    ctx: click.Context, option: click.Parameter, values: tuple[float, ...]
) -> tuple[float, ...]:
    """Refuse NaN, which lies in every range."""
    if not all(math.isfinite(value) for value in values):
        raise click.BadParameter("it must be a number.", ctx, option)
    return values


@dataclass(frozen=True)
class MetricOptions:
    """Options of the command line."""

    fid: int | None
    real: str | None
    captions: str | None
    preset: str | None
    features: str | None
    inception: str | None
    pr: bool
    clip_score: bool
    clip_tower: str | None
    diversity: bool
    sweep: str | None
    speed: bool
    attributes: int
    beside: tuple[str, ...]
    psi: tuple[float, ...]
    seed: int
    noise: Literal["const", "random"] | None
    size: int | None
    batch: int
    device: str
    precision: str
    download: bool
    out: str
    cache: str | None
    overwrite: bool
    prompted: bool = True
    """True where the model hears prompts, which its pictures could show."""

    def for_model(self, model: str) -> MetricOptions:
        """Return the options with `model`'s own world to compare with, where none is named."""
        real = self.real or (model if model in WORLDS else DEMO)
        return replace(self, real=real)

    @property
    def world(self) -> str:
        """The demo world that is compared with; empty where there are pictures."""
        return self.real if self.real in WORLDS else ""

    @property
    def place(self) -> str:
        """Return where the pictures are that are compared with; empty where a demo world is
        drawn."""
        return "" if self.world else self.real or ""

    @property
    def pictures(self) -> int:
        """Return how many pictures are looked at."""
        return self.fid or (PRESET_PICTURES if self.preset else PICTURES)

    @property
    def with_fid(self) -> bool:
        """Return whether FID is wanted: asked for, part of a preset, or an axis of a chart."""
        charts = self.sweep is not None or bool(self.beside)
        return self.fid is not None or self.preset is not None or charts

    @property
    def with_alignment(self) -> bool:
        """Return whether alignment is wanted."""
        return self.prompted and (self.clip_score or self.sweep is not None)

    @property
    def with_speed(self) -> bool:
        """Return whether single pictures are timed."""
        return self.speed or bool(self.beside)

    @property
    def drawn_with(self) -> Literal["const", "random"]:
        """The noise of generated pictures; the zero-shot protocol wants fresh maps."""
        return self.noise or ("random" if self.preset else "const")

    @property
    def network(self) -> str:
        """The feature network: what was given, else what suits the real pictures."""
        if self.features:
            return self.features
        return self.world if self.world and not self.preset else "inception"

    @property
    def judged(self) -> bool:
        """Return whether the demo world's judge stands in for CLIP."""
        return bool(self.world) and self.clip_tower is None


_OPTIONS = [
    click.option("--fid", type=click.IntRange(2), metavar="N", help="FID over N pictures."),
    click.option(
        "--real",
        metavar="|".join((*WORLDS, "PLACE")),
        help="Real pictures to compare with: scenes of a demo world, or captioned pictures in a "
        "folder, a .zip or .tar shards, as for training; by default the world of the measured "
        "demo model, otherwise demo.",
    ),
    click.option("--captions", metavar="JSON", help="COCO's list of captions for --real PLACE."),
    click.option(
        "--preset",
        type=click.Choice(list(PRESETS)),
        help="The zero-shot protocol: 30,000 of COCO's captions against all pictures of the "
        "validation set, fresh noise, FID in Inception's features; needs --real (COCO's val2014) "
        "and --captions (captions_val2014.json).",
    ),
    click.option(
        "--features",
        metavar="NAME",
        help=f"inception, {', '.join(WORLDS)}, random or open_clip:ARCHITECTURE/TAG; by default "
        "its judge for a demo world, otherwise inception.",
    ),
    click.option("--inception", metavar="FILE", help="Weights of the Inception network."),
    click.option("--pr", is_flag=True, help="Precision and recall, with 3 neighbours."),
    click.option(
        "--clip-score",
        is_flag=True,
        help="How well pictures match their prompts; for the demo world, as its judge sees it.",
    ),
    click.option(
        "--clip-tower",
        metavar="SPEC",
        help="CLIP model for the score, open_clip:ARCHITECTURE/TAG or /FILE; by default the "
        "paper's ViT-g-14.",
    ),
    click.option(
        "--diversity",
        is_flag=True,
        help="How much pictures of one prompt differ from seed to seed.",
    ),
    click.option(
        "--sweep",
        type=click.Choice(["psi"]),
        help="FID and alignment over truncation, with a chart.",
    ),
    click.option("--speed", is_flag=True, help="Time single pictures; with --fid also a chart."),
    click.option(
        "--beside",
        multiple=True,
        metavar="JSON",
        help="Another metrics.json to show on that chart.",
    ),
    click.option(
        "--attributes",
        type=click.IntRange(0),
        default=0,
        metavar="N",
        help="Judge N prompts of the demo world attribute by attribute.",
    ),
    click.option(
        "--psi",
        multiple=True,
        type=click.FloatRange(-MAX_PSI, MAX_PSI),
        callback=finite,
        help="Truncation; may be repeated.",
    ),
    click.option(
        "--seed", type=click.IntRange(0, MAX_DRAW_SEED), default=0, help="Seed of the latents."
    ),
    click.option(
        "--noise",
        type=click.Choice(["const", "random"]),
        help="Stored noise maps or fresh ones; by default const, with --preset random.",
    ),
    click.option(
        "--size",
        type=click.IntRange(8, 4096),
        default=None,
        metavar="PX",
        help="Resolution at which pictures are compared; by default the model's own.",
    ),
    click.option("--batch", type=click.IntRange(1), default=32, show_default=True),
    click.option(
        "--device", default="auto", metavar="NAME", help="auto, cuda, cuda:1, mps or cpu."
    ),
    click.option(
        "--precision",
        type=click.Choice(["float32", "bfloat16", "float16"]),
        default="float32",
        show_default=True,
        help="Precision of the generator's convolutions.",
    ),
    click.option(
        "--download", is_flag=True, help="Download weights that are not on this computer."
    ),
    click.option(
        "--cache", metavar="FOLDER", help="Folder for downloads and statistics of real pictures."
    ),
    click.option(
        "--out", required=True, metavar="FOLDER", help="Folder for the results; created if missing."
    ),
    click.option("--overwrite", is_flag=True, help="Replace an earlier measurement in --out."),
]


def metric_options(command: F) -> F:
    """Add the options of `MetricOptions` to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
