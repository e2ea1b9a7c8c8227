"""Words that a tower was taught: found exactly, by stem and by letters, in bounded time."""

from __future__ import annotations

import msgspec
import pytest

from stylegan_t.encoders import known_words
from stylegan_t.encoders.known_words import MAX_TERMS, KnownWords, Lexicon, slips_between

KNOWN = KnownWords(
    words=("a red house", "lighthouse", "couch", "hot air balloon", "grass", "fox", "watercolor"),
    silent=("a", "with", "the"),
    untaught=(("sofa", ("couch",)), ("horse", ()), ("zeppelin", ("hot air balloon",))),
)
LEXICON = Lexicon(KNOWN)


@pytest.mark.parametrize(
    "word", ["house", "houses", "red", "balloons", "the", "air", "s", "grass", "foxes", "couches"]
)
def test_words_of_phrases_and_their_plurals_are_known(word: str) -> None:
    assert LEXICON.knows(word)


@pytest.mark.parametrize(
    "word", ["sofa", "horse", "cat", "日本", "hou", "lighthuose", "x" * 10_000]
)
def test_other_words_are_not(word: str) -> None:
    assert not LEXICON.knows(word)


def test_slips_are_found_but_not_in_short_words_nor_where_another_word_is_meant() -> None:
    assert LEXICON.slips("hosue") == ("house",)
    assert LEXICON.slips("watercollour") == ("watercolor",)
    assert LEXICON.slips("rde") == ()
    assert LEXICON.slips("horse") == ()  # declared as untaught
    assert LEXICON.slips("wtih") == ()


def test_a_word_that_is_still_being_typed_is_completed() -> None:
    lexicon = Lexicon(KnownWords(words=("water", "watercolor", "waterfall", "fir tree", "first")))
    assert lexicon.nearest("waterco") == ("watercolor", "water")
    assert lexicon.nearest("wate") == ("water", "waterfall", "watercolor")
    assert lexicon.nearest("wat") == () and lexicon.nearest("zzzz") == ()
    many = Lexicon(KnownWords(words=tuple(f"glue{k:03}" for k in range(500))))
    assert many.nearest("glue") == ("glue000", "glue001", "glue002")


def test_the_nearest_go_by_meaning_before_letters() -> None:
    assert LEXICON.nearest("sofa") == ("couch",)
    assert LEXICON.nearest("zeppelin") == ("hot air balloon",)
    assert LEXICON.nearest("horse") == ()
    assert LEXICON.nearest("huose")[0] == "house"
    assert LEXICON.nearest("astronaut") == ()
    assert LEXICON.nearest("the") == ()


@pytest.mark.parametrize(
    ("a", "b", "slips"),
    [
        ("", "", 0),
        ("a", "", 1),
        ("house", "hosue", 1),
        ("house", "hse", 2),
        ("kitten", "sitting", 3),
    ],
)
def test_slips_are_counted_in_both_directions(a: str, b: str, slips: int) -> None:
    assert slips_between(a, b) == slips_between(b, a) == slips


@pytest.mark.parametrize(
    "data",
    [
        {"words": ["a\x1b[2Jb"]},
        {"untaught": [["sofa", ["\u202ecouch"]]]},
        {"words": [""]},
        {"words": ["x" * 65]},
        {"words": ["x"] * (MAX_TERMS + 1)},
        {"synonyms": []},
    ],
)
def test_what_a_file_says_is_checked(data: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(data, KnownWords)


def test_where_not_all_can_be_looked_at_the_rarest_letters_decide(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(known_words, "_LOOKED_AT", 5)
    lexicon = Lexicon(KnownWords(words=("abquartz", *(f"abc{i:03}" for i in range(500)))))
    assert lexicon.nearest("abquarts") == ("abquartz",)
