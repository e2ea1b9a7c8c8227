"""What the window tells: sentences that may quote a file, and do nothing but tell."""

from __future__ import annotations

from visualizer.session.notices import Notices


def test_a_sentence_that_quotes_a_file_is_only_a_sentence() -> None:
    notices = Notices()
    notices.say("\x1b[2Jhouse\u202egnp.exe\nforged", "info", 0.0)
    notices.log("a\u2066b", "error")
    assert [notice.text for notice in notices.all] == [
        r"\u001b[2Jhouse\u202egnp.exe\nforged",
        r"a\u2066b",
    ]


def test_the_newest_line_is_shown_for_a_while() -> None:
    notices = Notices()
    assert notices.current(0.0) is None
    notices.say("one", "info", 0.0)
    notices.say("two", "error", 1.0)
    shown = notices.current(12.9)
    assert shown is not None and shown.text == "two"
    assert notices.current(13.1) is None
