"""Train the demo model: hundreds of things in little landscapes.

    python -m stylegan_t.training.demo --out runs/demo --minutes 600
    torchrun --nproc-per-node 2 -m stylegan_t.training.demo --out runs/demo --minutes 600

The generator learns at 32, 64 and 128 pixels from scenes and the directions that a code book gives
to their captions; the text tower learns to make those directions out of words.  Then StyleGAN-T's
discriminator sharpens the pictures, looking through a vision transformer that learned to name what
is in scenes.  All of it is done on a graphics card where there is one.  The plan is made for the
time and the machine when the run begins, and kept in the run's folder.  Given again, the command
goes on where the last snapshot stands; numbers of pictures and steps that are given then replace
the plan's, so a stage can be made longer, or ended.

With --start-from, a model that is already trained takes the place of all stages but the last:

    python -m stylegan_t.training.demo --out runs/further --minutes 120 --start-from demo-2
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import click
import torch

from stylegan_t import config
from stylegan_t.checkpoints.checkpoint import CheckpointError, load_generator, save
from stylegan_t.data.sampling import TrainingError
from stylegan_t.demo.things.about import things_card
from stylegan_t.demo.things.attributes import VALUES, default_count, thing_index
from stylegan_t.demo.things.catalogue import AtlasError, all_things, first_things
from stylegan_t.demo.things.codes import CodeBook, rotation
from stylegan_t.demo.things.known_words import known_words
from stylegan_t.demo.things.sprites import sprites_of
from stylegan_t.encoders.features import FeatureNetwork
from stylegan_t.encoders.text import WordTower
from stylegan_t.files.tensors import TensorFile, save_tensors
from stylegan_t.generator import Generator
from stylegan_t.metrics.errors import MetricError
from stylegan_t.metrics.shipped_thing_judge import load_thing_judge
from stylegan_t.metrics.thing_judge import beside_real
from stylegan_t.process_group import leave_group
from stylegan_t.terminal import console
from stylegan_t.training.demo_plan import (
    SIZES,
    TEXT_STEPS,
    Plan,
    batches,
    plan_of_run,
    planned,
)
from stylegan_t.training.lessons import PRACTISABLE, ThingLesson
from stylegan_t.training.loop import Trainer, TrainOptions, grow
from stylegan_t.training.naming import (
    ENOUGH,
    load_features,
    naming_accuracy,
    save_namer,
    train_namer,
)
from stylegan_t.training.paired import prepare
from stylegan_t.training.placement import follow_things
from stylegan_t.training.processes import Processes, is_first, wait_for_all
from stylegan_t.training.sharpening import Sharpener
from stylegan_t.training.thing_text import reading_accuracy, tower_config, train_thing_tower

LEARNING_RATES = {32: 3e-3, 64: 1.5e-3, 128: 1e-3}
"""Start of each resolution's cosine; a stage goes on from the weights of the one before."""
CRISPNESS = {32: 0.0, 64: 0.5, 128: 1.5}
SOFTNESS = {32: 0.4, 64: 0.1, 128: 0.0}
"""Weights of each resolution's errors, see `paired_loss`."""
PLAIN = {32: 0.65, 64: 0.65, 128: 0.5}
SHARPENING_PLAIN = 0.3
"""The share of plain samples, see `ThingLesson`: at last whole sentences are practised more."""
SHARPENING_RATE, SHARPENING_AVERAGE = 1.2e-3, 0.05
"""Learning rate, and half-life of the average as a share of the stage: a game of two sways."""
PATIENCE = timedelta(days=2)
"""One process trains the tower and the eyes, and the others wait for it."""


@dataclass(frozen=True)
class Way:
    """The way in which a generator is trained: where, compiled or not, in bfloat16 or not."""

    device: torch.device
    compiled: bool
    bf16: bool


def text_stage(plan: Plan, out: Path, book: CodeBook, device: torch.device) -> WordTower:
    """Train the text tower once, on the first process; the others read its file."""
    file = out / "text.safetensors"
    if not file.exists() and is_first():
        tower = train_thing_tower(
            book, plan.text_steps, seed=plan.seed, report=click.echo, device=device
        )
        scores = reading_accuracy(tower, book, n=2000, seed=plan.seed + 999)
        click.echo("reads held-out captions: " + str({k: round(v, 4) for k, v in scores.items()}))
        save_tensors(file, tower.state_dict())
    wait_for_all()
    return read_tower(out, book)


def read_tower(out: Path, book: CodeBook) -> WordTower:
    """The text tower that the run in a folder has trained."""
    tower = WordTower(tower_config(book), "demo words", known_words(book.count))
    with TensorFile(out / "text.safetensors") as archive:
        tower.load_state_dict(archive.read_all())
    return tower.eval()


