"""What a monkey does from outside of the window: OSC packets, MIDI messages, calls of a script, and
another window on the same folder."""

from __future__ import annotations

from random import Random

from renderer.parameters.kinds import Choice, Kind, Number, Text, Value, Whole
from renderer.parameters.parameter import Command, Parameter
from tests.monkey.acts import Moments, Scene
from tests.monkey.world import TEXTS, recipes
from visualizer.control.osc_packets import Message, bundled, encoded

ODD_VALUES: tuple[Value, ...] = (None, True, "", "nan", -1, 2**31, -(2**63), 1e30, float("nan"))
ODD_ADDRESSES = (
    "/",
    "//",
    "/psi/",
    "/no/such/thing",
    "/mixing/*/*",
    "/{psi,noise/seed}",
    "/*/*/*/*/*/*",
    "/[z-a]",
    "/psi/block/999999999999999999999",
    "/text/prompt/-1",
    "/" + "x" * 190,
    "日本",
    "/1/fader1",
    "/1/pad1",
)
MOST_OF_A_KIND = 12
MESSAGES = ("control_change", "control_change", "note_on", "pitchwheel", "program_change")
CALLS = ("set", "set", "set", "get", "edit", "say", "recipe", "parameters", "slow")
WRITTEN_AFTER = 70
"""Redraws after which a window has written what was changed in it."""
ONCE = ("/capture", "/random", "/reset", "/play")
"""Now and then rather than as often as everything else: the first writes files, the others leave
nothing of what was there."""


def turn(scene: Scene, rng: Random) -> Moments:
    """Move one value to and fro by OSC, several messages between two redraws."""
    address, kind = _target(scene, rng)
    for _ in range(rng.randrange(1, 8)):
        count = rng.choice((1, 1, 3, 20))
        yield [("osc", *(packet(address, value_for(kind, rng)) for _ in range(count)))]


def send_bundle(scene: Scene, rng: Random) -> Moments:
    """Many values in one packet, as a controller does that sends its state."""
    targets = [_target(scene, rng) for _ in range(rng.choice((2, 8, 60)))]
    yield [("osc", bundled([Message(at, (value_for(kind, rng),)) for at, kind in targets]))]
    yield []


def send_garbage(scene: Scene, rng: Random) -> Moments:
    """Packets that are none, cut off, or full of what nobody understands."""
    good = packet(*_odd(rng))
    packets = (
        b"",
        rng.randbytes(rng.choice((1, 4, 64, 4000))),
        good[: rng.randrange(len(good))],
        good + b"\0\0\0\0",
        b"#bundle\0" * 200,
        bundled([Message(*_odd_message(rng)) for _ in range(30)]),
        good,
    )
    yield [("osc", rng.choice(packets))]
    yield []


def turn_knobs(scene: Scene, rng: Random) -> Moments:
    """Turn a knob or the wheel, or strike keys, bound or not."""
    kind = rng.choice(MESSAGES)
    number = rng.choice((1, 2, 3, 4, 5, 99))
    for _ in range(rng.randrange(1, 12)):
        messages = [_midi(kind, number, rng) for _ in range(rng.choice((1, 1, 4)))]
        yield [("midi", *messages)]
    yield []


def run_script(scene: Scene, rng: Random) -> Moments:
    """A few calls of a script."""
    for _ in range(rng.choice((1, 2, 6))):
        name = rng.choice(CALLS)
        yield [("script", *_call(name, scene, rng))]
        yield []


def close_by_script(scene: Scene, rng: Random) -> Moments:
    """A script asks for a picture, and closes the window meanwhile."""
    yield [("script", *_call("slow", scene, rng)), ("script", "close")]
    yield []


def open_another(scene: Scene, rng: Random) -> Moments:
    """Another window on the same folder changes things while this one does, and is closed or
    killed, or goes on beside it until the next act of this kind."""
    yield [("neighbour", "open")]
    for _ in range(rng.randrange(1, 3)):
        yield [("neighbour", "change", rng.randrange(10**6), rng.choice(scene.world.models))]
        yield [("model", rng.choice(scene.world.models)), ("script", *_call("set", scene, rng))]
        for _ in range(WRITTEN_AFTER):
            yield []
        yield [("neighbour", "look")]
    end = rng.choice(("close", "kill", ""))
    if end:
        yield [("neighbour", end)]
    if end == "kill":  # the next one finds what it has left
        yield [("neighbour", "open")]
        yield [("neighbour", "close")]


# -- what is sent --------------------------------------------------------------------------------


def _target(scene: Scene, rng: Random) -> tuple[str, Kind]:
    """An address that there is now, and what it takes."""
    known = scene.parameters()
    groups: dict[str, list[Parameter | Command]] = {}
    for one in (*known, *(one for one in known.commands if one.address not in ONCE)):
        groups.setdefault(one.address.split("/")[1], []).append(one)
    # Of 99 moments there are 300 addresses: they must not crowd out everything else.
    many = [min(len(group), MOST_OF_A_KIND) for group in groups.values()]
    found = rng.choice(rng.choices(list(groups.values()), many)[0])
    if rng.random() < 0.04:
        found = rng.choice([one for one in known.commands if one.address in ONCE])
    return found.address, found.kind


def value_for(kind: Kind, rng: Random) -> Value:
    """A value, mostly one that `kind` takes."""
    if rng.random() < 0.1:
        return rng.choice(ODD_VALUES)
    if isinstance(kind, Number):
        return round(rng.uniform(kind.low, kind.high), 3)
    if isinstance(kind, Whole):
        return round(rng.uniform(kind.low, kind.high))
    if isinstance(kind, Choice):
        return rng.choice(kind.options)
    if isinstance(kind, Text):
        return rng.choice(TEXTS)[:300].replace("\0", "")
    return rng.random() < 0.7


def _odd(rng: Random) -> tuple[str, Value]:
    return rng.choice(ODD_ADDRESSES), rng.choice(ODD_VALUES)


def _odd_message(rng: Random) -> tuple[str, tuple[Value, ...]]:
    count = rng.choice((0, 1, 1, 2, 9))
    return rng.choice(ODD_ADDRESSES), tuple(rng.choice(ODD_VALUES) for _ in range(count))


def packet(address: str, value: Value) -> bytes:
    """An OSC packet of one value."""
    return encoded(Message(address, (value,)))


def _midi(kind: str, number: int, rng: Random) -> tuple[str, dict[str, int]]:
    if kind == "control_change":
        return kind, {"control": number, "value": rng.randrange(128)}
    if kind == "note_on":
        return kind, {"note": rng.choice((60, 61, 62, 10)), "velocity": rng.choice((0, 1, 127))}
    if kind == "pitchwheel":
        return kind, {"pitch": rng.randrange(-8192, 8192)}
    return kind, {"program": rng.randrange(128)}


def _call(name: str, scene: Scene, rng: Random) -> tuple[object, ...]:
    """A call of a script with its values, as `tests.monkey.remote` knows them."""
    if name == "set":
        address, kind = _target(scene, rng)
        return name, address, value_for(kind, rng)
    if name == "get":
        return name, rng.choice([*(one.address for one in scene.parameters()), "/nothing"])
    if name == "edit":
        return name, rng.randrange(len(recipes()))
    if name == "say":
        return name, rng.choice(TEXTS)[:300]
    if name != "slow":
        return (name,)
    name = rng.choice(("picture", "render", "capture", "frames"))
    if name == "render":
        return name, rng.randrange(len(recipes()))
    return (name, f"script {rng.randrange(10**6)}.png") if name == "capture" else (name,)
