"""The card of a model of the second demo world says what the model knows."""

import pytest

from stylegan_t.demo.things.about import EXAMPLES, things_card, vocabulary
from stylegan_t.demo.things.attributes import default_count
from stylegan_t.demo.things.catalogue import all_things
from stylegan_t.demo.things.known_words import known_words
from stylegan_t.encoders.known_words import Lexicon

THINGS = default_count()
LEXICON = Lexicon(known_words(THINGS))


@pytest.mark.parametrize("prompt", EXAMPLES)
def test_examples_hold_only_known_words(prompt: str) -> None:
    words = prompt.lower().replace(",", "").split()
    assert [word for word in words if not LEXICON.knows(word)] == []


def test_everything_in_the_vocabulary_is_known() -> None:
    for _, words in vocabulary(THINGS):
        for phrase in words:
            assert all(LEXICON.knows(word) for word in phrase.replace("-", " ").split()), phrase


def test_the_vocabulary_is_grouped_and_complete() -> None:
    topics = dict(vocabulary(THINGS))
    groups = ("Animals", "Plants", "Food", "Vehicles", "Buildings", "Nature", "Things")
    assert list(topics)[:7] == list(groups)
    assert sum(len(topics[group]) for group in groups) == THINGS
    assert "cat" in topics["Animals"] and "pizza" in topics["Food"]


def test_the_card_says_how_many_things() -> None:
    card = things_card(THINGS, (("thing", "0.9"),))
    assert str(THINGS) in card.description and card.figures == (("thing", "0.9"),)
    assert "Fluent Emoji" in card.training_data and "--all-things" in card.training_data
    whole = things_card(len(all_things()))
    assert "--all-things" not in whole.training_data
