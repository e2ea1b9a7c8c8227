"""Errors of a picture in the words of its frame."""

from __future__ import annotations

import logging

from renderer.errors import Fault, MissingModelError, ModelError, PictureError
from renderer.recipe.names import missing_sentence
from renderer.recipe.recipe import Recipe, RecipeError

logger = logging.getLogger(__name__)


def sentence_of(error: Exception, recipe: Recipe) -> str:
    """Return one sentence for the user: why there is no picture of `recipe`.

    An unexpected one is logged with its traceback, too.
    """
    if isinstance(error, MissingModelError):
        return missing_sentence(recipe.model)
    if isinstance(error, RecipeError | ModelError | PictureError):
        return str(error)
    logger.error("rendering failed", exc_info=error)
    return f"This picture could not be rendered: {type(error).__name__}: {error}"


def fault_of(error: Exception) -> Fault:
    """Return the part that is to blame; empty where nothing can be done about it."""
    return error.fault if isinstance(error, ModelError | PictureError) else ""
