"""The variation of a sheet's rows, or columns: a choice, and the values of what is chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace as replace_slider

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.parameters import settings
from renderer.parameters.component_steps import step_along
from renderer.recipe import contact_sheet
from renderer.recipe.component_moves import unmoved
from renderer.recipe.contact_sheet import MAX_COUNT, Axis, Kind, move_title
from renderer.recipe.recipe import MAX_BLOCKS, MAX_CHARACTERS, Move, Recipe
from renderer.recipe.sheet_prompts import typed_prompts, with_prompts
from renderer.recipe.templates import typed
from renderer.recipe.wildcards import names_in
from widgets import scopes, theme
from widgets.context import Context
from widgets.controls import focus
from widgets.controls.buttons import beside, button, choice, fitted
from widgets.controls.directions_view import SavedDirections, listed
from widgets.controls.grid_view import OpenGridPrompts
from widgets.controls.run_view import RunView
from widgets.controls.seed_field import SeedField
from widgets.controls.slider import Slider
from widgets.controls.word_lists_view import WordListsView

KINDS: tuple[tuple[Kind, str, str], ...] = (
    ("none", "One", "A single one: nothing varies here."),
    ("seed", "Seed", "Consecutive seeds."),
    ("psi", "Psi", "Truncation, in even steps."),
    ("prompt", "Prompt", "One prompt each."),
    ("position", "Position", "From the seed to the target, in even steps."),
    ("mixing", "Mix", "Style mixing: the latents of other seeds, mixed into some blocks."),
    ("bend", "Bend", "The amount of a bend, in even steps."),
    ("move", "Direction", "The amount of a direction of the latent, in even steps."),
    ("model", "Model", "Other checkpoints: snapshots of the open training run, or recent models."),
)
LABEL_EM = 4.2
COUNT_EM = 4.6
EDGE_EM = 5.2
BLOCKS_EM = 5.0
GAP_EM = 0.4

COUNT = Slider.of(settings.GRID_COUNT)
FIRST_SEED = SeedField("First seed", Axis().seed, "The first seed; each next one is one higher.")


def _ends(address: str, start: str, stop: str) -> tuple[Slider, Slider]:
    """The sliders of a span's two ends, which reach as far as the parameter's own."""
    of, axis = replace_slider(Slider.of(address), marks=()), Axis()
    return (
        replace_slider(of, label="From", default=axis.start, text=start),
        replace_slider(of, label="To", default=axis.stop, text=stop),
    )


PSI = _ends("/psi", "Psi at the start.", "Psi at the end.")
POSITION = _ends(
    "/latent/position",
    "Where it starts: 0 is the seed.",
    "Where it ends: 1 is the target.",
)
BEND = _ends("/bend/1/amount", "The amount at the start.", "The amount at the end.")
NUMBER = Slider.of(settings.GRID_BEND)
MOVE = tuple(
    replace_slider(Slider.of(step_along(Move(), ())), label=label, default=default, text=text)
    for label, default, text in (
        ("From", Axis().start, "The amount at the start."),
        ("To", Axis().stop, "The amount at the end."),
    )
)
DIRECTION_EM = 10.0
NO_DIRECTION = (
    "Name a direction under Latent > Components and directions, or move along one, to choose it "
    "here."
)
PROMPTS, BLOCKS, DIRECTIONS = "prompts", "blocks", "directions"
BLOCKS_TEXT = (
    "Which blocks take the other seed's latent: coarse ones (4 to 16) control layout, fine ones "
    "colour and texture."
)


def draw_axis(context: Context, label: str, axis: Axis, recipe: Recipe) -> Axis:
    """Draw two lines: what varies, and from where to where.

    Args:
        context: this UI frame.
        label: "Rows" or "Columns"; also identifies the controls.
        axis: as it is.
        recipe: whose prompts count where the axis has none of its own.

    Returns:
        The axis that the user wants.
    """
    with scopes.name(label):
        imgui.align_text_to_frame_padding()
        theme.dim(label)
        imgui.same_line(theme.em(LABEL_EM))
        kind = choice("kind", KINDS, axis.kind, imgui.get_content_region_avail().x)
        axis = replace(axis, kind=kind)
        imgui.set_cursor_pos_x(theme.em(LABEL_EM))
        axis = _VALUES[kind](context, axis, recipe)
    return axis


def _nothing(context: Context, axis: Axis, recipe: Recipe) -> Axis:
    imgui.align_text_to_frame_padding()
    imgui.text_disabled("the picture as it is")
    return axis


def _seeds(context: Context, axis: Axis, recipe: Recipe) -> Axis:
    return _counted(context, _first_seed(context, axis))


def _first_seed(context: Context, axis: Axis) -> Axis:
    _word("from")
    return replace(axis, seed=FIRST_SEED.box(context, axis.seed, theme.em(EDGE_EM)))


def _psi(context: Context, axis: Axis, recipe: Recipe) -> Axis:
    return _span(context, axis, PSI)


def _position(context: Context, axis: Axis, recipe: Recipe) -> Axis:
    return _span(context, axis, POSITION)


def _bend(context: Context, axis: Axis, recipe: Recipe) -> Axis:
    """Draw which bend's amount goes from where to where."""
    axis = _span(context, axis, BEND)
    number = round(_number(context, "of bend", NUMBER, axis.bend, COUNT_EM))
    return replace(axis, bend=number)


