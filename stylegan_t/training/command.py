"""The command that trains: `python -m stylegan_t.training`, also under `torchrun`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from stylegan_t.progress_line import ProgressLine
from stylegan_t.training.options import MODES, PRESETS


@click.command(context_settings={"max_content_width": 100, "show_default": True})
@click.option("--out", required=True, metavar="FOLDER", help="The run's folder.")
@click.option(
    "--data",
    required=True,
    metavar="SPEC",
    help="A folder or .zip of pictures with captions (a .txt beside each, StyleGAN's dataset.json, "
    "Hugging Face's metadata.jsonl or .csv), webdataset .tar shards (a file, a folder or "
    '"shards/*.tar"), or "demo".',
)
@click.option("--preset", type=click.Choice(list(PRESETS)), default="demo", help="Sizes.")
@click.option("--resolution", type=int, metavar="PX", help="Side of the pictures.")
@click.option("--kimg", type=float, help="Length of the run in thousand pictures.")
@click.option("--batch", type=int, help="Pictures of one step, over all processes.")
@click.option("--batch-per-gpu", type=int, help="Pictures a process does at a time.")
@click.option("--mode", type=click.Choice(list(MODES)), default="all", help="What is trained.")
@click.option("--resume-from", metavar="FILE", help="A model to start from; it may be smaller.")
@click.option(
    "--text-tower",
    metavar="SPEC",
    help='"open_clip:ViT-L-14/openai", a CLIP file, or "demo" for the demo model\'s.',
)
@click.option(
    "--features",
    metavar="SPEC",
    help="What the discriminator looks through: timm:NAME, open_clip:ARCH/TAG, a file, random.",
)
@click.option("--download", is_flag=True, help="Fetch named towers that are not on this machine.")
@click.option("--clip-weight", type=float, help="Weight of CLIP's guidance.")
@click.option("--clip-encoder", metavar="SPEC", help="The CLIP that guides.")
@click.option("--lr-g", type=float, help="Learning rate of the generator, or of the text tower.")
@click.option("--lr-d", type=float, help="Learning rate of the discriminator.")
@click.option("--blur-start-px", type=float, help="Sigma of the discriminator's first blur.")
@click.option("--blur-fade-kimg", type=float, help="When that blur has faded out.")
@click.option("--seed", type=int, help="Another seed, another run.")
@click.option("--device", metavar="NAME", help="auto, cuda, cuda:1 or cpu.")
@click.option("--precision", type=click.Choice(["auto", "bf16", "fp32"]), help="Of convolutions.")
@click.option("--snapshot-kimg", type=float, help="Thousand pictures between snapshots.")
@click.option("--keep-states", type=int, help="Training states that are kept.")
@click.option("--log-every", type=int, help="Steps between lines of the log.")
@click.option("--workers", type=int, help="Threads that decode pictures.")
@click.option("--channel-base", type=int, help="In place of the preset's.")
@click.option("--channel-max", type=int, help="In place of the preset's.")
@click.option("--res-blocks", type=int, help="In place of the preset's, for each resolution.")
@click.option("--dry-run", is_flag=True, help="Build everything, tell the plan, write nothing.")
def train(dry_run: bool, **given: Any) -> None:
    """Train a StyleGAN-T against its discriminator, as in the paper.

    The same command goes on where the run stopped.  The first Ctrl-C writes a snapshot and stops;
    network-snapshot-*.safetensors in the run's folder open in the window.

    \b
    stylegan-t train --data demo --out runs/first --dry-run
    stylegan-t train --data pictures.zip --preset lite --out runs/lite --download
    torchrun --nproc-per-node 8 -m stylegan_t.training \\
        --data "shards/*.tar" --preset full --out runs/full
    stylegan-t train --data pictures.zip --mode freeze64 --resolution 128 \\
        --resume-from runs/lite/network-snapshot-025000.safetensors --out runs/lite128
    """
    from stylegan_t.training.errors import TrainingError
    from stylegan_t.whole_files import cannot_write

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
    from stylegan_t.signals import SIGNALLED

    progress = ProgressLine(_is_first(), logs=False)
    progress.tell("Starting PyTorch")
    from stylegan_t.training.options import run_options
    from stylegan_t.training.plan import describe
    from stylegan_t.training.state import SNAPSHOT, number_of
    from stylegan_t.training.trainer import Trainer

    for name in ("out", "resume_from"):  # a shell leaves the ~ in --out=~/runs as it is
        if given[name] is not None:
            given[name] = os.path.expanduser(given[name])
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
