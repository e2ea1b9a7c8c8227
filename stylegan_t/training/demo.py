"""Train the demo model: the text tower, the generator at 64 pixels, then its last block.

    python -m stylegan_t.training.demo --out runs/demo
    torchrun --nproc-per-node 2 -m stylegan_t.training.demo --out runs/demo

Every stage resumes from its last snapshot when the command is given again.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import click
import torch
import torch.distributed as dist
from safetensors.torch import load_file, save_file

from stylegan_t import config
from stylegan_t.checkpoint import load, save
from stylegan_t.demo.about import demo_card
from stylegan_t.generator import Generator
from stylegan_t.text import WordTower, WordTowerConfig
from stylegan_t.training.loop import Trainer, TrainOptions, grow
from stylegan_t.training.paired import prepare
from stylegan_t.training.text import reading_accuracy, train_text_tower

FIRST_RESOLUTION = 64


@dataclass(frozen=True)
class Plan:
    """What one call of the command does."""

    out: Path
    text_steps: int
    images: int
    last_images: int
    resolution: int
    batch: int
    last_learning_rate: float
    compiled: bool
    bf16: bool
    seed: int

    def options(self, stage: str, images: int, learning_rate: float) -> TrainOptions:
        """The training loop's options for one stage."""
        return TrainOptions(
            out=str(self.out / stage),
            images=images,
            batch=self.batch,
            learning_rate=learning_rate,
            seed=self.seed,
            bf16=self.bf16,
            compile=self.compiled,
        )


def _is_first() -> bool:
    return int(os.environ.get("RANK", "0")) == 0


def _wait_for_all() -> None:
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        if not dist.is_initialized():
            dist.init_process_group("gloo")
        dist.barrier()


def text_stage(plan: Plan) -> WordTower:
    """Train the text tower once, on the first process; the others read its file."""
    file = plan.out / "text.safetensors"
    if not file.exists() and _is_first():
        tower, heads = train_text_tower(plan.text_steps, seed=plan.seed, report=click.echo)
        scores = reading_accuracy(tower, heads, n=2000, seed=plan.seed + 999)
        click.echo("reads unseen captions: " + str({k: round(v, 4) for k, v in scores.items()}))
        temporary = file.with_suffix(".part")
        save_file(tower.state_dict(), temporary)
        os.replace(temporary, file)
    _wait_for_all()
    tower = WordTower(WordTowerConfig(), "demo words")
    tower.load_state_dict(load_file(file))
    return tower.eval()


def generator_stage(plan: Plan, tower: WordTower) -> Generator:
    """Train everything at the first resolution."""
    torch.manual_seed(plan.seed)
    generator = Generator(config.demo(FIRST_RESOLUTION), tower, demo_card())
    prepare(generator)
    trainer = Trainer(generator, plan.options("64", plan.images, 1e-2), click.echo)
    trainer.resume()
    trainer.run()
    _wait_for_all()
    return load(plan.out / "64" / "model.safetensors")


def growth_stage(plan: Plan, small: Generator, tower: WordTower) -> Generator:
    """Add blocks up to the last resolution and go on with all of them."""
    torch.manual_seed(plan.seed + 1)
    generator = Generator(config.demo(plan.resolution), tower, demo_card())
    prepare(generator)
    grow(small, generator)
    stage = str(plan.resolution)
    options = plan.options(stage, plan.last_images, plan.last_learning_rate)
    trainer = Trainer(generator, options, click.echo)
    trainer.resume()
    trainer.run()
    _wait_for_all()
    return load(plan.out / stage / "model.safetensors")


@click.command(help=__doc__)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the run.")
@click.option("--text-steps", default=700, show_default=True, help="Steps of the text tower.")
@click.option("--images", default=700_000, show_default=True, help="Pictures seen at 64 pixels.")
@click.option("--last-images", default=100_000, show_default=True, help="Pictures seen after it.")
@click.option("--resolution", default=128, show_default=True, help="Final side in pixels.")
@click.option("--batch", default=16, show_default=True, help="Pictures per process and step.")
@click.option("--last-learning-rate", default=2e-3, show_default=True)
@click.option("--compile/--no-compile", "compiled", default=True, help="Compile the generator.")
@click.option("--bf16/--fp32", default=True, help="Precision of the convolutions.")
@click.option("--seed", default=0, show_default=True)
def main(**values: object) -> None:
    plan = Plan(**values)  # type: ignore[arg-type]
    plan.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", str(torch.get_num_threads()))))
    tower = text_stage(plan)
    generator = generator_stage(plan, tower)
    if plan.resolution > FIRST_RESOLUTION and plan.last_images:
        generator = growth_stage(plan, generator, tower)
    if _is_first():
        save(generator, plan.out / "demo.safetensors", torch.float16)
        click.echo(f"The model is in {plan.out / 'demo.safetensors'}.")


if __name__ == "__main__":
    main()
