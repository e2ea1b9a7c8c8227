"""Words in a text box that a model does not know: told below it, quietly, as one types."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from imgui_bundle import imgui

from renderer.frame.frame import UnknownWords
from stylegan_t.demo.built_in import BUILT_IN, is_built_in
from stylegan_t.encoders.known_words import WORD, KnownWords, Lexicon
from widgets import scopes, theme
from widgets.actions import OpenModel
from widgets.context import Context
from widgets.controls import focus
from widgets.controls.tooltips import tip

SETTLED_S = 0.5
"""A word that is being typed is not judged before the keyboard has rested this long."""
SHOWN = 4
LONGEST = 24
"""Letters of a word that are shown."""
READ = 20_000
"""Characters of a text that are looked through, as a tower does."""
ABOUT = (
    "It was trained without these words, so they may have little or no effect. If its checkpoint "
    "lists the words it knows, they are below the prompts."
)
INSTEAD = "Use this word instead."
OPEN = "Open it"


def hint(context: Context, words: str) -> str:
    """Draw below a text box which of its `words` the model does not know; nothing where it knows
    them all.  What it knows comes with the last picture's frame.

    Returns:
        The words, with another in place of each that the user has exchanged.
    """
    frame = context.frame
    if frame is None or not frame.unknown or not words:
        return words
    found = unknown_in(words, frame.unknown, _in_work(context, words))
    if not found:
        return words
    with (
        scopes.font(None, theme.SMALL_PX),
        theme.text_colour(theme.DIM),
        scopes.colour(imgui.Col_.text_link, theme.colour(theme.ACCENT)),
    ):
        pressed = _flow(spoken(found))
        _offer(context, tuple(word for word, _ in found))
    if not any(nearest for _, nearest in found):  # it would lie on the words to press
        tip(ABOUT)
    return words if pressed is None else exchanged(words, pressed.word, pressed.text)


def _offer(context: Context, words: tuple[str, ...]) -> None:
    """Offer another model that comes with the program where it knows some of the words."""
    other, known = another_that_knows(words, context.recipe.model.path)
    if not known:
        return
    name = BUILT_IN[other].name
    *most, last = (f"“{_cut(word)}”" for word in known[:SHOWN])
    listed = f"{', '.join(most)} and {last}" if most else last
    pieces = [Piece(f"{name[:1].upper()}{name[1:]} knows {listed}. "), Piece(OPEN, OPEN)]
    if _flow(pieces, BUILT_IN[other].about):
        context.ask(OpenModel(other))


@functools.lru_cache(maxsize=64)
def another_that_knows(words: tuple[str, ...], current: str) -> tuple[str, tuple[str, ...]]:
    """The built-in model, other than the `current` one, that knows most of the words, and these;
    none where the current one is not built in."""
    others = [name for name in BUILT_IN if name != current and is_built_in(current)]
    known = {name: tuple(word for word in words if _lexicon(name).knows(word)) for name in others}
    best = max(known, key=lambda name: len(known[name]), default="")
    return best, known.get(best, ())


@functools.cache
def _lexicon(name: str) -> Lexicon:
    """The words of a model that comes with the program; none where its file cannot be read."""
    # PyTorch, which the window does not wait for
    from stylegan_t.checkpoints.native import known_words
    from stylegan_t.checkpoints.weights import CheckpointError

    try:
        known = known_words(BUILT_IN[name].file)
    except CheckpointError:
        known = None
    return Lexicon(known or KnownWords())


@dataclass(frozen=True)
class Piece:
    """A part of a sentence: `word` is what its text can be written in place of, empty for none."""

    text: str
    word: str = ""


def _flow(pieces: Sequence[Piece], about: str = INSTEAD) -> Piece | None:
    """Draw pieces one behind the other, in as many lines as they need; which one was pressed.
    `about` is the tooltip of those that can be."""
    room, left = imgui.get_content_region_avail().x, 0.0
    pressed = None
    with (
        scopes.group(),
        scopes.style(imgui.StyleVar_.item_spacing, (0.0, 0.0)),
        scopes.flag(imgui.ItemFlags_.no_tab_stop, True),
    ):
        for piece in _unbroken(pieces):
            text = piece.text
            if left and left + imgui.calc_text_size(text.rstrip()).x <= room:
                imgui.same_line(0, 0)
            else:
                left, text = 0.0, text.lstrip()
            left += imgui.calc_text_size(text).x
            if not piece.word:
                imgui.text_unformatted(text)
                continue
            with scopes.name(piece.word):
                if imgui.text_link(text):
                    pressed = piece
            tip(about)
    return pressed


def _unbroken(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """The pieces in parts between which a line may end."""
    for piece in pieces:
        parts = [piece.text] if piece.word else re.findall(r" *[^ ]+ *", piece.text)
        yield from (Piece(part, piece.word) for part in parts)


def exchanged(words: str, word: str, instead: str) -> str:
    """A text with another word wherever `word` stands, which is in small letters."""

    def new(spot: re.Match[str]) -> str:
        there = spot.group()
        if there.lower() != word:
            return there
        return instead[:1].upper() + instead[1:] if there[:1].isupper() else instead

    return WORD.sub(new, words)


@functools.lru_cache(maxsize=256)
def unknown_in(words: str, unknown: UnknownWords, in_work: int | None = None) -> UnknownWords:
    """Find those of the `unknown` words that stand in a text, in its order.

    Args:
        words: the text.
        unknown: what a frame tells.
        in_work: a place in the text; the word there is still being typed, and left out.
    """
    told = dict(unknown)
    found: dict[str, tuple[str, ...]] = {}
    for spot in WORD.finditer(words[:READ].lower()):
        word = spot.group()
        if word in told and not (in_work is not None and spot.start() <= in_work <= spot.end()):
            found[word] = told[word]
    return tuple(found.items())


def spoken(unknown: UnknownWords) -> list[Piece]:
    """A sentence that tells of unknown words, at least one, and of what to write in their place."""
    if len(unknown) == 1:
        word, nearest = unknown[0]
        pieces = [Piece(f"This model does not know “{_cut(word)}”.")]
        return [*pieces, *_listed(" Nearest: ", word, nearest, ".")]
    shown, more = unknown[:SHOWN], len(unknown) - SHOWN
    pieces = [Piece("This model does not know ")]
    for place, (word, nearest) in enumerate(shown):
        last = place == len(shown) - 1 and more <= 0
        between = "" if place == 0 else " and " if last else ", "
        pieces.append(Piece(f"{between}“{_cut(word)}”"))
        pieces += _listed(" (nearest: ", word, nearest, ")")
    pieces.append(Piece(f" and {more} more." if more > 0 else "."))
    return pieces


def _listed(begin: str, word: str, nearest: Sequence[str], end: str) -> list[Piece]:
    """Return what may be written in place of a word, between two ends; nothing where there is
    nothing."""
    if not nearest:
        return []
    pieces = [Piece(begin)]
    for place, one in enumerate(nearest):
        if place:
            pieces.append(Piece(", "))
        # Dear ImGui would not show what stands behind such a sign.
        pieces.append(Piece(one, "" if "##" in one else word))
    return [*pieces, Piece(end)]


def _cut(word: str) -> str:
    return word if len(word) <= LONGEST else word[:LONGEST] + "…"


def _in_work(context: Context, words: str) -> int | None:
    """Return where in `words` the cursor stands during typing; otherwise None."""
    item, entry = imgui.internal.get_active_id(), context.entry
    if context.now_s - entry.typed_s > SETTLED_S or entry.answers.get(item) != words:
        return None
    return focus.cursor(item, words)
