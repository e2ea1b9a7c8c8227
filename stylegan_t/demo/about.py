"""The demo model's card: what the window tells about it."""

from __future__ import annotations

from stylegan_t.card import ModelCard
from stylegan_t.demo.captions import WORDS

EXAMPLES = (
    "a red house in a meadow at noon",
    "a white sailboat at sunset",
    "a lighthouse by the sea at night under a full moon",
    "a purple hot air balloon over the water at dawn, watercolor",
    "a large green cactus in the desert, pixel art",
    "a blue house with snowy mountains in falling snow",
    "neon art of a sailboat at night with mountains",
    "a yellow pine tree on the left, oil painting",
    "an empty landscape in thick mist, pencil sketch",
)
_TOPICS = {
    "object": "Things",
    "color": "Colours",
    "size": "Sizes",
    "side": "Places",
    "time": "Times",
    "weather": "Weather",
    "ground": "Grounds",
    "relief": "Behind",
    "moon": "Moon",
    "style": "Styles",
}
_WORDS_SHOWN = 2
FIGURES = (
    (
        "trained on",
        "200k pictures at 32 px, 166k at 64 px, 127k at 128 px; two CPU cores, 2 h 20 min",
    ),
    ("judged on", "1000 held-out prompts, psi 1 (real scenes in brackets)"),
    ("time of day", "0.999 (0.999)"),
    ("weather", "0.993 (0.998)"),
    ("ground", "0.996 (1.000)"),
    ("object", "0.922 (0.956)"),
    ("colour", "0.929 (0.955)"),
    ("size", "0.902 (0.935)"),
    ("side", "1.000 (1.000)"),
    ("style", "1.000 (1.000)"),
    ("crispness", "0.83 of the scenes'"),
)
"""Measured of the file that ships, with `python -m stylegan_t.metrics`; crispness as in
`stylegan_t.training.paired`, on the same prompts.

At 128 px the model was trained in two parts: 60k pictures by absolute errors alone, on a world with
dithered pixel art, then 67k from there, during the first 18k of which loss and world became what
they are now.  The training command does it in one part, which has not been run to its end.
"""


def vocabulary() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Topics with the words that the model knows best."""
    topics = []
    for name, topic in _TOPICS.items():
        words: list[str] = []
        for synonyms in WORDS[name].values():
            words += list(dict.fromkeys(synonyms))[:_WORDS_SHOWN]
        topics.append((topic, tuple(words)))
    return tuple(topics)


def demo_card(figures: tuple[tuple[str, str], ...] = FIGURES) -> ModelCard:
    """The card of the demo model; `figures` are what was measured of it."""
    return ModelCard(
        name="Demo: little landscapes",
        description=(
            "A small StyleGAN-T that knows one little world: a thing (house, tree, boat, "
            "lighthouse, balloon, cactus) in a landscape, in any colour, size, place, weather, "
            "time of day and picture style. Name some of these; the seed decides the rest."
        ),
        training_data=(
            "Captioned landscapes that a program of this project draws; the model learned to "
            "make them from captions and latents, and no drawing program runs behind it."
        ),
        licence="Apache-2.0",
        example_prompts=EXAMPLES,
        vocabulary=vocabulary(),
        figures=figures,
    )
