"""`stylegan-t metrics`: how good a model is, in figures, files and charts."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec.structs import replace

from renderer.files.software import software_name
from stylegan_t.config import DEMO
from stylegan_t.demo.built_in import START
from stylegan_t.files.locks import NO_LOCKS, lockable, locked
from stylegan_t.files.whole import cannot_write
from stylegan_t.metrics.errors import MetricError
from stylegan_t.terminal.progress_line import ProgressLine
from visualizer.commands.convert import opened
from visualizer.options.metric_options import PRESETS, MetricOptions, metric_options
from visualizer.options.out_path import require_writable
from visualizer.options.paths import typed_path

if TYPE_CHECKING:
    from renderer.models.device import Device
    from stylegan_t.metrics.clip_images import ClipScore
    from stylegan_t.metrics.evaluate import Plan
    from stylegan_t.metrics.features import Features
    from stylegan_t.metrics.pictures import RealPictures
    from stylegan_t.metrics.report import Measured
    from stylegan_t.metrics.shards import Shards
    from stylegan_t.metrics.worlds import WorldJudge
    from stylegan_t.network import AnyNetwork

LOCK = ".metrics.lock"
TRADEOFF_PNG, SPEED_PNG = "tradeoff.png", "speed.png"


@click.command(short_help="Measure a model: FID, precision and recall, CLIP score.")
@click.argument("model", default=START, required=False)
@metric_options
def metrics(model: str, **given: Any) -> None:
    """Measure MODEL: "demo", another model that is built in, or a checkpoint.

    Figures go to stdout as a table and to --out as JSON and CSV, with charts where they tell
    something.  Everything that is drawn by chance has a seed of its own for each picture, so batch
    and number of processes do not matter.

    \b
    stylegan-t metrics demo --fid 1000 --pr --diversity --out measured
    stylegan-t metrics demo --sweep psi --speed --out measured
    stylegan-t metrics model.safetensors --preset coco-30k-256 --real val2014 \\
        --captions captions_val2014.json --clip-score --out coco
    torchrun --nproc-per-node 8 -m visualizer metrics model.safetensors ... as above
    """
    options = MetricOptions(**given).for_model(model)
    _check(options)
    progress = ProgressLine.of_first()
    progress.tell("Starting PyTorch")
    try:
        with _out_folder(options) as out:
            _measure(model, options, out, progress)
    except MetricError as error:
        raise click.ClickException(str(error)) from error


def _check(options: MetricOptions) -> None:
    """Refuse, before any work, options that do not fit together."""
    wanted = (options.with_fid, options.pr, options.with_alignment, options.diversity)
    if not any((*wanted, options.with_speed, options.attributes)):
        raise click.UsageError(
            "Say what to measure: --fid N, --pr, --clip-score, --diversity, --sweep psi, --speed "
            "or --attributes N."
        )
    if options.preset and (options.world or options.captions is None):
        raise click.UsageError("--preset needs --real PLACE and --captions JSON.")
    if options.captions and options.world:
        raise click.UsageError("--captions needs --real PLACE with the pictures.")
    if options.attributes and options.precision != "float32":
        raise click.UsageError("--attributes judges the model in float32: leave --precision out.")
    if options.inception and options.network != "inception":
        raise click.UsageError("--inception needs --features inception.")


@contextmanager
def _out_folder(options: MetricOptions) -> Iterator[Path]:
    """The folder for the figures, made and held for this measurement alone."""
    # PyTorch is slow to import: not before the options are checked
    from stylegan_t.metrics.report import JSON_NAME

    out = typed_path(options.out)
    if os.path.lexists(out) and not os.path.isdir(out):
        raise click.ClickException(f"{out} is not a folder.")
    if int(os.environ.get("RANK", "0")):  # the first process writes for all
        yield out
        return
    made, handle = not out.exists(), _held(out)
    try:
        if os.path.lexists(out / JSON_NAME) and not options.overwrite:
            raise click.ClickException(
                f"{out} already holds a measurement: give --overwrite to replace it."
            )
        yield out
    finally:
        if handle is not None:
            os.close(handle)
        if made:
            with suppress(OSError):
                out.rmdir()  # nothing came of it


def _held(out: Path) -> int | None:
    """Make and lock a folder; None where its disk knows no locks."""
    require_writable(out, out)
    try:
        out.mkdir(parents=True, exist_ok=True)
        handle = locked(lockable(out, LOCK))
    except OSError as error:
        if error.errno in NO_LOCKS:
            return None
        raise click.ClickException(cannot_write(error, out)) from error
    if handle is None:
        raise click.ClickException(
            f"Another measurement writes to {out}: wait until it has ended, or give another folder "
            "with --out."
        )
    return handle


def _measure(model: str, options: MetricOptions, out: Path, progress: ProgressLine) -> None:
    # PyTorch is slow to import: not before the options are checked
    from stylegan_t.metrics.evaluate import Evaluation
    from stylegan_t.metrics.report import read_measured, table
    from stylegan_t.metrics.shards import Shards
    from stylegan_t.metrics.worlds import attribute_shares

    earlier = [read_measured(typed_path(name)) for name in options.beside]
    generator = opened(model)
    _require_fit(generator, model, options)
    options = dataclasses.replace(options, prompted=generator.anatomy.condition != "nothing")
    device = _device(options)
    shards = Shards(device.torch_device)
    try:
        progress.tell("Loading the networks")
        real = _real(options)
        features, scorer, judge = _networks(options, shards, progress)
        plan = _plan(options)
        shares = {}
        if judge is not None and options.attributes and shards.first:
            progress.tell("Attributes", 0)
            shares = attribute_shares(judge, generator, options.attributes, plan.psis)
        _move(scorer, shards)
        _prepare(generator, device, options)
        evaluation = Evaluation(
            generator,
            real,
            features.to(device.torch_device),
            scorer,
            shards,
            _cache(options),
            progress.tell,
            device.name,
        )
        measured = replace(
            evaluation.run(plan), software=software_name(), precision=options.precision
        )
    finally:
        progress.done()
        shards.close()
    if shares:
        measured = replace(measured, attributes=shares, attribute_psis=plan.psis)
    if shards.first:
        click.echo(table(measured))
        _write(out, measured, earlier)


def _require_fit(network: AnyNetwork, model: str, options: MetricOptions) -> None:
    """Refuse, before any work, what this kind of model cannot be asked."""
    anatomy = network.anatomy
    if anatomy.condition == "text" and network.text is None:
        raise click.ClickException(
            f"{model} has no text tower: add one with stylegan-t convert --text-tower."
        )
    if anatomy.condition == "nothing" and options.clip_score:
        raise click.ClickException(
            f"{model} takes no prompts that its pictures could show: leave --clip-score out."
        )
    if anatomy.img_channels not in (1, 3):
        raise click.ClickException(
            f"{model} makes images of {anatomy.img_channels} channels, neither 1 nor 3."
        )


def _prepare(generator: AnyNetwork, device: Device, options: MetricOptions) -> None:
    """Put the model on its device, in its precision."""
    # PyTorch is slow to import: not before the options are checked
    import torch

    from stylegan_t.inference.precision import lower

    dtype = {"bfloat16": torch.bfloat16, "float16": torch.float16}.get(options.precision)
    generator.to(device.torch_device)
    if dtype is None:
        return
    if not device.computes(dtype):
        raise click.ClickException(f"{device.name} does not support {options.precision}.")
    lower(generator, dtype)


def _write(out: Path, measured: Measured, earlier: list[Measured]) -> None:
    # PyTorch is slow to import: not before the options are checked
    from stylegan_t.metrics import charts
    from stylegan_t.metrics.report import CSV_NAME, JSON_NAME, csv_text, json_bytes, write_whole

    files = {JSON_NAME: json_bytes(measured)}
    if measured.rows:
        files[CSV_NAME] = csv_text(measured).encode()
    curve = [row for row in measured.rows if row.psi is not None and row.fid is not None]
    if len([row for row in curve if row.alignment is not None]) > 1:
        files[TRADEOFF_PNG] = charts.tradeoff_chart(measured)
    if curve and measured.speed is not None:
        files[SPEED_PNG] = charts.speed_chart(measured, earlier)
    for name, data in files.items():
        write_whole(out / name, data)
    click.echo(f"\nWrote {', '.join(files)} to {out}.", err=True)


def _plan(options: MetricOptions) -> Plan:
    # PyTorch is slow to import: not before the options are checked
    from stylegan_t.metrics.evaluate import SWEEP, Plan

    levels = {*options.psi, *SWEEP} if options.sweep else set(options.psi or (1.0,))
    return Plan(
        pictures=options.pictures,
        psis=tuple(sorted(levels, reverse=True)),
        seed=options.seed,
        batch=options.batch,
        size=options.size or PRESETS.get(options.preset or "", 0),
        noise=options.drawn_with,
        fid=options.with_fid,
        neighbours=options.pr,
        diversity=options.diversity,
        speed=options.with_speed,
    )


def _device(options: MetricOptions) -> Device:
    """Return where this process computes; under torchrun each has a GPU, or its share of the
    cores."""
    # PyTorch is slow to import: not before the options are checked
    import torch

    from renderer.models.device import DeviceError, available_cores, choose

    name, local = options.device, os.environ.get("LOCAL_RANK")
    if local is not None and name in ("auto", "cuda") and torch.cuda.is_available():
        name = f"cuda:{local}"
    try:
        device = choose(name)
    except DeviceError as error:
        raise click.ClickException(str(error)) from error
    device.prepare()
    if local is not None and device.kind == "cpu":
        beside = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
        torch.set_num_threads(max(1, available_cores() // beside))
    return device


def _cache(options: MetricOptions) -> Path:
    if options.cache:
        return typed_path(options.cache)
    # for this option's default alone
    import platformdirs

    from visualizer.session.state import APP_NAME

    return Path(platformdirs.user_cache_dir(APP_NAME, appauthor=False)) / "metrics"


def _networks(
    options: MetricOptions, shards: Shards, progress: ProgressLine
) -> tuple[Features, ClipScore | WorldJudge | None, WorldJudge | None]:
    """Features, who scores alignment, and the judge if it is needed.

    The first process opens them before the others: it may have to train or to download.
    """
    if not shards.first:
        shards.wait()
    # PyTorch is slow to import: not before the options are checked
    from stylegan_t.metrics.clip_images import PAPER_TOWER, open_clip_score
    from stylegan_t.metrics.features import RandomFeatures
    from stylegan_t.metrics.open_features import open_features
    from stylegan_t.metrics.worlds import open_world_judge

    compares = options.with_fid or options.pr or options.diversity
    weights = typed_path(options.inception) if options.inception else None
    features: Features = RandomFeatures()
    if compares:
        features = open_features(
            options.network,
            _cache(options),
            inception=weights,
            download=options.download,
            report=progress.say,
        )
    scorer: ClipScore | WorldJudge | None = None
    judge: WorldJudge | None = None
    if options.attributes or (options.with_alignment and options.judged):
        judge = open_world_judge(options.world or DEMO, progress.say)
    if options.with_alignment:
        if options.judged:
            scorer = judge
        else:
            tower = options.clip_tower or PAPER_TOWER
            scorer = open_clip_score(tower, download=options.download)
    if shards.first:
        shards.wait()
    return features, scorer, judge


def _move(scorer: ClipScore | WorldJudge | None, shards: Shards) -> None:
    """Put who scores on the device that computes."""
    # PyTorch is slow to import: not before the options are checked
    from stylegan_t.metrics.clip_images import ClipScore

    parts = [scorer.images, scorer.text] if isinstance(scorer, ClipScore) else [scorer]
    for part in parts:
        if part is not None:
            part.to(shards.device)


def _real(options: MetricOptions) -> RealPictures:
    # PyTorch is slow to import: not before the options are checked
    from stylegan_t.metrics.pictures import CocoCaptions, PictureShelf
    from stylegan_t.metrics.worlds import real_scenes

    if options.world:
        return real_scenes(options.world, options.pictures)
    place = str(typed_path(options.place))
    if options.captions:
        return CocoCaptions(typed_path(options.captions), place, options.pictures)
    return PictureShelf(place)
