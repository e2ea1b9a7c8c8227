"""What a monkey does on stage: moments, recordings, outputs, music, gamepads, presets, bends, a
wider canvas, and the renderer in another process."""

from __future__ import annotations

from random import Random
from typing import get_args

from renderer.parameters.bindings import PAD_AXES, PAD_BUTTONS, Binding
from renderer.parameters.hearing import NAMES, Hearing
from renderer.parameters.kinds import Trigger
from renderer.parameters.lfo import SHAPES, Lfo, Unit
from renderer.recipe.moments import PARTS
from renderer.timeline.easing import EASINGS
from tests.monkey.acts import Moments, Scene, chord
from tests.monkey.hands import Event
from tests.monkey.remote_acts import packet, value_for
from tests.monkey.stage import CLOCK, CONTROLLER, LINE
from widgets.actions import SwitchSink
from widgets.chrome.preset_menu import SavePreset, UndoPreset
from widgets.chrome.renderer_dialog import Kind as PlaceKind
from widgets.chrome.renderer_dialog import UseRenderer
from widgets.controls.control_view import ChangeBinding, ChangeLamps
from widgets.controls.moments_view import (
    ChooseParts,
    DeleteMoment,
    ImportMoments,
    MoveMoment,
    RecallMoment,
    RenameMoment,
    SetFade,
    StoreMoment,
    UndoMoments,
)
from widgets.controls.music_view import ChangeLfo, Clock, FollowClock, ListenTo
from widgets.output import Fit, SinkKey

PLACES = ("", "window", "1", "2", "HDMI-9")
PLAYING = (
    *(f"lfo/{number}" for number in (1, 1, 2, 3)),
    *(f"beat/{every}" for every in (1, 2, 4)),
    *(f"audio/{name}" for name in NAMES),
    *(f"pad/1/{name}" for name in (*PAD_AXES, *PAD_BUTTONS[:6])),
    *(f"midi/cc/1/{number}" for number in (1, 2, 3)),
    *(f"midi/note/1/{number}" for number in (60, 61, 62)),
)
"""What is mapped to whatever there is."""
PULSES = 24
"""Of a MIDI clock, to the beat."""
STAGE = ("bend", "canvas", "seeds", "component", "components", "transform", "mixing", "psi")
"""Beginnings of addresses that are turned on stage."""
PRESET_PARTS = ("control", "music", "moments", "output")


def recall(scene: Scene, rng: Random) -> Moments:
    """Go to moments by their keys, faster than the fades, and store some."""
    for _ in range(rng.randrange(1, 5)):
        key = rng.choice((f"_{rng.randrange(1, 10)}", f"keypad{rng.randrange(1, 10)}"))
        yield from chord(key, rng.random() < 0.35, False, rng)
        for _ in range(rng.choice((0, 0, 3, 20))):
            yield []


def arrange(scene: Scene, rng: Random) -> Moments:
    """Change the moments themselves, and how recalls go."""
    number, other = rng.choice((1, 2, 3, 9, 10, 99)), rng.choice((1, 2, 3, 9, 10, 99))
    parts = tuple(rng.sample(PARTS, rng.choice((0, 1, 1, 3))))
    yield [
        (
            "do",
            rng.choice(
                (
                    StoreMoment(number, rng.choice((None, "Dawn", "日本 🏠" * 20)), parts),
                    StoreMoment(number),
                    ChooseParts(number, parts),
                    RenameMoment(number, rng.choice(("", "Night", "\x00"))),
                    MoveMoment(number, other),
                    DeleteMoment(number),
                    UndoMoments(),
                    SetFade(rng.choice((0.0, 0.1, 1.0, 4.0)), rng.choice(EASINGS[:3])),
                    RecallMoment(number, rng.choice((None, 0.0, 0.5))),
                    ImportMoments(rng.choice(scene.world.moments)),
                )
            ),
        )
    ]
    yield []


