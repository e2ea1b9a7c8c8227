"""Options of the command line for two models in one: the second one, and the weights of each part.

They are the same wherever a model is named: for pictures, and for `stylegan-t convert`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import click
from msgspec.structs import replace

from renderer.recipe.identity import blended_with
from renderer.recipe.recipe import MAX_BLOCKS, WILD, ModelBlend
from visualizer.options.paths import typed_model
from visualizer.options.recipe_options_advanced import BlockType, ByBlock, number_of

F = TypeVar("F", bound=Callable[..., Any])
EVEN = 0.5
"""The weight of all parts where only the second model is named."""
EVERY = ByBlock(0, MAX_BLOCKS - 1, 0.0)


@dataclass(frozen=True)
class PartWeight:
    """The weight of some parts: of blocks, of the mapping network, or of both."""

    value: float
    blocks: ByBlock | None = None
    mapping: bool = False


class WeightType(click.ParamType):
    """Reads "0.5", "mapping=0.5", "1=0.5" or "0..2=0.5" as a `PartWeight`."""

    name = "[PART=]VALUE"

    def convert(self, value: Any, param: Any, ctx: Any) -> PartWeight:
        """The weight, or a usage error that says how it is written."""
        if isinstance(value, PartWeight):
            return value
        part, equals, text = str(value).rpartition("=")
        if equals and part.strip() != "mapping":
            some: ByBlock = BlockType().convert(value, param, ctx)
            return PartWeight(some.value, some)
        number = number_of(text)
        if number is None or abs(number) > WILD:
            self.fail(
                f"{value!r} is not a weight such as 0.5, mapping=0.5 or 0..2=0.5 (blocks from 0, "
                "the coarsest).",
                param,
                ctx,
            )
        return PartWeight(number, None if equals else EVERY, mapping=True)


@dataclass(frozen=True, kw_only=True)
class BlendOptions:
    """The values given to these options; None and empty leave the recipe's words."""

    blend: str | None = None
    blend_weight: tuple[PartWeight, ...] = ()


def blend_options(command: F) -> F:
    """Add the options of `BlendOptions` to a command."""
    options = [
        click.option(
            "--blend",
            metavar="PATH",
            help='A second checkpoint of the same shapes to blend with; "" for none.',
        ),
        click.option(
            "--blend-weight",
            multiple=True,
            type=WeightType(),
            help="How far the weights go towards the second checkpoint's, 0 to 1: of all parts "
            f'({EVEN:g} unless given), or "mapping=1", or of blocks, 0 the coarsest: "0..1=0.3".',
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def with_blend(
    base: ModelBlend, second: str | None, weights: Sequence[PartWeight], *, far: bool = False
) -> ModelBlend:
    """`base` with what was given of these options; the second model may be `far` away.

    Raises:
        click.UsageError: there are weights and no second model.
    """
    if second is not None:
        path = typed_model(second, far=far)
        base = blended_with(base, path, base.sha256 if path else "")
        if not weights and not (base.mapping or any(base.weights)):
            weights = (PartWeight(EVEN, EVERY, mapping=True),)
    if weights and not base.path:
        raise click.UsageError(
            "--blend-weight needs another model to blend with: give --blend PATH."
        )
    mapping, blocks = base.mapping, [*base.weights, *[0.0] * (MAX_BLOCKS - len(base.weights))]
    for weight in weights:
        if weight.mapping:
            mapping = weight.value
        if weight.blocks is not None:
            first, stop = weight.blocks.first, weight.blocks.last + 1
            blocks[first:stop] = [weight.value] * (stop - first)
    return replace(base, mapping=mapping, weights=tuple(blocks))
