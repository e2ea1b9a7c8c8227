"""The renderer's side of the line: it believes nothing, and ends when its line does."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from renderer.errors import PictureError
from renderer.recipe.recipe import LatentPart, Morph
from renderer.remote import messages
from renderer.remote.calls import TABLE
from renderer.remote.folders import Folders
from renderer.remote.messages import (
    PROTOCOL,
    Band,
    Call,
    FrameMessage,
    GiveUp,
    Hello,
    NumberedWish,
    RendererState,
    Seen,
    Submit,
    Timing,
    Welcome,
    Wishes,
    encode,
    from_renderer,
)
from renderer.remote.open_calls import MAX_OPEN_CALLS
from renderer.remote.uploads import PART, Uploads
from renderer.remote.work import Bench, beside
from stylegan_t.errors import BROKEN_JSON
from tests.renderer.fakes import CountingLoader, recipe
from tests.renderer.remote.loopback import WAIT_S
from tests.renderer.remote.window import Window


@pytest.fixture
def window() -> Iterator[Window]:
    window = Window()
    yield window
    assert window.close()


def test_a_hello_is_welcomed_and_a_recipe_drawn(window: Window) -> None:
    window.say(Hello())
    welcome = window.hear(Welcome)
    assert welcome.protocol == PROTOCOL
    assert welcome.device_kind == "cpu"
    window.say(Submit(7, recipe("a")))
    picture = window.hear(FrameMessage)
    assert picture.number == 7
    assert picture.error is None
    assert picture.pixels is not None


def test_exact_pixels_follow_lossy_ones_at_rest(window: Window) -> None:
    window.say(Hello(pictures="jpeg"))
    window.say(Submit(1, recipe("a")))
    first = window.hear(FrameMessage)
    assert not first.exact
    window.say(Seen(first.serial))
    rows = 0
    while rows < 16:
        band = window.hear(Band)
        assert (band.number, band.top) == (1, rows)
        rows += band.pixels.height
        window.say(Seen(band.serial))
    assert rows == 16


def test_nothing_is_sent_before_it_is_seen(window: Window) -> None:
    window.say(Hello(pictures="raw"))
    window.hear(Welcome)
    serials = []
    for seed in range(6):
        window.say(Submit(seed, recipe("a", seed=seed)))
        time.sleep(0.05)
    for data in window.came:
        message = from_renderer.decode(data)
        if isinstance(message, FrameMessage):
            serials.append(message.number)
            if len(serials) == 2:
                break
    # two are on their way: of those that were drawn meanwhile only the newest follows
    window.say(Seen(2))
    while (picture := window.hear(FrameMessage)).number != 5:
        window.say(Seen(picture.serial))
        serials.append(picture.number)
    assert len(serials) < 5


@pytest.mark.parametrize(
    "hello",
    [
        b"",
        b"garbage",
        encode(Seen(1)),
        encode(replace(Hello(), protocol=PROTOCOL + 1)),
        msgspec.msgpack.encode({"type": "hello", "protocol": 1, "extra": 2}),
    ],
)
def test_another_protocol_is_told_ours_and_served_nothing(hello: bytes) -> None:
    window = Window()
    window.writer.send_encoded(hello)
    assert window.hear(Welcome).protocol == PROTOCOL
    assert window.ended.wait(WAIT_S)
    assert not window.loader.paths


@pytest.mark.parametrize(
    "said",
    [
        Hello(),
        Submit(1, replace(recipe("a"), psi=float("nan"))),
        Submit(1, replace(recipe("a"), psi=1e30)),
        Wishes([NumberedWish(1, recipe("a"), 0, False)]),
        Call(1, "draw", msgspec.Raw(encode({"no": 1}))),
        Call(1, "draw", msgspec.Raw(b"")),
    ],
    ids=lambda said: type(said).__name__,
)
def test_what_does_not_fit_ends_the_line_or_is_a_sentence(said: Any) -> None:
    window = Window()
    window.say(Hello())
    window.hear(Welcome)
    window.say(said)
    for data in window.came:  # to its end, or a picture with an error
        message = from_renderer.decode(data)
        if isinstance(message, FrameMessage):
            assert message.error
            break
    assert window.close()
    assert not window.loader.calls["synthesis"]


def test_deep_morphs_are_a_sentence(window: Window) -> None:
    part = LatentPart()
    for _ in range(60):
        part = LatentPart(morph=Morph(part, 0.5))
    window.say(Hello(), Submit(3, replace(recipe("a"), latent=part)))
    picture = window.hear(FrameMessage)
    assert picture.number == 3
    assert "interpolates between interpolations" in picture.error


def test_a_server_ends_with_its_line_in_the_middle_of_a_picture() -> None:
    loader = CountingLoader()
    loader.block_s = 0.3
    window = Window(loader)
    window.say(Hello(), Submit(1, recipe("a")))
    while window.hear(RendererState).kind != "rendering":
        pass
    began_s = time.monotonic()
    assert window.close()
    assert time.monotonic() - began_s < WAIT_S / 2


def test_damage_at_any_byte_ends_the_line_and_draws_nothing_twice() -> None:
    rng = random.Random(3)
    good = [
        encode(one)
        for one in (
            Submit(1, recipe("a", seed=3)),
            Wishes([NumberedWish(2, recipe("b"), 8, False)]),
            Call(3, "components", msgspec.Raw(encode({"recipe": recipe("a"), "space": "mapped"}))),
            GiveUp(3),
            Timing(True),
            Seen(4),
        )
    ]
    refused = 0
    for _ in range(600):
        data = bytearray(rng.choice(good))
        for _ in range(rng.randint(1, 4)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        cut = bytes(data[: rng.randint(1, len(data))])
        try:
            messages.from_window.decode(cut)
        except BROKEN_JSON:
            refused += 1
    assert refused > 300


def test_garbage_never_leaves_a_server_behind() -> None:
    rng = random.Random(5)
    for _ in range(8):
        window = Window()
        window.say(Hello(), Submit(1, recipe("a")))
        window.hear(FrameMessage)
        try:
            for _ in range(20):
                window.writer.send_encoded(rng.randbytes(rng.randint(0, 60)))
        except (OSError, ValueError):
            pass
        assert window.ended.wait(WAIT_S)


def test_more_calls_at_once_than_a_window_makes_end_the_line() -> None:
    loader = CountingLoader()
    loader.block_s = 0.05
    window = Window(loader)
    window.say(Hello(), Submit(1, recipe("a")))
    window.hear(FrameMessage)
    asked = msgspec.Raw(encode({"recipe": recipe("b", seed=5)}))
    with suppress(OSError, ValueError):
        for number in range(MAX_OPEN_CALLS + 2):
            window.say(Call(number, "draw", asked))
    assert window.ended.wait(WAIT_S)


def test_damaged_uploads_write_nothing_outside_and_end_in_words(tmp_path: Path) -> None:
    rng = random.Random(21)
    sha = "0" * 64
    asks = (
        ("begin upload", {"name": "a.pt", "size": 100, "sha256": sha}),
        ("piece", {"sha256": sha, "size": 100, "at": 0, "data": b"x" * 50}),
        ("end upload", {"name": "a.pt", "size": 100, "sha256": sha}),
        ("drop upload", {"sha256": sha}),
    )
    inside = tmp_path / "given" / "uploads"
    inside.parent.mkdir()
    bench = Bench(Folders([inside.parent]), Uploads(inside, Folders([inside.parent])), None, None)  # pyright: ignore[reportArgumentType]
    answered = refused = 0
    for _ in range(800):
        name, ask = rng.choice(asks)
        data = bytearray(encode(ask))
        for _ in range(rng.randint(0, 3)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        try:
            arguments = TABLE[name].decoded(msgspec.Raw(data[: rng.randint(len(data) - 1, 999)]))
            beside(arguments, bench)(lambda share: None)
            answered += 1
        except (PictureError, *BROKEN_JSON):
            refused += 1
    assert min(answered, refused) > 100
    assert os.listdir(tmp_path) == ["given"]
    assert os.listdir(tmp_path / "given") == ["uploads"]
    for file in inside.iterdir():
        assert PART.fullmatch(file.name), file
