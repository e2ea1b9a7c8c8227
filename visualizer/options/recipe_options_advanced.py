"""Options of the command line for the words of the instruments: text, plane of seeds, blocks.

Several of a kind may be given.  What they cannot say, such as further mixing sources, is said by a
recipe's file.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import click
from msgspec.structs import replace

from renderer.parameters.ranges import SEED
from renderer.recipe.bend_words import BEND_HELP, read_bend
from renderer.recipe.canvas_words import CANVAS_HELP, read_canvas
from renderer.recipe.recipe import (
    MAX_BLOCKS,
    MAX_ROWS,
    MAX_SEED,
    WILD,
    Bend,
    Canvas,
    Direction,
    LatentPart,
    MixingPart,
    MixSource,
    MixTrack,
    Move,
    NoisePart,
    Pad,
    Recipe,
    RecipeError,
    TextPart,
    WeightedSeed,
)
from renderer.recipe.templates import place_of, rewritten
from visualizer.options.declared_options import option_of, type_of
from visualizer.options.move_type import MOVE, MoveType

F = TypeVar("F", bound=Callable[..., Any])
_SPAN = re.compile(r"(\d{1,6})(?:\.\.(\d{1,6}))?", re.ASCII)
BLOCK = "BLOCK=VALUE"


@dataclass(frozen=True)
class ByBlock:
    """A value for the resolution blocks from `first` to `last`, both included."""

    first: int
    last: int
    value: float


class BlockType(click.ParamType):
    """Reads "1=0.5" or "0..2=0.5" as `ByBlock`; blocks count from 0, the coarsest."""

    name = BLOCK

    def convert(self, value: Any, param: Any, ctx: Any) -> ByBlock:
        """The value, or a usage error that says how it is written."""
        if isinstance(value, ByBlock):
            return value
        blocks, equals, number = str(value).partition("=")
        span, amount = _span(blocks, MAX_BLOCKS), number_of(number)
        if not equals or span is None or amount is None:
            self.fail(
                f"{value!r} is not BLOCK=VALUE, such as 1=0.5 or 0..2=0.5 (blocks from 0, the "
                f"coarsest, to {MAX_BLOCKS - 1}).",
                param,
                ctx,
            )
        return ByBlock(*span, amount)


class DirectionType(click.ParamType):
    """Reads "PLUS|MINUS=K" or "PLUS|MINUS=K@FIRST..LAST" (rows of w) as a `Direction`."""

    name = "PLUS|MINUS=K"

    def convert(self, value: Any, param: Any, ctx: Any) -> Direction:
        """The direction, or a usage error that says how it is written."""
        if isinstance(value, Direction):
            return value
        texts, equals, rest = str(value).rpartition("=")
        plus, bar, minus = _parted(texts)
        number, at, rows = rest.partition("@")
        span, amount = (_span(rows, MAX_ROWS) if at else (0, None)), number_of(number)
        if not (equals and bar) or span is None or amount is None:
            self.fail(
                f"{value!r} is not PLUS|MINUS=K, such as 'summer|winter=1.5', or with rows of w "
                "'summer|winter=1.5@0..8'.",
                param,
                ctx,
            )
        first, last = span
        stop = None if last is None or last + 1 >= MAX_ROWS else last + 1
        return Direction("", plus, minus, amount, first, stop)


class BendType(click.ParamType):
    """Reads "LAYER:KIND=AMOUNT@CHANNELS" as a `Bend`."""

    name = "LAYER:KIND=AMOUNT"

    def convert(self, value: Any, param: Any, ctx: Any) -> Bend:
        """The bend, or a usage error that says how it is written."""
        if isinstance(value, Bend):
            return value
        try:
            return read_bend(str(value))
        except RecipeError as error:
            self.fail(str(error), param, ctx)


class CanvasType(click.ParamType):
    """Reads "16:9" or "2x1.5" as a `Canvas`."""

    name = "W:H"

    def convert(self, value: Any, param: Any, ctx: Any) -> Canvas:
        """The canvas, or a usage error that says how it is written."""
        if isinstance(value, Canvas):
            return value
        try:
            return read_canvas(str(value))
        except RecipeError as error:
            self.fail(str(error), param, ctx)


class SeedType(click.ParamType):
    """Reads "7=0.5", or "7" for a weight of one."""

    name = "SEED=WEIGHT"

    def convert(self, value: Any, param: Any, ctx: Any) -> WeightedSeed:
        """The seed, or a usage error that says how it is written."""
        if isinstance(value, WeightedSeed):
            return value
        seed, _, weight = str(value).partition("=")
        try:
            number, share = int(seed), float(weight or 1)
        except ValueError:
            number, share = -1, 0.0
        if not (0 <= number <= MAX_SEED and abs(share) <= WILD):
            self.fail(f'{value!r} is not a seed with its weight, such as "7=0.5"', param, ctx)
        return WeightedSeed(number, share)


@dataclass(frozen=True, kw_only=True)
class AdvancedOptions:
    """The values given to these options; None and empty leave the recipe's words."""

    pad: tuple[float, float] | None = None
    strength: float | None = None
    neutral: str | None = None
    direction: tuple[Direction, ...] = ()
    east: float | None = None
    south: float | None = None
    psi_block: tuple[ByBlock, ...] = ()
    noise_block: tuple[ByBlock, ...] = ()
    mix_seed: int | None = None
    mix_prompt: str | None = None
    mix_latent: tuple[ByBlock, ...] = ()
    mix_text: tuple[ByBlock, ...] = ()
    bend: tuple[Bend, ...] = ()
    move: tuple[Move, ...] = ()
    blend_seed: tuple[WeightedSeed, ...] = ()
    seed_pad: tuple[float, float] | None = None
    canvas: Canvas | None = None


