"""Keeps a line to a renderer open: connects, sends, reads, and connects again when it breaks."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO, Literal

from renderer.files.software import software_name
from renderer.recipe.quoting import quoted
from renderer.remote.connection import QUEUED, Connection, explained
from renderer.remote.messages import (
    PROTOCOL,
    FromRenderer,
    Hello,
    Wanted,
    Welcome,
    from_renderer,
)
from renderer.remote.outbox import Outbox
from renderer.remote.wire import (
    BROKEN,
    MAX_MESSAGE,
    EndedError,
    LineError,
    Writer,
    passed_over,
    received,
)
from stylegan_t.errors import BROKEN_JSON

logger = logging.getLogger(__name__)

PAUSES_S = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
"""Before each new attempt to connect; the last one again and again."""
LASTING_S = 10.0
"""Seconds after which a line counts as good: when it breaks, the first pause is short again."""
SILENT_S = 20.0
"""Seconds without a word after which a line counts as broken."""
TICK_S = 0.5
MEET_S = 60.0
"""Seconds without a word that a renderer may take to begin: PyTorch may lie on a slow disk."""
MAX_SAID = 200
SILENT = "it did not answer any more"
NO_ANSWER = "no renderer answers there."
Step = Literal["pausing", "calling", "starting"]


@dataclass(frozen=True)
class Connecting:
    """The way to a line: a pause after one that broke, then a program is called that connects, then
    the renderer starts there.

    Args:
        step: of these.
        since_s: when it began, by `time.monotonic`.
        until_s: the end of a pause.
        failures: lines that broke in a row.
        why: the reason of the last one; empty before.
        said: the last words of the program.
    """

    step: Step
    since_s: float
    until_s: float = 0.0
    failures: int = 0
    why: str = ""
    said: str = ""


class LineKeeper:
    """Three threads: one connects and reads, one sends, so that a slow line holds up nothing, and
    one minds the clock, also while both of them are stuck.

    Args:
        connect: opens a line; raises `LineError`.
        pictures: how they should travel.
        outbox: messages to send.
        met: called with the first message of each line; fills the outbox for it.
        take: called with every message after it; raises `LineError` where one cannot be meant.
        lost: called when there is no line: with the reason, and how often in a row.
        tick: called about twice a second while there is a line: with the seconds without a word.
    """

    def __init__(
        self,
        connect: Callable[[], Connection],
        pictures: Wanted,
        outbox: Outbox,
        met: Callable[[Welcome], None],
        take: Callable[[FromRenderer], None],
        lost: Callable[[str, int], None],
        tick: Callable[[float], None] = lambda silent_s: None,
    ) -> None:
        self._connect, self._outbox = connect, outbox
        self._pictures: Wanted = pictures
        self._met, self._take, self._lost, self._tick = met, take, lost, tick
        self._changed = threading.Condition()
        self._heard_s = time.monotonic()
        self._connection: Connection | None = None
        self._said, self._silent = "", False
        self._writer: Writer | None = None
        self._closed = self._hurry = False
        self._way = Connecting("calling", self._heard_s)
        self._threads = (
            threading.Thread(target=self._keep, name="from the renderer", daemon=True),
            threading.Thread(target=self._send, name="to the renderer", daemon=True),
            threading.Thread(target=self._mind, name="clock of the renderer", daemon=True),
        )

    def start(self) -> None:
        """Connect; once."""
        for thread in self._threads:
            thread.start()

    @property
    def connecting(self) -> Connecting | None:
        """Return how far the way to a line is; None where there is one."""
        if self._writer is not None:
            return None
        connection = self._connection
        return replace(self._way, said=connection.said()[:MAX_SAID] if connection else "")

    def hurry(self) -> None:
        """End a pause: connect again now."""
        with self._changed:
            self._hurry = True
            self._changed.notify_all()

    def close(self) -> None:
        """Close the line, which ends the renderer; without waiting."""
        with self._changed:
            self._closed = True
            connection, writer = self._connection, self._writer
            self._changed.notify_all()
        self._outbox.wake()
        if writer is not None:
            writer.close()
        if connection is not None:
            threading.Thread(target=connection.close, name="end of the line", daemon=True).start()

    def ended(self, until_s: float) -> bool:
        """Wait until a time of `time.monotonic`; returns whether the threads have ended."""
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(max(until_s - time.monotonic(), 0.0))
        return not any(thread.is_alive() for thread in self._threads)

    # -- threads ---------------------------------------------------------------------------------

    def _send(self) -> None:
        while not self._closed:
            message, writer = self._outbox.take(1.0), self._writer
            if message is None or writer is None:
                continue  # what waits is asked for again on the next line
            try:
                writer.send(message)
            except (*BROKEN, LineError):
                self._break()

    def _break(self) -> None:
        self._writer = None
        if (connection := self._connection) is not None:
            connection.close()

    def _mind(self) -> None:
        while True:
            with self._changed:
                if self._changed.wait_for(lambda: self._closed, TICK_S):
                    return
            if self._writer is None:
                self._mind_beginning()
                continue
            silent_s = time.monotonic() - self._heard_s
            if silent_s > SILENT_S:
                self._silent = True
                self._break()
            else:
                self._tick(silent_s)

    def _mind_beginning(self) -> None:
        """Give up a program that has been silent for too long, unless it waits its turn."""
        with self._changed:
            connection, said = self._connection, self._said
        if connection is None:
            return
        if (now := connection.said()) != said:
            self._said = now
            self._hear()
        queued = any(sign in now for sign in QUEUED)
        if not queued and time.monotonic() - self._heard_s > MEET_S:
            self._silent = True
            connection.close()

    def _keep(self) -> None:
        failures, why = 0, ""
        while not self._closed:
            begun_s = time.monotonic()
            self._way = Connecting("calling", begun_s, failures=failures, why=why)
            try:
                sentence = self._converse()
            except LineError as error:
                sentence = str(error)
            except Exception as error:  # a line must not stay dead for a mistake of ours
                logger.exception("a line ended early")
                sentence = f"{type(error).__name__}: {quoted(error)}"
            failures = 0 if time.monotonic() - begun_s > LASTING_S else failures + 1
            if self._closed:
                break
            why, now_s = sentence, time.monotonic()
            until_s = now_s + PAUSES_S[min(failures, len(PAUSES_S) - 1)]
            self._way = Connecting("pausing", now_s, until_s, failures, why)
            self._lost(sentence, failures)
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._hurry, until_s - now_s)
                self._hurry = False

    def _converse(self) -> str:
        """Connect and take what comes until the line breaks; returns why it did.

        Raises:
            LineError: there was no line, or no renderer at its other end.
        """
        connection = self._connect()
        self._hear()
        with self._changed:
            self._connection, self._said, self._silent = connection, "", False
        try:
            if self._closed:
                return "it is closed"
            messages = self._meet(connection)
            wrong = self._listen(messages)
            if self._silent:  # all else is of our making: it was ended for that
                return SILENT
            return wrong or connection.ending() or "the line broke"
        finally:
            with self._changed:
                self._connection = self._writer = None
            connection.close()

    def _meet(self, connection: Connection) -> Iterator[bytes]:
        heard = ToldStream(connection.reads, self._hear)
        writer = Writer(connection.writes)
        try:
            passed_over(heard)
            self._way = replace(self._way, step="starting", since_s=time.monotonic())
            writer.send(Hello(pictures=self._pictures))
            messages = received(heard, MAX_MESSAGE)
            welcome = from_renderer.decode(next(messages, b""))
        except EndedError as error:
            said = "" if self._silent else connection.complaint()
            raise LineError(said or explained(str(error)) or NO_ANSWER) from error
        except (*BROKEN, *BROKEN_JSON) as error:
            raise LineError(connection.complaint() or NO_ANSWER) from error
        if not isinstance(welcome, Welcome) or welcome.protocol != PROTOCOL:
            there = welcome.version if isinstance(welcome, Welcome) else "another program"
            raise LineError(
                f"The other computer has {there}, this one {software_name()}: install "
                "the same version on both."
            )
        # First: a message that is taken from the box before is sent, or asked for again in `met`.
        self._writer = writer
        self._met(welcome)
        return messages

    def _listen(self, messages: Iterator[bytes]) -> str:
        """Take what comes until the line ends; returns what was wrong with it, or nothing."""
        try:
            for data in messages:
                self._take(from_renderer.decode(data))
        except (LineError, *BROKEN_JSON) as error:
            logger.warning("the renderer sent what cannot be read: %s", quoted(error))
            return "what came could not be understood"
        except BROKEN:
            pass
        return ""

    def _hear(self) -> None:
        self._heard_s = time.monotonic()


class ToldStream:
    """A stream that tells of every piece that comes.

    Args:
        stream: to read.
        tell: called after each read.
    """

    def __init__(self, stream: BinaryIO, tell: Callable[[], None]) -> None:
        self._stream, self._tell = stream, tell

    def read(self, count: int) -> bytes:
        """Read at most `count` bytes; none at the end."""
        came = self._stream.read(count)
        self._tell()
        return came