def recall_from_afar(scene: Scene, rng: Random) -> Moments:
    """Go to moments by OSC."""
    at = f"/moment/{rng.choice((1, 2, 3, 9, 50, 99))}"
    way = rng.choice((("", None), ("/fade", 0.5), ("/fade", 0.0), ("/store", None)))
    address = rng.choice((f"{at}{way[0]}", "/moment/next", "/moment/previous"))
    value = way[1] if address.endswith("/fade") else None
    yield [("osc", packet(address, value))]
    for _ in range(rng.randrange(10)):
        yield []


def record(scene: Scene, rng: Random) -> Moments:
    """Record for a while, and at times end it at once."""
    yield from chord("r", True, False, rng)
    for _ in range(rng.choice((1, 5, 30))):
        yield []
    if rng.random() < 0.5:
        yield from chord("r", True, False, rng)


def show_elsewhere(scene: Scene, rng: Random) -> Moments:
    """Open and close the output, on screens that are there and that are not, in all forms."""
    if rng.random() < 0.4:
        yield from chord(rng.choice(("f10", "f10", "f11")), False, False, rng)
        yield []
        return
    wanted = {
        "on": rng.random() < 0.7,
        "place": rng.choice(PLACES),
        "fit": rng.choice(get_args(Fit)),
        "smooth": rng.random() < 0.5,
    }
    yield [("output", wanted)]
    for _ in range(rng.randrange(5)):
        yield []


def send_to_programs(scene: Scene, rng: Random) -> Moments:
    """Switch sinks on and off, and let the other programs fail."""
    events: list[Event] = [
        ("do", SwitchSink(rng.choice(get_args(SinkKey)), rng.random() < 0.7)),
        ("program", rng.random() < 0.8),
    ]
    yield [rng.choice(events)]
    for _ in range(rng.randrange(6)):
        yield []


def swing(scene: Scene, rng: Random) -> Moments:
    """Add, change or remove an oscillator."""
    lfo = Lfo(
        rng.choice(SHAPES),
        rng.choice((1 / 64, 0.25, 1.0, 4.0, 3600.0)),
        rng.choice(get_args(Unit)),
        round(rng.random(), 2),
        round(rng.random(), 2),
        round(rng.random(), 2),
        rng.random() < 0.9,
    )
    yield [("do", ChangeLfo(rng.randrange(4), lfo if rng.random() < 0.8 else None))]
    yield []


def map_something(scene: Scene, rng: Random) -> Moments:
    """Let something that plays, a knob or a stick move any value or trigger any command."""
    known = scene.parameters()
    target = rng.choice([*known, *known.commands])
    if isinstance(target.kind, Trigger) and target.address in ("/capture", "/reset", "/record"):
        return
    span = rng.choice(((0.0, 1.0), (-0.3, 0.3), (1.0, 0.0), (-10.0, 10.0)))
    binding = Binding(rng.choice(PLAYING), target.address, *span, around=rng.random() < 0.5)
    yield [("do", ChangeBinding(rng.randrange(11), binding))]
    yield [("do", ChangeLamps(rng.random() < 0.5))]


def keep_time(scene: Scene, rng: Random) -> Moments:
    """Tap, set the tempo, follow another clock."""
    way = rng.random()
    if way < 0.3:
        for _ in range(rng.randrange(2, 9)):
            yield from chord("b", False, False, rng)
            for _ in range(rng.randrange(1, 12)):
                yield []
    elif way < 0.6:
        value = rng.choice((20.0, 128.0, 400.0, 1e9, -1.0))
        address, sent = rng.choice((("/tempo", value), ("/tempo/tap", None)))
        yield [("osc", packet(address, sent), packet("/tempo/restart", None))]
    else:
        clock: Clock = rng.choice(get_args(Clock))
        yield [("do", FollowClock(clock, rng.choice((CLOCK, CONTROLLER, "gone", ""))))]
    yield []


