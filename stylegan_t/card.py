"""The model card that travels inside a checkpoint."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

Line = Annotated[str, Meta(max_length=20_000)]


class ModelCard(Struct, frozen=True, forbid_unknown_fields=False):
    """A description of a model for people.

    `training_data` is one sentence.  `vocabulary` pairs a topic ("colour") with words that the
    model knows well.  `figures` pairs a measure with its value, as text.
    """

    name: Line = "Unnamed model"
    description: Line = ""
    training_data: Line = ""
    licence: Line = ""
    example_prompts: tuple[Line, ...] = ()
    vocabulary: tuple[tuple[Line, tuple[Line, ...]], ...] = ()
    figures: tuple[tuple[Line, Line], ...] = ()