def started(plan: Plan, out: Path, book: CodeBook) -> Generator:
    """The model that a run starts from; its text tower is kept in the run's folder.

    Raises:
        click.ClickException: it is no model of this world's things.
    """
    try:
        model = load_generator(plan.start)
    except CheckpointError as error:
        raise click.ClickException(str(error)) from error
    wanted = config.things(max(SIZES), book.c_dim)
    if model.config != wanted or not isinstance(model.text, WordTower):
        raise click.ClickException(
            f"{plan.start} cannot be trained further here: it is no model of the demo's "
            f"{plan.things} things at {wanted.img_resolution} pixels."
        )
    if is_first():
        save_tensors(out / "text.safetensors", model.text.state_dict())
    wait_for_all()
    return model


def features_stage(plan: Plan, out: Path, device: torch.device) -> FeatureNetwork | None:
    """Train what the discriminator looks through, on the first process; None when it names too
    little to judge."""
    file = out / "features.safetensors"
    if not file.exists() and is_first():
        namer = train_namer(
            plan.things, plan.namer_steps, seed=plan.seed + 5, report=click.echo,
            state=out / "namer.pt", device=device,
        )  # fmt: skip
        save_namer(namer, naming_accuracy(namer), file)
    wait_for_all()
    features, accuracy = load_features(file)
    click.echo(f"The discriminator's eyes name {accuracy:.3f} of the things of held-out scenes.")
    if accuracy >= ENOUGH:
        return features
    click.echo(f"That is less than {ENOUGH}: there is no adversarial stage.")
    return None


def generator_stage(
    plan: Plan,
    out: Path,
    resolution: int,
    lesson: ThingLesson,
    smaller: Generator | None,
    how: Way,
) -> Generator:
    """Train all blocks at one resolution, from the weights of the smaller model."""
    torch.manual_seed(plan.seed + resolution)
    generator = Generator(
        config.things(resolution, lesson.book.c_dim), lesson.text, things_card(plan.things)
    )
    prepare(generator, rotation(generator.config.z_dim, "latent"))
    if smaller is None:
        follow_things(generator, lesson.book, plan.seed)
    else:
        grow(smaller, generator)
    options = TrainOptions(
        out=str(out / str(resolution)),
        images=dict(zip(SIZES, plan.images, strict=True))[resolution],
        batch=batches(how.device)[resolution],
        learning_rate=LEARNING_RATES[resolution],
        seed=plan.seed + resolution,
        bf16=how.bf16,
        compile=how.compiled,
        device=str(how.device),
        crisp_weight=CRISPNESS[resolution],
        softness=SOFTNESS[resolution],
    )
    return _finished(Trainer(generator, options, click.echo, lesson))


def paired_stages(plan: Plan, out: Path, book: CodeBook, how: Way) -> Generator:
    """Train from nothing, at one resolution after the other, and the text tower before the last."""
    generator: Generator | None = None
    tower: WordTower | None = None
    for resolution in SIZES:
        if resolution == max(SIZES):
            tower = text_stage(plan, out, book, how.device)
        lesson = ThingLesson(
            book, plan.seed + resolution, tower, PLAIN[resolution], device=how.device
        )
        generator = generator_stage(plan, out, resolution, lesson, generator, how)
    assert generator is not None
    return generator


def sharpening_stage(
    plan: Plan, out: Path, lesson: ThingLesson, taught: Generator, eyes: FeatureNetwork, how: Way
) -> Generator:
    """Train on, with the discriminator beside the paired loss."""
    generator = Generator(taught.config, lesson.text, taught.card)
    generator.load_state_dict(taught.state_dict())
    options = TrainOptions(
        out=str(out / "sharpened"),
        images=plan.sharpened,
        batch=batches(how.device)[max(SIZES)],
        learning_rate=SHARPENING_RATE,
        average=SHARPENING_AVERAGE,
        seed=plan.seed + 1000,
        bf16=how.bf16,
        compile=how.compiled,
        device=str(how.device),
    )
    return _finished(Sharpener(generator, options, click.echo, lesson, eyes))


def _finished(trainer: Trainer) -> Generator:
    """Train to the end, or go on to it, and open what was trained."""
    trainer.resume()
    trainer.run()
    wait_for_all()
    return load_generator(trainer.out / "model.safetensors")


def say_judgement(generator: Generator, things: int, prompts: int = 1000) -> None:
    """Tell how often the judge sees what held-out prompts name, beside real scenes."""
    try:
        judge = load_thing_judge()
    except MetricError as error:
        click.echo(str(error))
        return
    if judge.count != things:
        click.echo(f"The judge knows {judge.count} things, so it has nothing to say of {things}.")
        return
    model, real = beside_real(judge, generator, prompts)
    click.echo(f"What the judge sees of {prompts} held-out prompts (in real scenes):")
    for name, (share, asked) in model.shares.items():
        click.echo(f"  {name:14} {share:.3f} ({real.shares[name][0]:.3f}), named {asked} times")
    click.echo(f"  crispness      {model.crispness / real.crispness:.3f} of the real scenes'")


