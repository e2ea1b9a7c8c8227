"""Sheets: one recipe, many pictures, in rows and columns that each vary one thing.

A sheet is plain values, so it is kept, travels inside the picture that was made of it, and says its
cells without a renderer: `(sheet, recipe) -> recipes`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from renderer.recipe.component_moves import with_amount
from renderer.recipe.figures import minus
from renderer.recipe.identity import hashed
from renderer.recipe.latent_ends import start_at_seed
from renderer.recipe.move_words import direction_in_words
from renderer.recipe.names import display_name
from renderer.recipe.parts.moves import unsound
from renderer.recipe.recipe import (
    MAX_BENDS,
    MAX_BLOCKS,
    MAX_JSON_BYTES,
    MAX_MOVES,
    MAX_SEED,
    MixingPart,
    MixSource,
    MixTrack,
    Move,
    Number,
    Prompt,
    Recipe,
    RecipeError,
    Seed,
    Text,
    TextPart,
)
from stylegan_t.errors import BROKEN_JSON

SHEET_VERSION = 5
"""Version 1 mixed counted seeds alone, 2 knew one model, 3 no bends, 4 no directions; all read as
they stand."""
MAX_COUNT = 64
"""Rows, and columns, of one sheet."""
MAX_PIXELS = 150_000_000
"""A sheet is held whole in memory: this is 450 MB."""
MAX_SIDES = {".jpg": 65_000, ".jpeg": 65_000, ".webp": 16_383}
"""The most that these kinds of files can hold, in pixels of one side."""

Kind = Literal["none", "seed", "psi", "prompt", "position", "mixing", "model", "bend", "move"]
Block = Annotated[int, Meta(ge=0, le=MAX_BLOCKS)]
NAMES: dict[Kind, str] = {
    "none": "nothing",
    "seed": "the seed",
    "psi": "psi",
    "prompt": "the prompt",
    "position": "the position",
    "mixing": "the mixing source",
    "model": "the model",
    "bend": "the amount of a bend",
    "move": "the amount of a direction",
}


class Axis(Struct, frozen=True, forbid_unknown_fields=True):
    """The variation of the rows, or of the columns.

    "seed" and "mixing" count seeds up from `seed`; "psi", "position" and "bend", the amount of
    the recipe's bend of that number, go in `count` even steps from `start` to `stop`;
    "move" goes in the same way along the direction `move`, whatever the recipe's amount; "prompt"
    takes each of `prompts` (drawn from `templates`, where wildcards were typed), or without any
    each row of the recipe's own. "mixing" lays
    the latent of each seed over the picture in the resolution blocks from `blocks[0]` up to but
    without `blocks[1]`, coarsest first; where `sources` are given it takes their latents and
    words instead, or with none in it those of the recipe's own mixing. "model" draws with each
    of `models`, which are paths; without any, with the recipe's own. Values that a kind does
    not read are kept, for when it is chosen again.
    """

    kind: Kind = "none"
    count: Annotated[int, Meta(ge=1, le=MAX_COUNT)] = 5
    seed: Seed = 0
    start: Number = 0.0
    stop: Number = 1.0
    prompts: Annotated[tuple[Text, ...], Meta(max_length=MAX_COUNT)] = ()
    blocks: tuple[Block, Block] = (0, 2)
    sources: Annotated[tuple[MixSource, ...], Meta(max_length=MAX_COUNT)] | None = None
    models: Annotated[tuple[Text, ...], Meta(max_length=MAX_COUNT)] = ()
    bend: Annotated[int, Meta(ge=1, le=MAX_BENDS)] = 1
    move: Move | None = None
    templates: Annotated[tuple[Text, ...], Meta(max_length=MAX_COUNT)] = ()


class Sheet(Struct, frozen=True, forbid_unknown_fields=True):
    """Two axes; the classic style mixing grid is columns of seeds and rows of mixing sources."""

    rows: Axis = Axis("seed", count=3)
    columns: Axis = Axis("psi")
    labels: bool = True

    @property
    def mixes(self) -> bool:
        """Return whether the sources of mixing stand along the edges."""
        return "mixing" in (self.rows.kind, self.columns.kind)


class _Envelope(Struct, frozen=True):
    stylegan_t_sheet: int
    sheet: msgspec.Raw


SHEET = msgspec.json.Decoder(Sheet)
_ENVELOPE = msgspec.json.Decoder(_Envelope)


def to_json(sheet: Sheet) -> str:
    """The sheet as one line of JSON with its version.

    Raises:
        RecipeError: a prompt holds half a character, which no file can.
    """
    body = {"stylegan_t_sheet": SHEET_VERSION, "sheet": sheet}
    try:
        return msgspec.json.encode(body).decode()
    except UnicodeEncodeError as error:
        raise RecipeError(
            "A prompt in this grid contains characters that cannot be saved."
        ) from error


def from_json(text: str | bytes) -> Sheet:
    """Read what `to_json` wrote.  The text is not trusted.

    Raises:
        RecipeError: not a sheet, damaged, or written by a newer version of this program.
    """
    if len(text) > MAX_JSON_BYTES:
        raise RecipeError("This is far too large to be a grid.")
    try:
        data = text.encode() if isinstance(text, str) else text
        envelope = _ENVELOPE.decode(data)
        if envelope.stylegan_t_sheet > SHEET_VERSION:
            raise RecipeError(
                "This grid was written by a newer version of this program. Update the program to "
                "open it."
            )
        sheet = SHEET.decode(bytes(envelope.sheet))
    except BROKEN_JSON as error:
        raise RecipeError("This is not a grid that this program wrote.") from error
    moves = tuple(axis.move for axis in (sheet.rows, sheet.columns) if axis.move is not None)
    if problem := clash(sheet) or unsound(moves):
        raise RecipeError(problem)
    return sheet


# -- cells ---------------------------------------------------------------------------------------


def size(sheet: Sheet, recipe: Recipe) -> tuple[int, int]:
    """(rows, columns), without the edges."""
    return _length(sheet.rows, recipe), _length(sheet.columns, recipe)


def table_size(sheet: Sheet, recipe: Recipe) -> tuple[int, int]:
    """(rows, columns) of all that is shown: with the sources, where some stand along the edges."""
    rows, columns = size(sheet, recipe)
    return rows + sheet.mixes, columns + sheet.mixes


def at(sheet: Sheet, recipe: Recipe, row: int, column: int) -> Recipe | None:
    """The recipe at a place of the whole table, or None in the corner between the sources.

    Where a sheet mixes, row 0 and column 0 show the sources themselves.
    """
    base = replace(recipe, mixing=MixingPart()) if sheet.mixes else recipe
    row, column = row - sheet.mixes, column - sheet.mixes
    if row < 0 and column < 0:
        return None
    if row < 0:
        return _alone(sheet.columns, column, base, recipe)
    if column < 0:
        return _alone(sheet.rows, row, base, recipe)
    # Seeds start a new latent, so they come first and the position goes on from them.
    steps = [(sheet.rows, row), (sheet.columns, column)]
    steps.sort(key=lambda step: step[0].kind != "seed")
    for axis, index in steps:
        base = _applied(axis, index, base, recipe)
    return base


def table(sheet: Sheet, recipe: Recipe) -> tuple[tuple[Recipe | None, ...], ...]:
    """All recipes as they stand in the sheet, row by row; see `at`."""
    rows, columns = table_size(sheet, recipe)
    return tuple(
        tuple(at(sheet, recipe, row, column) for column in range(columns)) for row in range(rows)
    )


def cells(sheet: Sheet, recipe: Recipe) -> tuple[tuple[Recipe, ...], ...]:
    """The recipes of the sheet without the sources along its edges, row by row."""
    edge = int(sheet.mixes)
    return tuple(
        tuple(cell for cell in line[edge:] if cell is not None)
        for line in table(sheet, recipe)[edge:]
    )


def places(sheet: Sheet, recipe: Recipe) -> Iterator[tuple[int, int, Recipe]]:
    """The cells of a sheet with their row and column in its table, edges first."""
    for row, line in enumerate(table(sheet, recipe)):
        for column, cell in enumerate(line):
            if cell is not None:
                yield row, column, cell


def labels(sheet: Sheet, recipe: Recipe) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what stands beside each row and above each column, without the edges."""
    rows, columns = size(sheet, recipe)
    return (
        tuple(_label(sheet.rows, row, recipe) for row in range(rows)),
        tuple(_label(sheet.columns, column, recipe) for column in range(columns)),
    )