def _move(context: Context, axis: Axis, recipe: Recipe) -> Axis:
    """Draw along which direction it goes, from where to where."""
    axis = _span(context, axis, MOVE)
    beside(theme.em(DIRECTION_EM), theme.em(GAP_EM), theme.em(LABEL_EM))
    named = listed(context.see(SavedDirections), recipe.moves)
    found = (*named, *(unmoved(move) for move in recipe.moves if not move.name))
    if axis.move is None and found:
        axis = replace(axis, move=found[0])
    shown = fitted(move_title(axis.move) if axis.move else "choose one", theme.em(DIRECTION_EM))
    reason = "" if found or axis.move else NO_DIRECTION
    if button(f"{shown}###direction", "The direction that is moved along.", reason=reason):
        imgui.open_popup(DIRECTIONS)
    with scopes.popup(DIRECTIONS) as opened:
        for index, one in enumerate(found if opened else ()):
            chosen = axis.move is not None and one.place == axis.move.place
            if imgui.selectable(f"{move_title(one)}###direction{index}", chosen)[0]:
                axis = replace(axis, move=one)
    return axis


def _span(context: Context, axis: Axis, ends: Sequence[Slider]) -> Axis:
    start = _number(context, "from", ends[0], axis.start, EDGE_EM)
    stop = _number(context, "to", ends[1], axis.stop, EDGE_EM)
    return _counted(context, replace(axis, start=start, stop=stop))


def _mixing(context: Context, axis: Axis, recipe: Recipe) -> Axis:
    """Draw whose latents are mixed into which blocks: counted seeds, or sources of its own."""
    if axis.sources is None:
        axis = _counted(context, _first_seed(context, axis))
    else:
        own = f"its own ({len(axis.sources)})"
        words = own if axis.sources else f"the Mixing panel's ({len(recipe.mixing.sources)})"
        if button(f"{words}###sources", "Count seeds instead."):
            axis = replace(axis, sources=None)
    beside(theme.em(BLOCKS_EM), theme.em(GAP_EM), theme.em(LABEL_EM))
    return _blocks(context, axis)


def _models(context: Context, axis: Axis, recipe: Recipe) -> Axis:
    """Draw how many checkpoints there are, and a button that takes those of the open run."""
    run = context.see(RunView)
    paths = [one.path for one in run.readable] or list(context.recent_models)
    of = "of the open training run" if run.readable else "of the recent models"
    axis = _counted(context, axis, word="from")
    imgui.same_line()
    text = f"Take that many {of}, evenly, the first and the last included."
    why = "" if paths else "No training run is open, and no other model was."
    words = f"{len(axis.models)} models" if axis.models else "take them"
    if button(f"{icons.ICON_FA_CUBES}  {words}###models", text, reason=why):
        axis = contact_sheet.of_models(axis, paths, axis.count)
    return axis