def drum(scene: Scene, rng: Random) -> Moments:
    """Beats of a MIDI clock, that starts, stops, jumps, and whose cable comes out."""
    yield [("do", FollowClock("midi", CLOCK))]
    yield [("clock", (rng.choice(("start", "continue")), {}))]
    for _ in range(rng.choice((5, 40, 120))):
        count = rng.choice((1, 1, 2, 2, 3, PULSES))
        yield [("clock", *[("clock", {})] * count)]
    way = rng.random()
    if way < 0.3:
        yield [("clock", ("stop", {}))]
    elif way < 0.6:
        yield [("clock", ("songpos", {"pos": rng.randrange(16384)}))]
    elif way < 0.75:
        yield [("cable", CLOCK, False)]
        for _ in range(20):
            yield []
        yield [("cable", CLOCK, True)]


def sing(scene: Scene, rng: Random) -> Moments:
    """Sound comes in, loud and soft, until the card is pulled out."""
    hearing = Hearing(
        rng.choice((0.0, -40.0, 60.0)), rng.random(), rng.choice((0.0, 0.3)), rng.choice((0.0, 2.0))
    )
    yield [("do", ListenTo(rng.choice((LINE, LINE, LINE, "gone", "")), hearing))]
    for _ in range(rng.choice((3, 20))):
        yield [("sound", rng.randrange(10**6), rng.choice((0.0, 0.01, 0.3, 5.0)))]
    if rng.random() < 0.2:
        yield [("cable", LINE, False)]
        yield []
        yield [("cable", LINE, True)]


def play_pad(scene: Scene, rng: Random) -> Moments:
    """Move sticks and press buttons; now and then the pad is gone."""
    for _ in range(rng.randrange(1, 12)):
        control = rng.choice((*PAD_AXES, *PAD_BUTTONS))
        value = round(rng.uniform(-1, 1), 2) if control in PAD_AXES else rng.choice((0.0, 1.0))
        yield [("pad", rng.choice((0, 0, 0, 1)), control, value)]
    if rng.random() < 0.1:
        yield [("pad", 0, "a", None)]


def pull_controller(scene: Scene, rng: Random) -> Moments:
    """The controller's cable comes out while it is played, and goes in again."""
    yield [("cable", CONTROLLER, False)]
    for _ in range(rng.choice((1, 10, 40))):
        yield [("midi", ("control_change", {"control": 1, "value": rng.randrange(128)}))]
    yield [("cable", CONTROLLER, True)]


def change_preset(scene: Scene, rng: Random) -> Moments:
    """Keep what is set up as a preset, load one that may lack parts or be damaged, take it back."""
    way, slot = rng.random(), rng.randrange(3)
    if way < 0.3:
        yield [("preset", "keep", slot)]
    elif way < 0.75:
        parts = rng.sample(PRESET_PARTS, rng.choice((0, 0, 1, 2)))
        yield [("preset", rng.choice(("load", "load", "lack", "damage", "cut")), slot, *parts)]
    elif way < 0.9:
        yield [("do", UndoPreset())]
    else:
        yield [("do", SavePreset())]
        yield from ([],) * 6
        yield from chord("enter", False, False, rng)
    for _ in range(rng.choice((1, 5, 20))):
        yield []


def bend(scene: Scene, rng: Random) -> Moments:
    """Bends, the canvas, blends of seeds, components: to and fro by OSC."""
    known = [one for one in scene.parameters() if one.address.split("/")[1] in STAGE]
    own = [one for one in known if one.address.startswith(("/bend", "/canvas"))]
    target = rng.choice(own if own and rng.random() < 0.6 else known)
    for _ in range(rng.randrange(1, 8)):
        yield [("osc", packet(target.address, value_for(target.kind, rng)))]


def break_line(scene: Scene, rng: Random) -> Moments:
    """Kill the renderer where it is in another process, or let it hang for a while."""
    yield [("line", rng.choice(("kill", "kill", "stop")))]
    for _ in range(rng.choice((0, 5, 40))):
        yield []
    yield [("line", "continue")]


def move_renderer(scene: Scene, rng: Random) -> Moments:
    """Move the renderer into another process, to another computer, or back."""
    place: PlaceKind = rng.choice(get_args(PlaceKind))
    yield [("do", UseRenderer(place, "me@box" if place == "host" else ""))]
    for _ in range(rng.choice((0, 3, 60))):
        yield []
