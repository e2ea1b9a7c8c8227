"""The prompts: words that the picture follows at every keystroke, blended by weight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.parameters.registry import NO_TEXT
from renderer.recipe.recipe import MAX_PROMPTS, Pad, Prompt, Recipe, TextPart
from renderer.recipe.templates import drawn_again, with_wildcard_seed
from widgets import scopes, theme
from widgets.actions import ShowDialog
from widgets.context import Context
from widgets.controls import source_sign
from widgets.controls.buttons import button, choice, flow
from widgets.controls.section import section
from widgets.controls.tooltips import tip
from widgets.controls.word_lists_view import WordListsView
from widgets.model import text_tower
from widgets.prompt import pad, strength
from widgets.prompt import row as prompt_row
from widgets.prompt.directions import DirectionList
from widgets.prompt.history import HistoryPopup
from widgets.prompt.row import RowAnswer, RowState, Verb
from widgets.prompt.suggestions import Suggestions, with_words

SCROLL_FROM = 6
"""Number of rows from which on they scroll in a frame of their own."""
SCROLL_EM = 26.0
REVEALS = 4
"""Number of frames in which a new row is scrolled to."""
BLENDS = (
    ("lerp", "Lerp", "Add the prompts' embeddings, each times its weight."),
    ("slerp", "Slerp", "Interpolate from prompt to prompt along the unit sphere of embeddings."),
)
DEFAULT = TextPart()


def arranged(prompts: tuple[Prompt, ...], verb: Verb, index: int) -> tuple[Prompt, ...]:
    """`prompts` after `verb` was done to row `index`; the last one is emptied, never removed."""
    rows = list(prompts)
    if verb == "remove":
        del rows[index]
    elif verb == "duplicate":
        rows.insert(index + 1, rows[index])
    elif verb in ("up", "down"):
        return moved(prompts, index, index - 1 if verb == "up" else index + 1)
    return tuple(rows) or (Prompt(),)


def moved(prompts: tuple[Prompt, ...], start: int, end: int) -> tuple[Prompt, ...]:
    """`prompts` with the row `start` at the place `end`, which is kept within the list."""
    rows = list(prompts)
    rows.insert(min(max(end, 0), len(rows) - 1), rows.pop(start))
    return tuple(rows)


@dataclass
class PromptPanel:
    """Edits `Recipe.text`.

    It remembers which row was typed in last, for chips to land in, the weights of muted prompts,
    how high each row was and where, and the row whose handle is held.  `arrived` is a row that
    gets the keyboard in the next frame and is scrolled to in the next few.
    """

    title: str = "Prompt"
    row: int = 0
    weights: dict[str, float] = field(default_factory=dict)
    heights: dict[int, float] = field(default_factory=dict)
    spans: dict[int, tuple[float, float]] = field(default_factory=dict)
    held: int | None = None
    arrived: int | None = None
    reveals: int = 0
    history: HistoryPopup = field(default_factory=HistoryPopup)
    directions: DirectionList = field(default_factory=DirectionList)
    suggestions: Suggestions = field(default_factory=Suggestions)

    def draw(self, context: Context) -> Recipe:
        """Draw the section; returns the recipe that the user wants."""
        recipe = context.recipe
        with section(
            context,
            self.title,
            icons.ICON_FA_PEN,
            "The text that the picture follows.",
            summary=recipe.text.prompts[0].text or "empty",
            changed=replace(recipe.text, prompts=DEFAULT.prompts) != DEFAULT
            or len(recipe.text.prompts) > 1,
        ) as opened:
            if not opened:
                return recipe
            if text_tower.has_none(context):
                _no_tower(context)
            text = self._rows(context, recipe.text)
            text = self._more(context, text)
            if len(text.prompts) > 1:
                text = _blend(context, text)
            if text.pad is not None:
                text = pad.draw(context, text)
                if len(text.prompts) > len(recipe.text.prompts):
                    self._arrive(len(text.prompts) - 1)
            text = self.directions.draw(context, text)
            row = min(self.row, len(text.prompts) - 1)
            text = self.suggestions.draw(context, text, row, _no_text(context))
            text = strength.draw(context, text)
        if text.wildcard_seed != recipe.text.wildcard_seed:  # those of mixing are drawn by it, too
            lists = context.see(WordListsView).lists
            return with_wildcard_seed(replace(recipe, text=text), text.wildcard_seed, lists)
        return replace(recipe, text=text)

    # -- rows --------------------------------------------------------------------------------

    def _rows(self, context: Context, text: TextPart) -> TextPart:
        """All rows; many of them scroll, and only what is in sight is drawn."""
        many = len(text.prompts) >= SCROLL_FROM
        with scopes.child("rows", (0, theme.em(SCROLL_EM))) if many else scopes.plain():
            answers = self._drawn(context, text, scrolls=many)
        prompts = list(text.prompts)
        for index, answer in answers.items():
            prompts[index] = answer.prompt
        text = replace(text, prompts=tuple(prompts))
        for index, answer in answers.items():
            if answer.verb == "draw":
                lists = context.see(WordListsView).lists
                return drawn_again(replace(context.recipe, text=text), lists).text
            if answer.verb is not None:
                return replace(text, prompts=self._done(text.prompts, answer.verb, index))
        return self._dragged(text, answers)

    def _drawn(self, context: Context, text: TextPart, *, scrolls: bool) -> dict[int, RowAnswer]:
        """Return what is wanted of the rows that are drawn, by their place."""
        answers: dict[int, RowAnswer] = {}
        reason, shares = _no_text(context), text.weights
        self.spans.clear()
        for index, prompt in enumerate(text.prompts):
            known = self.heights.get(index)
            busy = index in (self.row, self.held, self.arrived)
            if scrolls and known is not None and not busy and not _in_sight(known):
                imgui.dummy((1.0, known))
                continue
            top = imgui.get_cursor_pos_y()
            span = imgui.get_cursor_screen_pos().y
            by_pad = shares[index] if text.pad is not None and index < 4 else None
            new = index == self.arrived
            state = RowState(
                index,
                len(text.prompts),
                reason,
                by_pad,
                new and self.reveals == REVEALS,
                text.wildcard_seed,
            )
            with scopes.name(f"prompt{index}"):
                answers[index] = prompt_row.draw(context, prompt, state)
            if new:
                self._reveal(scrolls=scrolls)
            if answers[index].typed:
                self.row = index
            gap = imgui.get_style().item_spacing.y
            self.heights[index] = imgui.get_cursor_pos_y() - top - gap
            self.spans[index] = (span, span + self.heights[index])
        return answers

    def _arrive(self, index: int) -> None:
        """A row was added: it gets the keyboard, and is scrolled to."""
        self.row = self.arrived = index
        self.reveals = REVEALS

    def _reveal(self, *, scrolls: bool) -> None:
        """Scroll to the row that was drawn last, until Dear ImGui's own scrolling is over too."""
        if scrolls:
            imgui.set_scroll_here_y(1.0)
        self.reveals -= 1
        if self.reveals <= 0:
            self.arrived = None

    def _done(self, prompts: tuple[Prompt, ...], verb: Verb, index: int) -> tuple[Prompt, ...]:
        self.heights.clear()
        if verb == "mute":
            return self._muted(prompts, index)
        self.row = min(self.row, len(prompts) - 1)
        return arranged(prompts, verb, index)

    def _muted(self, prompts: tuple[Prompt, ...], index: int) -> tuple[Prompt, ...]:
        """Weight 0, or again the weight that it had before."""
        rows, prompt = list(prompts), prompts[index]
        if prompt.weight:
            self.weights[prompt.text] = prompt.weight
            rows[index] = replace(prompt, weight=0.0)
        else:
            rows[index] = replace(prompt, weight=self.weights.pop(prompt.text, 1.0))
        return tuple(rows)

    def _dragged(self, text: TextPart, answers: dict[int, RowAnswer]) -> TextPart:
        """Let the row whose handle is held follow the mouse from place to place."""
        if not any(answer.grip for answer in answers.values()):
            self.held = None
            return text
        if self.held is None:
            self.held = next(index for index, answer in answers.items() if answer.grip)
        y = imgui.get_mouse_pos().y
        over = next((i for i, (low, high) in self.spans.items() if low <= y < high), self.held)
        if over == self.held or not self._settles(over, y):
            return text
        prompts = moved(text.prompts, self.held, over)
        self.held = over
        return replace(text, prompts=prompts)

    def _settles(self, over: int, y: float) -> bool:
        """Return whether the held row would lie under the mouse once it is moved: rows differ in
        height, and one that does not would jump to and fro."""
        assert self.held is not None
        low, high = self.spans[over]
        tall = self.heights[self.held]
        return y < low + tall if over < self.held else y >= high - tall

    # -- below the rows ----------------------------------------------------------------------

    def _more(self, context: Context, text: TextPart) -> TextPart:
        """The line with which one goes further: another prompt, the pad, directions, history."""
        reason, wanted = _no_text(context), [text]

        def add(label: str) -> bool:
            full = "" if len(text.prompts) < MAX_PROMPTS else f"At most {MAX_PROMPTS} prompts."
            words = "Another prompt, blended with the others by weight."
            if not button(label, words, reason=reason or full):
                return False
            self._arrive(len(text.prompts))
            wanted[0] = replace(wanted[0], prompts=(*text.prompts, Prompt()))
            return True

        def on_pad(label: str) -> bool:
            words = "Blend four prompts by moving a point between them in a square."
            if not _switch(label, words, reason, on=text.pad is not None):
                return False
            wanted[0] = replace(wanted[0], pad=Pad() if text.pad is None else None)
            return True

        def direction(label: str) -> bool:
            return self.directions.button(label, reason)

        def tried(label: str) -> bool:
            picked = self.history.draw(context)
            if picked is not None:
                row = min(self.row, len(text.prompts) - 1)
                wanted[0] = with_words(wanted[0], row, picked)
            return picked is not None

        items: list[tuple[str, Callable[[str], bool]]] = [
            (f"{icons.ICON_FA_PLUS}  Prompt###add", add),
            (f"{icons.ICON_FA_TABLE_CELLS_LARGE}  Pad###pad", on_pad),
            (f"{icons.ICON_FA_ARROW_RIGHT_LONG}  Direction###direction", direction),
            (icons.ICON_FA_CLOCK_ROTATE_LEFT, tried),
        ]
        with scopes.style(imgui.StyleVar_.item_spacing, (theme.em(0.35), theme.em(0.35))):
            flow(items, imgui.get_content_region_avail().x)
        return self.directions.popup(context, wanted[0])


