"""Judge a model of a demo world: `python -m stylegan_t.metrics MODEL`.

The judge that ships is asked, the second world's about demo-2; one of a file of --judge, for the
first world, is trained first when the file is not there (about ten minutes of one CPU core).
`stylegan-t metrics` measures FID and more.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from stylegan_t.checkpoints.checkpoint import load_generator
from stylegan_t.config import DEMO
from stylegan_t.demo.built_in import WORLDS
from stylegan_t.metrics.judge import JUDGE_STEPS, kept_judge
from stylegan_t.metrics.worlds import LandscapesJudge, attribute_shares, open_world_judge
from stylegan_t.terminal import console

PSIS = (1.0, 0.5)


@click.command(help=__doc__)
@click.argument("model", default=DEMO)
@click.option(
    "--world", type=click.Choice(WORLDS), help="Of the judge; the model's own when it is built in."
)
@click.option("--judge", "file", type=click.Path(path_type=Path))
@click.option("--judge-steps", default=JUDGE_STEPS, show_default=True)
@click.option("--prompts", default=1000, show_default=True, help="Held-out prompts.")
def main(model: str, world: str | None, file: Path | None, judge_steps: int, prompts: int) -> None:
    """Entry point of the command."""
    if file is not None:
        judge = LandscapesJudge(kept_judge(file, judge_steps, click.echo))
    else:
        judge = open_world_judge(world or (model if model in WORLDS else DEMO), click.echo)
    shares = attribute_shares(judge, load_generator(model), prompts, PSIS)
    click.echo(f"{'attribute':14} {'real':>7}" + "".join(f" {f'psi {psi:g}':>7}" for psi in PSIS))
    for name, row in shares.items():
        click.echo(f"{name:14}" + "".join(f" {share:7.3f}" for share in row))


if __name__ == "__main__":
    sys.exit(console.run(main, "python -m stylegan_t.metrics"))
