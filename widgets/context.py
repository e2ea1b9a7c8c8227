"""The view of a panel in one UI frame, and its output; a new `Context` for each frame."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol, TypeVar

from msgspec import Meta, Struct

from renderer.errors import Fault
from renderer.frame.frame import Frame, ModelInfo
from renderer.recipe.recipe import ModelRef, Recipe
from widgets.actions import Action, Tone, ToolName
from widgets.letters import Letters
from widgets.output import OutputOptions
from widgets.theme import SIDEBAR_EM, SIDEBAR_MAX_EM, SIDEBAR_MIN_EM, Fonts

if TYPE_CHECKING:
    import numpy as np

V = TypeVar("V")
DRAWER_EM = 13.0
DRAWER_RANGE_EM = (7.0, 40.0)
ZOOM_RANGE = (0.7, 2.5)

Activity = Literal["starting", "idle", "rendering", "loading", "stopped"]

OPEN_AT_FIRST = ("Prompt", "Truncation", "Latent")
"""The sections that a newcomer sees open."""


class Options(Struct, frozen=True):
    """The look of the window and the place where it saves; survives a restart, is not part of a
    picture.

    `tool` is what a drag on the picture does; `drawer` is the tab that is open below the picture,
    empty when none is, and `drawer_em` its height.  `told_of_new_demo` is whether the user knows
    that the first demo model has a successor, `record_video` whether recording makes a video beside
    the take.
    """

    open_sections: tuple[str, ...] = OPEN_AT_FIRST
    sidebar_em: Annotated[float, Meta(ge=SIDEBAR_MIN_EM, le=SIDEBAR_MAX_EM)] = SIDEBAR_EM
    show_sidebar: bool = True
    zoom: Annotated[float, Meta(ge=ZOOM_RANGE[0], le=ZOOM_RANGE[1])] = 1.0
    smooth: bool = True
    capture_folder: str = ""
    capture_format: Literal["png", "jpg", "webp"] = "png"
    word_lists: str = ""
    tool: ToolName = "travel"
    drawer: str = ""
    drawer_em: Annotated[float, Meta(ge=DRAWER_RANGE_EM[0], le=DRAWER_RANGE_EM[1])] = DRAWER_EM
    told_of_new_demo: bool = False
    output: OutputOptions = OutputOptions()
    bare_fullscreen: bool = False
    """True lets full screen hide all but the picture."""
    record_video: bool = True


@dataclass(frozen=True)
class Status:
    """The render thread's present work, in a word and in a sentence.

    `share` is how far a load is, or a slow picture, from 0 to 1; None if unknown.  `back_to` is
    the name of the model that a load goes back to when it is cancelled; empty where it cannot be.
    """

    activity: Activity = "starting"
    text: str = "Starting"
    share: float | None = None
    back_to: str = ""

    @property
    def busy(self) -> bool:
        return self.activity in ("starting", "rendering", "loading")


@dataclass(frozen=True)
class Refusal:
    """A model that could not be opened, so that the document stayed with the one before it.

    `model` is the one that was refused, `sentence` says why and `fault` what that is about; `kept`
    is the path of the model that stayed.
    """

    model: ModelRef
    sentence: str
    fault: Fault
    kept: str


@dataclass(frozen=True)
class Notice:
    """A line for the user; `until_s` is when the status line drops it (clock of the UI)."""

    text: str
    tone: Tone = "info"
    until_s: float = 0.0


@dataclass(frozen=True)
class Stats:
    """Speed as the user feels it.

    `frames_per_s` counts distinct pictures shown in the last second, `ui_frames_per_s` redraws of
    the window; `ui_ms` is the median and the 99th percentile of one redraw's work; `upload_ms` the
    last picture's way into its texture; `history_ms` the totals of the last pictures, oldest first,
    and `picture_ms` the median and the 99th percentile of those.
    """

    device: str = ""
    frames_per_s: float = 0.0
    ui_frames_per_s: float = 0.0
    ui_ms: tuple[float, float] = (0.0, 0.0)
    upload_ms: float = 0.0
    history_ms: tuple[float, ...] = ()
    picture_ms: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class Picture:
    """The last good picture, which the program draws below the panels: its size in pixels."""

    width: int
    height: int


@dataclass(frozen=True)
class Fill:
    """A rectangle of one colour below the panels: (left, top, right, bottom) and "#rrggbb"."""

    box: tuple[float, float, float, float]
    colour: str


@dataclass(frozen=True)
class Preview:
    """A small picture on the graphics card: the name of its texture, and its size in pixels."""

    texture: int
    width: int
    height: int


@dataclass(frozen=True)
class Laid:
    """A picture that the program lays over the main one, drawn in the same way: where it is as a
    whole, and the part of that which is seen, both (left, top, right, bottom)."""

    picture: Preview
    box: tuple[float, float, float, float]
    clip: tuple[float, float, float, float]


class Previews(Protocol):
    """Small pictures for panels."""

    def get(self, recipe: Recipe, size_px: int) -> Preview | None:
        """A picture of `recipe` of at most `size_px`; None while it is not there yet.

        It is made when the renderer has nothing else to do, as long as it is asked for in every UI
        frame; what is asked for first is made first.
        """
        ...

    def get_at(self, place: Hashable, recipe: Recipe, size_px: int) -> tuple[Preview | None, bool]:
        """As `get`, and whether it is of `recipe`: until that is there, what was last shown in
        `place`; None where there is none of either, or where it could not be made."""
        ...

    def known(self, key: Hashable) -> Preview | None:
        """Return what was `put` under `key`, if it is still there."""
        ...

    def put(self, key: Hashable, pixels: np.ndarray) -> Preview:
        """Keep `pixels`, uint8 [h, w, 3], which come from elsewhere, until they fall out of use."""
        ...


class NoPreviews:
    """Without a renderer no preview ever comes."""

    def get(self, recipe: Recipe, size_px: int) -> Preview | None:
        """None."""
        return None

    def get_at(self, place: Hashable, recipe: Recipe, size_px: int) -> tuple[Preview | None, bool]:
        """None."""
        return None, False

    def known(self, key: Hashable) -> Preview | None:
        """None."""
        return None

    def put(self, key: Hashable, pixels: np.ndarray) -> Preview:
        """A texture that shows nothing."""
        return Preview(0, pixels.shape[1], pixels.shape[0])


@dataclass
class Completion:
    """The names that are offered under the text box `item`, 0 for none, and which one is marked.

    `names` with their `numbers` may stand in place of what is between `start` and `end` of `text`;
    `marked` is -1 where none is.  `seen` is the box that has the keyboard, and `done` the text in
    it for which nothing is offered: nothing was typed yet, or a name was just taken.
    """

    item: int = 0
    marked: int = 0
    names: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    text: str = ""
    start: int = 0
    end: int = 0
    seen: int = 0
    done: str = ""


@dataclass(frozen=True)
class MenuOf:
    """The control whose menu of sources is open.

    `addresses` are those of what it sets or does, `item` what it is known by, `at` the place below
    it on the screen.  `resets` is whether it can be reset, `opens` true until the menu is drawn.
    """

    addresses: tuple[str, ...]
    item: int
    at: tuple[float, float]
    resets: bool = False
    opens: bool = False


@dataclass
class Entry:
    """The number that is being typed right now, and the last refusal.  Lives across frames.

    `item` is the number's that is being typed, 0 for none; `answers` holds what each live text box
    said last, by its item, and `typed_s` is when one of them changed last; `near` is the box that a
    click just missed, `taken` one that is getting the keyboard without a click into it; `file` is
    the file whose `file_name` is being typed; `popup` is whether something was open over the window
    in the last frame.
    """

    item: int = 0
    text: str = ""
    wants_focus: bool = False
    refused_item: int = 0
    refusal: str = ""
    refused_until_s: float = 0.0
    answers: dict[int, str] = field(default_factory=dict)
    typed_s: float = float("-inf")
    near: int = 0
    taken: int = 0
    file: str = ""
    file_name: str = ""
    letters: Letters = field(default_factory=Letters)
    completion: Completion = field(default_factory=Completion)
    popup: bool = False
    menu: MenuOf | None = None
    reset: int = 0
    """The control that is to be reset, as its menu wants; 0 for none."""
    reveals: str = ""
    """The section that is to come into sight, for so many redraws more; empty for none."""
    reveal_frames: int = 0
    quiet_frames: int = 0

    def settle(self, *, active: bool) -> None:
        """Forget the item when nothing has had the keyboard for some frames: its panel closed."""
        self.quiet_frames = 0 if active or self.item == 0 else self.quiet_frames + 1
        if self.quiet_frames > 3:
            self.item = 0


@dataclass(frozen=True, kw_only=True)
class View:
    """The state of the program that panels see in one UI frame; they replace nothing in it.

    `frame` is the last good picture's frame.  `error` is why the newest recipe has no picture, and
    `fault` what that is about.  `previews` are small pictures of other recipes; `views` is what the
    instruments show, see `see`.
    """

    fonts: Fonts
    now_s: float = 0.0
    frame: Frame | None = None
    error: str | None = None
    fault: Fault = ""
    refusal: Refusal | None = None
    model: ModelInfo | None = None
    picture: Picture | None = None
    status: Status = Status()
    stats: Stats = Stats()
    notice: Notice | None = None
    messages: tuple[Notice, ...] = ()
    recent_models: tuple[str, ...] = ()
    capture_folder: str = ""
    last_capture: str = ""
    can_undo: bool = False
    can_redo: bool = False
    previews: Previews = field(default_factory=NoPreviews)
    views: dict[type, Any] = field(default_factory=dict)

    def see(self, view: type[V]) -> V:
        """Return what an instrument shows to its panels: its view of that type, as it is now.

        Where no instrument provides it, the view is made without arguments: nothing to see.
        """
        known = self.views.get(view)
        return view() if known is None else known


@dataclass
class Output:
    """The panels' answers of one UI frame, which the program takes once all are drawn.

    `recipe` is the recipe so far: each panel's answer is stored before the next is drawn.  A panel
    changes `options` by replacing it, and asks for everything else by `actions`.  `fills` are
    surfaces that the program paints below everything that Dear ImGui draws, `laid` are pictures
    that it lays over the main one; `areas` is where each section, the picture and the drawer lie
    (left, top, right, bottom), as far as they are drawn yet.
    """

    recipe: Recipe
    options: Options = field(default_factory=Options)
    actions: list[Action] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    laid: list[Laid] = field(default_factory=list)
    areas: dict[str, tuple[float, float, float, float]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Context(View):
    """One UI frame for a panel: the view, its output `out`, and the `entry` that lives on."""

    out: Output
    entry: Entry = field(default_factory=Entry)

    @property
    def recipe(self) -> Recipe:
        """The recipe so far, with the answers of the panels that are drawn already."""
        return self.out.recipe

    @property
    def options(self) -> Options:
        """The options so far."""
        return self.out.options

    def ask(self, action: Action) -> None:
        """Ask the program for something; it happens after this frame is drawn."""
        self.out.actions.append(action)
