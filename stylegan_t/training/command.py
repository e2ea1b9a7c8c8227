"""The command that trains: `python -m stylegan_t.training`, also under `torchrun`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from stylegan_t.data.errors import TrainingError
from stylegan_t.files.whole import cannot_write, require_room
from stylegan_t.terminal.progress_line import ProgressLine
from stylegan_t.terminal.signals import SIGNALLED
from stylegan_t.training.options import (
    CLIP_WEIGHT,
    LEARNING_RATE,
    MODES,
    PRESETS,
    TEXT_LEARNING_RATE,
    Preset,
    RunOptions,
    run_options,
)


def _option(name: str, kind: Any = None, **given: Any) -> Any:
    """An option of `RunOptions` whose help tells what counts where it is not given."""
    word = "--" + name.replace("_", "-")
    return click.option(word, type=kind, show_default=_default(name) or False, **given)


def _default(name: str) -> str:
    """The value of an option that is not given: by preset where it depends on that."""
    if name in Preset.__dataclass_fields__:
        values: dict[str, list[str]] = {}
        for preset, sizes in PRESETS.items():
            values.setdefault(_short(getattr(sizes, name)), []).append(preset)
        told = [f"{value} ({', '.join(presets)})" for value, presets in values.items()]
        return "; ".join(told) if len(told) > 1 else next(iter(values))
    field = next(f for f in msgspec.structs.fields(RunOptions) if f.name == name)
    return _short(field.default) if isinstance(field.default, (str, int, float)) else ""


def _short(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


@click.command(context_settings={"max_content_width": 100})
@click.option("--out", required=True, metavar="FOLDER", help="Folder of the run.")
@click.option(
    "--data",
    required=True,
    metavar="SPEC",
    help="A folder or .zip of pictures with captions (a .txt beside each, StyleGAN's dataset.json, "
    "Hugging Face's metadata.jsonl or .csv), webdataset .tar shards (a file, a folder or "
    '"shards/*.tar"), or "demo".',
)
@click.option(
    "--preset",
    type=click.Choice(list(PRESETS)),
    help="Network sizes and defaults; pictures of your own need one.",
)
@_option("resolution", int, metavar="PX", help="Resolution of the pictures.")
@_option("kimg", float, help="Length of the run in thousands of pictures.")
@_option("batch", int, help="Pictures per step, over all processes.")
@_option("batch_per_gpu", int, help="Pictures that a process handles at a time.")
@_option(
    "mode",
    click.Choice(list(MODES)),
    help="What is trained; freeze64 trains blocks above 64 pixels and all colour outputs.",
)
@_option("resume_from", metavar="FILE", help="A model to start from; it may be smaller.")
@_option(
    "text_tower",
    metavar="SPEC",
    help='"open_clip:ViT-L-14/openai", a CLIP file, or "demo" for the demo model\'s.',
)
@_option(
    "features",
    metavar="SPEC",
    help="The discriminator's feature network: timm:NAME, open_clip:ARCH/TAG, a file, random.",
)
@click.option(
    "--download", is_flag=True, help="Download named networks that are not on this computer."
)
@_option(
    "clip_weight",
    float,
    help=f"Weight of CLIP's guidance; begin with {CLIP_WEIGHT}: more costs variety.",
)
@_option("clip_encoder", metavar="SPEC", help="CLIP model for the guidance.")
@click.option(
    "--lr-g",
    type=float,
    show_default=f"{LEARNING_RATE}, {TEXT_LEARNING_RATE} for a text tower",
    help="Learning rate of the generator, or of the text tower.",
)
@_option("lr_d", float, help="Learning rate of the discriminator.")
@_option("blur_start_px", float, help="Sigma of the blur that the discriminator starts with.")
@_option("blur_fade_kimg", float, help="When that blur has faded out.")
@_option("seed", int, help="Seed of the run.")
@_option("device", metavar="NAME", help="auto, cuda, cuda:1 or cpu.")
@_option("precision", click.Choice(["auto", "bf16", "fp32"]), help="Precision of convolutions.")
@_option("snapshot_kimg", float, help="Thousands of pictures between snapshots.")
@_option("snapshot_minutes", float, help="Minutes between training states: the most that is lost.")
@_option("keep_states", int, help="Number of training states to keep.")
@_option("log_every", int, help="Steps between lines of the log.")
@_option("workers", int, help="Threads that decode pictures.")
@_option("channel_base", int, help="Replaces the preset's.")
@_option("channel_max", int, help="Replaces the preset's.")
@_option("res_blocks", int, help="Replaces the preset's, for each resolution.")
@click.option("--dry-run", is_flag=True, help="Build everything, print the plan, write nothing.")
def train(dry_run: bool, **given: Any) -> None:
    """Train a StyleGAN-T against its discriminator, as in the paper.

    The same command goes on where the run stopped.  The first Ctrl-C writes a snapshot and stops;
    network-snapshot-*.safetensors in the run's folder open in the window.  In a healthy run real
    and fake stay apart by less than 1.5, loss_d between 1 and 2; look at samples/ beside real.png.

    \b
    stylegan-t train --data demo --out runs/first --dry-run
    stylegan-t train --data pictures.zip --preset lite --out runs/lite --download
    torchrun --nproc-per-node 8 -m stylegan_t.training \\
        --data "shards/*.tar" --preset full --out runs/full
    stylegan-t train --data pictures.zip --preset lite --mode freeze64 --resolution 128 \\
        --resume-from runs/lite/network-snapshot-025001.984.safetensors --out runs/lite128
    """
    try:
        _train(given, dry_run)
    except TrainingError as error:
        raise _failure(str(error)) from error
    except OSError as error:
        raise _failure(cannot_write(error, Path(error.filename or given["out"]))) from error


def _failure(sentence: str) -> click.ClickException | SystemExit:
    """Only the first process tells what is wrong."""
    return click.ClickException(sentence) if _is_first() else SystemExit(1)


def _is_first() -> bool:
    return int(os.environ.get("RANK", "0")) == 0


def _say(line: str) -> None:
    click.echo(line)
    sys.stdout.flush()


def _train(given: dict[str, Any], dry_run: bool) -> None:
    progress = ProgressLine(_is_first(), logs=False)
    progress.tell("Starting PyTorch")
    # PyTorch starts here, after the line that says so
    from stylegan_t.training.plan import describe
    from stylegan_t.training.state import SNAPSHOT, number_of
    from stylegan_t.training.trainer import Trainer

    for name in ("out", "resume_from"):  # a shell leaves the ~ in --out=~/runs as it is
        if given[name] is not None:
            given[name] = os.path.expanduser(given[name])
    if os.path.lexists(given["out"]) and not os.path.isdir(given["out"]):
        raise TrainingError(f"{given['out']} is not a folder: name a new one with --out.")
    if not dry_run and _is_first():
        require_room(Path(given["out"]))
    progress.tell("Preparing the networks and the data")
    trainer = Trainer(run_options(**given), _say)
    if dry_run:
        progress.tell("Training two steps, to time them")
        lines = describe(trainer)
    else:
        progress.tell("Training")
        trainer.run()
        model = trainer.out / SNAPSHOT.format(number_of(trainer.seen))
        lines = [f"The model is in {model}; the same command goes on from here."]
        lines += trainer.noted()
    progress.done()
    if trainer.processes.first:
        for line in lines:
            _say(line)
    trainer.close()
    if trainer.ended_by:
        raise SystemExit(SIGNALLED + trainer.ended_by)
