"""Framing: whole messages or a sentence, and nothing that a length promises is believed."""

from __future__ import annotations

import io

import pytest

from renderer.remote.messages import Seen, encode, from_window
from renderer.remote.wire import (
    GREETING,
    MAX_BANNER,
    EndedError,
    LineError,
    Writer,
    passed_over,
    received,
)


def test_what_is_sent_is_received() -> None:
    stream = io.BytesIO()
    writer = Writer(stream)
    for serial in range(3):
        writer.send(Seen(serial))
    stream.seek(0)
    assert [from_window.decode(data) for data in received(stream, 100)] == [
        Seen(0),
        Seen(1),
        Seen(2),
    ]


@pytest.mark.parametrize("banner", [b"", b"Welcome to Ubuntu\nLast login: today\n", b"\x00\x00"])
def test_what_a_login_shell_prints_is_passed_over(banner: bytes) -> None:
    stream = io.BytesIO(banner + GREETING + b"rest")
    assert passed_over(stream) == banner.decode().strip()
    assert stream.read() == b"rest"


@pytest.mark.parametrize("came", [b"", b"command not found\n", b"x" * (MAX_BANNER * 2)])
def test_nobody_who_greets_is_an_end(came: bytes) -> None:
    with pytest.raises(EndedError):
        passed_over(io.BytesIO(came))


def test_a_message_that_is_too_long_is_refused_before_it_is_read() -> None:
    stream = io.BytesIO((2**31).to_bytes(4, "big") + b"abc")
    with pytest.raises(LineError, match="2147483648 bytes"):
        next(received(stream, 1000))
    assert stream.read() == b"abc"


@pytest.mark.parametrize("cut", range(1, 9))
def test_a_cut_message_is_an_end(cut: int) -> None:
    whole = io.BytesIO()
    Writer(whole).send(Seen(70_000))
    data = whole.getvalue()
    assert len(data) > 9
    with pytest.raises(EndedError):
        list(received(io.BytesIO(data[:cut]), 100))


def test_a_closed_writer_raises_what_is_known() -> None:
    stream = io.BytesIO()
    writer = Writer(stream)
    writer.close()
    with pytest.raises(ValueError, match="closed"):
        writer.send(Seen(1))


def test_messages_have_tags() -> None:
    assert b"seen" in encode(Seen(1))
