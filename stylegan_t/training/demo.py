"""Train the demo model: hundreds of things in little landscapes.

    python -m stylegan_t.training.demo --out runs/demo --minutes 600
    torchrun --nproc-per-node 2 -m stylegan_t.training.demo --out runs/demo --minutes 600

The generator learns at 32, 64 and 128 pixels from scenes and the directions that a code book gives
to their captions; the text tower learns to make those directions out of words.  The plan is made
for the time and the machine when the run begins, and kept in the run's folder.  Given again, the
command goes on where the last snapshot stands.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click
import torch
import torch.distributed as dist
from msgspec import Struct, json

from stylegan_t import config, console
from stylegan_t.checkpoint import load, save
from stylegan_t.demo.things.about import things_card
from stylegan_t.demo.things.attributes import default_count
from stylegan_t.demo.things.catalogue import AtlasError, all_things
from stylegan_t.demo.things.codes import CodeBook
from stylegan_t.demo.things.known_words import known_words
from stylegan_t.generator import Generator
from stylegan_t.tensor_files import TensorFile, save_tensors
from stylegan_t.text import WordTower
from stylegan_t.training.lessons import ThingLesson
from stylegan_t.training.loop import Trainer, TrainOptions, grow
from stylegan_t.training.paired import prepare
from stylegan_t.training.thing_text import CONFIG, reading_accuracy, train_thing_tower
from stylegan_t.whole_files import whole_file

LEARNING_RATES = {32: 8e-3, 64: 5e-3, 128: 3e-3}
"""Start of each resolution's cosine; a stage goes on from the weights of the one before."""
BATCHES = {32: 16, 64: 16, 128: 8}
"""Pictures per process and step."""
CRISPNESS = {32: 0.0, 64: 0.5, 128: 1.5}
SOFTNESS = {32: 0.4, 64: 0.1, 128: 0.0}
"""How each resolution's errors are weighed, see `paired_loss`."""
COSTS = {32: 1.0, 64: 2.9, 128: 6.8}
"""How much longer a picture takes than one at 32 pixels; measured on processors."""
SHARES = {32: 0.18, 64: 0.42, 128: 0.40}
"""How the time of the generator is shared out."""
TEXT_SHARE = 0.05
TEXT_STEPS = (300, 3000)
TEXT_STEP_S = 0.6
"""Of one step of the text tower on one processor core."""
TRIAL_STEPS = 4


class Plan(Struct, frozen=True, forbid_unknown_fields=True):
    """What a run does: how many things it learns, and how long each stage is."""

    things: int
    text_steps: int
    images: tuple[int, int, int]
    seed: int = 0


def planned(minutes: float, things: int, seed: int) -> Plan:
    """A plan for so many minutes of this machine, by a short trial."""
    left_s = minutes * 60
    text_steps = int(min(max(left_s * TEXT_SHARE / TEXT_STEP_S, TEXT_STEPS[0]), TEXT_STEPS[1]))
    left_s = max(left_s - text_steps * TEXT_STEP_S, 1.0)
    rate = _trial_rate()
    images = {size: int(left_s * SHARES[size] * rate / COSTS[size]) for size in COSTS}
    return Plan(things, text_steps, (images[32], images[64], images[128]), seed)


def _trial_rate() -> float:
    """Pictures a second at 32 pixels, of all processes together."""
    world, batch = int(os.environ.get("WORLD_SIZE", "1")), BATCHES[32]
    network = Generator(config.things(32)).synthesis
    ws = torch.randn(batch, network.config.num_ws, network.config.w_dim)
    ends = []
    for _ in range(TRIAL_STEPS + 1):  # the first step has more to do
        network(ws, "const").square().mean().backward()
        ends.append(time.perf_counter())
    return TRIAL_STEPS * batch * world / (ends[-1] - ends[0])


def _is_first() -> bool:
    return int(os.environ.get("RANK", "0")) == 0


def _wait_for_all() -> None:
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        if not dist.is_initialized():
            dist.init_process_group("gloo")
        dist.barrier()


