"""How commands meet the terminal: what files say does nothing there, every end has its code."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stylegan_t.terminal import console
from stylegan_t.terminal.console import Output, UnwritableError

HOSTILE = "\x1b]0;owned\x07\x1b[2J\u202e\x9b"
SCRIPT = """
import sys, time
SLOW = False
import click
from stylegan_t.terminal import console
from stylegan_t.terminal.progress_line import ProgressLine

@click.command()
@click.argument("task")
def command(task):
    if task == "print":
        click.echo("a line")
        console.say(("bold", "bold"), {hostile!r})
        sys.stderr.write({hostile!r})
    if task == "fail":
        raise click.ClickException({hostile!r} + chr(10) + "Error: forged")
    if task == "open":
        open("/nowhere/" + {hostile!r})
    if task == "memory":
        raise MemoryError
    if task == "exit":
        sys.exit(7)
    if task == "wait":
        try:
            click.echo("ready")
            sys.stdout.flush()
            time.sleep(60)
        finally:
            click.echo("cleared")
            sys.stdout.flush()
            if SLOW:
                time.sleep(60)

sys.exit(console.run(command, "test"))
""".replace("{hostile!r}", repr(HOSTILE))


def run(*task: str, **options: object) -> subprocess.CompletedProcess[bytes]:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    command = [sys.executable, "-c", SCRIPT, *task]
    return subprocess.run(command, timeout=60, check=False, **pipes)


def stays_words(data: bytes) -> bool:
    return b"\x1b" not in data and b"\x07" not in data and "\u202e".encode() not in data


def test_nothing_acts_on_the_terminal() -> None:
    result = run("print")
    assert result.returncode == 0
    assert rb"a line" in result.stdout and rb"bold\u001b]0;owned" in result.stdout
    assert stays_words(result.stdout) and stays_words(result.stderr)
    assert rb"\u202e\u009b" in result.stderr


def test_a_failure_is_one_line_whatever_a_file_says() -> None:
    result = run("fail")
    assert result.returncode == 1
    assert stays_words(result.stderr)
    assert result.stderr.count(b"\n") == 1


def test_what_the_system_refuses_is_a_sentence() -> None:
    result = run("open")
    assert result.returncode == 1
    assert result.stderr.startswith(b"Error: /nowhere/\\u001b]0;owned")
    assert result.stderr.endswith(b": No such file or directory.\n")
    assert run("memory").stderr == (
        b"Error: There is not enough memory: close other programs first.\n"
    )


def test_the_status_of_a_command_is_the_process() -> None:
    assert run("exit").returncode == 7
    assert run("print", "surplus").returncode == 2


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no full device here")
def test_a_full_disk_below_standard_output_is_a_sentence() -> None:
    with open("/dev/full", "wb") as full:
        result = run("print", stdout=full)
    assert result.returncode == 1
    assert result.stderr.endswith(
        b"Error: Standard output cannot be written: No space left on device.\n"
    )
    assert b"Traceback" not in result.stderr


@pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX is asked")
def test_no_standard_output_is_a_sentence_and_a_closed_pipe_is_silence() -> None:
    environment = {**os.environ, "SCRIPT": SCRIPT, "PYTHON": sys.executable}
    for ending, said in ((">&-", b"Standard output cannot be written"), ("| exec true", b"")):
        line = (
            f'("$PYTHON" -c "$SCRIPT" exit >&2; "$PYTHON" -c "$SCRIPT" print; echo $? >&2) {ending}'
        )
        result = subprocess.run(
            ["sh", "-c", line], env=environment, capture_output=True, timeout=60, check=False
        )
        own = result.stderr.replace(b"\\u001b]0;owned\\u0007\\u001b[2J\\u202e\\u009b", b"")
        assert own.endswith(b"1\n") and b"Traceback" not in own
        assert said in own and (said or own == b"1\n")


def test_standard_error_that_cannot_be_written_stops_nothing() -> None:
    class Full(io.StringIO):
        def write(self, text: str, /) -> int:
            raise OSError(28, "No space left on device")

    assert Output(Full(), needed=False).write("a line") == 6
    with pytest.raises(UnwritableError, match="No space"):
        Output(Full(), needed=True).write("a line")


@pytest.mark.skipif(os.name == "nt", reason="the current folder cannot be deleted there")
def test_a_current_folder_that_is_gone_is_a_sentence(tmp_path: Path) -> None:
    environment = {**os.environ, "SCRIPT": SCRIPT, "PYTHON": sys.executable}
    line = 'mkdir gone; cd gone; rmdir ../gone; exec "$PYTHON" -c "$SCRIPT" print'
    result = subprocess.run(
        ["sh", "-c", line],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 1
    assert result.stderr == b"Error: The current folder is gone: change to another one first.\n"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_command_with_its_number_after_it_has_cleared_up(number: int) -> None:
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, "wait"], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(number)
    rest, _ = process.communicate(timeout=60)
    assert rest == b"cleared\n"
    assert process.returncode == 128 + number


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_the_second_signal_ends_at_once() -> None:
    slow = SCRIPT.replace("SLOW = False", "SLOW = True")
    process = subprocess.Popen([sys.executable, "-c", slow, "wait"], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGTERM)
    assert process.stdout.readline() == b"cleared\n"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGINT


def test_json_for_other_programs_stays_json() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    text = json.dumps(f"é 😀 {HOSTILE}", ensure_ascii=False)
    print(text, file=Output(stream, needed=True), flush=True)
    assert json.loads(raw.getvalue()) == f"é 😀 {HOSTILE}"


class Terminal(io.StringIO):
    """Somebody looks at it."""

    def isatty(self) -> bool:
        return True


def test_colours_are_for_those_who_want_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    shown = []
    for wish in ("", "1"):  # an empty one is no wish, says https://no-color.org
        monkeypatch.setenv("NO_COLOR", wish)
        terminal = Terminal()
        monkeypatch.setattr(sys, "stdout", Output(terminal, needed=True))
        console.say(("Program", "bold"))
        shown.append(terminal.getvalue())
    assert shown == ["\x1b[1mProgram\x1b[0m\n", "Program\n"]
