"""Differences between two recipes, in words: "psi 0.70 to 0.40", "seed 3 to 4"."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from renderer.recipe.bend_words import short
from renderer.recipe.figures import minus
from renderer.recipe.names import display_name
from renderer.recipe.paths import FILLERS, NUMBERS
from renderer.recipe.recipe import Bend, ModelBlend, ModelRef, Move, Prompt, Recipe

MAX_TEXT = 48
"""A longer text is cut: what changed must be seen at a glance."""
CONTEXT_WORDS = 2
"""Number of words around the changed ones that show where in a prompt they are."""
_ABSENT = object()

_NAMES = {
    "latent.seed": "seed",
    "latent.target_seed": "target seed",
    "latent.position": "position",
    "latent.blend": "path",
    "latent.x": "offset right",
    "latent.y": "offset down",
    "latent.values": "latent",
    "latent.target_values": "target latent",
    "latent.pad": "pad of seeds",
    "latent.pad.x": "pad of seeds, across",
    "latent.pad.y": "pad of seeds, down",
    "latent.morph": "interpolation between latents",
    "text.blend": "blend of prompts",
    "text.normalize": "unit norm of the text",
    "text.pad": "pad",
    "text.pad.x": "pad, across",
    "text.pad.y": "pad, down",
    "text.strength": "text strength",
    "text.neutral": "neutral prompt",
    "psi_towards": "truncation towards",
    "psi_cutoff": "rows that psi reaches",
    "noise.mode": "noise",
    "model.blend.mapping": "blend of the mapping",
    "transform.rotate_deg": "rotation",
    "transform.x": "shift right",
    "transform.y": "shift up",
    "transform.zoom": "zoom",
    "layout": "kept layout",
    "canvas.width": "width of the canvas",
    "canvas.height": "height of the canvas",
}
"""Fields that the panels call by other words than the recipe."""
_ROWS = {
    "text.directions": "direction",
    "psi_blocks": "psi of block",
    "noise.blocks": "noise of block",
    "mixing.sources": "source",
    "latent.seeds": "blended seed",
    "bends": "bend",
    "model.blend.weights": "blend of block",
    "weights": "block",
    "rows": "layer",
}


def changes(before: Recipe, after: Recipe, limit: int = 6) -> tuple[str, ...]:
    """Say what changed from `before` to `after`, one short line each.

    Args:
        before, after: the recipes; a hash that became known is no change.
        limit: maximum number of lines; the last then counts the rest.
    """
    lines = [
        *_model(before.model, after.model),
        *_prompts(before.text.prompts, after.text.prompts),
        *_moves(before.moves, after.moves),
        *_others(before, after),
    ]
    if len(lines) <= limit:
        return tuple(lines)
    return (*lines[: limit - 1], f"and {len(lines) - limit + 1} more")


def title(recipe: Recipe) -> str:
    """Return the title of a picture: its first prompt and its seed."""
    words = _short(next((prompt.text for prompt in recipe.text.prompts if prompt.text), ""))
    return f"{words or 'No prompt'}, seed {recipe.latent.seed}"


def _model(before: ModelRef, after: ModelRef) -> Iterator[str]:
    if before.path != after.path:
        yield f"model {display_name(before.path)} to {display_name(after.path)}"
    if before.tower != after.tower:
        yield f"text tower {before.tower or 'its own'} to {after.tower or 'its own'}"
    yield from _blend(before.blend, after.blend)


def _blend(before: ModelBlend, after: ModelBlend) -> Iterator[str]:
    if before.path != after.path:
        names = [display_name(part.path) if part.path else "none" for part in (before, after)]
        yield f"second model {names[0]} to {names[1]}"
    for field in ("mapping", "weights"):
        yield from _walk(getattr(before, field), getattr(after, field), f"model.blend.{field}")


def _prompts(before: tuple[Prompt, ...], after: tuple[Prompt, ...]) -> Iterator[str]:
    single = len(before) == len(after) == 1
    for number, (old, new) in enumerate(itertools.zip_longest(before, after), 1):
        name = "prompt" if single else f"prompt {number}"
        if old is None:
            yield f"{name} added: {_quoted(new.text)}"
        elif new is None:
            yield f"{name} removed: {_quoted(old.text)}"
        else:
            if old.text != new.text:
                yield f"{name}: {_edit(old.text, new.text)}"
            elif old.template != new.template:
                yield f"wildcards of {name}: {_edit(old.template, new.template)}"
            if old.weight != new.weight:
                yield f"weight of {name} {_shown(old.weight)} to {_shown(new.weight)}"


def _moves(before: tuple[Move, ...], after: tuple[Move, ...]) -> Iterator[str]:
    """Steps are told apart by their direction, wherever they stand."""
    old, new = ({move.place: move for move in moves} for moves in (before, after))
    for place, any_of_both in sorted({**old, **new}.items(), key=lambda item: _component(item[1])):
        x, y = old.get(place), new.get(place)
        if x is None or y is None:
            yield f"{_component(any_of_both)} {'added' if x is None else 'removed'}"
            continue
        if x.name != y.name:
            yield f"{_component(x)} is called {_quoted(y.name or 'nothing')}"
        if x.amount != y.amount:
            yield f"{_component(y)} {_shown(x.amount)} to {_shown(y.amount)}"


def _component(move: Move) -> str:
    if move.name:
        return f"direction {_quoted(move.name)}"
    if move.space == "block":
        return f"weight direction {move.component + 1} of block {move.row + 1}"
    what = "weight direction" if move.space == "weights" else "component"
    of = "" if move.space == "mapped" else f" of row {move.row}"
    return f"{what} {move.component + 1}{of}"


def _edit(before: str, after: str) -> str:
    """The words that were changed, and a few around them."""
    old, new = before.split(), after.split()
    pairs = list(zip(old, new, strict=False))
    head = next((i for i, (a, b) in enumerate(pairs) if a != b), len(pairs))
    ends = list(zip(reversed(old[head:]), reversed(new[head:]), strict=False))
    tail = next((i for i, (a, b) in enumerate(ends) if a != b), len(ends))
    start = max(0, head - CONTEXT_WORDS)
    return " to ".join(
        _quoted(" ".join(words[start : len(words) - max(0, tail - CONTEXT_WORDS)]))
        for words in (old, new)
    )


def _others(before: Recipe, after: Recipe) -> Iterator[str]:
    for field in Recipe.__struct_fields__:
        if field != "model":
            yield from _walk(getattr(before, field), getattr(after, field), field)


def _walk(before: Any, after: Any, path: str) -> Iterator[str]:
    """One line for each value that differs; `path` is the recipe's dotted name for it."""
    if path in ("text.prompts", "moves") or before == after:
        return
    if isinstance(before, Struct) and isinstance(after, Struct):
        for field in before.__struct_fields__:
            yield from _walk(getattr(before, field), getattr(after, field), f"{path}.{field}")
    elif isinstance(before, tuple) and isinstance(after, tuple) and _rows(path):
        field = path.rpartition(".")[2]
        beyond = FILLERS[field] if field in NUMBERS else _ABSENT
        for index, (old, new) in enumerate(
            itertools.zip_longest(before, after, fillvalue=beyond), 1
        ):
            yield from _walk(old, new, f"{path}.{index}")
    elif before is _ABSENT:
        yield f"{_name(path)} added{_value(after)}"
    elif after is _ABSENT:
        yield f"{_name(path)} removed"
    elif not (_plain(before) and _plain(after)):
        yield f"{_name(path)} {_verb(before, after)}"
    else:
        yield f"{_name(path)} {_shown(before)} to {_shown(after)}"