def plan_of_run(out: Path, make: Callable[[], Plan]) -> Plan:
    """The plan that the run in `out` began with, or a new one."""
    file = out / "plan.json"
    if _is_first() and not file.exists():
        with whole_file(file) as part:
            part.write(json.encode(make()))
    _wait_for_all()
    return json.decode(file.read_bytes(), type=Plan)


def text_stage(plan: Plan, out: Path, book: CodeBook) -> WordTower:
    """Train the text tower once, on the first process; the others read its file."""
    file = out / "text.safetensors"
    if not file.exists() and _is_first():
        tower = train_thing_tower(book, plan.text_steps, seed=plan.seed, report=click.echo)
        scores = reading_accuracy(tower, book, n=2000, seed=plan.seed + 999)
        click.echo("reads held-out captions: " + str({k: round(v, 4) for k, v in scores.items()}))
        save_tensors(file, tower.state_dict())
    _wait_for_all()
    tower = WordTower(CONFIG, "demo words", known_words(plan.things))
    with TensorFile(file) as archive:
        tower.load_state_dict(archive.read_all())
    return tower.eval()


def generator_stage(
    plan: Plan,
    out: Path,
    resolution: int,
    lesson: ThingLesson,
    smaller: Generator | None,
    *,
    compiled: bool,
    bf16: bool,
) -> Generator:
    """Train all blocks at one resolution, from the weights of the smaller model."""
    torch.manual_seed(plan.seed + resolution)
    generator = Generator(config.things(resolution), lesson.text, things_card(plan.things))
    prepare(generator)
    if smaller is not None:
        grow(smaller, generator)
    options = TrainOptions(
        out=str(out / str(resolution)),
        images=dict(zip(COSTS, plan.images, strict=True))[resolution],
        batch=BATCHES[resolution],
        learning_rate=LEARNING_RATES[resolution],
        seed=plan.seed + resolution,
        bf16=bf16,
        compile=compiled,
        crisp_weight=CRISPNESS[resolution],
        softness=SOFTNESS[resolution],
    )
    trainer = Trainer(generator, options, click.echo, lesson)
    trainer.resume()
    trainer.run()
    _wait_for_all()
    return load(out / str(resolution) / "model.safetensors")


@click.command(help=__doc__)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the run.")
@click.option("--minutes", default=600.0, show_default=True, help="Time to plan for.")
@click.option("--all-things", "every", is_flag=True, help="Learn every thing of the atlas.")
@click.option(
    "--images", nargs=3, type=int, help="Pictures at 32, 64 and 128 pixels, in place of a plan."
)
@click.option("--text-steps", type=int, help="Steps of the text tower, in place of a plan.")
@click.option("--compile/--no-compile", "compiled", default=True, help="Compile the generator.")
@click.option("--bf16/--fp32", default=True, help="Precision of the convolutions.")
@click.option("--seed", default=0, show_default=True)
def main(
    out: Path,
    minutes: float,
    every: bool,
    images: tuple[int, int, int] | None,
    text_steps: int | None,
    compiled: bool,
    bf16: bool,
    seed: int,
) -> None:
    """Entry point of the command."""
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", str(torch.get_num_threads()))))
    # Processes that compile at the same time must not read one another's half-written files.
    cache = out / f"compiled-{os.environ.get('RANK', '0')}"
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(cache.resolve()))
    try:
        things = len(all_things()) if every else default_count()
        book = CodeBook(things)
    except AtlasError as error:
        raise click.ClickException(str(error)) from error

    def make() -> Plan:
        if images:
            return Plan(things, text_steps or TEXT_STEPS[1], images, seed)
        return planned(minutes, things, seed)

    plan = plan_of_run(out, make)
    click.echo(f"Plan: {plan}")
    generator: Generator | None = None
    tower: WordTower | None = None
    for resolution in COSTS:
        if resolution == max(COSTS):
            tower = text_stage(plan, out, book)
        lesson = ThingLesson(book, plan.seed + resolution, tower)
        generator = generator_stage(
            plan, out, resolution, lesson, generator, compiled=compiled, bf16=bf16
        )
    if generator is not None and _is_first():
        save(generator, out / "demo.safetensors", torch.float16)
        click.echo(f"The model is in {out / 'demo.safetensors'}.")


if __name__ == "__main__":
    sys.exit(console.run(main, "python -m stylegan_t.training.demo"))
