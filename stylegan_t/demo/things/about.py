"""The card of a model of the second demo world."""

from __future__ import annotations

from stylegan_t.card import ModelCard
from stylegan_t.demo.things.catalogue import all_things
from stylegan_t.demo.things.words import COLORS, COUNTS, RELATIONS, WORDS

EXAMPLES = (
    "a unicorn in a meadow at dawn",
    "a snowman on the beach",
    "three penguins on ice",
    "a lion in the desert at sunset",
    "a pink mushroom at night, neon",
    "a giant avocado by the sea",
    "two red cars in the snow, pixel art",
    "a pizza on the beach at sunset, watercolor",
    "a butterfly in a flower meadow",
    "a panda in the mountains, oil painting",
    "a frog in the rain, pencil sketch",
    "a castle above the sea at night",
)
"""Prompts that the model does well; a newcomer sees the first."""
_GROUPS = {
    "animals": "Animals",
    "plants": "Plants",
    "food": "Food",
    "vehicles": "Vehicles",
    "buildings": "Buildings",
    "nature": "Nature",
    "things": "Things",
}
_TOPICS = {
    "style": "Styles",
    "time": "Times",
    "weather": "Weather",
    "ground": "Grounds",
    "relief": "Behind",
    "moon": "Moon",
    "size": "Sizes",
    "side": "Places",
}
_WORDS_SHOWN = 2


def vocabulary(count: int) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Topics with the words that a model of the first `count` things knows best."""
    things = all_things()[:count]
    topics = [
        (topic, tuple(thing.name for thing in things if thing.group == group))
        for group, topic in _GROUPS.items()
    ]
    topics.append(("Colours", tuple(words[0] for words in COLORS.values())))
    topics.append(("How many", tuple(words[0] for words in COUNTS.values())))
    topics.append(("Together", tuple(words[0][0] for words in RELATIONS.values())))
    for name, topic in _TOPICS.items():
        words = [word for phrases in WORDS[name].values() for word in phrases[:_WORDS_SHOWN]]
        topics.append((topic, tuple(words)))
    return tuple(topics)


def things_card(count: int, figures: tuple[tuple[str, str], ...] = (), note: str = "") -> ModelCard:
    """The card of a model that knows the first `count` things; `figures` were measured of it, and
    `note` ends its description."""
    beyond = len(all_things()) - count
    return ModelCard(
        name=f"Demo: {count} things",
        description=(
            f"A small StyleGAN-T that knows {count} things (animals, food, vehicles, buildings and "
            "more), alone, several, or two together, in any colour, weather, time of day and "
            "picture style. Name some of these; the seed decides the rest."
            + (f" {note}" if note else "")
        ),
        training_data=(
            "Captioned scenes that a program of this project draws, with things of Microsoft's "
            "Fluent Emoji (MIT licence); the model learned to make them from captions and latents, "
            "and no drawing program runs behind it."
            + (f" {beyond} more things are one flag away, --all-things." if beyond else "")
        ),
        licence="Apache-2.0",
        example_prompts=EXAMPLES,
        vocabulary=vocabulary(count),
        figures=figures,
    )