def _rows(path: str) -> bool:
    return path in _ROWS or path.rpartition(".")[2] in _ROWS


def _name(path: str) -> str:
    """Return what a person calls the value at `path`, such as "source 2 latent block 3"."""
    if path in _NAMES:
        return _NAMES[path]
    words, walked = [], ""
    for part in path.split("."):
        walked = f"{walked}.{part}".lstrip(".")
        if part.isdigit():
            words.append(part)
        elif walked in _NAMES:
            words = [_NAMES[walked]]
        elif (known := _ROWS.get(walked) or _ROWS.get(part)) is not None:
            words = [*([] if walked in _ROWS else words), known]
        else:
            words.append(part.replace("_", " "))
    return " ".join(words)


def _plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float)


def _verb(before: Any, after: Any) -> str:
    """Return what happened to a value that is too long to be shown."""
    if before is None or before == ():
        return "set"
    return "cleared" if after is None or after == () else "changed"


def _value(value: Any) -> str:
    if isinstance(value, Bend):
        return f": {short(value)}"
    return f": {_shown(value)}" if _plain(value) else ""


def _shown(value: Any) -> str:
    if value is None:
        return "inherited"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        short = round(value, 2) == value or abs(value) >= 1
        return minus(f"{value:.2f}" if short else f"{value:.3g}")
    return _quoted(value) if isinstance(value, str) and " " in value else _short(str(value))


def _quoted(text: str) -> str:
    return f"“{_short(text)}”" if text.strip() else "nothing"


def _short(text: str) -> str:
    text = " ".join(text[: 4 * MAX_TEXT].split())
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT].rstrip() + "…"
