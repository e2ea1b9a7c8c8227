"""Make the newest model of a run of `stylegan_t.training.demo` into one file that the tool opens.

    python -m stylegan_t.training.demo_packing runs/demo demo.safetensors --hours "9 h on two cores"

A run that is still going on is not disturbed: its snapshots are whole files.  The card says how
much each stage has seen and what the judge sees in pictures of held-out prompts.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click
import torch
from msgspec import Struct, json

from stylegan_t.checkpoints.checkpoint import load_generator, save
from stylegan_t.demo.things.about import things_card
from stylegan_t.demo.things.codes import CodeBook
from stylegan_t.generator import Generator
from stylegan_t.metrics.shipped_thing_judge import load_thing_judge
from stylegan_t.metrics.thing_judge import BEST, NEARLY, beside_real
from stylegan_t.terminal import console
from stylegan_t.training.demo import read_tower
from stylegan_t.training.demo_plan import SIZES, plan_in

STAGES = (*map(str, SIZES), "sharpened")
PROMPTS = 1000
_FIGURES = {
    "thing": "thing", NEARLY: f"of {BEST} likeliest", "color": "colour", "count": "how many",
    "relation": "together", "size": "size", "side": "side", "style": "style", "ground": "ground",
    "time": "time of day", "weather": "weather",
}  # fmt: skip
"""Marks of the judge that the card tells, with their names there."""


class _Line(Struct):
    images: int


_LINE = json.Decoder(_Line)


def seen(run: Path) -> dict[str, int]:
    """Pictures that each stage of a run has seen, those stages that have begun, in order."""
    found = {}
    for stage in STAGES:
        file = run / stage / "log.jsonl"
        if file.exists() and (lines := file.read_bytes().splitlines()):
            found[stage] = _LINE.decode(lines[-1]).images
    return found


def newest(run: Path) -> Generator:
    """The averaged model of the latest stage that has written one.

    Raises:
        click.ClickException: the run has none yet.
    """
    for stage in reversed(STAGES):
        if (file := run / stage / "model.safetensors").exists():
            return load_generator(file)
    raise click.ClickException(f"{run} contains no model yet: train it for some minutes.")


def figures(
    generator: Generator, run: Path, hours: str, prompts: int = PROMPTS
) -> tuple[tuple[str, str], ...]:
    """Return what was measured of a run and its model, for the card."""
    stages = [
        f"{images // 1000:,} thousand " + (f"at {stage} px" if stage.isdigit() else stage)
        for stage, images in seen(run).items()
    ]
    judge = load_thing_judge()
    model, real = beside_real(judge, generator, prompts)
    rows = [
        ("trained on", f"pictures: {', '.join(stages)}; {hours}"),
        ("judged on", f"{prompts} held-out prompts, psi 1 (real scenes in brackets)"),
    ]
    for name, called in _FIGURES.items():
        ours, theirs = (scores.shares[name][0] for scores in (model, real))
        rows.append((called, f"{ours:.3f} ({theirs:.3f})"))
    rows.append(("crispness", f"{model.crispness / real.crispness:.2f} of the scenes'"))
    return tuple(rows)


@click.command(help=__doc__)
@click.argument("run", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--hours", required=True, help="For the card: for how long, and on what.")
@click.option("--note", default="", help="For the card: what else is worth knowing.")
@click.option("--prompts", default=PROMPTS, show_default=True, help="Held-out prompts to judge.")
def main(run: Path, file: Path, hours: str, note: str, prompts: int) -> None:
    """Entry point of the command."""
    things = plan_in(run).things
    trained = newest(run)
    generator = Generator(trained.config, read_tower(run, CodeBook(things)), things_card(things))
    own = {name: t for name, t in trained.state_dict().items() if not name.startswith("text.")}
    generator.load_state_dict(own, strict=False)
    generator.eval().requires_grad_(False)
    measured = figures(generator, run, hours, prompts)
    generator.card = things_card(things, measured, note)
    save(generator, file, torch.float16)
    for name, figure in measured:
        click.echo(f"{name}: {figure}")
    click.echo(f"Wrote {file}, {file.stat().st_size / 1e6:.1f} MB.")


if __name__ == "__main__":
    sys.exit(console.run(main, "python -m stylegan_t.training.demo_packing"))
