"""The OSC server and sender, against python-osc over real sockets of this machine."""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Iterator

import pytest
from pythonosc.osc_packet import OscPacket
from pythonosc.udp_client import SimpleUDPClient

from renderer.recipe.recipe import Recipe
from tests.visualizer.fake import MODEL
from visualizer.control.feedback import PERIOD_S, Feedback
from visualizer.control.osc import OscError, OscSender, OscServer
from visualizer.control.osc_packets import Message
from visualizer.control.settings import ControlSettings
from visualizer.control.signal_queue import Signal

PATIENCE_S = 10.0


class Ear:
    """A socket that hears what is sent to it."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(PATIENCE_S)
        self.port: int = self.socket.getsockname()[1]

    def messages(self) -> dict[str, object]:
        """Everything that has arrived by now, read by another program's parser."""
        found: dict[str, object] = {}
        self.socket.setblocking(False)
        try:
            while True:
                for item in OscPacket(self.socket.recv(65536)).messages:
                    found[item.message.address] = item.message.params[0]
        except BlockingIOError:
            return found


@pytest.fixture
def ear() -> Iterator[Ear]:
    ear = Ear()
    yield ear
    ear.socket.close()


def test_what_another_program_sends_arrives() -> None:
    got: list[Signal] = []
    arrived = threading.Event()

    def put(signal: Signal) -> None:
        got.append(signal)
        if signal.source == "/end":
            arrived.set()

    server = OscServer(0, put)
    client = SimpleUDPClient("127.0.0.1", server.port)
    client.send_message("/psi", 0.5)
    client.send_message("/text/prompt/1", "a räd house")
    chance, stray = random.Random(3), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for _ in range(200):
        stray.sendto(b"/" + chance.randbytes(chance.randrange(200)), ("127.0.0.1", server.port))
    client.send_message("/end", [])
    assert arrived.wait(PATIENCE_S)
    server.close()
    stray.close()
    assert got[:2] == [Signal("/psi", (0.5,)), Signal("/text/prompt/1", ("a räd house",))]
    assert server.garbage >= 190
    again = OscServer(server.port, put)  # the port is free again
    again.close()


def test_only_this_computer_is_heard_unless_the_user_says_so() -> None:
    local = OscServer(0, lambda signal: None)
    assert local._socket.getsockname()[0] == "127.0.0.1"
    local.close()
    anywhere = OscServer(0, lambda signal: None, anywhere=True)
    assert anywhere._socket.getsockname()[0] == "0.0.0.0"
    anywhere.close()


def test_a_port_that_is_taken_is_a_sentence() -> None:
    first = OscServer(0, lambda signal: None)
    with pytest.raises(OscError, match="choose another port"):
        OscServer(first.port, lambda signal: None)
    first.close()
    with pytest.raises(OscError):
        OscServer(70_000, lambda signal: None)


@pytest.mark.parametrize("host", ["example.com", "", "300.1.1.1", "127.0.0.1; rm", "x" * 500])
def test_feedback_goes_to_ip_addresses_alone(host: str) -> None:
    with pytest.raises(OscError, match="is not an IP address"):
        OscSender(host, 9001)


def test_the_sender_survives_what_cannot_be_sent(ear: Ear) -> None:
    sender = OscSender("localhost", ear.port)
    sender.send([Message("/bad", ("a\0b",))])
    sender.send([Message(f"/{number}", (number,)) for number in range(100)])
    assert ear.messages() == {f"/{number}": number for number in range(100)}
    sender.close()


def test_feedback_tells_what_changes_once(ear: Ear) -> None:
    feedback = Feedback()
    settings = ControlSettings(feedback=True, host="127.0.0.1", feedback_port=ear.port)
    feedback.configure(settings)
    assert feedback.tell(Recipe(), MODEL, 0.0) is None
    everything = ear.messages()
    assert everything["/psi"] == 1.0
    assert everything["/psi/block/32"] is None

    assert feedback.tell(Recipe(psi=0.5), MODEL, PERIOD_S / 2) == PERIOD_S  # too soon
    assert feedback.tell(Recipe(psi=0.25), MODEL, PERIOD_S) is None
    assert feedback.tell(Recipe(psi=0.25), MODEL, 1.0) is None
    assert ear.messages() == {"/psi": 0.25}

    feedback.knows({"/psi": 0.75})  # the fader that moved it need not hear of it
    feedback.tell(Recipe(psi=0.75, precision="bfloat16"), MODEL, 2.0)
    assert ear.messages() == {"/precision": "bfloat16"}
    feedback.close()
    assert feedback.tell(Recipe(), MODEL, 3.0) is None


def test_a_wrong_host_is_told_and_nothing_is_sent() -> None:
    feedback = Feedback()
    feedback.configure(ControlSettings(feedback=True, host="somewhere"))
    assert feedback.problem.endswith(".")
    assert feedback.tell(Recipe(), MODEL, 0.0) is None


@pytest.mark.parametrize("host", ["::1", "[::1]", " [::1] "])
def test_an_ipv6_address_may_stand_in_brackets(host: str) -> None:
    sender = OscSender(host, 9999)
    sender.close()


@pytest.mark.parametrize("host", ["[127.0.0.1", "[]", "[localhost:80]"])
def test_brackets_make_no_address_of_a_name(host: str) -> None:
    with pytest.raises(OscError, match="is not an IP address"):
        OscSender(host, 9999)
