"""What a monkey does: each act yields what happens between two redraws, until it is over.

An act sees the window through a `Scene` and draws its choices from the generator that it gets, so
it is known by the seed, the step and what was on the screen.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from imgui_bundle import imgui

from renderer.parameters.parameters import Parameters
from renderer.recipe.recipe import to_json
from stylegan_t.config import DEMO
from tests.monkey.hands import Event
from tests.monkey.items import Item, Items
from tests.monkey.world import TEXTS, World, recipes
from visualizer.window.display import MIN_SIZE
from widgets.chrome.shortcuts import COMMANDS, QUIT, Command

Moments = Iterator[list[Event]]
Act = Callable[["Scene", Random], Moments]

LETTERS = tuple("abcdefghijklmnopqrstuvwxyz")
OTHER_KEYS = (
    "tab",
    "tab",
    "escape",
    "escape",
    "enter",
    "space",
    "delete",
    "backspace",
    "home",
    "end",
    "page_up",
    "page_down",
    "left_arrow",
    "right_arrow",
    "up_arrow",
    "down_arrow",
    "f1",
    "f2",
    "_0",
    "_1",
    "equal",
    "minus",
    "menu",
)
WORKS = ("write", "save", "export", "cancel", "stop", "start", "compute", "sheet", "play", "all")
"""Words on buttons that begin or end work which takes its time."""
SIZES = (
    (960, 640),
    (1100, 700),
    (800, 700),
    (1920, 1080),
    (640, 480),
    MIN_SIZE,
    (1, 1),
    (400, 900),
)


@dataclass(frozen=True)
class Scene:
    """What a monkey sees: widgets, the window's size in pixels, its files, and what can be set from
    outside; `met` are the widgets that it ever chose."""

    items: Items
    world: World
    size: Callable[[], tuple[float, float]]
    met: set[tuple[str, str]]
    parameters: Callable[[], Parameters]

    def pick(self, rng: Random, wanted: Callable[[Item], bool] = lambda item: True) -> Item | None:
        """A widget within reach, or None."""
        found = [item for item in self.items.reachable() if wanted(item)]
        if not found:
            return None
        item = rng.choice(found)
        self.met.add((item.kind, item.label))
        return item

    def somewhere(self, rng: Random) -> tuple[float, float]:
        """Any place in the window."""
        width, height = self.size()
        return round(rng.uniform(0, width), 1), round(rng.uniform(0, height), 1)


def inside(item: Item, rng: Random) -> tuple[float, float]:
    """A place on a widget."""
    left, top, right, bottom = item.box
    return round(rng.uniform(left, right), 1), round(rng.uniform(top, bottom), 1)


def press(at: tuple[float, float], button: int = 0) -> Moments:
    """Move there, press, let go."""
    yield [("move", *at)]
    yield [("button", button, True)]
    yield [("button", button, False)]
    yield []


# -- the mouse -----------------------------------------------------------------------------------


def click(scene: Scene, rng: Random) -> Moments:
    """Click a widget, mostly with the left button."""
    item = scene.pick(rng)
    at = inside(item, rng) if item else scene.somewhere(rng)
    yield from press(at, rng.choices((0, 1, 2), (85, 12, 3))[0])


def click_anywhere(scene: Scene, rng: Random) -> Moments:
    """Click wherever it is, once or twice, all within one redraw at times."""
    at, button = scene.somewhere(rng), rng.choice((0, 0, 0, 1, 2))
    if rng.random() < 0.3:
        yield [("move", *at), ("button", button, True), ("button", button, False)]
        yield []
        return
    for _ in range(rng.choice((1, 2, 2, 3))):
        yield from press(at, button)


def click_work(scene: Scene, rng: Random) -> Moments:
    """Begin or stop something that takes its time."""
    item = scene.pick(rng, lambda item: any(word in item.label.lower() for word in WORKS))
    if item is not None:
        yield from press(inside(item, rng))
        for _ in range(rng.randrange(12)):
            yield []


def open_tab(scene: Scene, rng: Random) -> Moments:
    """Choose a tab of the drawer, or open a section."""
    ends = ("##tab", "##header")
    item = scene.pick(rng, lambda item: item.label.endswith(ends))
    if item is not None:
        yield from press(inside(item, rng))


def open_menu(scene: Scene, rng: Random) -> Moments:
    """Open a menu, and choose from it."""
    item = scene.pick(rng, lambda item: item.kind == "begin_menu")
    if item is None:
        return
    yield from press(inside(item, rng))
    yield []
    for _ in range(rng.choice((1, 1, 2))):
        entry = scene.pick(rng, lambda item: item.in_popup)
        if entry is not None:
            yield from press(inside(entry, rng))


def drag(scene: Scene, rng: Random) -> Moments:
    """Drag a widget or what lies between them; at times a file is dropped meanwhile."""
    item = None if rng.random() < 0.4 else scene.pick(rng)
    x, y = inside(item, rng) if item else scene.somewhere(rng)
    button = rng.choices((0, 2, 1), (85, 12, 3))[0]
    dropping = rng.random() < 0.08
    count = rng.randrange(1, 12)
    far = rng.choice((3.0, 30.0, 120.0))
    yield [("move", x, y)]
    yield [("button", button, True)]
    for number in range(count):
        x, y = round(x + rng.gauss(0, far), 1), round(y + rng.gauss(0, far / 3), 1)
        moment: list[Event] = [("move", x, y)]
        if dropping and number == count // 2:
            moment.append(("drop", [rng.choice(scene.world.models)]))
        yield moment
    yield [("button", button, False)]
    yield []


def wheel(scene: Scene, rng: Random) -> Moments:
    """Turn the wheel over a widget, the picture, a panel; with Ctrl at times."""
    item = None if rng.random() < 0.5 else scene.pick(rng)
    yield [("move", *(inside(item, rng) if item else scene.somewhere(rng)))]
    held = rng.random() < 0.15
    if held:
        yield [("key", "left_ctrl", True)]
    step = rng.choice((-1.0, 1.0)) * rng.choice((0.1, 1.0, 1.0, 5.0))
    for _ in range(rng.randrange(1, 8)):
        yield [("wheel", 0.0 if rng.random() < 0.9 else step, step)]
    if held:
        yield [("key", "left_ctrl", False)]


def linger(scene: Scene, rng: Random) -> Moments:
    """Rest on a widget, so that it says what it is."""
    item = scene.pick(rng)
    if item is not None:
        yield [("move", *inside(item, rng))]
        for _ in range(12):
            yield []


# -- the keyboard --------------------------------------------------------------------------------


def chord(name: str, ctrl: bool, shift: bool, rng: Random, times: int = 1) -> Moments:
    """Strike a key with modifiers; slowly, or all of it between two redraws."""
    held = ["left_ctrl"] * ctrl + ["left_shift"] * shift
    down: list[Event] = [("key", key, True) for key in held]
    up: list[Event] = [("key", key, False) for key in reversed(held)]
    if rng.random() < 0.3 and times == 1:
        yield [*down, ("key", name, True), ("key", name, False), *up]
        yield []
        yield []
        return
    yield down
    for _ in range(times):
        yield [("key", name, True)]
        yield [("key", name, False)]
    yield up


def name_of(command: Command) -> str:
    """Dear ImGui's name of a command's key."""
    return str(imgui.Key(command.key).name)


def command(scene: Scene, rng: Random) -> Moments:
    """One of the program's own keys."""
    chosen = rng.choice([one for one in COMMANDS if one is not QUIT])
    yield from chord(name_of(chosen), chosen.ctrl, chosen.shift, rng)


