"""A renderer that sends garbage: the window goes on, says so, and shows nothing of it."""

from __future__ import annotations

import contextlib
import io
import random
import threading
from typing import BinaryIO

import msgspec
import pytest
from msgspec.structs import replace

from renderer.frame.dropped import Counts
from renderer.remote import line_keeper
from renderer.remote.client import RemoteThread
from renderer.remote.messages import (
    PROTOCOL,
    Answer,
    FrameMessage,
    Model,
    Pixels,
    Preview,
    RendererState,
    Welcome,
    encode,
    from_renderer,
)
from renderer.remote.wire import GREETING, Writer
from stylegan_t.errors import BROKEN_JSON
from tests.renderer.fakes import recipe
from tests.renderer.remote.loopback import WAIT_S, pipe

WELCOME = Welcome(PROTOCOL, "a test", "a card", "cuda")
PICTURE = FrameMessage(
    number=1,
    serial=1,
    model=None,
    second=None,
    pixels=Pixels(2, 2, "raw", bytes(12)),
    exact=True,
    error=None,
    stage_ms=(("text", 1.0),),
    block_ms=((8, 1.0),),
    tokens=(),
    device="a card",
    frame_serial=1,
    early=0,
    notes=(),
    fault="",
    text_norm=1.0,
    text_angle_deg=0.0,
    unknown=(),
)
SEEN_S = 1.0
"""How long the second line waits until what the first one led to was seen."""


class Scripted:
    """Says what it was given, then waits until the window closes the line."""

    def __init__(self, *said: bytes, greeting: bytes = GREETING) -> None:
        self.reads, mouth = pipe()
        self._ear, self.writes = pipe()
        self.script, self.greeting = said, greeting
        threading.Thread(target=self._speak, args=(mouth,), daemon=True).start()

    def _speak(self, mouth: BinaryIO) -> None:
        try:
            mouth.write(self.greeting)
            writer = Writer(mouth)
            for data in self.script:
                writer.send_encoded(data)
            mouth.flush()
            self._ear.read()
        except (OSError, ValueError):
            pass
        finally:
            mouth.close()

    def said(self) -> str:
        """See `Connection`."""
        return ""

    def complaint(self) -> str:
        return ""

    def ending(self) -> str:
        """See `Connection`."""
        return ""

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.writes.close()


def outcome(*said: bytes, greeting: bytes = GREETING) -> str:
    """What the window makes of it: "picture", or the sentence that it shows in place of one."""
    first = [Scripted(*said, greeting=greeting)]
    woken, seen = threading.Event(), threading.Event()

    def connect() -> Scripted:
        if first:
            return first.pop()
        seen.wait(SEEN_S)  # what is shown in between is not overtaken on a busy machine
        return Scripted(encode(WELCOME), encode(replace(PICTURE, number=2)))

    thread = RemoteThread(connect, "there", woken.set)
    thread.submit(recipe("a"))
    thread.start()
    try:
        for _ in range(int(WAIT_S / 0.05)):
            if (frame := thread.take()) is not None:
                seen.set()
                return frame.error or "picture"
            woken.wait(0.05)
            woken.clear()
        pytest.fail("neither a picture nor a sentence")
    finally:
        seen.set()
        assert thread.stop(WAIT_S)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_keeper, "PAUSES_S", (0.01,))


def test_a_good_one_shows_its_picture() -> None:
    assert outcome(encode(WELCOME), encode(PICTURE)) == "picture"


@pytest.mark.parametrize(
    "bad",
    [
        encode(replace(PICTURE, pixels=Pixels(2, 2, "raw", bytes(11)))),
        encode(replace(PICTURE, pixels=Pixels(16_000, 16_000, "png", b"x"))),
        encode(replace(PICTURE, pixels=None)),
        encode(replace(PICTURE, error="both")),
        encode(replace(PICTURE, stage_ms=(("text", float("nan")),))),
        encode(replace(PICTURE, text_norm=float("inf"))),
        encode(WELCOME),
        b"",
        b"\xc1" * 40,
        b"\x81" * 100_000,
    ],
)
def test_a_bad_message_ends_the_line_and_a_new_one_shows_its_picture(bad: bytes) -> None:
    assert outcome(encode(WELCOME), bad) == "picture"


def test_what_was_not_asked_for_is_passed_over() -> None:
    stray = (
        Answer(99, msgspec.Raw(b"\xc0")),
        Preview(77, None),
        Preview(1, Pixels(3, 3, "jpeg", b"no")),
        replace(PICTURE, number=12345),
        RendererState("idle", "x" * 100, 7.0, 0.0, 0, 0, Counts()),
        RendererState("loading", "", float("nan"), 0.0, 2**50, 0, Counts()),
    )
    said = [encode(one) for one in stray]
    assert outcome(encode(WELCOME), *said, encode(PICTURE)) == "picture"


@pytest.mark.parametrize(
    ("first", "sentence"),
    [
        (encode(replace(WELCOME, protocol=PROTOCOL + 1)), "install the same version"),
        (encode(PICTURE), "another program"),
        (b"\xc1", "no renderer answers"),
    ],
)
def test_another_version_or_program_is_a_sentence(first: bytes, sentence: str) -> None:
    assert sentence in outcome(first)


def test_a_program_that_never_greets_is_a_sentence() -> None:
    assert "no renderer at there" in outcome(b"", greeting=b"hello\n" * 20_000)


def test_models_without_end_are_forgotten() -> None:
    info = dict.fromkeys(("path", "sha256", "name", "description"), "")
    numbers = ("resolution", "z_dim", "latent_dim", "c_dim", "num_ws", "parameters")
    plain = {**info, **dict.fromkeys(numbers, 8), "blocks": [8], "rows_of_block": [[0, 1]]}
    said = [
        encode({"type": "model", "number": number, "info": {**plain, "text_tower": None}})
        for number in range(300)
    ]
    assert isinstance(from_renderer.decode(said[0]), Model)
    assert outcome(encode(WELCOME), *said, encode(PICTURE)) == "picture"


def test_damage_at_any_byte_is_a_picture_or_a_known_error() -> None:
    rng = random.Random(9)
    good = [
        encode(one) for one in (WELCOME, PICTURE, Preview(3, None), Answer(1, msgspec.Raw(b"\xc0")))
    ]
    refused = 0
    for _ in range(800):
        data = bytearray(rng.choice(good))
        for _ in range(rng.randint(1, 3)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        try:
            from_renderer.decode(bytes(data[: rng.randint(1, len(data))]))
        except BROKEN_JSON:
            refused += 1
    assert refused > 400


def test_a_banner_before_the_greeting_is_passed_over() -> None:
    greeting = io.BytesIO(b"Last login: Sun Nov 29\n" + GREETING).getvalue()
    assert outcome(encode(WELCOME), encode(PICTURE), greeting=greeting) == "picture"
