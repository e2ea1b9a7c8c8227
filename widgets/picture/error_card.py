"""The reason why the newest recipe has no picture, on a card over the last one, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from imgui_bundle import ImVec2
from imgui_bundle import icons_fontawesome_6 as icons
from msgspec.structs import replace

from renderer.recipe.names import display_name
from renderer.recipe.remote_paths import host_of, may_open
from stylegan_t.demo.built_in import START
from widgets import theme
from widgets.actions import (
    BrowseModel,
    BrowseSecond,
    CopyText,
    KeepModel,
    LookForModel,
    OpenModel,
    Retry,
    ShowDialog,
    StopLooking,
    UseFoundModel,
    UseOtherModel,
    UseSecond,
)
from widgets.context import Context
from widgets.controls.buttons import button, flow
from widgets.controls.card import Button, asks, card
from widgets.controls.key_names import MAIN
from widgets.controls.loading import progress
from widgets.controls.upload_view import AskUpload, UploadView
from widgets.picture import unresponsive_card

HASH_SHOWN = 8


@dataclass(frozen=True)
class Missing:
    """A model that is not where the recipe has it: its file's `name`, and its hash if known.

    Where no model is missing, there is no `name`.

    `searching` says what is being looked at, empty when nothing is, and `share` how far that is.
    `found` is the file that was found.  `other` is one that the user has shown and whose hash,
    `other_sha256`, is another.
    """

    name: str = ""
    sha256: str = ""
    searching: str = ""
    share: float | None = None
    found: str = ""
    other: str = ""
    other_sha256: str = ""


def draw(context: Context, corner: ImVec2, area: tuple[float, float]) -> None:
    """Draw the card at the upper edge of an area of the current Dear ImGui window.

    Args:
        context: says what went wrong; there must be an error, or a model that was refused.
        corner: upper left of the area, in Dear ImGui's coordinates.
        area: its width and height.
    """
    missing = context.see(Missing).name
    tint = theme.WARNING if missing else theme.DANGER
    surface = theme.CARD if missing else theme.DANGER_DEEP
    card(corner, area, tint, surface, lambda width: _body(context, width))


def wanted(context: Context) -> bool:
    """Return whether there is something to say."""
    return context.error is not None or context.refusal is not None


def _sentence(context: Context) -> str:
    return context.refusal.sentence if context.refusal else context.error or ""


def _body(context: Context, width: float) -> None:
    missing = context.see(Missing)
    theme.wrapped(_sentence(context), theme.TEXT, width)
    if where := said_on(_sentence(context), context.see(UploadView).place):
        theme.wrapped(where, theme.DIM, width)
    if not missing.name:
        flow(_plain_buttons(context), width)
        return
    if missing.searching:
        progress(context, missing.searching, missing.share, width)
    elif missing.found:
        which = "The same file is" if missing.sha256 else "A file of that name is"
        theme.wrapped(f"{which} at {missing.found}", theme.ACCENT, width)
    elif missing.other:
        theme.wrapped(_other_file(missing), theme.WARNING, width)
    flow(_missing_buttons(context, missing), width)


def said_on(sentence: str, place: str) -> str:
    """Return which computer an error is about, where that is another one and is not said: its
    files and its memory are meant."""
    return f"This is about {place}, where the renderer is." if place not in sentence else ""


def _other_file(missing: Missing) -> str:
    return (
        f"{Path(missing.other).name} is a different file (hash {missing.other_sha256[:HASH_SHOWN]}"
        f", expected {missing.sha256[:HASH_SHOWN]}): the picture may differ."
    )


def _plain_buttons(context: Context) -> list[Button]:
    again = asks(context, icons.ICON_FA_ARROW_ROTATE_RIGHT, "Try again###retry", Retry(), RETRY)
    error = CopyText(_sentence(context), "the message")
    copy = asks(context, icons.ICON_FA_COPY, "Copy###copy", error, "Copy this message")
    if upload := _upload(context):
        return [*upload, *_back(context, primary=False), _another(context), again, copy]
    if elsewhere := _elsewhere(context):
        return [*_back(context, primary=True), *elsewhere, _another(context), copy]
    if context.refusal is not None:
        return [*_back(context, primary=True), _another(context), again, copy]
    if context.fault == "device":
        return [
            *unresponsive_card.on_cpu(context, "Continue on the CPU", primary=True),
            again,
            copy,
        ]
    if context.fault == "memory":
        return [*_thrifty_buttons(context), again, copy]
    if context.fault == "second":
        return [*_second_buttons(context, primary=True), again, copy]
    if context.fault in ("model", "missing", "missing there"):
        return [_another(context), *_demo(context), again, copy]
    if context.fault != "tower":
        return [again, copy]
    choose = asks(
        context,
        icons.ICON_FA_FONT,
        "Choose a text tower…###choose tower",
        ShowDialog("tower"),
        "Choose what reads the prompts, or go back to the checkpoint's own",
        primary=True,
    )
    return [choose, again, copy]


def _thrifty_buttons(context: Context) -> list[Button]:
    """Return what needs less memory, or other memory."""
    buttons: list[Button] = []
    if context.recipe.precision == "float32":

        def halve(label: str) -> bool:
            pressed = button(label, HALF, primary=True)
            if pressed:
                context.out.recipe = replace(context.recipe, precision="bfloat16")
            return pressed

        buttons.append((f"{icons.ICON_FA_FEATHER}  Use half precision###halve", halve))
    return buttons + unresponsive_card.on_cpu(context, "Render on the CPU", primary=not buttons)


HALF = "Half the memory for the synthesis; pixels change by a few grey levels (Model > Precision)"
RETRY = "Load and render again"


def _back(context: Context, *, primary: bool) -> list[Button]:
    """Let the card go; nothing where there is no model to stay with."""
    if context.refusal is None:
        return []
    name = f"Back to {display_name(context.refusal.kept)}###back"
    tip = "It is still in use; nothing else has changed"
    return [asks(context, icons.ICON_FA_ARROW_LEFT, name, KeepModel(), tip, primary=primary)]


def _elsewhere(context: Context) -> list[Button]:
    """Take the user's word for a file on another computer; nothing where it is not about one."""
    model = context.refusal.model if context.refusal else context.recipe.model
    paths = (model.path, model.tower, model.blend.path)
    path = next((path for path in paths if not may_open(path)), "")
    if not path:
        return []
    who = context.see(UploadView).place or "This computer"
    tip = f"{who} contacts “{host_of(path)}” and shows it who you are"
    label = "Open it anyway###anyway"
    return [asks(context, icons.ICON_FA_NETWORK_WIRED, label, Retry(named=path), tip)]