def key(scene: Scene, rng: Random) -> Moments:
    """Any key, with or without modifiers; Ctrl-Q is left to `leave`."""
    name = rng.choice(OTHER_KEYS if rng.random() < 0.7 else LETTERS)
    ctrl, shift = rng.random() < 0.2, rng.random() < 0.2
    if not (ctrl and name == "q"):
        yield from chord(name, ctrl, shift, rng, rng.choice((1, 1, 1, 5)))


def undo_storm(scene: Scene, rng: Random) -> Moments:
    """Undo and redo many times over."""
    for _ in range(rng.randrange(1, 4)):
        yield from chord("z", True, rng.random() < 0.5, rng, rng.randrange(2, 25))


def hold(scene: Scene, rng: Random) -> Moments:
    """Hold a key while other things happen: it goes up with the next act of this kind."""
    yield [("key", rng.choice(("b", "left_shift", "space", "right_arrow")), rng.random() < 0.5)]


def type_text(scene: Scene, rng: Random) -> Moments:
    """Type into a text box, or at whatever has the keyboard."""
    item = scene.pick(rng, lambda item: item.takes_text)
    if item is not None and rng.random() < 0.8:
        yield from press(inside(item, rng))
    if rng.random() < 0.4:
        yield from chord("a", True, False, rng)
    text = rng.choice(TEXTS)[:300]
    size = rng.choice((1, 3, 50))
    for start in range(0, len(text), size):
        yield [("text", text[start : start + size])]
    end = rng.choice(("enter", "escape", "tab", ""))
    if end:
        yield from chord(end, False, False, rng)