def practised_value(text: str) -> tuple[str, int]:
    """The attribute and the value that `cat` or `weather=cloudy` stands for.

    Raises:
        click.BadParameter: neither a thing that processors learn nor a value that can be practised.
    """
    name, equals, value = text.partition("=")
    if not equals and text in {thing.name for thing in first_things()}:
        return "thing", thing_index(text)
    if name in PRACTISABLE and value in VALUES.get(name, ()):
        return name, VALUES[name].index(value)
    raise click.BadParameter(
        f"the demo knows no thing by the name of “{text}”, and no such value; things are given "
        "by their names, values as in “weather=cloudy”."
    )


def _checked(
    context: click.Context, option: click.Parameter, texts: tuple[str, ...]
) -> tuple[str, ...]:
    """The texts, when each says what can be practised."""
    for text in texts:
        practised_value(text)
    return texts


@click.command(help=__doc__)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the run.")
@click.option("--minutes", default=600.0, show_default=True, help="Time to plan for.")
@click.option(
    "--all-things/--first-things",
    "every",
    default=None,
    help="Learn every thing of the atlas, or those that processors have the time for; where "
    "nothing is said, every thing on a graphics card.",
)
@click.option(
    "--images", nargs=3, type=int, help="Pictures at 32, 64 and 128 pixels, in place of a plan."
)
@click.option("--text-steps", type=int, help="Steps of the text tower, in place of a plan.")
@click.option("--namer-steps", type=int, help="Steps of the discriminator's eyes, likewise.")
@click.option("--sharpened", type=int, help="Pictures of the adversarial stage, likewise.")
@click.option("--compile/--no-compile", "compiled", default=True, help="Compile the generator.")
@click.option(
    "--device",
    "device_name",
    default="auto",
    show_default=True,
    metavar="NAME",
    help="auto, cuda, cuda:1 or cpu.",
)
@click.option("--bf16/--fp32", default=True, help="Precision of the convolutions.")
@click.option(
    "--start-from",
    "start",
    metavar="MODEL",
    help="Name or file of a trained model: only the last stage is trained, from its weights on.",
)
@click.option(
    "--practise",
    "practised",
    multiple=True,
    metavar="VALUE",
    callback=_checked,
    help="What to show more often in the last stage: a thing, as “cat”, or a value, as "
    "“weather=cloudy”.",
)
@click.option("--judged", default=1000, show_default=True, help="Held-out prompts at the end.")
@click.option("--seed", default=0, show_default=True)
def main(
    out: Path,
    minutes: float,
    every: bool | None,
    images: tuple[int, int, int] | None,
    text_steps: int | None,
    namer_steps: int | None,
    sharpened: int | None,
    compiled: bool,
    device_name: str,
    bf16: bool,
    start: str | None,
    practised: tuple[str, ...],
    judged: int,
    seed: int,
) -> None:
    """Entry point of the command."""
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", str(torch.get_num_threads()))))
    # Processes that compile at the same time must not read one another's half-written files.
    cache = out / f"compiled-{os.environ.get('RANK', '0')}"
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(cache.resolve()))
    try:
        device = Processes(device_name, PATIENCE).device
        if every is None:
            every = device.type == "cuda" and not start
        things = len(all_things()) if every else default_count()
        sprites_of(things)  # a damaged atlas is told before anything is planned
    except (AtlasError, TrainingError) as error:
        raise click.ClickException(str(error)) from error

    def make() -> Plan:
        if images:
            return Plan(things, TEXT_STEPS[1], images, seed)
        return planned(minutes, things, seed, start or "", device)

    numbers = {
        "images": images, "text_steps": text_steps, "namer_steps": namer_steps,
        "sharpened": sharpened, "start": start, "practised": practised or None,
    }  # fmt: skip
    given = {name: n for name, n in numbers.items() if n is not None}
    plan, how = plan_of_run(out, make, given), Way(device, compiled, bf16)
    book = CodeBook(plan.things)
    click.echo(f"Plan: {plan}")
    generator = started(plan, out, book) if plan.start else paired_stages(plan, out, book, how)
    if plan.sharpened:
        eyes = features_stage(plan, out, device)
        if eyes is not None:
            again = [practised_value(text) for text in plan.practised]
            tower = read_tower(out, book)
            lesson = ThingLesson(book, plan.seed + 1000, tower, SHARPENING_PLAIN, again, device)
            generator = sharpening_stage(plan, out, lesson, generator, eyes, how)
    if is_first():
        save(generator, out / "demo.safetensors", torch.float16)
        click.echo(f"The model is in {out / 'demo.safetensors'}.")
        say_judgement(generator, plan.things, judged)
    leave_group()


if __name__ == "__main__":
    sys.exit(console.run(main, "python -m stylegan_t.training.demo"))