def _upload(context: Context) -> list[Button]:
    """Upload the model, where the renderer is on another computer and this one has the file."""
    view = context.see(UploadView)
    if not view.offered:
        return []
    label = f"Upload it to {view.place}…###upload"
    tip = f"{view.offered} is on this computer"
    icon = icons.ICON_FA_ARROW_UP_FROM_BRACKET
    return [asks(context, icon, label, AskUpload(view.offered), tip, primary=True)]


def _another(context: Context) -> Button:
    tip = f"Everything else in the recipe stays ({MAIN}+O)"
    label = "Open another model…###another"
    return asks(context, icons.ICON_FA_FOLDER_OPEN, label, BrowseModel(), tip)


def _second_buttons(context: Context, *, primary: bool = False) -> list[Button]:
    """Return what can be done about the second model of a blend."""
    choose = BrowseSecond(), "Everything else in the recipe stays"
    stop = UseSecond(""), "Only the first model draws"
    return [
        asks(context, icons.ICON_FA_FOLDER_OPEN, "Blend with another…###second", *choose),
        asks(context, icons.ICON_FA_XMARK, "Stop blending###alone", *stop, primary=primary),
    ]


def _demo(context: Context) -> list[Button]:
    """The model that is always there, unless it is the one in use."""
    if context.recipe.model.path == START:
        return []
    tip = "The model that comes with the program"
    label = "Use the demo model###demo"
    return [asks(context, icons.ICON_FA_CUBE, label, OpenModel(START), tip)]


def _missing_buttons(context: Context, missing: Missing) -> list[Button]:
    """Return what can be done about a model that is not there, the likeliest first."""
    rows: list[Button] = []
    if missing.found:
        rows.append(
            asks(
                context,
                icons.ICON_FA_CHECK,
                "Use that file###found",
                UseFoundModel(),
                missing.found,
                primary=True,
            )
        )
    if missing.other:
        rows.append(
            asks(
                context,
                icons.ICON_FA_CHECK,
                "Use it anyway###other",
                UseOtherModel(),
                missing.other,
            )
        )
    look = LookForModel(), "Choose the file; its hash is compared with the recipe's"
    rows[:0] = _back(context, primary=not rows)
    free = len(rows) == 0 and not missing.searching
    icon = icons.ICON_FA_MAGNIFYING_GLASS
    rows.append(asks(context, icon, "Find it…###look", *look, primary=free))
    if missing.searching:
        stop = StopLooking(), "Stop searching"
        rows.append(asks(context, icons.ICON_FA_XMARK, "Stop###stop", *stop))
    if context.fault == "missing second":
        rows += _second_buttons(context)
    else:
        rows += [_another(context), *_demo(context)]
    rows.append(
        asks(context, icons.ICON_FA_ARROW_ROTATE_RIGHT, "Try again###retry", Retry(), RETRY)
    )
    return rows
