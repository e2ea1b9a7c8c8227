"""A prompt's wildcards: what was drawn from them, another drawing, and the lists there are."""

from __future__ import annotations

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from renderer.recipe.recipe import Prompt
from renderer.recipe.templates import draw as drawing
from renderer.recipe.templates import retyped, typed
from widgets import scopes, theme
from widgets.context import Context
from widgets.controls.buttons import icon_button
from widgets.controls.tooltips import tip
from widgets.controls.word_lists_view import BrowseWordLists, ReadWordLists, WordListsView

MAX_SHOWN = 300
"""Characters of what was drawn; the tooltip has more."""
MAX_NAMES = 24
"""Lists in the menu: one that is longer than the window is no help."""


def draw(context: Context, prompt: Prompt, seed: int, row: int) -> bool:
    """Draw what stands in place of the wildcards, if there are any; whether others are wanted."""
    if not prompt.template:
        return False
    lists = context.see(WordListsView).lists
    problem = drawing(prompt.template, seed, row, lists).problem
    if prompt.template == prompt.text and not problem:
        return False
    text = "Draw other options of the wildcards, in all prompts"
    again = icon_button(icons.ICON_FA_DICE, "draw again", text, quiet=True)
    imgui.same_line(0, theme.em(0.3))
    with scopes.group():
        imgui.align_text_to_frame_padding()
        theme.wrapped(prompt.text[:MAX_SHOWN])
        if problem:
            theme.wrapped(problem, theme.WARNING)
    if len(prompt.text) > MAX_SHOWN:
        tip(prompt.text)
    return again


def menu(context: Context, prompt: Prompt, seed: int, row: int) -> Prompt:
    """Entries that put a list of words into the prompt, and choose where the lists are."""
    view = context.see(WordListsView)
    imgui.separator()
    with scopes.menu("Insert from a word list", bool(view.lists)) as opened:
        if opened:
            for name in sorted(view.lists)[:MAX_NAMES]:
                if imgui.menu_item_simple(name):
                    words = f"{typed(prompt)} __{name}__".strip()
                    prompt = retyped(prompt, words, seed, row, view.lists)
    if imgui.menu_item_simple("Folder of word lists…"):
        context.ask(BrowseWordLists())
    tip(f"Text files with one entry per line, now in {view.folder}")
    if imgui.menu_item_simple("Read the word lists again"):
        context.ask(ReadWordLists())
    return prompt
