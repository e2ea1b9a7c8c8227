"""Judge a model of the demo world: `python -m stylegan_t.metrics MODEL --judge judge.safetensors`.

The judge is trained first when its file is not there (about ten minutes of one CPU core).
"""

from __future__ import annotations

import os
from pathlib import Path

import click
from safetensors.torch import load_file, save_file

from stylegan_t.checkpoint import load
from stylegan_t.metrics.attributes import AttributeJudge, attribute_accuracy, train_judge


def ready_judge(file: Path, steps: int) -> AttributeJudge:
    """The judge of that file, trained and kept there when it is not."""
    judge = AttributeJudge()
    if file.exists():
        judge.load_state_dict(load_file(file))
        return judge.eval()
    judge = train_judge(steps, report=click.echo)
    temporary = file.with_suffix(".part")
    save_file({name: t.contiguous() for name, t in judge.state_dict().items()}, temporary)
    os.replace(temporary, file)
    return judge


@click.command(help=__doc__)
@click.argument("model", default="demo")
@click.option("--judge", "file", type=click.Path(path_type=Path), default="judge.safetensors")
@click.option("--judge-steps", default=900, show_default=True)
@click.option("--prompts", default=1000, show_default=True, help="Held-out prompts.")
def main(model: str, file: Path, judge_steps: int, prompts: int) -> None:
    """Entry point of the command."""
    judge, generator = ready_judge(file, judge_steps), load(model)
    columns = [attribute_accuracy(judge, None, prompts, size=generator.config.img_resolution)]
    columns += [attribute_accuracy(judge, generator, prompts, psi) for psi in (1.0, 0.5)]
    click.echo(f"{'attribute':10} {'named':>6} {'real':>7} {'psi 1':>7} {'psi 0.5':>7}")
    for name, (real, count) in columns[0].items():
        scores = "".join(f" {column[name][0]:7.3f}" for column in columns[1:])
        click.echo(f"{name:10} {count:6} {real:7.3f}{scores}")


if __name__ == "__main__":
    main()
