"""Letters that are commands, and letters that are text."""

from __future__ import annotations

import math

import pytest

from widgets.chrome.shortcuts import LETTERS
from widgets.letters import MOST_BACK, PAUSE_S, SILENCE_S, SLOW_S, Letters


def strokes(letters: Letters, *keys: tuple[float, str]) -> list[str]:
    """Let these letters go down at these times; what is done, in order."""
    done: list[str] = []
    for now_s, key in keys:
        done += letters.heard(key, now_s, LETTERS)
        if key in LETTERS:
            done += letters.wants(key, f"not {key}", now_s)
    return done


def slowly(letters: Letters, words: str, every_s: float) -> list[str]:
    """What is done when one types these words with one finger, and waits a little afterwards."""
    keys = [(index * every_s, key) for index, key in enumerate(words)]
    done = strokes(letters, *keys)
    return done + letters.heard("", keys[-1][0] + SLOW_S, LETTERS)


def test_a_single_letter_acts_at_once_and_as_often_as_it_is_struck() -> None:
    assert strokes(Letters(), (0.0, "r"), (0.1, "r"), (0.2, "r"), (0.3, "r")) == list("rrrr")


def test_letters_with_a_pause_between_them_act_at_once() -> None:
    keys = [(index * PAUSE_S, key) for index, key in enumerate("rkrk")]
    assert strokes(Letters(), *keys) == list("rkrk")


def test_the_second_of_two_quick_letters_acts_once_no_third_has_come() -> None:
    letters = Letters()
    assert strokes(letters, (0.0, "r"), (0.1, "k")) == ["r"]
    assert letters.due_s == 0.1 + PAUSE_S
    assert letters.heard("", letters.due_s) == ["k"]
    assert letters.due_s == math.inf


def test_a_third_quick_letter_makes_it_text_and_the_first_is_taken_back() -> None:
    letters = Letters()
    assert strokes(letters, (0.0, "r"), (0.1, "k"), (0.2, "r")) == ["r", "not r"]
    assert letters.text
    assert letters.heard("", 5.0) == []


def test_what_was_repeated_is_taken_back_as_often() -> None:
    done = strokes(Letters(), (0.0, "a"), (0.1, "a"), (0.2, "r"), (0.3, "d"))
    assert done == ["a", "a", "not a", "not a"]


def test_text_goes_on_until_nothing_was_typed_for_a_while() -> None:
    letters = Letters()
    strokes(letters, (0.0, "a"), (0.1, " "), (0.2, "r"))
    assert strokes(letters, (0.1 + SILENCE_S, "r")) == []
    assert strokes(letters, (2 * SILENCE_S, "r")) == []
    assert strokes(letters, (3 * SILENCE_S, "r")) == ["r"]


def test_letters_that_waited_for_a_slow_redraw_are_no_further_apart_for_it() -> None:
    letters = Letters()
    done = strokes(letters, (0.0, "a"))
    for now_s, key in ((3.0, " "), (6.0, "r"), (9.0, "e")):
        letters.queued = True
        done += strokes(letters, (now_s, key))
    assert done == ["a", "not a"]


def left(done: list[str]) -> list[str]:
    """What is left of what was done once the rest was taken back, each in its turn."""
    stays: list[str] = []
    for one in done:
        if one.startswith("not "):
            assert stays.pop() == one.removeprefix("not ")
        else:
            stays.append(one)
    return stays


@pytest.mark.parametrize("words", ["a red house", "a house", "the moon", "red", "trees at noon"])
@pytest.mark.parametrize("every_s", [0.1, 0.5, 0.9, 1.4])
def test_text_that_is_typed_slowly_leaves_nothing_behind(words: str, every_s: float) -> None:
    letters = Letters()
    assert left(slowly(letters, words, every_s)) == []


def test_one_key_beside_the_right_one_takes_nothing_back() -> None:
    keys = [(index * 0.6, key) for index, key in enumerate("rrerkrer")]
    assert strokes(Letters(), *keys) == list("rrrkrr")


def test_much_that_was_done_with_letters_is_not_taken_back_by_a_slip() -> None:
    meant = "rk" * MOST_BACK
    letters = Letters()
    assert slowly(letters, meant + "ed", 0.6) == list(meant)


def test_what_something_else_has_followed_is_not_taken_back() -> None:
    letters = Letters()
    strokes(letters, (0.0, "r"))
    letters.end()
    assert strokes(letters, (0.6, "e"), (1.2, "d")) == []
