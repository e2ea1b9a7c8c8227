"""What the panels show of a model, and whether it is the one that a recipe means."""

from __future__ import annotations

from renderer.errors import ModelError
from renderer.frame.frame import LayerInfo, ModelInfo
from renderer.recipe.names import HASH_SHOWN, display_name
from renderer.recipe.recipe import Recipe
from stylegan_t import Generator
from stylegan_t.card import ModelCard
from stylegan_t.config import BASE_RESOLUTION, GeneratorConfig
from stylegan_t.inference.precision import stored_bytes
from stylegan_t.terminal.visible import visible

INPUT_STYLE = 4
"""The style of the Fourier input: cosine, sine, and the shift to the right and up."""


MAX_EXAMPLES, MAX_WORDS, MAX_TOPICS = 500, 2000, 100
"""What is kept of a card's example prompts, words and topics; a card may hold any number."""
MAX_LINE, MAX_DESCRIPTION = 1000, 4000
"""Characters that are kept of one of these, and of the description."""


def describe(generator: Generator, path: str) -> ModelInfo:
    """Return what the panels show of a model.

    Raises:
        ModelError: its pictures are neither grey nor RGB.
    """
    config, card = generator.config, generator.card
    if config.img_channels not in (1, 3):
        raise ModelError(f"Its pictures have {config.img_channels} channels, neither 1 nor 3.")
    blocks = tuple(config.block_resolutions)
    examples, topics, left_out = _suggestions(card)
    return ModelInfo(
        path=path,
        sha256=generator.sha256,
        name=_line(card.name),
        description=visible(_shortened(card.description, MAX_DESCRIPTION), "\n"),
        resolution=config.img_resolution,
        z_dim=config.z_dim,
        c_dim=config.c_dim,
        num_ws=config.num_ws,
        blocks=blocks,
        rows_of_block=tuple(config.rows_of_block(i) for i in range(len(blocks))),
        parameters=_parameters(generator),
        text_tower=visible(generator.text.name) if generator.text is not None else None,
        example_prompts=examples,
        vocabulary=topics,
        left_out=left_out,
        memory_bytes=stored_bytes(generator),
        layers=layers(config),
        warning=visible(generator.warning),
    )


def _suggestions(
    card: ModelCard,
) -> tuple[tuple[str, ...], tuple[tuple[str, tuple[str, ...]], ...], int]:
    """Example prompts and words by topic, as many as can be looked through, and the number of
    those that are left out."""
    examples = tuple(map(_line, card.example_prompts[:MAX_EXAMPLES]))
    room, topics = MAX_WORDS, []
    for topic, words in card.vocabulary[:MAX_TOPICS]:
        topics.append((_line(topic), tuple(map(_line, words[:room]))))
        room -= len(topics[-1][1])
    count = len(card.example_prompts) + sum(len(words) for _, words in card.vocabulary)
    return examples, tuple(topics), count - len(examples) - (MAX_WORDS - room)


def _line(text: str) -> str:
    return visible(_shortened(text, MAX_LINE))


def _shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def layers(config: GeneratorConfig) -> tuple[LayerInfo, ...]:
    """Every layer that reads a row of w, in the order in which they draw."""
    found: list[LayerInfo] = []
    for block, resolution in enumerate(config.block_resolutions):
        channels, coarser = config.channels(resolution), config.channels(resolution // 2)
        start, stop = config.rows_of_block(block)
        first = resolution == BASE_RESOLUTION
        each = [("input", INPUT_STYLE) if first else ("conv0", coarser)]
        each += [(f"convs1.{i}", channels) for i in range(config.convs_per_block - 1)]
        last = resolution == config.img_resolution
        if last or config.architecture == "skip":
            each.append(("torgb", channels))
        found += [
            LayerInfo(f"b{resolution}.{name}", row, block, resolution, width, row >= stop)
            for row, (name, width) in enumerate(each, start)
        ]
    return tuple(found)


def _parameters(generator: Generator) -> int:
    """Trained values of the generator itself, without its text tower."""
    networks = (generator.mapping, generator.synthesis)
    return sum(p.numel() for network in networks for p in network.parameters())


def hash_notes(recipe: Recipe, info: ModelInfo) -> tuple[str, ...]:
    """Return what is said when a file is not the one that a recipe was made with."""
    wanted = recipe.model.sha256
    if not wanted or wanted == info.sha256:
        return ()
    return (
        f"This recipe was made with another version of {display_name(info.path)} "
        f"(hash {wanted[:HASH_SHOWN]}, this one has {info.sha256[:HASH_SHOWN]}): "
        "the picture may differ.",
    )
