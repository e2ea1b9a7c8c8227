"""A model's description for the panels, and a check that it is the one that a recipe means."""

from __future__ import annotations

from dataclasses import asdict

from renderer.errors import ModelError
from renderer.frame.frame import LayerInfo, ModelInfo
from renderer.recipe.names import HASH_SHOWN, display_name
from renderer.recipe.recipe import ModelRef
from stylegan_t.card import ModelCard
from stylegan_t.inference.precision import stored_bytes
from stylegan_t.network import AnyNetwork
from stylegan_t.terminal.visible import visible

MAX_EXAMPLES, MAX_WORDS, MAX_TOPICS = 500, 2000, 100
"""Number of a card's example prompts, words and topics that are kept; it may hold any."""
MAX_LINE, MAX_DESCRIPTION = 1000, 4000
"""Characters that are kept of one of these, and of the description."""


def describe(generator: AnyNetwork, path: str) -> ModelInfo:
    """Return what the panels show of a model.

    Raises:
        ModelError: its pictures are neither grey nor RGB.
    """
    anatomy, card = generator.anatomy, generator.card
    if anatomy.img_channels not in (1, 3):
        raise ModelError(f"Its images have {anatomy.img_channels} channels, neither 1 nor 3.")
    examples, topics, left_out = _suggestions(card)
    return ModelInfo(
        path=path,
        sha256=generator.sha256,
        name=_line(card.name),
        description=visible(_shortened(card.description, MAX_DESCRIPTION), "\n"),
        resolution=anatomy.img_resolution,
        z_dim=anatomy.z_dim,
        latent_dim=anatomy.latent_dim,
        c_dim=anatomy.c_dim,
        num_ws=anatomy.num_ws,
        blocks=anatomy.blocks,
        rows_of_block=anatomy.rows_of_block,
        parameters=_parameters(generator),
        text_tower=visible(generator.text.name) if generator.text is not None else None,
        example_prompts=examples,
        vocabulary=topics,
        left_out=left_out,
        memory_bytes=stored_bytes(generator),
        layers=tuple(LayerInfo(**asdict(layer)) for layer in anatomy.layers),
        warning=visible(generator.warning),
        kind=anatomy.kind,
        condition=anatomy.condition,
        has_noise=anatomy.has_noise,
        has_transform=anatomy.has_transform,
        grid=anatomy.grid,
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


def _parameters(generator: AnyNetwork) -> int:
    """Trained values of the generator itself, without its text tower."""
    networks = (generator.mapping, generator.synthesis)
    return sum(p.numel() for network in networks for p in network.parameters())


def hash_notes(model: ModelRef, info: ModelInfo, second: ModelInfo | None) -> tuple[str, ...]:
    """Return what is said when files are not those that a recipe was made with.

    Args:
        model: the recipe's.
        info: of the model that was loaded.
        second: of the one that it is blended with.
    """
    pairs = ((model.sha256, info), (model.blend.sha256, second))
    return tuple(
        f"This recipe was made with another version of {display_name(found.path)} "
        f"(hash {wanted[:HASH_SHOWN]}, this one has {found.sha256[:HASH_SHOWN]}): "
        "the picture may differ."
        for wanted, found in pairs
        if found is not None and wanted and wanted != found.sha256
    )