def _blocks(context: Context, axis: Axis) -> Axis:
    """The resolution blocks that are mixed, chosen from a list of spans."""
    known = context.model.blocks if context.model is not None else ()
    count = len(known) or MAX_BLOCKS

    def name(index: int) -> str:
        return f"{known[index]}" if index < len(known) else f"{index}"

    first, stop = min(axis.blocks[0], count - 1), min(axis.blocks[1], count)
    unit = " px" if known else ""
    shown = name(first) if stop <= first + 1 else f"{name(first)}–{name(stop - 1)}"
    shown += unit
    if button(f"{shown}###blocks", BLOCKS_TEXT):
        imgui.open_popup(BLOCKS)
    with scopes.popup(BLOCKS) as opened:
        if opened:
            for index in range(count):
                inside = first <= index < stop
                flags = imgui.SelectableFlags_.no_auto_close_popups
                if imgui.selectable(f"{name(index)}{unit}###block{index}", inside, flags)[0]:
                    axis = replace(axis, blocks=_reached((first, stop), index))
    return axis


def _reached(blocks: tuple[int, int], index: int) -> tuple[int, int]:
    """The span after a click on a block: one beside it joins, one at its end leaves, any other
    begins a new span."""
    first, stop = blocks
    if index == first - 1:
        return index, stop
    if index == stop:
        return first, index + 1
    if stop - first > 1 and index == first:
        return first + 1, stop
    if stop - first > 1 and index == stop - 1:
        return first, index
    return index, index + 1


def _prompts(context: Context, axis: Axis, recipe: Recipe) -> Axis:
    """Draw whose prompts there are, and a button that opens a list of its own."""
    lists = context.see(WordListsView).lists
    if any(not names_in(text).isdisjoint(lists) for text in axis.prompts if axis.templates):
        axis = with_prompts(axis, typed_prompts(axis), recipe.text.wildcard_seed, lists)
    own = len(axis.prompts)
    words = f"its own ({own})" if own else f"the Prompt panel's ({len(recipe.text.prompts)})"
    if button(f"{icons.ICON_FA_PEN}  {words}###edit", "Write prompts here, one per line."):
        imgui.open_popup(PROMPTS)
    low = imgui.get_item_rect_min()  # upwards, so that the cells can be seen to follow
    imgui.set_next_window_pos((low.x, low.y - theme.em(0.3)), imgui.Cond_.always, (0.0, 1.0))
    with scopes.popup(PROMPTS) as opened:
        if opened:
            axis = _prompt_list(context, axis, recipe)
    return axis


def _prompt_list(context: Context, axis: Axis, recipe: Recipe) -> Axis:
    """One prompt on each line; an empty box takes those of the Prompt panel."""
    imgui.text_disabled("One prompt per line; leave empty to use those of the Prompt panel.")
    size = (theme.em(26.0), theme.em(9.0))
    was = "\n".join(typed_prompts(axis))
    changed, text = imgui.input_text_multiline("##prompts", was, size)
    focus.border()
    if imgui.button("Copy from the panel"):
        changed, text = True, "\n".join(typed(prompt) for prompt in recipe.text.prompts)
    imgui.same_line()
    if button("Open a file…###prompt file", "Take the lines of a text file; # begins a comment."):
        context.ask(OpenGridPrompts())
        imgui.close_current_popup()
    imgui.same_line()
    if imgui.button("Empty"):
        changed, text = True, ""
    if not changed:
        return axis
    lines = [line[:MAX_CHARACTERS] for line in text.split("\n")][:MAX_COUNT]
    lists = context.see(WordListsView).lists
    return with_prompts(axis, lines if any(lines) else (), recipe.text.wildcard_seed, lists)


def _counted(context: Context, axis: Axis, word: str = "×") -> Axis:
    count = _number(context, word, COUNT, axis.count, COUNT_EM)
    return replace(axis, count=min(max(round(count), 1), MAX_COUNT))


def _number(context: Context, word: str, slider: Slider, value: float, width_em: float) -> float:
    """A slider with a word before it, after the last item unless it is the first."""
    width, gap = theme.em(width_em), theme.em(GAP_EM)
    if word != "from":
        beside(imgui.calc_text_size(word).x + gap + width, gap, theme.em(LABEL_EM))
    _word(word)
    with scopes.name(slider.label):
        value = slider.control(context, value, (width, imgui.get_frame_height()))
    return value


def _word(text: str) -> None:
    imgui.align_text_to_frame_padding()
    theme.dim(text)
    imgui.same_line(0, theme.em(GAP_EM))


_VALUES: dict[str, Callable[[Context, Axis, Recipe], Axis]] = {
    "none": _nothing,
    "seed": _seeds,
    "psi": _psi,
    "prompt": _prompts,
    "position": _position,
    "mixing": _mixing,
    "model": _models,
    "bend": _bend,
    "move": _move,
}
