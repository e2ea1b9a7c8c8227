"""Open Sound Control over UDP: a server that listens, and a sender that tells what changed."""

from __future__ import annotations

import ipaddress
import logging
import socket
import threading
from collections.abc import Callable, Sequence

from visualizer.control.osc_packets import MAX_PACKET, Message, PacketError, bundled, decoded
from visualizer.control.signal_queue import Signal
from visualizer.errors import VisualizerError

LOCAL = "127.0.0.1"
ANYWHERE = "0.0.0.0"
POLL_S = 0.25
"""Seconds that the server may take to notice that it is to end."""
MESSAGES_A_PACKET = 32
"""Keeps packets of feedback well below the size that networks take in one piece."""

logger = logging.getLogger(__name__)


class OscError(VisualizerError, OSError):
    """A port cannot be opened, or an address is none; the message is for the user."""


class OscServer:
    """Listens on a port until it is closed.

    Args:
        port: 1 to 65535; 0 takes a free one.
        put: gets each message, on the server's thread.
        anywhere: listen to other computers too, not to programs on this one alone.

    Raises:
        OscError: the port is taken, or not to be had.
    """

    def __init__(self, port: int, put: Callable[[Signal], None], *, anywhere: bool = False) -> None:
        self._put = put
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.bind((ANYWHERE if anywhere else LOCAL, port))
        except (OSError, OverflowError) as error:
            self._socket.close()
            raise OscError(
                f"OSC cannot listen on port {port}, perhaps because another program uses it: "
                "choose another port."
            ) from error
        self._socket.settimeout(POLL_S)
        self.port: int = self._socket.getsockname()[1]
        self.packets = 0
        """Packets that were understood."""
        self.garbage = 0
        """Packets that were not."""
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._main, name="osc", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening; the port is free afterwards."""
        self._closed.set()
        try:
            self._socket.sendto(b"", (LOCAL, self.port))  # so that it notices at once
        except OSError:
            logger.debug("the OSC server notices by itself that it ends", exc_info=True)
        self._thread.join()
        self._socket.close()

    def _main(self) -> None:
        while not self._closed.is_set():
            try:
                packet = self._socket.recv(MAX_PACKET)
            except TimeoutError:
                continue
            except OSError:  # such as an answer that the other port is closed
                logger.debug("an OSC packet was not received", exc_info=True)
                self._closed.wait(POLL_S)
                continue
            self._read(packet)

    def _read(self, packet: bytes) -> None:
        try:
            messages = decoded(packet)
        except PacketError:
            self.garbage += 1
            return
        self.packets += 1
        for message in messages:
            self._put(Signal(message.address, message.arguments))


class OscSender:
    """Sends messages to one place; what does not arrive is ignored.

    Args:
        host: an IP address, or "localhost"; names are not looked up, which could take long.
        port: 1 to 65535.

    Raises:
        OscError: the host is not an IP address, or cannot be sent to.
    """

    def __init__(self, host: str, port: int) -> None:
        host = host.strip()
        if host.startswith("[") and host.endswith("]"):  # as IPv6 addresses stand in URLs
            host = host[1:-1]
        host = LOCAL if host.lower() == "localhost" else host
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            raise OscError(
                f"{host[:60]!r} is not an IP address such as 127.0.0.1 or 192.168.0.20."
            ) from None
        family = socket.AF_INET if address.version == 4 else socket.AF_INET6
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._to = (host, port)

    def send(self, messages: Sequence[Message]) -> None:
        """Send messages, several in a packet; those that cannot be sent are left out."""
        for start in range(0, len(messages), MESSAGES_A_PACKET):
            try:
                self._socket.sendto(bundled(messages[start : start + MESSAGES_A_PACKET]), self._to)
            except (OSError, PacketError):
                logger.debug("OSC feedback was not sent", exc_info=True)

    def close(self) -> None:
        """Send nothing more."""
        self._socket.close()
