"""From a recipe to a frame: text, mapping, mixing, synthesis, picture, each with its cache.

A stage's key is the part of the recipe that it depends on, with the model's identity: equal key,
no work.  So a new psi reads no prompt again, and a noise seed that is not in use draws nothing.
"""

from __future__ import annotations

import itertools
import logging
import time
import traceback
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Literal, TypeVar

import torch
from torch import Tensor

from renderer import keys, latents
from renderer.cache import LruCache
from renderer.device import Device, choose
from renderer.errors import Abandoned, MissingModelError, ModelError
from renderer.frame import Fault, Frame, ModelInfo
from renderer.memory import is_out_of_memory
from renderer.model_info import hash_notes
from renderer.models import LoadedModel, Loader, ModelStore, Progress
from renderer.names import missing_sentence
from renderer.prompts import BlendedText, PromptReader
from renderer.recipe import (
    LatentPart,
    Prompt,
    Recipe,
    RecipeError,
    TextPart,
    TransformPart,
    check,
)
from renderer.towers import LoadedTower, OpenTower, TowerStore, open_tower
from stylegan_t.generator import to_uint8
from stylegan_t.text import TextTower

logger = logging.getLogger(__name__)

__all__ = ["STAGES", "Abandoned", "Activity", "PictureError", "Renderer"]

STAGES = ("text", "mapping", "mixing", "synthesis", "picture")
RESULTS_KEPT = 8
"""Results kept per stage: enough to go back and forth between a few pictures."""
Activity = Literal["loading", "loaded"]
Watch = Callable[[Activity, str, float | None], None]
T = TypeVar("T")


class PictureError(RuntimeError):
    """There is no picture of this recipe; the message is for the user."""


@dataclass(eq=False)
class _Run:
    """One call of `render`: its recipe, model and text tower (None for the model's own), the call
    that may give it up, and what each stage took."""

    recipe: Recipe
    model: LoadedModel
    tower: LoadedTower | None
    pause: Callable[[], None]
    times_ms: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))

    @property
    def owners(self) -> tuple[int, int | None]:
        """The tokens of what the results belong to; they begin every cache key."""
        return self.model.token, self.tower and self.tower.token