def _in_sight(height: float) -> bool:
    """Return whether a row that begins here is in sight, or next to what is: Tab walks to it
    then."""
    margin = theme.em(8)
    top = imgui.get_cursor_pos_y() - imgui.get_scroll_y()
    return -height - margin < top < imgui.get_window_height() + margin


def _switch(label: str, text: str, reason: str, *, on: bool) -> bool:
    """A button that shows whether something is on; whether it was pressed."""
    lit = (
        (imgui.Col_.button, theme.colour(theme.ACCENT_SOFT)),
        (imgui.Col_.button_hovered, theme.colour(theme.ACCENT_SOFT_HOVER)),
        (imgui.Col_.text, theme.colour(theme.ACCENT)),
    )
    with scopes.colours(*lit) if on else scopes.plain():
        pressed = button(label, reason=reason)
    tip(text)
    return pressed


def _blend(context: Context, text: TextPart) -> TextPart:
    """Draw how the prompts are blended."""
    reason = _no_text(context)
    blend = choice("blend", BLENDS, text.blend, theme.em(6.4), reason)
    imgui.same_line()
    with scopes.disabled(bool(reason)):
        _, normalize = imgui.checkbox("Normalise", text.normalize)
    source_sign.offered(context, "/text/normalize")
    tip(
        "Scale the blend back to length 1, like every text the model was trained on. When off, "
        "the weights also change how strongly the text counts.",
        reason or None,
    )
    return replace(text, blend=blend, normalize=normalize)


def _no_tower(context: Context) -> None:
    """Prompts have no effect yet; what to do about that."""
    theme.wrapped("No text tower: prompts have no effect yet.", theme.WARNING)
    label = f"{icons.ICON_FA_FONT}  Choose a text tower…###choose tower"
    if button(label, "What turns prompts into embeddings", primary=True):
        context.ask(ShowDialog("tower"))
    imgui.dummy((0, theme.em(0.1)))


def _no_text(context: Context) -> str:
    return NO_TEXT.reason(context.recipe, context.model)
