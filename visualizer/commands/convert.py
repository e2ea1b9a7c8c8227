"""`stylegan-t convert`: any checkpoint that can be opened, as one native `.safetensors` file."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

import stylegan_t
from renderer.files.kinds import identify, mistaken
from renderer.recipe.names import display_name
from renderer.recipe.recipe import ModelBlend
from stylegan_t.demo.built_in import is_built_in
from stylegan_t.files.whole import cannot_write
from stylegan_t.terminal.console import say
from stylegan_t.terminal.progress_line import ProgressLine
from visualizer.options.blend_options import PartWeight, blend_options, with_blend
from visualizer.options.out_path import out_path
from visualizer.options.paths import typed_path

if TYPE_CHECKING:
    from stylegan_t.network import AnyNetwork


@click.command(short_help="Write a checkpoint as a native file.")
@click.argument("source", metavar="IN")
@click.argument("target", metavar="OUT.safetensors")
@click.option("--half", is_flag=True, help="Store weights as float16: half the size.")
@click.option(
    "--text-tower",
    metavar="SPEC",
    help='Add this text tower: a CLIP file, or "open_clip:ViT-L-14/openai".',
)
@click.option(
    "--download", is_flag=True, help="Download the text tower if it is not on this computer."
)
@blend_options
@click.option("--name", metavar="TEXT", help="Name of the model in its model card.")
@click.option("--overwrite", is_flag=True, help="Replace OUT if it exists.")
def convert(
    source: str,
    target: str,
    half: bool,
    text_tower: str | None,
    download: bool,
    blend: str | None,
    blend_weight: tuple[PartWeight, ...],
    name: str | None,
    overwrite: bool,
) -> None:
    """Write the checkpoint IN as a native file, with its text tower and card.

    IN is a checkpoint of StyleGAN-T, StyleGAN2, StyleGAN3, StyleGAN-XL or LAFITE: a snapshot
    (.pkl), weights alone (.pt, .pth, .safetensors), a file of this program, or "demo".  Nothing in
    it is run.  Weights are kept bit by bit unless --half is given, or --blend, which writes a
    model between IN and another one.

    \b
    stylegan-t convert network-snapshot-025000.pkl model.safetensors
    stylegan-t convert ffhq.pkl ffhq.safetensors
    stylegan-t convert model.safetensors small.safetensors --half
    stylegan-t convert faces.pkl both.safetensors --blend dogs.pkl --blend-weight 2..4=0.7
    """
    path = out_path(target, (".safetensors",), overwrite, "OUT")
    if download and text_tower is None:
        raise click.UsageError("--download needs --text-tower: there is nothing else to download.")
    parts = with_blend(ModelBlend(), blend, blend_weight)
    network = opened(source)
    if parts.path:
        network = _blended(network, parts)
    if text_tower is not None:
        _put_tower(network, text_tower, download)
    if name is not None:
        network.card = replace(network.card, name=name)
    _write(network, path, half, overwrite)
    size = path.stat().st_size
    say(f"Wrote {path}, {size / 1e6:.1f} MB.")


def opened(source: str) -> AnyNetwork:
    """Open a checkpoint, with a line of progress on a terminal.

    Raises:
        click.ClickException: it cannot be opened; one sentence.
    """
    path = source if is_built_in(source) else str(typed_path(source))
    if not is_built_in(path) and (kind := identify(Path(path))) not in ("model", "folder", ""):
        raise click.ClickException(mistaken(Path(path), kind, "a model"))
    progress = ProgressLine(logs=False)
    progress.tell("Starting PyTorch")
    try:
        tell = partial(progress.tell, f"Reading {Path(path).name}")
        network = stylegan_t.load(path, progress=tell)
    except stylegan_t.CheckpointError as error:
        raise click.ClickException(str(error)) from error
    finally:
        progress.done()
    if network.warning:
        click.echo(f"Warning: {network.warning}", err=True)
    return network


def _blended(first: AnyNetwork, parts: ModelBlend) -> AnyNetwork:
    """The model between `first` and the second one of `parts`."""
    # PyTorch is slow to import: not before the options are checked
    from stylegan_t.inference.blending import MisfitError, blended

    second = opened(parts.path)
    names = display_name(first.source), display_name(parts.path)
    try:
        return blended(first, second, parts.mapping, parts.weights, names)
    except MisfitError as error:
        raise click.ClickException(str(error)) from error


def _put_tower(network: AnyNetwork, spec: str, download: bool) -> None:
    # PyTorch is slow to import: not before the options are checked
    from stylegan_t.encoders.towers import TowerError, open_tower

    anatomy = network.anatomy
    if anatomy.condition != "text":
        hears = "is unconditional" if anatomy.condition == "nothing" else "takes classes, no text"
        raise click.ClickException(f"{Path(network.source).name} {hears}: leave --text-tower out.")
    try:
        tower = open_tower(spec, download=download)
    except TowerError as error:
        raise click.ClickException(str(error)) from error
    if tower.c_dim != anatomy.c_dim:
        raise click.ClickException(
            f"{tower.name} makes embeddings of {tower.c_dim} values, but this model takes "
            f"{anatomy.c_dim}: choose the text tower that it was trained with."
        )
    network.text = tower


def _write(network: AnyNetwork, path: Path, half: bool, overwrite: bool) -> None:
    # PyTorch is slow to import: not before the options are checked
    import torch

    try:
        stylegan_t.save(network, path, torch.float16 if half else None, overwrite=overwrite)
    except FileExistsError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(cannot_write(error, path)) from error
    except ValueError as error:
        raise click.ClickException(f"{error} Leave --half out.") from error