class Renderer:
    """Makes frames of recipes on one device.  For one thread at a time.

    Args:
        device: see `renderer.device.choose`, or a device that was chosen already.
        load: reads checkpoints; `stylegan_t.load` unless given.
        open_tower: opens text towers; `stylegan_t.towers.open_tower` unless given.
        watch: told "loading", what, and how far it is (0 to 1, or None where nobody can tell), now
            and then during a load; and "loaded" when it is over.
        interrupt: asked beside each `abandon`; true gives up whatever is being rendered.

    Raises:
        DeviceError: the device is not there.
    """

    def __init__(
        self,
        device: str | Device = "auto",
        *,
        load: Loader | None = None,
        open_tower: OpenTower = open_tower,
        watch: Watch | None = None,
        interrupt: Callable[[], bool] | None = None,
    ) -> None:
        self.device = device if isinstance(device, Device) else choose(device)
        self.device.prepare()
        self._tokens = itertools.count(1)
        self._store = ModelStore(
            self.device, load, new_token=self._new_token, dropped=self._drop_results
        )
        self._towers = TowerStore(
            self.device, self._new_token, dropped=self._drop_results, open_tower=open_tower
        )
        self._watch = watch
        self._interrupt = interrupt
        self._serial = 0
        self._prompts = PromptReader()
        self._mapped: LruCache[Tensor] = LruCache(RESULTS_KEPT)
        self._mixed: LruCache[Tensor] = LruCache(RESULTS_KEPT)
        self._pictures: LruCache[Tensor] = LruCache(RESULTS_KEPT)

    @property
    def models(self) -> tuple[ModelInfo, ...]:
        """The models in memory, the one used last at the end."""
        return self._store.infos

    def load(self, path: str, progress: Progress | None = None) -> ModelInfo:
        """Load a model now: also one that failed before, or whose file has changed.

        Args:
            path: "demo" or a checkpoint's path.
            progress: told in a few words what is going on.

        Raises:
            ModelError: it cannot be loaded; one sentence for the user.
            Abandoned: `interrupt` said so.
        """
        pause = self._pause(None)
        return self._watched(lambda tell: self._store.load(path, tell, pause), progress).info

    def look_again(self) -> None:
        """Let the next recipe try again to load what failed, and read files that have changed."""
        self._store.look_again()
        self._towers.look_again()

    def keep_tower(self, spec: str, tower: TextTower) -> None:
        """Take a text tower that was opened elsewhere, for recipes that name it `spec`."""
        self._towers.keep(spec, tower)

    def render(self, recipe: Recipe, abandon: Callable[[], bool] | None = None) -> Frame:
        """Make the picture of `recipe`.

        Whatever goes wrong becomes a frame with an error, one sentence for the user.  The frame's
        recipe is the one that was given, unchanged; the hash of the model that really drew it is
        `frame.model.sha256`, and `renderer.export.captured_recipe` joins the two.

        Args:
            recipe: what to draw.
            abandon: asked between prompts, stages and blocks, and during a load; true gives the
                picture up.

        Raises:
            Abandoned: `abandon` or `interrupt` said so.
        """
        self._serial += 1
        model: LoadedModel | None = None
        try:
            check(recipe)
            pause = self._pause(abandon)
            model = self._watched(
                lambda tell: self._store.get(
                    recipe.model.path, tell, pause, precision=recipe.precision
                )
            )
            tower = self._tower(recipe.model.tower, model.info)
            with torch.inference_mode():
                return self._frame(_Run(recipe, model, tower, pause))
        except Abandoned:
            raise
        except Exception as error:
            return self._failed(recipe, model, error)

    def _tower(self, spec: str, model: ModelInfo) -> LoadedTower | None:
        """What reads the prompts, or None for the model's own tower."""
        if not spec or not model.c_dim:
            return None

        def get(tell: Callable[[str, float | None], None]) -> LoadedTower:
            return self._towers.get(spec, lambda text: tell(text, None))

        return self._watched(get)

    def _new_token(self) -> int:
        return next(self._tokens)

    def _drop_results(self, token: int) -> None:
        """Forget everything that a model or a text tower which is gone had to do with."""
        for cache in (self._mapped, self._mixed, self._pictures):
            cache.drop(lambda key, _: isinstance(key, tuple) and token in key[0])
        self._prompts.forget(token)

    def _pause(self, abandon: Callable[[], bool] | None) -> Callable[[], None]:
        """What to call where the work may be given up."""
        asked = [ask for ask in (self._interrupt, abandon) if ask is not None]

        def pause() -> None:
            if any(ask() for ask in asked):
                raise Abandoned

        return pause

    def _watched(
        self,
        work: Callable[[Callable[[str, float | None], None]], T],
        progress: Progress | None = None,
    ) -> T:
        """Do work that may load something, and tell `watch` and `progress` when it does."""
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

    # -- frames ------------------------------------------------------------------------------

    def _frame(self, run: _Run) -> Frame:
        text = self._text(run.recipe.text, run)
        image = self._picture(text, run)
        return Frame(
            recipe=run.recipe,
            model=run.model.info,
            image=image,
            stage_ms=tuple(run.times_ms.items()),
            tokens=text.tokens,
            device=self.device.name,
            serial=self._serial,
            notes=text.notes + hash_notes(run.recipe, run.model.info),
        )

    def _failed(self, recipe: Recipe, model: LoadedModel | None, error: Exception) -> Frame:
        return Frame(
            recipe=recipe,
            model=model.info if model else None,
            image=None,
            error=self._sentence(error, recipe),
            device=self.device.name,
            serial=self._serial,
            fault=_fault(error),
        )

    def _sentence(self, error: Exception, recipe: Recipe) -> str:
        if isinstance(error, MissingModelError):
            return missing_sentence(recipe.model)
        if isinstance(error, RecipeError | ModelError | PictureError):
            return str(error)
        if is_out_of_memory(error):
            # The traceback holds on to the tensors that did not leave room.
            traceback.clear_frames(error.__traceback__)
            for cache in (self._mapped, self._mixed, self._pictures):
                cache.clear()
            self.device.release_memory()
            return (
                f"There is not enough memory for this picture on {self.device.name}. "
                "Close other programs that use it, or choose a smaller model."
            )
        logger.error("rendering failed", exc_info=error)
        return f"This picture could not be made: {type(error).__name__}: {error}"

    # -- stages ------------------------------------------------------------------------------

    def _timed(self, stage: str, run: _Run, work: Callable[[], T]) -> T:
        run.pause()
        start = time.perf_counter()
        result = work()
        self.device.synchronize()
        run.times_ms[stage] += (time.perf_counter() - start) * 1e3
        return result

    def _cached(
        self,
        cache: LruCache[Tensor],
        key: Hashable,
        stage: str,
        run: _Run,
        work: Callable[[], Tensor],
    ) -> Tensor:
        known = cache.get(key)
        if known is None:
            known = self._timed(stage, run, work)
            cache.put(key, known)
        return known

    def _text(self, part: TextPart, run: _Run) -> BlendedText:
        model, tower = run.model, run.tower
        known = self._prompts.known(model, tower, part)
        if known is not None:
            return known
        return self._timed("text", run, lambda: self._prompts.read(model, tower, part, run.pause))

    def _picture(self, text: BlendedText, run: _Run) -> Tensor:
        """The picture, uint8 [R, R, 3]."""
        key = (run.owners, keys.w_key(run.recipe), keys.drawing_key(run.recipe))
        known = self._pictures.get(key)
        if known is not None:
            return known
        ws = self._rows(text, run)
        image = self._timed("synthesis", run, lambda: self._synthesize(ws, run))
        pixels = self._timed("picture", run, lambda: _pixels(image))
        self._pictures.put(key, pixels)
        return pixels

    def _map(self, part: LatentPart, text: BlendedText, prompts: TextPart, run: _Run) -> Tensor:
        """Rows of w before mixing, [1, num_ws, w_dim]; `text` is the blend of `prompts`."""
        psi, device = run.recipe.psi, self.device.torch_device

        def work() -> Tensor:
            z = latents.latent(part, run.model.info.z_dim).to(device)
            c = None if text.embedding is None else text.embedding.to(device)
            return run.model.generator.mapping(z, c, truncation_psi=psi)

        key = (run.owners, keys.latent_key(part), prompts, psi)
        return self._cached(self._mapped, key, "mapping", run, work)

    def _rows(self, text: BlendedText, run: _Run) -> Tensor:
        """Rows of w after mixing, [1, num_ws, w_dim]."""
        recipe = run.recipe
        ws = self._map(recipe.latent, text, recipe.text, run)
        if keys.mixing_key(recipe.mixing) is None:
            return ws
        source = self._mixing_source(text, run)
        key = (run.owners, keys.w_key(recipe))
        return self._cached(self._mixed, key, "mixing", run, lambda: _mix(ws, source, run))

    def _mixing_source(self, text: BlendedText, run: _Run) -> Tensor:
        """Rows of w of the mixing source: another latent, another text, or both."""
        recipe, part = run.recipe, run.recipe.mixing
        latent_part = LatentPart(seed=part.seed) if part.latent.active else recipe.latent
        prompts = recipe.text
        if part.text.active:
            prompts = TextPart(prompts=(Prompt(part.prompt),))
            text = self._text(prompts, run)
        return self._map(latent_part, text, prompts, run)

    def _synthesize(self, ws: Tensor, run: _Run) -> Tensor:
        """The picture as the model draws it, [1, channels, R, R] float32."""
        recipe = run.recipe
        transform = None
        if recipe.transform != TransformPart():
            transform = latents.transform_matrix(recipe.transform).to(self.device.torch_device)
        image = run.model.generator.synthesis(
            ws,
            noise_mode=recipe.noise.mode,
            noise_seed=latents.fold_seed(recipe.noise.seed),
            noise_strength=recipe.noise.strength,
            transform=transform,
            on_block=lambda resolution, image: run.pause(),
        )
        # The layers clamp, so the sum of a sound picture is finite too; one number to look at.
        if not bool(torch.isfinite(image.sum())):
            raise PictureError(
                "These values are so far out that the model no longer computes with numbers. "
                "Bring psi, weights or noise strength nearer to their usual range."
            )
        return image


def _mix(ws: Tensor, source: Tensor, run: _Run) -> Tensor:
    """`ws` with rows of `source` where the recipe's two tracks say so."""
    part, info = run.recipe.mixing, run.model.info
    latent_columns, text_columns = slice(0, info.z_dim), slice(info.z_dim, None)
    rows, keep_norm = info.rows_of_block, run.recipe.text.normalize
    ws = latents.mix_rows(ws, source, rows, part.latent.weights, latent_columns)
    if not info.c_dim:
        return ws
    return latents.mix_rows(ws, source, rows, part.text.weights, text_columns, keep_norm)


def _pixels(image: Tensor) -> Tensor:
    """[1, 1 or 3, R, R] to uint8 [R, R, 3]."""
    return to_uint8(image.expand(-1, 3, -1, -1))[0]


def _fault(error: Exception) -> Fault:
    return error.fault if isinstance(error, ModelError) else ""
