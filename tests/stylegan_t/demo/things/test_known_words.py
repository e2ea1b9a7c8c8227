"""What the second demo world's tower says that it was taught."""

import random

import pytest
import torch

from stylegan_t.demo.things import captions
from stylegan_t.demo.things.attributes import default_count
from stylegan_t.demo.things.catalogue import all_things
from stylegan_t.demo.things.known_words import known_words
from stylegan_t.demo.things.scenes import captioned
from stylegan_t.encoders.known_words import WORD, Lexicon

THINGS = default_count()
KNOWN = known_words(THINGS)
LEXICON = Lexicon(KNOWN)


def test_every_word_of_a_caption_is_known() -> None:
    slips = captions.SLIP_SHARE
    captions.SLIP_SHARE = 0.0
    try:
        texts, _ = captioned(400, THINGS, random.Random(1), torch.Generator().manual_seed(1))
    finally:
        captions.SLIP_SHARE = slips
    for text in texts:
        for word in WORD.findall(text.lower()):
            assert LEXICON.knows(word), f"{word} in {text}"


def test_things_that_were_not_taught_are_strange() -> None:
    strange = {word for word, _ in KNOWN.untaught}
    assert {"sloth", "hedgehog", "toolbox"} <= strange
    assert not strange & {name for thing in all_things()[:THINGS] for name in thing.names}


def test_synonyms_and_plurals_are_known() -> None:
    for word in ("kitty", "bike", "couch", "kitties", "mice", "ufo", "grey"):
        assert LEXICON.knows(word), word


def test_what_is_proposed_in_place_of_a_strange_word_is_known() -> None:
    assert KNOWN.skips and dict(KNOWN.untaught)["forest"] == ("tree", "fir tree")
    for word, nearest in KNOWN.untaught:
        assert not LEXICON.knows(word)
        assert all(LEXICON.knows(part) for near in nearest for part in near.split()), word


@pytest.mark.parametrize("word", ["mountain", "cats", "kitty", "lake", "boats"])
def test_words_of_phrases_and_other_numbers_are_known(word: str) -> None:
    assert LEXICON.knows(word)


def test_words_close_to_others_are_no_slips_of_them() -> None:
    for word in ("knight", "riding", "beard"):
        assert not LEXICON.knows(word) and LEXICON.slips(word) == ()
