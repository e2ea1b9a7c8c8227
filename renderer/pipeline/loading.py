"""A recipe's needs in memory: its models, their blend and its text tower."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeVar

from renderer.errors import MissingModelError, MissingSecondError, ModelError, SecondModelError
from renderer.frame.frame import ModelInfo
from renderer.models.blends import BlendStore
from renderer.models.device import Device
from renderer.models.store import LoadedModel, Loader, ModelStore
from renderer.models.text_towers import LoadedTower, OpenTower, TowerStore
from renderer.recipe.identity import second_of
from renderer.recipe.names import missing_sentence
from renderer.recipe.recipe import Recipe
from stylegan_t.progress import Steps

Activity = Literal["loading", "loaded", "drawing"]
Watch = Callable[[Activity, str, float | None], None]
Tell = Callable[[str, float | None], None]
"""Is told what goes on, and how far it is, from 0 to 1 where that is known."""
T = TypeVar("T")


class Loads:
    """Loads what recipes need, keeps it while there is room, and tells who watches.

    Args:
        device: where models go.
        load, open_tower, watch: as for `renderer.pipeline.renderer.Renderer`.
        new_token: gives what is loaded its identity.
        dropped: told the token of a model, a blend or a tower that is let go.
        altered: told the token of a blend whose weights have changed.
    """

    def __init__(
        self,
        device: Device,
        load: Loader | None,
        open_tower: OpenTower,
        watch: Watch | None,
        new_token: Callable[[], int],
        dropped: Callable[[int], None],
        altered: Callable[[int], None],
    ) -> None:
        self._watch = watch

        def gone(token: int) -> None:
            dropped(token)
            self.blends.forget(token)

        self.store = ModelStore(device, load, new_token=new_token, dropped=gone)
        self.towers = TowerStore(device, new_token, dropped=dropped, open_tower=open_tower)
        self.blends = BlendStore(device, new_token, dropped, altered)

    def model(
        self, recipe: Recipe, pause: Callable[[], None]
    ) -> tuple[LoadedModel, ModelInfo | None]:
        """The model of a recipe; where it is a blend, what is known of the second one, too.

        Raises:
            ModelError: a file is missing or cannot be used, or the two do not fit.
        """
        first = self._loaded(recipe, recipe.model.path, pause)
        if not recipe.model.blend.path:
            return first, None
        second = self._second(recipe, pause)
        return self.blends.get(first, second, recipe.model.blend), second.info

    def _loaded(self, recipe: Recipe, path: str, pause: Callable[[], None]) -> LoadedModel:
        return self.watched(
            lambda tell: self.store.get(path, tell, pause, precision=recipe.precision)
        )

    def _second(self, recipe: Recipe, pause: Callable[[], None]) -> LoadedModel:
        """The second model of a blend; an error says that it is about that one."""
        try:
            return self._loaded(recipe, recipe.model.blend.path, pause)
        except MissingModelError as error:
            raise MissingSecondError(missing_sentence(second_of(recipe.model))) from error
        except ModelError as error:
            if error.fault != "model":
                raise
            raise SecondModelError(str(error)) from error

    def tower(self, spec: str, model: ModelInfo) -> LoadedTower | None:
        """The text tower in use, or None for the model's own."""
        if not spec or not model.takes_text:
            return None

        def get(tell: Tell) -> LoadedTower:
            return self.towers.get(spec, lambda text: tell(text, None))

        return self.watched(get)

    def drawing(self, share: float) -> None:
        """Tell who watches how far a picture is that takes long."""
        if self._watch is not None:
            self._watch("drawing", "", share)

    def watched(self, work: Callable[[Tell], T], progress: Steps | None = None) -> T:
        """Do work that may load something, and tell who watches, and `progress`, when it does."""
        loading = False

        def tell(text: str, share: float | None) -> None:
            nonlocal loading
            loading = True
            if self._watch is not None:
                self._watch("loading", text, share)
            if progress is not None:
                progress(text, share or 0.0)

        try:
            return work(tell)
        finally:
            if loading and self._watch is not None:
                self._watch("loaded", "", None)
