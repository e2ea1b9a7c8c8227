"""The recipe that the window and the commands begin with where nothing is said.

`Recipe()` names the first demo model, as it always did: files and scripts may leave words out.
"""

from __future__ import annotations

from renderer.recipe.recipe import ModelRef, Recipe
from stylegan_t.demo.built_in import START

FRESH = Recipe(model=ModelRef(START))