def word_options(command: F) -> F:
    """Add the options of `AdvancedOptions` to a command."""
    by_block = {"multiple": True, "type": BlockType()}
    options = [
        click.option(
            "--pad",
            type=float,
            nargs=2,
            metavar="X Y",
            help="Blend the first four prompts as the corners of a square: 0 0 is the first, 1 0 "
            "the second, 0 1 the third, 1 1 the fourth.",
        ),
        option_of("strength", "K"),
        option_of("neutral", "TEXT"),
        click.option(
            "--direction",
            multiple=True,
            type=DirectionType(),
            help='Move the text K times the way from MINUS to PLUS: "summer|winter=1.5". For some '
            'layers only, add their rows of w: "summer|winter=1.5@0..8".',
        ),
        option_of("east", "N"),
        option_of("south", "N"),
        click.option(
            "--blend-seed",
            multiple=True,
            type=SeedType(),
            help='Blend several seeds in the place of --seed, by weights: "7=0.5".',
        ),
        click.option(
            "--seed-pad",
            type=float,
            nargs=2,
            metavar="X Y",
            help="Blend the first four --blend-seed as the corners of a square, as --pad does "
            "with prompts.",
        ),
        click.option(
            "--move",
            multiple=True,
            type=MoveType(),
            help=f"Move along a direction of the latent, K standard deviations of a component or "
            f"K times a file's vector: {MOVE}.",
        ),
        click.option(
            "--psi-block",
            **by_block,
            help='Truncation of single blocks, 0 the coarsest: "0..1=0.5".',
        ),
        click.option("--noise-block", **by_block, help="Noise strength of single blocks."),
        click.option(
            "--mix-seed",
            type=type_of(SEED),
            metavar="N",
            help="Seed whose latent --mix-latent mixes in.",
        ),
        click.option("--mix-prompt", metavar="TEXT", help="Prompt that --mix-text mixes in."),
        click.option(
            "--mix-latent", **by_block, help="How much of that latent each block takes, 0 to 1."
        ),
        click.option(
            "--mix-text", **by_block, help="How much of that text each block takes, 0 to 1."
        ),
        click.option(
            "--bend",
            multiple=True,
            type=BendType(),
            help=f"Change what comes out of a layer: {BEND_HELP} (layer, kind, amounts, channels, "
            "seed of noise). The Layers tab lists the layers.",
        ),
        click.option(
            "--canvas",
            type=CanvasType(),
            help=f"The form of the picture, with the trained square in the middle: {CANVAS_HELP}.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def with_words(recipe: Recipe, options: AdvancedOptions) -> Recipe:
    """`recipe`, in which plain values stand already, with the words that were given.

    Raises:
        click.UsageError: options that do not fit together.
    """
    _check_plane(recipe.latent, options)
    return replace(
        recipe,
        latent=_seeds(recipe.latent, options),
        text=_text(recipe.text, options),
        moves=options.move or recipe.moves,
        psi_blocks=_by_block(recipe.psi_blocks, options.psi_block, None),
        noise=_noise(recipe.noise, options),
        mixing=_mixing(recipe.mixing, options, recipe.text.wildcard_seed),
        bends=options.bend or recipe.bends,
        canvas=options.canvas or recipe.canvas,
    )


def _text(part: TextPart, options: AdvancedOptions) -> TextPart:
    if options.pad is not None and len(part.prompts) < 2:
        raise click.UsageError("--pad blends two to four prompts: give --prompt several times.")
    if options.neutral is not None and part.strength == 1:
        raise click.UsageError("--neutral needs --strength other than 1 to have an effect.")
    pad = part.pad if options.pad is None else Pad(*options.pad)
    typed = enumerate(options.direction)
    made = tuple(_drawn(one, index, part.wildcard_seed) for index, one in typed)
    return replace(part, pad=pad, directions=made or part.directions)


def _seeds(part: LatentPart, options: AdvancedOptions) -> LatentPart:
    if options.blend_seed:
        part = replace(part, seeds=options.blend_seed, values=(), x=0.0, y=0.0)
    if options.seed_pad is None:
        return part
    if len(part.seeds) < 2:
        raise click.UsageError(
            "--seed-pad blends two to four seeds: give --blend-seed several times."
        )
    return replace(part, pad=Pad(*options.seed_pad))


def _parted(texts: str) -> tuple[str, str, str]:
    """The two texts of a direction and the bar between them: not one within a choice of words."""
    depth = 0
    for at, sign in enumerate(texts):
        depth += (sign == "{") - (sign == "}")
        if sign == "|" and depth <= 0:
            return texts[:at], sign, texts[at + 1 :]
    return texts.partition("|")


def _drawn(direction: Direction, index: int, seed: int) -> Direction:
    """A direction as it was typed, with its wildcards drawn."""
    new = replace(direction, plus="", minus="")
    for field in ("plus", "minus"):
        place = place_of("directions", index, field)
        new = rewritten(new, field, getattr(direction, field), seed, place)
    return new


def _check_plane(part: LatentPart, options: AdvancedOptions) -> None:
    if not part.on_plane and (options.east is not None or options.south is not None):
        raise click.UsageError("--east and --south need a seed, but this recipe's latent has none.")


def _noise(part: NoisePart, options: AdvancedOptions) -> NoisePart:
    return replace(part, blocks=_by_block(part.blocks, options.noise_block, 1.0))


def _mixing(part: MixingPart, options: AdvancedOptions, wildcard_seed: int) -> MixingPart:
    """The options are about the first source."""
    given = (options.mix_seed, options.mix_prompt, options.mix_latent, options.mix_text)
    if all(value in (None, ()) for value in given):
        return part
    source = part.sources[0] if part.sources else MixSource()
    if options.mix_seed is not None:
        source = replace(source, seed=options.mix_seed, values=())
    if options.mix_prompt is not None:
        place = place_of("sources", 0)
        source = rewritten(source, "prompt", options.mix_prompt, wildcard_seed, place)
    source = replace(
        source,
        latent=_track(source.latent, options.mix_latent),
        text=_track(source.text, options.mix_text),
    )
    if options.mix_seed is not None and not source.latent.active:
        raise click.UsageError('--mix-seed needs --mix-latent, such as "0=1", to have an effect.')
    if options.mix_prompt is not None and not source.text.active:
        raise click.UsageError('--mix-prompt needs --mix-text, such as "0=1", to have an effect.')
    return MixingPart((source, *part.sources[1:]))


def _track(track: MixTrack, given: Sequence[ByBlock]) -> MixTrack:
    return replace(track, weights=_by_block(track.weights, given, 0.0))


def _by_block(known: Sequence[Any], given: Sequence[ByBlock], usual: float | None) -> Any:
    """The values of all blocks with those that were given, `usual` between them."""
    values: list[float | None] = list(known)
    for some in given:
        values += [usual] * (some.last + 1 - len(values))
        values[some.first : some.last + 1] = [some.value] * (some.last + 1 - some.first)
    return tuple(values)


def _span(text: str, limit: int) -> tuple[int, int] | None:
    """ "3" or "3..5", both included and below `limit`; None for anything else."""
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        return None
    first = int(found[1])
    last = first if found[2] is None else int(found[2])
    return (first, last) if first <= last < limit else None


def number_of(text: str) -> float | None:
    """A finite number as it is typed, or None."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