def of_sources(sheet: Sheet, blocks: int) -> Sheet:
    """The sheet that mixes the recipe's own sources with one another: rows give the coarser half of
    the resolution blocks of the model, columns the finer half."""
    middle = max(1, blocks // 2)
    rows = replace(sheet.rows, kind="mixing", sources=(), blocks=(0, middle))
    fine = (min(middle, blocks - 1), blocks)
    columns = replace(sheet.columns, kind="mixing", sources=(), blocks=fine)
    return replace(sheet, rows=rows, columns=columns)


def pinned(sheet: Sheet, recipe: Recipe) -> Sheet:
    """The sheet with what it takes from the recipe written out: it stays when that goes."""

    def own(axis: Axis) -> Axis:
        if axis.kind == "prompt" and not axis.prompts:
            return replace(axis, prompts=_prompts(axis, recipe))
        if axis.kind == "mixing" and axis.sources is not None:
            return replace(axis, sources=_given(axis, recipe) or None)
        return axis

    return replace(sheet, rows=own(sheet.rows), columns=own(sheet.columns))


def clash(sheet: Sheet) -> str:
    """Return why the two axes do not go together, in a sentence; empty when they do."""
    kind = sheet.rows.kind
    if kind in ("none", "mixing") or kind != sheet.columns.kind:
        return ""
    if kind == "move" and _place(sheet.rows) != _place(sheet.columns):
        return ""
    return f"Rows and columns both vary {NAMES[kind]}: let one of them vary something else."


def too_large(
    sheet: Sheet, recipe: Recipe, side_px: int, suffix: str = ".png", width_px: int = 0
) -> str:
    """Return why a sheet of pictures of `side_px`, as wide or `width_px`, cannot be a file of this
    kind; empty when it can."""
    rows, columns = table_size(sheet, recipe)
    width_px = width_px or side_px
    pixels, most = rows * columns * side_px * width_px, MAX_SIDES.get(suffix.lower(), MAX_PIXELS)
    if pixels > MAX_PIXELS:
        return (
            f"A grid of {rows} x {columns} pictures of {side_px} pixels would have "
            f"{pixels // 1_000_000} million pixels; at most {MAX_PIXELS // 1_000_000} million "
            "fit: ask for fewer rows or columns."
        )
    if max((rows + 2) * side_px, (columns + 2) * width_px) > most:
        return (
            f"A {suffix} file can be at most {most} pixels wide or high: save a PNG, or ask for "
            "fewer rows or columns."
        )
    return ""


# -- axes ----------------------------------------------------------------------------------------


def _length(axis: Axis, recipe: Recipe) -> int:
    if axis.kind == "none":
        return 1
    if axis.kind == "mixing":
        return len(_given(axis, recipe)) or axis.count
    if axis.kind == "model":
        return len(_models(axis, recipe))
    return len(_prompts(axis, recipe)) if axis.kind == "prompt" else axis.count


def _given(axis: Axis, recipe: Recipe) -> tuple[MixSource, ...]:
    """The sources that an axis mixes in, where it does not count seeds."""
    given = () if axis.sources is None else axis.sources or recipe.mixing.sources
    return given[:MAX_COUNT]


def _source(axis: Axis, index: int, recipe: Recipe) -> MixSource:
    given = _given(axis, recipe)
    return given[index] if given else MixSource(seed=_seed(axis, index))


def _prompts(axis: Axis, recipe: Recipe) -> tuple[str, ...]:
    return axis.prompts or tuple(prompt.text for prompt in recipe.text.prompts)[:MAX_COUNT]


def _models(axis: Axis, recipe: Recipe) -> tuple[str, ...]:
    return axis.models or (recipe.model.path,)


def of_models(axis: Axis, paths: Sequence[str], most: int = MAX_COUNT) -> Axis:
    """The axis of at most `most` of these models, evenly, the first and the last included."""
    most, last = max(1, min(most, MAX_COUNT)), len(paths) - 1
    if len(paths) > most:
        steps = max(most - 1, 1)
        places = [last] if most == 1 else [round(step * last / steps) for step in range(most)]
        paths = [paths[place] for place in places]
    return replace(axis, kind="model", models=tuple(paths))


def _seed(axis: Axis, index: int) -> int:
    return (axis.seed + index) % (MAX_SEED + 1)


def _number(axis: Axis, index: int) -> float:
    """Even steps whose ends are met exactly."""
    share = index / max(1, axis.count - 1)
    return (1 - share) * axis.start + share * axis.stop


def _label(axis: Axis, index: int, recipe: Recipe) -> str:
    match axis.kind:
        case "none":
            return ""
        case "prompt":
            return _prompts(axis, recipe)[index] or "(no text)"
        case "seed":
            return f"seed {_seed(axis, index)}"
        case "mixing":
            source = _source(axis, index, recipe)
            return source.prompt or ("a latent" if source.values else f"seed {source.seed}")
        case "model":
            return _model_label(_models(axis, recipe)[index])
        case "psi":
            return minus(f"psi {_number(axis, index):.3g}")
        case "position":
            return minus(f"position {_number(axis, index):.3g}")
        case "bend":
            kinds = [bend.kind for bend in recipe.bends[axis.bend - 1 : axis.bend]]
            return minus(f"{kinds[0] if kinds else 'no bend'} {_number(axis, index):.3g}")
        case "move":
            return minus(f"{move_title(axis.move)} {_number(axis, index):.3g}")


def _alone(axis: Axis, index: int, base: Recipe, recipe: Recipe) -> Recipe:
    """Return what one value of an axis is without the other axis; a source of mixing is shown
    whole."""
    if axis.kind == "mixing":
        source = _source(axis, index, recipe)
        alone = _with_seed(base, source.seed)
        text = with_prompt(base.text, source.prompt) if source.prompt else base.text
        return replace(alone, latent=replace(alone.latent, values=source.values), text=text)
    return _applied(axis, index, base, recipe)


def _applied(axis: Axis, index: int, base: Recipe, recipe: Recipe) -> Recipe:
    match axis.kind:
        case "none":
            return base
        case "seed":
            return _with_seed(base, _seed(axis, index))
        case "psi":
            return replace(base, psi=_number(axis, index))
        case "position":
            return replace(base, latent=replace(base.latent, position=_number(axis, index)))
        case "bend":
            return _with_amount(base, axis.bend - 1, _number(axis, index))
        case "move":
            return _moved(base, axis.move, _number(axis, index))
        case "prompt":
            drawn_from = axis.templates[index] if index < len(axis.templates) else ""
            text = _prompts(axis, recipe)[index]
            return replace(base, text=with_prompt(base.text, text, drawn_from))
        case "model":
            return _with_model(base, _models(axis, recipe)[index])
        case "mixing":
            source = _laid_over(_source(axis, index, recipe), axis.blocks)
            sources = (*base.mixing.sources, source)
            return replace(base, mixing=MixingPart(sources))


def _model_label(path: str) -> str:
    """A model's name; of a snapshot, how many thousand pictures it has seen."""
    name = display_name(path)
    number = name.removeprefix("network-snapshot-").rpartition(".")[0]
    return f"{int(number)} kimg" if name != number and number.isdecimal() else name


def _with_model(recipe: Recipe, path: str) -> Recipe:
    if path == recipe.model.path:
        return recipe
    return replace(recipe, model=hashed(replace(recipe.model, path=path), ""))


def _with_amount(recipe: Recipe, place: int, amount: float) -> Recipe:
    """The recipe with another amount of its bend at a place, where there is one."""
    bends = list(recipe.bends)
    bends[place : place + 1] = [replace(own, amount=amount) for own in bends[place : place + 1]]
    return replace(recipe, bends=tuple(bends))


def _place(axis: Axis) -> object:
    return axis.move and axis.move.place


def move_title(move: Move | None) -> str:
    """Return what a direction is called beside the cells of a sheet."""
    return "no direction" if move is None else move.name or direction_in_words(move)


def _moved(recipe: Recipe, move: Move | None, amount: float) -> Recipe:
    """The recipe with another amount of a direction, which it need not have moved along before."""
    if move is None:
        return recipe
    moves = with_amount(recipe.moves, move, amount)
    return replace(recipe, moves=moves) if len(moves) <= MAX_MOVES else recipe


def _with_seed(recipe: Recipe, seed: int) -> Recipe:
    """The picture of a seed itself: not on its way to another, nor beside it."""
    latent = replace(start_at_seed(recipe.latent, seed), position=0.0)
    return replace(recipe, latent=latent)


def with_prompt(part: TextPart, text: str, template: str = "") -> TextPart:
    """Return a text part with this prompt alone, and no pad."""
    return replace(part, prompts=(Prompt(text, template=template),), pad=None)


def _laid_over(source: MixSource, blocks: tuple[int, int]) -> MixSource:
    """All of a source in some blocks: its latent, and its words where it has any."""
    first, stop = blocks
    track = MixTrack(tuple(float(block >= first) for block in range(min(stop, MAX_BLOCKS))))
    return replace(source, latent=track, text=track if source.prompt else MixTrack())
