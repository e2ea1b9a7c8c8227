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
    "a small blue house with snowy mountains in winter",
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
        "200k pictures at 32 px, 166k at 64 px, 60k at 128 px; two CPU cores, 75 minutes",
    ),
    ("judged on", "1000 held-out prompts, psi 1 (real scenes in brackets)"),
    ("time of day", "0.997 (1.000)"),
    ("weather", "0.960 (0.991)"),
    ("ground", "1.000 (1.000)"),
    ("object", "0.936 (0.961)"),
    ("colour", "0.936 (0.955)"),
    ("size", "0.927 (0.959)"),
    ("side", "1.000 (1.000)"),
    ("style", "0.848 (0.998)"),
)
"""Measured with `python -m stylegan_t.metrics`, before the weights were rounded to float16; the
rounded ones differ by 0.001 at most."""


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
