"""Judge a model of the demo world: `python -m stylegan_t.metrics MODEL`.

The judge that ships is asked; one of a file of --judge is trained first when the file is not there
(about ten minutes of one CPU core).  `stylegan-t metrics` measures FID and more.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from stylegan_t.checkpoints.checkpoint import load
from stylegan_t.metrics.attributes import attribute_accuracy
from stylegan_t.metrics.judge import JUDGE_STEPS, kept_judge
from stylegan_t.metrics.shipped_judge import load_shipped_judge
from stylegan_t.terminal import console


@click.command(help=__doc__)
@click.argument("model", default="demo")
@click.option("--judge", "file", type=click.Path(path_type=Path))
@click.option("--judge-steps", default=JUDGE_STEPS, show_default=True)
@click.option("--prompts", default=1000, show_default=True, help="Held-out prompts.")
def main(model: str, file: Path | None, judge_steps: int, prompts: int) -> None:
    """Entry point of the command."""
    judge = kept_judge(file, judge_steps, click.echo) if file else load_shipped_judge()
    generator = load(model)
    columns = [attribute_accuracy(judge, None, prompts, size=generator.config.img_resolution)]
    columns += [attribute_accuracy(judge, generator, prompts, psi) for psi in (1.0, 0.5)]
    click.echo(f"{'attribute':10} {'named':>6} {'real':>7} {'psi 1':>7} {'psi 0.5':>7}")
    for name, (real, count) in columns[0].items():
        scores = "".join(f" {column[name][0]:7.3f}" for column in columns[1:])
        click.echo(f"{name:10} {count:6} {real:7.3f}{scores}")


if __name__ == "__main__":
    sys.exit(console.run(main, "python -m stylegan_t.metrics"))
