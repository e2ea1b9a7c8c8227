"""A beginning without words is the new demo model's; a file without a model is the first one's."""

from __future__ import annotations

from msgspec.structs import replace

from renderer.recipe.fresh import FRESH
from renderer.recipe.recipe import Recipe, from_json, to_json
from stylegan_t.config import DEMO
from stylegan_t.demo.built_in import BUILT_IN


def test_only_the_model_differs_from_what_files_may_leave_out() -> None:
    assert FRESH.model.path in BUILT_IN and FRESH.model.path != DEMO
    assert replace(FRESH, model=Recipe().model) == Recipe()
    assert from_json(to_json(FRESH)) == FRESH
    assert Recipe().model.path == DEMO