def paste(scene: Scene, rng: Random) -> Moments:
    """Paste text into a box, or a recipe over everything."""
    text = rng.choice(TEXTS) if rng.random() < 0.6 else to_json(rng.choice(recipes()))
    if rng.random() < 0.1:
        text = text[: len(text) // 2]
    item = scene.pick(rng, lambda item: item.takes_text)
    if item is not None:
        yield from press(inside(item, rng))
    yield [("clipboard", text.replace("\0", ""))]
    yield from chord("v", True, False, rng)


def type_value(scene: Scene, rng: Random) -> Moments:
    """Ctrl-click a slider and type a number, or what is none."""
    item = scene.pick(rng, lambda item: item.is_slider)
    if item is None:
        return
    yield [("key", "left_ctrl", True)]
    yield from press(inside(item, rng))
    yield [("key", "left_ctrl", False)]
    value = rng.choice(("0", "1", "-1", "0.5", "1e4", "-1e4", "1e9", "nan", "", "0,25", "x", "100"))
    yield [("text", value)]
    yield from chord(rng.choice(("enter", "enter", "enter", "escape", "tab")), False, False, rng)


# -- the window ----------------------------------------------------------------------------------


def drop(scene: Scene, rng: Random) -> Moments:
    """Drop a file, several, or one that goes away at once."""
    paths = [scene.world.any_file(rng) for _ in range(rng.choices((1, 2, 5), (90, 7, 3))[0])]
    yield [("drop", paths)]
    for _ in range(rng.randrange(6)):
        yield []


def drop_and_remove(scene: Scene, rng: Random) -> Moments:
    """Drop a file that is gone a moment later, while it is still being read."""
    world = scene.world
    source = rng.choice((*world.pictures, *(path for path in world.models if path != DEMO)))
    copy = str(world.home / f"brief{os.path.splitext(source)[1]}")
    yield [("copy", source, copy), ("drop", [copy])]
    for _ in range(rng.randrange(3)):
        yield []
    yield [("remove", copy)]


def drop_captured(scene: Scene, rng: Random) -> Moments:
    """Drop something that the program itself has saved."""
    folder = scene.world.home / "captures"
    names = sorted(path.name for path in folder.glob("*")) if folder.is_dir() else []
    if names:
        yield [("drop", [str(folder / rng.choice(names))])]
        yield []


def open_as_model(scene: Scene, rng: Random) -> Moments:
    """Open any file as a model, as a list of recent ones or a script does, and go on at once."""
    yield [("model", scene.world.any_file(rng))]
    for _ in range(rng.randrange(6)):
        yield []
    if rng.random() < 0.5:
        yield from chord("z", True, rng.random() < 0.3, rng)


def slow_down(scene: Scene, rng: Random) -> Moments:
    """Let redraws take longer for a while, as beside other programs, and type meanwhile."""
    yield [("slow", rng.choice((0.02, 0.06, 0.2)))]
    yield from type_text(scene, rng)
    yield from rest(scene, rng)
    yield [("slow", 0.0)]


def resize(scene: Scene, rng: Random) -> Moments:
    """Make the window another size, in one step or by many."""
    for _ in range(rng.choice((1, 1, 4))):
        width, height = rng.choice(SIZES)
        yield [("size", width + rng.randrange(40), height + rng.randrange(40))]
    yield [("size", *rng.choice(SIZES[:3]))]
    yield []


def leave(scene: Scene, rng: Random) -> Moments:
    """Close the window with the keyboard, during whatever is going on."""
    yield from chord("q", True, False, rng)


def focus(scene: Scene, rng: Random) -> Moments:
    """Go to another window and come back."""
    yield [("focus", False)]
    for _ in range(rng.randrange(4)):
        yield []
    yield [("focus", True)]


def rest(scene: Scene, rng: Random) -> Moments:
    """Do nothing for a while."""
    for _ in range(rng.randrange(1, 20)):
        yield []
