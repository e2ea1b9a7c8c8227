"""Processes at the other end: started without a shell, heard, and never left behind."""

from __future__ import annotations

import sys
import time

import pytest

from renderer.remote.connection import ProcessConnection, by_command, explained, here, over_ssh
from renderer.remote.wire import LineError


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_process_is_spoken_with() -> None:
    code = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read(3)[::-1]); sys.stdout.flush()"
    connection = ProcessConnection(python(code))
    connection.writes.write(b"abc")
    connection.writes.flush()
    assert connection.reads.read(3) == b"cba"
    connection.close()
    assert connection.ended


def test_a_process_that_ends_says_why() -> None:
    connection = ProcessConnection(
        python("import sys; print('one', file=sys.stderr); sys.exit('the key is wrong')")
    )
    assert connection.reads.read() == b""
    assert connection.complaint() == "the key is wrong"
    connection.close()


def test_a_process_that_hangs_is_ended() -> None:
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    connection = ProcessConnection(python(code))
    began_s = time.monotonic()
    connection.close()
    connection.close()
    assert connection.ended
    assert time.monotonic() - began_s < 60


def test_a_flood_of_errors_stops_nothing() -> None:
    code = "import sys\nfor i in range(20000): print('x' * 200, file=sys.stderr)\nsys.exit('end')"
    connection = ProcessConnection(python(code))
    assert connection.reads.read() == b""
    assert connection.complaint() == "end"
    connection.close()


def test_a_program_that_is_not_there_is_a_sentence() -> None:
    with pytest.raises(LineError, match="no-such-program cannot be started"):
        ProcessConnection(["/no-such-program"])


def test_ssh_is_given_a_host_and_never_an_option() -> None:
    command = over_ssh("me@box", "cuda:1")
    assert command[0] == "ssh"
    assert command[-3:] == ["--", "me@box", "stylegan-t serve --stdio --device cuda:1"]
    assert "BatchMode=yes" in command
    for bad in ("", "-oProxyCommand=evil", "two words", "a\nb"):
        with pytest.raises(LineError, match="user@host"):
            over_ssh(bad, "auto")


def test_a_device_is_one_word_to_the_shell_there() -> None:
    assert over_ssh("box", "cpu; rm -rf /")[-1].endswith("--device 'cpu; rm -rf /'")


def test_a_command_is_split_as_a_shell_would_without_one() -> None:
    assert by_command("docker exec -i 'my box' stylegan-t serve --stdio", "auto") == [
        *("docker", "exec", "-i", "my box", "stylegan-t", "serve", "--stdio", "--device", "auto")
    ]
    for bad in ("", "   ", "echo 'open"):
        with pytest.raises(LineError):
            by_command(bad, "auto")


def test_here_is_this_program() -> None:
    assert here("cpu")[:3] == [sys.executable, "-m", "visualizer"]


@pytest.mark.parametrize(
    ("complaint", "help"),
    [
        ("bash: line 1: stylegan-t: command not found", "where ssh looks"),
        ("sh: 1: stylegan-t: not found", "where ssh looks"),
        ("me@box: Permission denied (publickey,password).", "ssh-copy-id"),
        ("Host key verification failed.", "once in a terminal"),
        ("Error: No such command 'serve'.", "too old"),
        (
            "ssh: Could not resolve hostname box: Name or service not known",
            "no computer of that name",
        ),
    ],
)
def test_what_ssh_says_becomes_what_helps(complaint: str, help: str) -> None:
    assert help in explained(complaint)
