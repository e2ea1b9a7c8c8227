"""Train the demo model: the text tower, then the generator at 32, 64 and 128 pixels.

    python -m stylegan_t.training.demo_landscapes --out runs/demo
    torchrun --nproc-per-node 2 -m stylegan_t.training.demo_landscapes --out runs/demo

Every stage resumes from its last snapshot when the command is given again.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import click
import torch

from stylegan_t import config
from stylegan_t.checkpoints.checkpoint import load_generator, save
from stylegan_t.demo.about import demo_card
from stylegan_t.demo.known_words import known_words
from stylegan_t.encoders.text import WordTower, WordTowerConfig
from stylegan_t.files.tensors import TensorFile, save_tensors
from stylegan_t.generator import Generator
from stylegan_t.process_group import leave_group
from stylegan_t.terminal import console
from stylegan_t.training.loop import Trainer, TrainOptions, grow
from stylegan_t.training.paired import prepare
from stylegan_t.training.processes import is_first, wait_for_all
from stylegan_t.training.text import reading_accuracy, train_text_tower

LEARNING_RATES = {32: 1e-2, 64: 5e-3, 128: 3e-3}
"""Start of each resolution's cosine; a stage goes on from the weights of the one before."""


@dataclass(frozen=True)
class Plan:
    """The plan of one call of the command; `images` are those that each resolution sees."""

    out: Path
    text_steps: int
    images: dict[int, int]
    batch: int
    compiled: bool
    bf16: bool
    seed: int


def text_stage(plan: Plan) -> WordTower:
    """Train the text tower once, on the first process; the others read its file."""
    file = plan.out / "text.safetensors"
    if not file.exists() and is_first():
        tower, heads = train_text_tower(plan.text_steps, seed=plan.seed, report=click.echo)
        scores = reading_accuracy(tower, heads, n=2000, seed=plan.seed + 999)
        click.echo("reads unseen captions: " + str({k: round(v, 4) for k, v in scores.items()}))
        save_tensors(file, tower.state_dict())
    wait_for_all()
    tower = WordTower(WordTowerConfig(), "demo words", known_words())
    with TensorFile(file) as archive:
        tower.load_state_dict(archive.read_all())
    return tower.eval()


def generator_stage(
    plan: Plan, resolution: int, tower: WordTower, smaller: Generator | None
) -> Generator:
    """Train all blocks at one resolution, from the weights of the smaller model."""
    torch.manual_seed(plan.seed + resolution)
    generator = Generator(config.demo(resolution), tower, demo_card())
    prepare(generator)
    if smaller is not None:
        grow(smaller, generator)
    out = plan.out / str(resolution)
    options = TrainOptions(
        out=str(out),
        images=plan.images[resolution],
        batch=plan.batch,
        learning_rate=LEARNING_RATES[resolution],
        seed=plan.seed + resolution,
        bf16=plan.bf16,
        compile=plan.compiled,
    )
    trainer = Trainer(generator, options, click.echo)
    trainer.resume()
    trainer.run()
    wait_for_all()
    return load_generator(out / "model.safetensors")


@click.command(help=__doc__)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the run.")
@click.option("--text-steps", default=700, show_default=True, help="Steps of the text tower.")
@click.option(
    "--images",
    nargs=3,
    type=int,
    default=(200_000, 170_000, 130_000),
    show_default=True,
    help="Pictures seen at 32, 64 and 128 pixels; 0 ends the run before that resolution.",
)
@click.option("--batch", default=8, show_default=True, help="Pictures per process and step.")
@click.option("--compile/--no-compile", "compiled", default=True, help="Compile the generator.")
@click.option("--bf16/--fp32", default=True, help="Precision of the convolutions.")
@click.option("--seed", default=0, show_default=True)
def main(
    out: Path,
    text_steps: int,
    images: tuple[int, int, int],
    batch: int,
    compiled: bool,
    bf16: bool,
    seed: int,
) -> None:
    """Entry point of the command."""
    counts = dict(zip(LEARNING_RATES, images, strict=True))
    plan = Plan(out, text_steps, counts, batch, compiled, bf16, seed)
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", str(torch.get_num_threads()))))
    tower = text_stage(plan)
    generator: Generator | None = None
    for resolution, count in counts.items():
        if not count:
            break
        generator = generator_stage(plan, resolution, tower, generator)
    if generator is not None and is_first():
        save(generator, out / "demo.safetensors", torch.float16)
        click.echo(f"The model is in {out / 'demo.safetensors'}.")
    leave_group()


if __name__ == "__main__":
    sys.exit(console.run(main, "python -m stylegan_t.training.demo_landscapes"))
